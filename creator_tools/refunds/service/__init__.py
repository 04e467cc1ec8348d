"""From the wish to have money back to the fen that went.

What may never happen: more going back than was paid, over all refunds and in a race; a refund
without its entries; access that outlives the money, or dies with a source that was not its last;
a second number for one refund. One command decides money and access in one commit; the rail is
told afterwards by a promise, and whatever it says ends in `record_outcome`.
"""

from creator_tools.refunds.service.asking import ask, ask_for_stray
from creator_tools.refunds.service.deciding import approve, decline
from creator_tools.refunds.service.recording import (
    claim_query,
    note_short_of_funds,
    record_absence,
    record_outcome,
)

__all__ = [
    "approve",
    "ask",
    "ask_for_stray",
    "claim_query",
    "decline",
    "note_short_of_funds",
    "record_absence",
    "record_outcome",
]
