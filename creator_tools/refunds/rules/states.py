"""What a refund may become, and when the rail is asked about it."""

from datetime import datetime, timedelta
from enum import StrEnum
from itertools import accumulate

CAUSES = ("purchase", "stray", "outside")
# Two refunds of one payment are a minute apart, by the platform's rule.
ORDER_GAP = timedelta(seconds=61)
# To a balance it takes minutes, to a bank card days; the notification is usually faster than us.
QUERY_DELAYS_S = (20, 40, 120, 300, 600, 1200, 3600)
QUERY_PERIOD = timedelta(hours=6)


class RefundState(StrEnum):
    """Where a refund stands."""

    REQUESTED = "requested"
    APPROVED = "approved"
    SENT = "sent"
    ABNORMAL = "abnormal"
    SUCCEEDED = "succeeded"
    DECLINED = "declined"
    FAILED = "failed"


class RefundAction(StrEnum):
    """What can happen to a refund."""

    APPROVE = "approve"
    DECLINE = "decline"
    ACCEPT = "accept"
    STALL = "stall"
    SUCCEED = "succeed"
    FAIL = "fail"


_DECIDED = (RefundState.APPROVED, RefundState.SENT, RefundState.ABNORMAL)
TRANSITIONS: dict[tuple[RefundState, RefundAction], RefundState] = {
    (RefundState.REQUESTED, RefundAction.APPROVE): RefundState.APPROVED,
    (RefundState.REQUESTED, RefundAction.DECLINE): RefundState.DECLINED,
    (RefundState.APPROVED, RefundAction.ACCEPT): RefundState.SENT,
    # An account of the payer that takes no money: the rail holds the sum until somebody helps.
    (RefundState.APPROVED, RefundAction.STALL): RefundState.ABNORMAL,
    (RefundState.SENT, RefundAction.STALL): RefundState.ABNORMAL,
    # Helped: it is on its way again, under the same number.
    (RefundState.ABNORMAL, RefundAction.ACCEPT): RefundState.SENT,
    **{(state, RefundAction.SUCCEED): RefundState.SUCCEEDED for state in _DECIDED},
    **{(state, RefundAction.FAIL): RefundState.FAILED for state in _DECIDED},
    # The rail took it after all, when we had proof that it had not: money that went has gone.
    (RefundState.FAILED, RefundAction.SUCCEED): RefundState.SUCCEEDED,
}
AFTER = {action: after for (_, action), after in TRANSITIONS.items()}
OVER = frozenset({RefundState.SUCCEEDED, RefundState.FAILED})
# These count towards what goes back of a payment.
LIVE_STATES = frozenset(RefundState) - {RefundState.DECLINED, RefundState.FAILED}
# Of these there is one at a time for a payment.
UNDERWAY_STATES = frozenset({RefundState.REQUESTED, RefundState.APPROVED, RefundState.SENT})


def next_state(state: RefundState, action: RefundAction) -> RefundState | None:
    """What a refund becomes, or None when this cannot happen to it."""
    return TRANSITIONS.get((state, action))


def next_query_at(since: datetime, after: datetime) -> datetime:
    """When to ask the rail next about a refund it has had since `since`."""
    due = [since + timedelta(seconds=due_s) for due_s in accumulate(QUERY_DELAYS_S)]
    return min((at for at in due if at > after), default=after + QUERY_PERIOD)
