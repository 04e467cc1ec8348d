"""What WeChat reports: fates of what we sent, consents, reviews, settlement, customer groups.

Source: https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Receiving_event_pushes.html
"""

from dataclasses import dataclass, field

from wechat_handlers.inbound.message import Message


@dataclass(frozen=True, kw_only=True)
class TemplateSendFinished(Message):
    """A template message arrived, or did not; `status` is WeChat's text."""

    job_id: str
    status: str


@dataclass(frozen=True, kw_only=True)
class PublishedArticle:
    """One article of a publication; `position` counts from 1."""

    position: int
    url: str


@dataclass(frozen=True, kw_only=True)
class MassSendFinished(Message):
    """A mass message was sent, or refused by review (`status` = `err(…)`)."""

    job_id: str
    status: str
    total_count: int
    filter_count: int
    sent_count: int
    error_count: int
    articles: tuple[PublishedArticle, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PublishFinished(Message):
    """A publication ended; `publish_status` 0 is success."""

    publish_id: str
    publish_status: int
    article_id: str
    articles: tuple[PublishedArticle, ...] = ()
    failed_positions: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Consent:
    """One answer to a subscribe dialog; `scene` 0 is a dialog in use, 1 H5, 2 an article."""

    template_id: str
    answer: str
    scene: int = 0


@dataclass(frozen=True, kw_only=True)
class SubscribePopup(Message):
    """A subscribe dialog was answered: each acceptance is one message that may be sent."""

    consents: tuple[Consent, ...]


@dataclass(frozen=True, kw_only=True)
class SubscribeChange(Message):
    """Consents were changed in the settings."""

    consents: tuple[Consent, ...]


@dataclass(frozen=True, kw_only=True)
class SubscribeDelivery:
    """What became of one subscribe message; `error_code` 0 is success."""

    template_id: str
    job_id: str
    error_code: int
    error_status: str


@dataclass(frozen=True, kw_only=True)
class SubscribeSent(Message):
    """Subscribe messages arrived, or did not."""

    deliveries: tuple[SubscribeDelivery, ...]


@dataclass(frozen=True, kw_only=True)
class EnterSession(Message):
    """Somebody opened the mini-program's customer-service chat."""

    session_from: str


@dataclass(frozen=True, kw_only=True)
class KfSessionOpened(Message):
    """A human agent took the conversation."""

    agent: str


@dataclass(frozen=True, kw_only=True)
class KfSessionClosed(Message):
    """A human agent ended the conversation."""

    agent: str


@dataclass(frozen=True, kw_only=True)
class KfSessionSwitched(Message):
    """The conversation passed from one agent to another."""

    from_agent: str
    to_agent: str


@dataclass(frozen=True, kw_only=True)
class UserInfoModified(Message):
    """A person changed name or picture, or asks that copies of them be renewed."""

    subject: str = field(repr=False)
    appid: str


@dataclass(frozen=True, kw_only=True)
class AuthorizationRevoked(Message):
    """A person took back the right to hold what `revoked` names (WeChat's numbers): delete it."""

    subject: str = field(repr=False)
    appid: str
    revoked: str
    whole_account: bool


@dataclass(frozen=True, kw_only=True)
class MediaChecked(Message):
    """The verdict on a picture or sound sent for review."""

    trace_id: str
    suggestion: str
    label: int
    error_code: int = 0


@dataclass(frozen=True, kw_only=True)
class TradeAccessReminder(Message):
    """The mini-program must connect the shipping interface."""

    notice: str


@dataclass(frozen=True, kw_only=True)
class TradeShippingReminder(Message):
    """An order was not reported as shipped for 48 hours."""

    transaction_id: str
    out_trade_no: str
    merchant_id: str
    paid_at_epoch_s: int
    notice: str


@dataclass(frozen=True, kw_only=True)
class TradeOrderSettlement(Message):
    """Shipping was reported (`settled_at_epoch_s` 0) or the order's money was settled."""

    transaction_id: str
    out_trade_no: str
    merchant_id: str
    paid_at_epoch_s: int
    shipped_at_epoch_s: int
    estimated_settlement_at_epoch_s: int
    settled_at_epoch_s: int


@dataclass(frozen=True, kw_only=True)
class WecomExternalChat(Message):
    """A customer group changed; what exactly must be read again by API."""

    chat_id: str
    change_type: str
    update_detail: str = ""
    join_scene: int | None = None
    quit_scene: int | None = None
    member_change_count: int | None = None
    members: tuple[str, ...] = field(default=(), repr=False)
    member_version: str = ""


@dataclass(frozen=True, kw_only=True)
class WecomExternalContact(Message):
    """A customer was added, edited or lost by one of our staff."""

    change_type: str
    staff_id: str
    external_id: str = field(repr=False)
    state: str = ""
    welcome_code: str = field(default="", repr=False)
