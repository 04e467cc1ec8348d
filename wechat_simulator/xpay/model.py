"""What the platform keeps about one mini-program's virtual goods and orders."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any

from wechat_simulator.books import Books
from wechat_simulator.pay.numbers import Counter, Numbers
from wechat_simulator.storage import persisted

LIVE, SANDBOX = 0, 1
SETTLES_AFTER = {"xpay_android": timedelta(days=3), "xpay_ios": timedelta(days=45)}


class Status(IntEnum):
    """An order's status as query_order prints it."""

    INIT = 0
    CREATED = 1
    PAID = 2
    DELIVERING = 3
    DELIVERED = 4
    REFUNDED = 5
    CLOSED = 6
    REFUND_FAILED = 7
    USER_REFUNDED = 8


class OrderType(IntEnum):
    """What an order number stands for, and on whose rail."""

    PAY = 0
    REFUND = 1
    IOS_PAY = 7
    IOS_REFUND = 8


@persisted
@dataclass
class Good:
    """One item with its fixed price; sellable from `effective_at` on."""

    good_id: str
    env: int
    name: str
    price_fen: int
    remark: str
    item_url: str
    effective_at: datetime | None = None


@persisted
@dataclass
class VirtualOrder:
    """One outTradeNo, or one refund of it, which the platform numbers like an order."""

    order_id: str
    env: int
    openid: str
    person_id: str
    rail: str
    order_type: OrderType
    wx_order_id: str
    channel_order_id: str
    asked: str
    product_id: str
    quantity: int
    orig_price_fen: int
    price_fen: int
    attach: str
    created_at: datetime
    updated_at: datetime
    status: Status = Status.CREATED
    wxpay_order_id: str | None = None
    paid_at: datetime | None = None
    provided_at: datetime | None = None
    refunded_fen: int = 0
    refund_of: str | None = None
    biz_meta: str = ""

    @property
    def fee_fen(self) -> int:
        """What the order costs in all."""
        return self.price_fen * self.quantity

    @property
    def left_fen(self) -> int:
        """What can still be given back."""
        return self.fee_fen - self.refunded_fen if self.paid_at is not None else 0

    @property
    def payment_ref(self) -> str:
        """The platform's number for the money: WeChat Pay's where there is one."""
        return self.wxpay_order_id or self.wx_order_id


@persisted
@dataclass
class XpaySettings:
    """Switches of virtual payment; the defaults are an ordinary account."""

    upload_latency_s: int = 0
    publish_latency_s: int = 600
    refund_delay_s: int = 5
    bill_delay_s: int = 10
    ios_open: bool = True


@persisted
@dataclass
class UploadTask:
    """The last upload of one environment: one item, done at `done_at`."""

    item: dict[str, Any]
    done_at: datetime
    existed: bool


@persisted
@dataclass
class Push:
    """One push to the message address, and how far its delivery has come."""

    push_id: str
    event: dict[str, Any]
    env: int
    order_id: str
    created_at: datetime
    tries: int = 0
    done: bool = False


@persisted
@dataclass
class XpayRecords:
    """Everything virtual payment remembers; keys begin with the environment, 0 live, 1 sandbox."""

    settings: XpaySettings = field(default_factory=XpaySettings)
    counter: Counter = field(default_factory=Counter)
    goods: dict[tuple[int, str], Good] = field(default_factory=dict)
    orders: dict[tuple[int, str], VirtualOrder] = field(default_factory=dict)
    number_of_platform: dict[tuple[int, str], str] = field(default_factory=dict)
    uploads: dict[int, UploadTask] = field(default_factory=dict)
    publishes: dict[int, list[str]] = field(default_factory=dict)
    pushes: dict[str, Push] = field(default_factory=dict)
    held: list[str] = field(default_factory=list)
    bills: dict[tuple[int, int], datetime] = field(default_factory=dict)
    downloads: dict[str, tuple[datetime, bytes]] = field(default_factory=dict)


@dataclass
class XpayDesk:
    """One mini-program's virtual payment: its records and what the rules need of the world."""

    appid: str
    mchid: str
    offer_id: str
    app_keys: dict[int, str]
    records: XpayRecords
    books: Books
    numbers: Numbers
    plan: Callable[[datetime, str, dict[str, Any]], None]

    @property
    def settings(self) -> XpaySettings:
        """The switches in force."""
        return self.records.settings

    def keep(self, order: VirtualOrder) -> None:
        """Remember an order under both its numbers."""
        self.records.orders[order.env, order.order_id] = order
        self.records.number_of_platform[order.env, order.wx_order_id] = order.order_id

    def order(self, env: int, order_id: object, wx_order_id: object) -> VirtualOrder | None:
        """The order of the merchant's number, else of the platform's, else None."""
        if isinstance(order_id, str) and order_id:
            return self.records.orders.get((env, order_id))
        known = self.records.number_of_platform.get((env, str(wx_order_id)), "")
        return self.records.orders.get((env, known))
