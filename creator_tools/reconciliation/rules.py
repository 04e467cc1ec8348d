"""What a row of a bill means beside what we booked, and when bills are asked for. Pure."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from creator_tools.kernel.business_day import BEIJING, business_day_of
from creator_tools.kernel.fen import Fen
from creator_tools.ledger.rules import Line, fee, merchant_balance, platform_share, receivable


@dataclass(frozen=True)
class Cause:
    """Why something does not match, in both languages, and whose move it is.

    `owner` is `system` where the rail is asked again by itself, else the role that looks into it.
    """

    code: str
    owner: str
    sentence: str
    sentence_en: str


_ALL = (
    Cause("row_unreadable", "finance", "账单里有一行读不懂", "A row of the bill cannot be read"),
    Cause("row_foreign", "finance", "账单里有别的商户的一行", "A row is another merchant's"),
    Cause("row_doubled", "finance", "同一笔在账单里出现两次", "The same thing stands there twice"),
    Cause(
        "payment_unrecorded",
        "system",
        "微信收了钱，我们还没有入账，正在查询订单",
        "WeChat has the money and we have not booked it; the order is being asked about",
    ),
    Cause("payment_unknown", "finance", "这笔收款不是我们的订单", "No order of ours was paid"),
    Cause(
        "refund_unrecorded",
        "system",
        "微信已退款，我们还没有记为到账",
        "WeChat has given back and we have not booked it as done",
    ),
    Cause("refund_unknown", "finance", "这笔退款我们没有记录", "We know of no such refund"),
    Cause("amount_differs", "finance", "金额不一致", "The amounts differ"),
    Cause(
        "payment_not_on_bill",
        "system",
        "我们入了账，账单里没有",
        "We have booked it and the bill does not show it",
    ),
    Cause(
        "refund_not_on_bill",
        "system",
        "我们记为已退，账单里没有",
        "We have booked it as given back and the bill does not show it",
    ),
    Cause(
        "flow_differs",
        "finance",
        "资金流水与交易账单的净额不一致",
        "The balance moved by another sum than the trade bill says",
    ),
    Cause(
        "flow_missing",
        "finance",
        "交易账单里有，资金流水里没有",
        "On the trade bill, and the balance did not move",
    ),
    Cause(
        "flow_unexplained",
        "finance",
        "资金流水里有一笔我们没有记录的变动",
        "The balance moved for something we have not booked",
    ),
)
CAUSES_BY_CODE = {one.code: one for one in _ALL}
CAUSES = tuple(CAUSES_BY_CODE)
HEALING = frozenset(one.code for one in _ALL if one.owner == "system")
# Words of the system itself, where it closed a difference.
HEALED = {
    "recorded_meanwhile": ("已补记入账", "It was booked meanwhile"),
    "on_another_bill": ("在另一天的账单里", "It stands on another day's bill"),
}

READY_AT = time(10, 5)
LATE_AT = time(14, 0)
AGAIN_AFTER = timedelta(minutes=20)
HEALS_FOR = timedelta(days=3)
DAYS_MAX = 90
REASON_CHARS_MIN = 5
REASON_CHARS_MAX = 500
TRIES_BEFORE_ALARM = 3


@dataclass(frozen=True)
class Booked:
    """What we booked for a row: the entry, what its rail owed by it, and the fee in it.

    Of a refund both are what went back.
    """

    entry_id: UUID
    amount_fen: int
    fee_fen: int
    is_taken: bool


def judge(
    *, kind: str, merchant: str, ours: str, amount_fen: int, booked: Booked | None, is_known: bool
) -> str | None:
    """The cause why a row does not match; None when it does.

    Args:
        merchant, ours: whose row it says it is, and whose it should be.
        booked: our side of it.
        is_known: without `booked`: the order or the refund of its number is ours all the same.
    """
    if kind == "unread":
        return "row_unreadable"
    if merchant != ours:
        return "row_foreign"
    if booked is None:
        return f"{kind}_unrecorded" if is_known else f"{kind}_unknown"
    if booked.is_taken:
        return "row_doubled"
    return None if booked.amount_fen == amount_fen else "amount_differs"


def fee_of(fee_millifen: int) -> Fen:
    """A fee in whole fen, half away from zero, as the rail's balance moves by whole fen."""
    whole = (abs(fee_millifen) * 2 + 1000) // 2000
    return Fen(-whole if fee_millifen < 0 else whole)


def settlement_lines(
    *, rail: str, account_id: UUID, amount_fen: int, fee_fen: int, is_refund: bool
) -> list[Line]:
    """The postings of a row that agrees: the rail owes it no more, the balance has it.

    Args:
        fee_fen: what the rail kept of a payment, or gave back with a refund.
    """
    sign = -1 if is_refund else 1
    return [
        Line(receivable(rail, account_id), -sign * amount_fen),
        Line(fee(rail), sign * fee_fen),
        Line(merchant_balance(rail, account_id), sign * (amount_fen - fee_fen)),
    ]


def true_up_lines(*, rail: str, more_fen: int) -> list[Line]:
    """The postings of a fee that was other than we had reckoned; the platform bears it.

    Args:
        more_fen: how much more the rail keeps than we had booked; negative for less.
    """
    return [Line(fee(rail), -more_fen), Line(platform_share(), more_fen)]


def last_ready_day(now: datetime) -> date:
    """The newest day whose bills may be asked for."""
    local = now.astimezone(BEIJING)
    return local.date() - timedelta(days=1 if local.time() >= READY_AT else 2)


def is_late(day: date, now: datetime) -> bool:
    """Whether the bills of a day should have been there for hours."""
    return now >= datetime.combine(day + timedelta(days=1), LATE_AT, tzinfo=BEIJING)


def next_look_at(day: date, now: datetime) -> datetime | None:
    """When a day with differences that may heal is looked at again; None when it is too old."""
    if business_day_of(now) - day > HEALS_FOR:
        return None
    return now + AGAIN_AFTER


def certificate_of(account_id: UUID, day: date, facts: Sequence[object]) -> str:
    """The SHA-256 over what a certificate says."""
    said = "\n".join(str(fact) for fact in (account_id, day, *facts))
    return hashlib.sha256(said.encode()).hexdigest()
