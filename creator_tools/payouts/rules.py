"""What a payout may become, how large one may be, and when the rail is asked about it. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import accumulate
from typing import Any

# The platform wants nobody's name below 2,000 yuan, and we know no names.
SINGLE_FEN_MOST = 199_999
LEAST_FEN = 30
# The person has a day to take the money; then the platform closes the transfer by itself.
CONFIRM_WITHIN = timedelta(hours=24)
QUERY_DELAYS_S = (5, 25, 60, 180, 300, 600, 1800)
QUERY_PERIOD = timedelta(hours=1)


@dataclass(frozen=True)
class Limits:
    """How much may go out, in fen: by one transfer, to one person a day, by one merchant a day."""

    single_fen: int = 20_000
    person_day_fen: int = 200_000
    merchant_day_fen: int = 5_000_000


class PayoutState(StrEnum):
    """Where a payout stands."""

    REQUESTED = "requested"
    APPROVED = "approved"
    SENT = "sent"
    WAITING = "waiting"
    SUCCEEDED = "succeeded"
    DECLINED = "declined"
    FAILED = "failed"
    CANCELLED = "cancelled"


class PayoutAction(StrEnum):
    """What can happen to a payout."""

    APPROVE = "approve"
    DECLINE = "decline"
    ACCEPT = "accept"
    WAIT = "wait"
    SUCCEED = "succeed"
    FAIL = "fail"
    CANCEL = "cancel"


_DECIDED = (PayoutState.APPROVED, PayoutState.SENT, PayoutState.WAITING)
TRANSITIONS: dict[tuple[PayoutState, PayoutAction], PayoutState] = {
    (PayoutState.REQUESTED, PayoutAction.APPROVE): PayoutState.APPROVED,
    (PayoutState.REQUESTED, PayoutAction.DECLINE): PayoutState.DECLINED,
    (PayoutState.APPROVED, PayoutAction.ACCEPT): PayoutState.SENT,
    (PayoutState.APPROVED, PayoutAction.WAIT): PayoutState.WAITING,
    (PayoutState.SENT, PayoutAction.WAIT): PayoutState.WAITING,
    # Confirmed by the person: the money is on its way to them.
    (PayoutState.WAITING, PayoutAction.ACCEPT): PayoutState.SENT,
    **{(state, PayoutAction.SUCCEED): PayoutState.SUCCEEDED for state in _DECIDED},
    **{(state, PayoutAction.FAIL): PayoutState.FAILED for state in _DECIDED},
    **{(state, PayoutAction.CANCEL): PayoutState.CANCELLED for state in _DECIDED},
}
AFTER = {action: after for (_, action), after in TRANSITIONS.items()}
RETURNED = frozenset({PayoutState.DECLINED, PayoutState.FAILED, PayoutState.CANCELLED})
OVER = RETURNED | {PayoutState.SUCCEEDED}
LIVE_STATES = frozenset(PayoutState) - RETURNED


def next_state(state: PayoutState, action: PayoutAction) -> PayoutState | None:
    """What a payout becomes, or None when this cannot happen to it."""
    return TRANSITIONS.get((state, action))


def next_query_at(since: datetime, after: datetime) -> datetime:
    """When to ask the rail next about a payout it has had since `since`."""
    due = [since + timedelta(seconds=due_s) for due_s in accumulate(QUERY_DELAYS_S)]
    return min((at for at in due if at > after), default=after + QUERY_PERIOD)


@dataclass(frozen=True)
class HeldSale:
    """What an earner has of one sale and may not take out yet.

    Attributes:
        window_ends_at: until then the buyer may have their money back.
        is_settled: whether the rail has paid it to us.
    """

    order_id: Any
    trade_no: str
    rail: str
    amount_fen: int
    paid_at: datetime
    window_ends_at: datetime
    is_settled: bool


@dataclass(frozen=True)
class Balance:
    """What stands on an earner's account, in fen; `total` is the sum of the first two.

    Attributes:
        available_fen: may be taken out; below zero it is owed back to us.
        held_fen: may not yet.
        underway_fen: left the account by payouts that have not ended; part of neither.
        paid_fen: reached the earner.
    """

    available_fen: int
    held_fen: int
    underway_fen: int
    paid_fen: int

    @property
    def total_fen(self) -> int:
        """What stands on the account."""
        return self.available_fen + self.held_fen
