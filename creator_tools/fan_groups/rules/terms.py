"""How long things last at the door of a group, and when its keeper hears of it."""

from dataclasses import dataclass
from datetime import timedelta

WARNED_BEFORE = timedelta(days=2)
FULL_WARNED_PERCENT = 90


@dataclass(frozen=True)
class GroupTerms:
    """What an installation decides about group codes and seats.

    Attributes:
        code_life: how long the platform honours the picture of a group's code.
        code_capacity: how many people may join by scanning one.
        seat_life: how long a seat waits for a person to say that they are in.
    """

    code_life: timedelta = timedelta(days=7)
    code_capacity: int = 200
    seat_life: timedelta = timedelta(hours=24)
