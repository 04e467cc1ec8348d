"""What we do about each kind of message: short, one unit, no network.

A message may come three times; the first one's unit keeps the reply, and the others get it.
"""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from creator_tools.creators import queries as creators
from creator_tools.fan_groups import queries as fan_groups
from creator_tools.people import service as people
from creator_tools.studio import sentences
from creator_tools.studio import service as studio
from creator_tools.studio.dialogs import Answer
from wechat_handlers.inbound.conversation import Conversation
from wechat_handlers.inbound.messages import (
    FollowEvent,
    ImageMessage,
    MenuClickEvent,
    Message,
    ScanEvent,
    TextMessage,
    VoiceMessage,
    WecomExternalChat,
)
from wechat_handlers.inbound.replies import NoReply, Reply
from wechat_handlers.inbound.xpay_messages import XpayCoinPaid, XpayComplaint

# The platform tells of a change before its own calls show it.
READ_AFTER = timedelta(seconds=2)
CANNOT_READ = "这种消息我还看不懂。发文字就好，回复“帮助”看看能做什么。"


def on_text(message: Message, talk: Conversation) -> Reply:
    """Hand the words to the desk: a creator's command, a fan's wish, or small talk."""
    assert isinstance(message, TextMessage), "the router sends only text here"
    person_id = _speaker(message, talk)
    answer = studio.answer(talk.uow, person_id=person_id, text=message.text, desk=talk.desk)
    return talk.reply(message, person_id, answer)


def on_menu_click(message: Message, talk: Conversation) -> Reply:
    """A tapped menu key says the same as its words would."""
    assert isinstance(message, MenuClickEvent), "the router sends only menu clicks here"
    person_id = _speaker(message, talk)
    answer = studio.press(talk.uow, person_id=person_id, key=message.key, desk=talk.desk)
    return talk.reply(message, person_id, answer)


def on_follow(message: Message, talk: Conversation) -> Reply:
    """Greet a new follower, and learn whether we know them from another account."""
    assert isinstance(message, FollowEvent), "the router sends only follows here"
    followed = people.note_follow(
        talk.uow,
        account_id=talk.account_id,
        subject=message.sender,
        follows=True,
        at=_moment(message),
    )
    talk.uow.promise(
        "person.introduce",
        f"introduce:{followed.identity_id}:{message.created_at_epoch_s}",
        object_type="person",
        object_id=followed.person_id,
        payload={"account_id": str(talk.account_id)},
    )
    answer = studio.welcome(talk.uow, person_id=followed.person_id, desk=talk.desk)
    return talk.reply(message, followed.person_id, answer)


def on_unfollow(message: Message, talk: Conversation) -> Reply:
    """Stop writing to somebody who left; what they bought stays theirs."""
    people.note_follow(
        talk.uow,
        account_id=talk.account_id,
        subject=message.sender,
        follows=False,
        at=_moment(message),
    )
    return NoReply()


def on_scan(message: Message, talk: Conversation) -> Reply:
    """A follower scanned a code of ours: open what the code stands for."""
    assert isinstance(message, ScanEvent), "the router sends only scans here"
    person_id = _speaker(message, talk)
    answer = studio.welcome(talk.uow, person_id=person_id, desk=talk.desk)
    return talk.reply(message, person_id, answer)


def on_image(message: Message, talk: Conversation) -> Reply:
    """A picture is fetched outside the chat's few seconds: a group's code, or for a draft."""
    assert isinstance(message, ImageMessage), "the router sends only pictures here"
    person_id = _speaker(message, talk)
    is_creator = creators.find_by_person(talk.uow.session, person_id) is not None
    if not is_creator and not fan_groups.list_kept(talk.uow.session, person_id):
        return talk.reply(message, person_id, Answer(CANNOT_READ))
    talk.uow.promise(
        "picture.fetch",
        f"picture:{message.msg_id}",
        object_type="person",
        object_id=person_id,
        payload={"account_id": str(talk.account_id), "media_id": message.media_id},
    )
    what = "几秒后会加进草稿" if is_creator else "几秒后告诉你结果"
    return talk.reply(message, person_id, Answer(f"图片收到，正在处理，{what}。"))


