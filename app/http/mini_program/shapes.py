"""What goes in and what comes out, field by field.

Answers are allow-lists: what is not named here does not leave. Money is whole fen, times carry
their offset, ids are strings.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from creator_tools.kernel.business_day import BEIJING


def _printable(text: str) -> str:
    # NUL cannot be stored; the others are never meant. pydantic refuses half a surrogate pair.
    if any(ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0 for char in text):
        raise PydanticCustomError("control_character", "holds a control character")
    return text


def at_beijing(moment: datetime) -> str:
    """A moment as ISO 8601 with Beijing's offset."""
    return moment.astimezone(BEIJING).isoformat(timespec="seconds")


PAY_FIELDS = (
    *("appId", "timeStamp", "nonceStr", "package", "signType", "paySign"),
    *("mode", "signData", "paySig", "signature"),
)
"""What a payment is handed over in, in the order of the published description."""


def _in_published_order(pay: object) -> object:
    # A stored answer comes back in the database's order; a repetition is the same to the byte.
    if not isinstance(pay, dict):
        return pay
    return {name: pay[name] for name in sorted(pay, key=PAY_FIELDS.index)}


Printable = AfterValidator(_printable)
LoginCode = Annotated[str, Field(min_length=1, max_length=512), Printable]
Id = Annotated[str, Field(min_length=1, max_length=64), Printable]


class Shape(BaseModel):
    """The parent of every shape: types are taken as they come, never guessed."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class SessionWanted(Shape):
    """A login code, and where it comes from."""

    code: LoginCode
    app: Literal["mini", "oa"] = "mini"


class SessionGiven(Shape):
    """The token to be sent as `Authorization: Bearer …`."""

    token: str


class ColumnListed(Shape):
    """A column in a creator's list."""

    id: str
    title: str


class CreatorShown(Shape):
    """A creator and the open columns."""

    id: str
    handle: str
    name: str
    columns: list[ColumnListed]


class FieldShown(Shape):
    """What a column is about."""

    kind: Literal["interest", "occupation"]
    name: str


class WorkListed(Shape):
    """A work in a column's list."""

    id: str
    title: str
    unlocked: bool


class ProductShown(Shape):
    """What can be bought; no price where none may be shown."""

    id: str
    kind: Literal["work", "column_forever", "column_term"]
    price_fen: int | None


class FanGroupListed(Shape):
    """A fan group of a column."""

    id: str
    name: str


class ColumnShown(Shape):
    """A column as the caller may see it."""

    id: str
    title: str
    field: FieldShown
    promise: str
    works: list[WorkListed]
    products: list[ProductShown]
    fan_groups: list[FanGroupListed]


class AttachmentShown(Shape):
    """A file of a work. While it is locked, its address is null, and its title and size are too
    unless its creator chose to show them."""

    id: str
    kind: Literal["audio", "video", "file"]
    title: str | None
    bytes: int | None
    duration_s: float | None
    url: str | None


class WorkShown(Shape):
    """A work; `html` is null while it is locked for the caller."""

    id: str
    title: str
    unlocked: bool
    preview_html: str
    html: str | None
    products: list[ProductShown]
    attachments: list[AttachmentShown]


class QuoteWanted(Shape):
    """Which product, on what device; the device is only a hint."""

    product_id: Id
    device: Annotated[str, Field(max_length=32), Printable] = "unknown"


class Reason(Shape):
    """Why a quote says what it says: a stable code and a Chinese sentence."""

    code: str
    sentence: str


class QuoteGiven(Shape):
    """A price, frozen for some minutes; `rail` is null where nothing may be sold now.

    `payable_fen` is told always; where `may_show_price` is false it may be on no screen, as on
    none of our own pages.
    """

    quote_id: str
    payable_fen: int
    rail: Literal["jsapi", "xpay_android", "xpay_ios", "free"] | None
    may_show_price: bool
    reasons: list[Reason]
    expires_at: str


class OrderWanted(Shape):
    """Which quote; `login_code` refreshes a stale session key on the virtual-payment rails."""

    quote_id: Id
    login_code: LoginCode | None = None


class OrderPlaced(Shape):
    """An order, and what the client hands to WeChat to pay for it."""

    order_id: str
    state: Literal["pending", "paid", "closed", "refunded"]
    rail: Literal["jsapi", "xpay_android", "xpay_ios", "free"]
    pay: Annotated[dict[str, Any] | None, BeforeValidator(_in_published_order)]


class OrderState(Shape):
    """What became of an order."""

    order_id: str
    state: Literal["pending", "paid", "closed", "refunded"]
    rail: Literal["jsapi", "xpay_android", "xpay_ios", "free"]
    amount_fen: int
    paid_at: str | None


class EntitlementListed(Shape):
    """A thing the caller may open; `ends_at` null means for ever."""

    object_type: Literal["work", "column"]
    object_id: str
    ends_at: str | None


class EntitlementsListed(Shape):
    """One page of what the caller may open."""

    items: list[EntitlementListed]
    next_cursor: str | None


class ShareWanted(Shape):
    """What the caller looks at; `came_by` is the token of the card that led there, if one did."""

    object_type: Literal["creator", "column", "work"]
    object_id: Id
    came_by: Annotated[str, Field(max_length=128), Printable] | None = None


class ShareGiven(Shape):
    """What the caller's own card carries, good for this one thing and thirty days."""

    token: str


class Door(Shape):
    """The way into a fan group, for the caller alone."""

    url: str


class FieldProblem(Shape):
    """One field that cannot be accepted."""

    field: str
    code: str
    message: str


class Problem(Shape):
    """`application/problem+json`, RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[FieldProblem]
