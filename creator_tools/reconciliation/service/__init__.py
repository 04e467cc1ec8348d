"""Order, entry and bill against each other.

What may never happen: a row that is neither matched nor listed, an entry that two rows claim, an
amount that is changed so that it fits. A row that agrees settles what its rail owed for it; one
that does not is listed with both sides, and stays listed until somebody says why.
"""

from creator_tools.reconciliation.service.closing import explain
from creator_tools.reconciliation.service.keeping import (
    add_rows,
    ask_again,
    claim,
    keep_file,
    note_failure,
    open_days,
)
from creator_tools.reconciliation.service.matching import finish, match_rows

__all__ = [
    "add_rows",
    "ask_again",
    "claim",
    "explain",
    "finish",
    "keep_file",
    "match_rows",
    "note_failure",
    "open_days",
]
