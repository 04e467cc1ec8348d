"""Time, as something that is handed in.

Wall time is read here and nowhere else, so that a test, a simulation and a movable demo clock
all see the same "now" as the code they drive. Stored times are aware and UTC.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    """Anything that knows what time it is."""

    def now(self) -> datetime:
        """The present moment, aware, UTC."""


class WallClock:
    """The machine's clock, moved by the whole seconds that a file holds.

    The file (`CLOCK_OFFSET_FILE`) lets web, worker and simulator travel in time together on a
    loopback demo; settings refuse it anywhere else.
    """

    def __init__(self, offset_file: Path | None = None) -> None:
        self._offset_file = offset_file

    def now(self) -> datetime:
        """Wall time plus the offset; a missing or unreadable file means no offset."""
        moment = datetime.now(UTC)
        if self._offset_file is None:
            return moment
        try:
            return moment + timedelta(seconds=int(self._offset_file.read_text("ascii").strip()))
        except (OSError, ValueError):
            return moment


class ManualClock:
    """A clock that stands still until it is told to move."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        """The moment it was last set to."""
        return self._now

    def advance(self, by: timedelta) -> None:
        """Move forward (or back, with a negative span)."""
        self._now += by
