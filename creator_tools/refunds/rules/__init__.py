"""The rules of refunds. Pure: how much goes back and why, what may follow what, who may say yes."""

from creator_tools.refunds.rules.deciding import (
    APPROVAL_LIMITS_FEN,
    SECOND_PERSON_ABOVE_FEN,
    allotted,
    approval_limit_fen,
)
from creator_tools.refunds.rules.quoting import (
    RAIL_REFUNDS_FOR,
    REFUNDABLE_RAILS,
    LineFacts,
    LineQuote,
    RefundQuote,
    quote_line,
    quote_order,
)
from creator_tools.refunds.rules.reasons import (
    ASKED_REASONS,
    Reason,
    asked_reason,
)
from creator_tools.refunds.rules.states import (
    AFTER,
    CAUSES,
    LIVE_STATES,
    ORDER_GAP,
    OVER,
    QUERY_PERIOD,
    UNDERWAY_STATES,
    RefundAction,
    RefundState,
    next_query_at,
    next_state,
)
from creator_tools.refunds.rules.terms import OLDER_ORDERS, Terms

__all__ = [
    "AFTER",
    "APPROVAL_LIMITS_FEN",
    "ASKED_REASONS",
    "CAUSES",
    "LIVE_STATES",
    "OLDER_ORDERS",
    "ORDER_GAP",
    "OVER",
    "QUERY_PERIOD",
    "RAIL_REFUNDS_FOR",
    "REFUNDABLE_RAILS",
    "SECOND_PERSON_ABOVE_FEN",
    "UNDERWAY_STATES",
    "LineFacts",
    "LineQuote",
    "Reason",
    "RefundAction",
    "RefundQuote",
    "RefundState",
    "Terms",
    "allotted",
    "approval_limit_fen",
    "asked_reason",
    "next_query_at",
    "next_state",
    "quote_line",
    "quote_order",
]