def on_voice(message: Message, talk: Conversation) -> Reply:
    """Recognised speech is words; what a creator says, unless it is a command, joins the draft."""
    assert isinstance(message, VoiceMessage), "the router sends only voices here"
    person_id = _speaker(message, talk)
    is_creator = creators.find_by_person(talk.uow.session, person_id) is not None
    if is_creator and not studio.is_command(message.recognition):
        talk.uow.promise(
            "voice.fetch",
            f"voice:{message.msg_id}",
            object_type="person",
            object_id=person_id,
            payload={"account_id": str(talk.account_id), "media_id": message.media_id},
        )
        return talk.reply(message, person_id, Answer("语音收到，正在处理，几秒后会加进草稿。"))
    if not message.recognition:
        return talk.reply(message, person_id, Answer(CANNOT_READ))
    answer = studio.answer(talk.uow, person_id=person_id, text=message.recognition, desk=talk.desk)
    return talk.reply(message, person_id, answer)


def on_file(message: Message, talk: Conversation) -> Reply:
    """A creator's film or file: the platform hands none over whole, the page takes it."""
    person_id = _speaker(message, talk)
    if creators.find_by_person(talk.uow.session, person_id) is None:
        return talk.reply(message, person_id, Answer(CANNOT_READ))
    said = "视频和文件请在创作者页面上传，聊天里收不到完整的文件。"
    return talk.reply(message, person_id, Answer(said, (sentences.STUDIO_PAGE,)))


def on_unreadable(message: Message, talk: Conversation) -> Reply:
    """Tell a person that their video, place, link or file is beyond us, and what is not."""
    return talk.reply(message, _speaker(message, talk), Answer(CANNOT_READ))


def on_money_notice(message: Message, talk: Conversation) -> Reply:
    """Money moved or is disputed in a way that no order of ours waits for: a person must look."""
    fen: int | None
    match message:
        case XpayCoinPaid():
            code, key, fen = "xpay_coins_paid", message.out_trade_no, message.coins.actual_price_fen
        case XpayComplaint():
            code, key, fen = "xpay_complaint", message.request_id or message.wx_order_id, None
        case _:
            raise AssertionError("the router sends only notices of money here")
    facts = {} if fen is None else {"amount_fen": fen}
    talk.uow.alarm(code, f"{talk.account_id}:{key}", trade_no=message.out_trade_no, **facts)
    return NoReply()


def on_room_change(message: Message, talk: Conversation) -> Reply:
    """A room of a group changed: read it a moment later, when the change can be seen."""
    assert isinstance(message, WecomExternalChat), "the router sends only changes of rooms here"
    if talk.account_kind != "wecom" or not message.chat_id:
        return NoReply()
    talk.uow.promise(
        "wecom.read_room",
        f"{talk.account_id}:{message.chat_id}:{message.created_at_epoch_s}"
        f":{message.change_type}:{message.update_detail}:{message.member_version}",
        object_type="platform_account",
        object_id=talk.account_id,
        payload={"account_id": str(talk.account_id), "room": message.chat_id[:64]},
        not_before=talk.uow.now() + READ_AFTER,
    )
    return NoReply()


def on_notice(message: Message, talk: Conversation) -> Reply:
    """An event that asks nothing of us; it is kept, and that is all."""
    return NoReply()


def _speaker(message: Message, talk: Conversation) -> UUID:
    known = people.recognise(talk.uow, account_id=talk.account_id, subject=message.sender)
    people.note_message(talk.uow, identity_id=known.identity_id, at=_moment(message))
    return known.person_id


def _moment(message: Message) -> datetime:
    return datetime.fromtimestamp(message.created_at_epoch_s, UTC)
