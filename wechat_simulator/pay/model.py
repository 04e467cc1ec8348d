"""What the gateway keeps about one merchant: plain rows and the settings of its behaviour."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa

from wechat_simulator.books import Books
from wechat_simulator.pay.numbers import Counter, Numbers
from wechat_simulator.storage import persisted

PREPAY_LIVES_FOR = timedelta(hours=2)


@dataclass(frozen=True)
class MerchantKeys:
    """Who the merchant is, and the keys both sides hold."""

    mchid: str
    serial_no: str
    merchant_key: rsa.RSAPublicKey
    apiv3_key: str
    platform_key: rsa.RSAPrivateKey
    platform_key_id: str


@persisted
@dataclass
class Order:
    """One out_trade_no; NOTPAY → SUCCESS → REFUND, or NOTPAY → CLOSED."""

    appid: str
    mchid: str
    out_trade_no: str
    trade_type: str
    description: str
    total_fen: int
    openid: str | None
    attach: str | None
    notify_url: str
    asked: str
    created_at: datetime
    payable_until: datetime
    state: str = "NOTPAY"
    prepay_id: str = ""
    prepay_until: datetime | None = None
    transaction_id: str | None = None
    paid_at: datetime | None = None
    payer_openid: str | None = None


@persisted
@dataclass
class Refund:
    """One out_refund_no; PROCESSING → SUCCESS, ABNORMAL or CLOSED."""

    mchid: str
    out_trade_no: str
    transaction_id: str
    total_fen: int
    refund_id: str
    out_refund_no: str
    refund_fen: int
    notify_url: str | None
    reason: str | None
    asked: str
    created_at: datetime
    status: str = "PROCESSING"
    succeeded_at: datetime | None = None


@persisted
@dataclass
class Transfer:
    """One out_bill_no; WAIT_USER_CONFIRM → SUCCESS, FAIL or CANCELLED."""

    appid: str
    mchid: str
    out_bill_no: str
    transfer_bill_no: str
    openid: str
    amount_fen: int
    remark: str
    notify_url: str | None
    package_info: str
    asked: str
    created_at: datetime
    updated_at: datetime
    state: str = "WAIT_USER_CONFIRM"
    fail_reason: str | None = None


@persisted
@dataclass
class PaySettings:
    """Switches of the gateway's behaviour; the defaults are an ordinary merchant."""

    unsigned_errors: bool = False
    probe_rate: float = 0.0
    refund_delay_s: int = 5
    refund_gap_s: int = 60
    refund_outcome: str = "SUCCESS"
    bills_ready_hour: int = 10
    key_mode: str = "public_key"
    public_key_share: float = 0.5
    certificate_days: int = 1825


@persisted
@dataclass
class PlatformCertificate:
    """A certificate with which the platform signs, and the key that belongs to it."""

    serial: str
    private_pem: str
    pem: str
    effective_at: datetime
    expires_at: datetime


@persisted
@dataclass
class Notice:
    """One notification and how far its delivery has come; `resource` is what it seals."""

    notice_id: str
    url: str
    event_type: str
    original_type: str
    summary: str
    resource: str
    created_at: datetime
    tries: int = 0
    answered: int = 0
    done: bool = False


@persisted
@dataclass
class PayRecords:
    """Everything one merchant's gateway remembers; rows name each other by number."""

    settings: PaySettings = field(default_factory=PaySettings)
    counter: Counter = field(default_factory=Counter)
    orders: dict[str, Order] = field(default_factory=dict)
    trade_of_payment: dict[str, str] = field(default_factory=dict)
    trade_of_prepay: dict[str, str] = field(default_factory=dict)
    refunds: dict[str, Refund] = field(default_factory=dict)
    transfers: dict[str, Transfer] = field(default_factory=dict)
    notices: dict[str, Notice] = field(default_factory=dict)
    held: list[str] = field(default_factory=list)
    downloads: dict[str, tuple[datetime, bytes]] = field(default_factory=dict)
    certificates: list[PlatformCertificate] | None = None


@dataclass
class PayDesk:
    """One merchant's side of the platform: its records and all that the rules need of the world.

    `signer` holds the keys that sign the answer under way. With `is_strangers` they are nobody's.
    """

    keys: MerchantKeys
    records: PayRecords
    books: Books
    numbers: Numbers
    appids: Callable[[], frozenset[str]]
    person_of: Callable[[str, str], str | None]
    plan: Callable[[datetime, str, dict[str, Any]], None]
    is_strangers: bool = False
    signer: MerchantKeys | None = None

    @property
    def settings(self) -> PaySettings:
        """The switches in force."""
        return self.records.settings

    def paid_order(self, transaction_id: str) -> Order | None:
        """The order a payment belongs to, or None."""
        return self.records.orders.get(self.records.trade_of_payment.get(transaction_id, ""))

    def prepaid_order(self, prepay_id: str) -> Order | None:
        """The order a prepay_id was given for, or None."""
        return self.records.orders.get(self.records.trade_of_prepay.get(prepay_id, ""))

    def refunds_of(self, order: Order) -> list[Refund]:
        """Every refund asked for one order, oldest first."""
        trade_no = order.out_trade_no
        return [one for one in self.records.refunds.values() if one.out_trade_no == trade_no]
