"""Every message and event that WeChat pushes, as a type; one import for those who read them.

Handlers see these and nothing else: no XML, no field names in WeChat's spelling. What we do not
know yet becomes `Unknown` with its name kept, because new events appear without notice.
"""

from wechat_handlers.inbound.message import AccountKind, Message, Unknown
from wechat_handlers.inbound.person_messages import (
    FileMessage,
    FollowEvent,
    ImageMessage,
    LinkMessage,
    LocationMessage,
    LocationReportEvent,
    LocationSelectEvent,
    MenuClickEvent,
    MenuViewEvent,
    MiniProgramPageMessage,
    PhotoEvent,
    ScanCodeEvent,
    ScanEvent,
    ShortVideoMessage,
    TextMessage,
    UnfollowEvent,
    VideoMessage,
    ViewMiniProgramEvent,
    VoiceMessage,
)
from wechat_handlers.inbound.service_messages import (
    AuthorizationRevoked,
    Consent,
    EnterSession,
    KfSessionClosed,
    KfSessionOpened,
    KfSessionSwitched,
    MassSendFinished,
    MediaChecked,
    PublishedArticle,
    PublishFinished,
    SubscribeChange,
    SubscribeDelivery,
    SubscribePopup,
    SubscribeSent,
    TemplateSendFinished,
    TradeAccessReminder,
    TradeOrderSettlement,
    TradeShippingReminder,
    UserInfoModified,
    WecomExternalChat,
    WecomExternalContact,
)
from wechat_handlers.inbound.source_keys import source_key
from wechat_handlers.inbound.xpay_messages import (
    XpayCoinPaid,
    XpayComplaint,
    XpayGoods,
    XpayGoodsDelivered,
    XpayIosRefundQuery,
    XpayRefunded,
    XpayWeChatPay,
)

__all__ = [
    "AccountKind",
    "AuthorizationRevoked",
    "Consent",
    "EnterSession",
    "FileMessage",
    "FollowEvent",
    "ImageMessage",
    "KfSessionClosed",
    "KfSessionOpened",
    "KfSessionSwitched",
    "LinkMessage",
    "LocationMessage",
    "LocationReportEvent",
    "LocationSelectEvent",
    "MassSendFinished",
    "MediaChecked",
    "MenuClickEvent",
    "MenuViewEvent",
    "Message",
    "MiniProgramPageMessage",
    "PhotoEvent",
    "PublishFinished",
    "PublishedArticle",
    "ScanCodeEvent",
    "ScanEvent",
    "ShortVideoMessage",
    "SubscribeChange",
    "SubscribeDelivery",
    "SubscribePopup",
    "SubscribeSent",
    "TemplateSendFinished",
    "TextMessage",
    "TradeAccessReminder",
    "TradeOrderSettlement",
    "TradeShippingReminder",
    "UnfollowEvent",
    "Unknown",
    "UserInfoModified",
    "VideoMessage",
    "ViewMiniProgramEvent",
    "VoiceMessage",
    "WecomExternalChat",
    "WecomExternalContact",
    "XpayCoinPaid",
    "XpayComplaint",
    "XpayGoods",
    "XpayGoodsDelivered",
    "XpayIosRefundQuery",
    "XpayRefunded",
    "XpayWeChatPay",
    "is_exempt_from_freshness",
    "source_key",
]


def is_exempt_from_freshness(message: Message) -> bool:
    """Whether an old envelope stamp is no reason to refuse: xpay pushes are retried for hours."""
    if isinstance(message, Unknown):
        return message.name.lower().startswith("xpay_")
    return isinstance(
        message,
        XpayGoodsDelivered | XpayCoinPaid | XpayRefunded | XpayComplaint | XpayIosRefundQuery,
    )
