"""All we answer to, on one screen. What stands in no line is kept, acknowledged and counted."""

from collections.abc import Callable

from wechat_handlers.inbound import handlers, offhand
from wechat_handlers.inbound.conversation import Conversation
from wechat_handlers.inbound.messages import (
    FileMessage,
    FollowEvent,
    ImageMessage,
    LinkMessage,
    LocationMessage,
    MenuClickEvent,
    Message,
    MiniProgramPageMessage,
    ScanEvent,
    ShortVideoMessage,
    TextMessage,
    UnfollowEvent,
    VideoMessage,
    VoiceMessage,
    WecomExternalChat,
)
from wechat_handlers.inbound.offhand import OffhandReply
from wechat_handlers.inbound.replies import Reply
from wechat_handlers.inbound.xpay_messages import XpayCoinPaid, XpayComplaint

Handler = Callable[[Message, Conversation], Reply]

HANDLERS: dict[type[Message], Handler] = {
    TextMessage: handlers.on_text,
    VoiceMessage: handlers.on_voice,
    ImageMessage: handlers.on_image,
    MenuClickEvent: handlers.on_menu_click,
    FollowEvent: handlers.on_follow,
    UnfollowEvent: handlers.on_unfollow,
    ScanEvent: handlers.on_scan,
    VideoMessage: handlers.on_file,
    ShortVideoMessage: handlers.on_file,
    LocationMessage: handlers.on_unreadable,
    LinkMessage: handlers.on_unreadable,
    FileMessage: handlers.on_file,
    MiniProgramPageMessage: handlers.on_unreadable,
    WecomExternalChat: handlers.on_room_change,
    XpayCoinPaid: handlers.on_money_notice,
    XpayComplaint: handlers.on_money_notice,
}
# What needs no conversation for an answer, if what is said of it there is true.
OFFHAND: dict[type[Message], Callable[[Message], OffhandReply | None]] = {
    TextMessage: offhand.to_text,
    VoiceMessage: offhand.to_voice,
    MenuClickEvent: offhand.to_menu_click,
    ScanEvent: offhand.to_scan,
    VideoMessage: offhand.to_file,
    ShortVideoMessage: offhand.to_file,
    LocationMessage: offhand.to_unreadable,
    LinkMessage: offhand.to_unreadable,
    FileMessage: offhand.to_file,
    MiniProgramPageMessage: offhand.to_unreadable,
}


def offhand_reply(message: Message) -> OffhandReply | None:
    """The reply that needs no conversation; None when one has to give the reply."""
    if type(message) not in HANDLERS:
        return offhand.NOTHING
    # Elsewhere an answer is a message of its own, which is promised and not returned.
    known = OFFHAND.get(type(message)) if message.account_kind == "oa" else None
    return None if known is None else known(message)


def route(message: Message, talk: Conversation) -> Reply:
    """Handle one message in the unit of its conversation."""
    return HANDLERS.get(type(message), handlers.on_notice)(message, talk)
