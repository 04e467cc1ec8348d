"""All we answer to, on one screen. What stands in no line is kept, acknowledged and counted."""

from collections.abc import Callable

from wechat_handlers.inbound import handlers
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
)
from wechat_handlers.inbound.replies import Reply
from wechat_handlers.inbound.xpay_messages import XpayCoinPaid, XpayComplaint, XpayRefunded

Handler = Callable[[Message, Conversation], Reply]

HANDLERS: dict[type[Message], Handler] = {
    TextMessage: handlers.on_text,
    VoiceMessage: handlers.on_voice,
    ImageMessage: handlers.on_image,
    MenuClickEvent: handlers.on_menu_click,
    FollowEvent: handlers.on_follow,
    UnfollowEvent: handlers.on_unfollow,
    ScanEvent: handlers.on_scan,
    VideoMessage: handlers.on_unreadable,
    ShortVideoMessage: handlers.on_unreadable,
    LocationMessage: handlers.on_unreadable,
    LinkMessage: handlers.on_unreadable,
    FileMessage: handlers.on_unreadable,
    MiniProgramPageMessage: handlers.on_unreadable,
    XpayCoinPaid: handlers.on_money_notice,
    XpayRefunded: handlers.on_money_notice,
    XpayComplaint: handlers.on_money_notice,
}


def route(message: Message, talk: Conversation) -> Reply:
    """Handle one message in the unit of its conversation."""
    return HANDLERS.get(type(message), handlers.on_notice)(message, talk)
