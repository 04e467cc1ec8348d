"""Everything that can be read about the channel, added up again from what was posted."""

from creator_tools.insights.queries.entries import (
    EntryFilter,
    EntryPage,
    EntryView,
    PostingView,
    entries,
    get_entry,
    postings_of_order,
)
from creator_tools.insights.queries.orders import (
    OrderPage,
    OrderView,
    find_order,
    get_order,
    list_orders,
)
from creator_tools.insights.queries.revenue import (
    Income,
    RevenueBy,
    RevenueRow,
    RevenueTotals,
    income_of_creator,
    revenue,
    total_of,
)
from creator_tools.insights.queries.timeline import Step, timeline_of_order
from creator_tools.insights.queries.verification import InvariantResult, verify

__all__ = [
    "EntryFilter",
    "EntryPage",
    "EntryView",
    "Income",
    "InvariantResult",
    "OrderPage",
    "OrderView",
    "PostingView",
    "RevenueBy",
    "RevenueRow",
    "RevenueTotals",
    "Step",
    "entries",
    "find_order",
    "get_entry",
    "get_order",
    "income_of_creator",
    "list_orders",
    "postings_of_order",
    "revenue",
    "timeline_of_order",
    "total_of",
    "verify",
]
