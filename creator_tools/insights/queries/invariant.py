"""What an invariant is: a sentence about the whole database, and the rows that break it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Invariant:
    """One thing that must hold for every row.

    `examined` counts the rows that the sentence speaks of, so that a green light over an empty
    table is seen for what it is; `broken` selects the rows that break it. The parameters are
    `:quiet_at` (the loops had ended a round by then) and the fee table as three arrays.
    """

    id: str
    sentence: str
    sentence_en: str
    examined: str
    broken: str
