"""What people send and tap: messages, following, menus.

Source: https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Receiving_standard_messages.html
"""

from dataclasses import dataclass, field

from wechat_handlers.inbound.message import Message


@dataclass(frozen=True, kw_only=True)
class TextMessage(Message):
    """Words. `menu_choice` is set when a tap on a customer-service menu typed them."""

    text: str = field(repr=False)
    menu_choice: str = ""


@dataclass(frozen=True, kw_only=True)
class ImageMessage(Message):
    """A picture; `media_id` lives three days, `picture_url` may vanish sooner."""

    media_id: str
    picture_url: str


@dataclass(frozen=True, kw_only=True)
class VoiceMessage(Message):
    """Speech; `recognition` is WeChat's transcript where the account has it switched on."""

    media_id: str
    audio_format: str
    recognition: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True)
class VideoMessage(Message):
    """A video."""

    media_id: str
    thumb_media_id: str


@dataclass(frozen=True, kw_only=True)
class ShortVideoMessage(VideoMessage):
    """A clip taken in the chat."""


@dataclass(frozen=True, kw_only=True)
class LocationMessage(Message):
    """A place, in degrees."""

    latitude: float
    longitude: float
    scale: int
    label: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class LinkMessage(Message):
    """A shared article."""

    title: str
    description: str
    url: str


@dataclass(frozen=True, kw_only=True)
class FileMessage(Message):
    """A file; WeChat gives no way to download it by `file_key` for ordinary accounts."""

    title: str
    description: str
    file_key: str
    file_md5: str
    total_bytes: int


@dataclass(frozen=True, kw_only=True)
class MiniProgramPageMessage(Message):
    """A mini-program card sent into the mini-program's customer-service chat."""

    title: str
    appid: str
    page_path: str
    thumb_url: str
    thumb_media_id: str


@dataclass(frozen=True, kw_only=True)
class FollowEvent(Message):
    """Somebody followed. `scene` is our QR code's value without WeChat's prefix, or empty."""

    scene: str = ""
    ticket: str = ""
    event_key: str = ""


@dataclass(frozen=True, kw_only=True)
class UnfollowEvent(Message):
    """Somebody left: stop sending, forget consents."""


@dataclass(frozen=True, kw_only=True)
class ScanEvent(Message):
    """A follower scanned one of our QR codes."""

    scene: str
    ticket: str = ""


@dataclass(frozen=True, kw_only=True)
class MenuClickEvent(Message):
    """A tap on a menu button that carries a key."""

    key: str


@dataclass(frozen=True, kw_only=True)
class MenuViewEvent(Message):
    """A tap on a menu button that opened a page."""

    url: str
    menu_id: str = ""


@dataclass(frozen=True, kw_only=True)
class ViewMiniProgramEvent(Message):
    """A tap on a menu button that opened a mini-program."""

    page_path: str
    menu_id: str = ""


@dataclass(frozen=True, kw_only=True)
class ScanCodeEvent(Message):
    """A menu button's camera read a code; with `waits_for_reply` the person sees a spinner."""

    key: str
    scan_type: str
    scan_result: str
    waits_for_reply: bool


@dataclass(frozen=True, kw_only=True)
class PhotoEvent(Message):
    """A menu button sent pictures; the pictures follow as messages of their own."""

    key: str
    picker: str
    picture_md5s: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class LocationSelectEvent(Message):
    """A menu button sent a place."""

    key: str
    latitude: float
    longitude: float
    scale: int
    label: str = field(repr=False)
    poi_name: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True)
class LocationReportEvent(Message):
    """Where the follower is, every few seconds while the chat is open, if switched on."""

    latitude: float = field(repr=False)
    longitude: float = field(repr=False)
    precision: float
