"""The people, accounts and things of the simulated WeChat, as plain records."""

from dataclasses import dataclass, field
from typing import Any, Literal

from wechat_simulator.storage import persisted

Kind = Literal["oa", "mini"]
DEVICES = ("ios", "android", "windows", "mac")


@persisted
@dataclass
class Account:
    """An Official Account or a mini-program as its console shows it."""

    kind: Kind
    appid: str
    secret: str
    token: str
    aes_key: str
    callback_url: str = ""
    format: Literal["xml", "json"] = "xml"
    original_id: str = ""
    aes_key_previous: str | None = None
    push_with: Literal["current", "previous"] = "current"


@persisted
@dataclass
class Merchant:
    """A WeChat Pay merchant.

    `private_key_pem` is the merchant's own API key: the backend signs with it under `serial`, and
    the simulator checks with its public half. `public_key_pem` with `public_key_id` is the public
    half of the platform's key, with which the backend checks what the simulator signs;
    `platform_private_key_pem` is the private half, which only the simulator holds.
    """

    mchid: str
    serial: str
    private_key_pem: str
    apiv3_key: str
    public_key_id: str
    public_key_pem: str
    platform_private_key_pem: str


@persisted
@dataclass
class XPay:
    """The virtual-payment console of the mini-program."""

    offer_id: str
    app_key: str
    sandbox_app_key: str


@persisted
@dataclass
class Person:
    """A human with a telephone."""

    id: str
    nickname: str
    device: str
    oa_openid: str
    mini_openid: str
    unionid: str
    phone: str
    avatar: str = ""

    def openid(self, kind: Kind) -> str:
        """Who this person is to the account of that kind."""
        return self.oa_openid if kind == "oa" else self.mini_openid


@persisted
@dataclass
class AccessToken:
    """One server credential; `dies_at` moves closer when a newer one supersedes it."""

    value: str
    appid: str
    pool: Literal["classic", "stable"]
    issued_at: float
    dies_at: float
    revoked: bool = False


@persisted
@dataclass
class Session:
    """The mini-program session of a person: the key of the newest login."""

    person_id: str
    appid: str
    session_key: str
    at: float
    former_keys: list[str] = field(default_factory=list)


@persisted
@dataclass
class LoginCode:
    """A code that is exchanged once: mini-program login, H5 OAuth or phone number."""

    value: str
    purpose: Literal["login", "oauth", "phone"]
    appid: str
    person_id: str
    expires_at: float
    scope: str = "snsapi_base"
    snapshot: bool = False
    used: bool = False


@persisted
@dataclass
class OAuthToken:
    """A web-authorisation token and its refresh token."""

    value: str
    refresh: str
    appid: str
    openid: str
    person_id: str
    scope: str
    expires_at: float
    refresh_until: float
    snapshot: bool = False


@persisted
@dataclass
class Follower:
    """A person's following of the Official Account."""

    person_id: str
    at: float
    following: bool = True
    scene: str = "ADD_SCENE_SEARCH"
    qr_scene: str = ""
    remark: str = ""
    tags: list[int] = field(default_factory=list)


@persisted
@dataclass
class Allowance:
    """How many customer-service messages may still go to a person, and until when."""

    left: int
    until: float


@persisted
@dataclass
class Media:
    """An uploaded file."""

    media_id: str
    appid: str
    kind: str
    filename: str
    content_type: str
    content: bytes
    created_at: float
    expires_at: float


@persisted
@dataclass
class Message:
    """Something that reached a person; `said_by_person` marks what the person wrote."""

    id: str
    at: float
    channel: str
    via: str
    type: str
    fields: dict[str, Any]
    said_by_person: bool = False


@persisted
@dataclass
class QrCode:
    """A parametric QR code of the Official Account."""

    ticket: str
    scene: str
    url: str
    expires_at: float | None


@persisted
@dataclass
class FanGroup:
    """A WeCom group behind a join link; `members` holds when each person joined."""

    code: str
    name: str
    capacity: int
    members: dict[str, float] = field(default_factory=dict)


@persisted
@dataclass
class Due:
    """Something the simulator has promised to do at a time."""

    seq: int
    at: float
    kind: str
    payload: dict[str, Any]
