"""What may happen to an order, and what a statement of a rail means for it. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import accumulate

ORDER_TTL = timedelta(minutes=30)
# On these rails a number can be paid until it is closed, whatever became of an earlier try. On the
# others a try that failed has used the number up, and only a new order can be paid.
RETRIABLE_RAILS = frozenset({"jsapi"})
# A pending order is taken up again only while there is time left to pay it.
PAYABLE_AT_LEAST = timedelta(minutes=2)
# The platform's own advice asks for a query within a minute; then ever slower, then expiry.
QUERY_DELAYS_S = (5, 5, 10, 20, 20, 60, 120, 240, 480, 900, 1800)
QUERY_PERIOD = timedelta(minutes=30)
QUERIES_AFTER_CLOSE = (
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(hours=24),
    timedelta(hours=72),
)
CURRENCY = "CNY"
# Two seconds between questions about one order, whoever asks.
QUERY_GAP = timedelta(seconds=2)


class OrderState(StrEnum):
    """Where an order stands."""

    PENDING = "pending"
    PAID = "paid"
    CLOSED = "closed"
    REFUNDED = "refunded"


class OrderAction(StrEnum):
    """What can be done to an order."""

    PAY = "pay"
    CLOSE = "close"
    REFUND = "refund"
    KEEP = "keep"


TRANSITIONS: dict[tuple[OrderState, OrderAction], OrderState] = {
    (OrderState.PENDING, OrderAction.PAY): OrderState.PAID,
    (OrderState.CLOSED, OrderAction.PAY): OrderState.PAID,  # money outran our close
    (OrderState.PENDING, OrderAction.CLOSE): OrderState.CLOSED,
    (OrderState.PAID, OrderAction.REFUND): OrderState.REFUNDED,
    (OrderState.REFUNDED, OrderAction.KEEP): OrderState.PAID,  # the money did not go after all
}


class Disposition(StrEnum):
    """What became of a payment that was seen; only `SETTLED` opens anything."""

    SETTLED = "settled"
    SECOND_PAYMENT = "second_payment"
    WRONG_AMOUNT = "wrong_amount"
    WRONG_CURRENCY = "wrong_currency"
    WRONG_ACCOUNT = "wrong_account"
    WRONG_GOODS = "wrong_goods"
    WRONG_PAYER = "wrong_payer"
    UNKNOWN_ORDER = "unknown_order"


@dataclass(frozen=True)
class Expected:
    """What an order says a payment of it must look like.

    `goods_id` is the good that stands for its price, where its rail sells goods; `payer_id` is
    the human who bought.
    """

    state: OrderState
    account_id: object
    payee_account_id: object
    amount_fen: int
    currency: str
    goods_id: str | None = None
    payer_id: object = None


@dataclass(frozen=True)
class Stated:
    """What a verified statement of a rail says; None where it says nothing of goods or payer."""

    account_id: object
    payee_account_id: object
    amount_fen: int
    currency: str
    goods_id: str | None = None
    quantity: int = 1
    names_payer: bool = False
    payer_id: object = None


def disposition_of(expected: Expected | None, stated: Stated) -> Disposition:
    """Decide what a payment is before anything opens.

    Account, currency, amount, goods, payer, and only then whether the order can be paid.
    """
    if expected is None:
        return Disposition.UNKNOWN_ORDER
    if (expected.account_id, expected.payee_account_id) != (
        stated.account_id,
        stated.payee_account_id,
    ):
        return Disposition.WRONG_ACCOUNT
    if stated.currency != expected.currency:
        return Disposition.WRONG_CURRENCY
    if stated.amount_fen != expected.amount_fen:
        return Disposition.WRONG_AMOUNT
    if stated.quantity != 1 or stated.goods_id not in {None, expected.goods_id}:
        return Disposition.WRONG_GOODS
    if stated.names_payer and stated.payer_id != expected.payer_id:
        return Disposition.WRONG_PAYER
    if (expected.state, OrderAction.PAY) not in TRANSITIONS:
        return Disposition.SECOND_PAYMENT
    return Disposition.SETTLED


def next_query_at(created_at: datetime, expires_at: datetime, after: datetime) -> datetime:
    """When to ask the rail next: by the schedule, at expiry, then every half hour.

    Only time counts, not how often was asked before: whoever watches the order and has it asked
    about out of turn must not use up the questions that come later.
    """
    planned = [created_at + timedelta(seconds=due_s) for due_s in accumulate(QUERY_DELAYS_S)]
    due = [at for at in (*planned, expires_at) if at > after]
    return min(due, default=after + QUERY_PERIOD)


def next_query_after_close(rail: str, closed_at: datetime, after: datetime) -> datetime | None:
    """When to ask about a closed order; None when its number cannot be paid any more.

    Virtual payment has no close: a number that nobody paid only lapses, and the push of a late
    payment may be lost like any other.
    """
    if not rail.startswith("xpay"):
        return None
    return min(
        (closed_at + one for one in QUERIES_AFTER_CLOSE if closed_at + one > after), default=None
    )


def entitlement_end(starts_at: datetime, term_days: int | None) -> datetime | None:
    """When a right bought at `starts_at` ends; None means never."""
    return None if term_days is None else starts_at + timedelta(days=term_days)
