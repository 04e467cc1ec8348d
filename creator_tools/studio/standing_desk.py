"""A work in several columns by chat, and sounds that become part of a draft."""

from uuid import UUID

from creator_tools.columns import queries as columns
from creator_tools.creators.models import Creator
from creator_tools.studio import sentences, work_desk
from creator_tools.studio.deeds import media, standing
from creator_tools.studio.dialogs import Answer, Talk
from creator_tools.studio.grammar import Command
from creator_tools.works import queries as works

SOUND_TITLE = "语音"
_UNFINISHED = frozenset({"draft", "rejected"})


def put_in(talk: Talk, command: Command, creator: Creator) -> Answer:
    """Let the work at hand stand in another column, too: "放进 2"."""
    work = work_desk.chosen_work(talk, creator, None)
    column_id = _column_of(talk, creator, command.number)
    if column_id is None:
        return _ask_which(talk, creator, "放进")
    title = columns.get(talk.session, column_id).title
    if not standing.put_in(talk.doer(), work.id, column_id):
        return Answer(f"《{work.title}》已经在《{title}》里了。")
    return Answer(
        f"《{work.title}》也放进了《{title}》，买过这个专栏的人都能读。回复「撤销」可以移出。",
        (sentences.column_link(column_id),),
    )


def take_out(talk: Talk, command: Command, creator: Creator) -> Answer:
    """Let the work at hand stand in a column no more: "移出 2"."""
    work = work_desk.chosen_work(talk, creator, None)
    column_id = _column_of(talk, creator, command.number)
    if column_id is None:
        return _ask_which(talk, creator, "移出")
    standing.take_out(talk.doer(), work.id, column_id)
    title = columns.get(talk.session, column_id).title
    return Answer(
        f"《{work.title}》已从《{title}》移出。之前买过这个专栏的人照常能读。回复「撤销」可以放回。"
    )


def add_sound(talk: Talk, creator: Creator, media_id: UUID, *, is_playable: bool) -> Answer:
    """Put a spoken message into the draft at hand, or begin a draft with it."""
    own = columns.list_of_creator(talk.session, creator.id)
    column = work_desk.column_at_hand(talk, own)
    if column is None:
        return Answer(sentences.NO_COLUMN)
    draft = works.latest_draft(talk.session, creator.id)
    at_hand = talk.recall_id("work")
    work = draft if at_hand is None else works.get_own(talk.session, at_hand, creator.id)
    later = "" if is_playable else "（这台服务器没有装转码程序，读者要下载后才能听）"
    if work is not None and work.state in _UNFINISHED:
        media.attach(talk.doer(), work.id, media_id, SOUND_TITLE)
        said = f"语音已加到《{work.title}》。{later}可以接着发，或回复「预览」「发布」。"
        return Answer(said, (sentences.work_link(work.id),))
    work = media.draft_with(talk.doer(), column.id, f"{SOUND_TITLE}作品", media_id, SOUND_TITLE)
    talk.wait_for("")
    talk.remember(work=str(work.id), title=None, pictures=None)
    return Answer(
        f"语音已存成草稿《{work.title}》。{later}回复「修改标题 新标题」起个名字，再「发布」。",
        (sentences.work_link(work.id),),
    )


def _column_of(talk: Talk, creator: Creator, number: int | None) -> UUID | None:
    """The column that a number of 我的专栏 means."""
    own = columns.list_of_creator(talk.session, creator.id)
    if number is None or not 1 <= number <= len(own):
        return None
    return own[number - 1].id


def _ask_which(talk: Talk, creator: Creator, word: str) -> Answer:
    own = columns.list_of_creator(talk.session, creator.id)
    lines = [f"{at}. 《{column.title}》" for at, column in enumerate(own, start=1)]
    return sentences.fitted("\n".join([f"哪个专栏？发「{word} 编号」，比如「{word} 2」：", *lines]))
