"""Time, as something that is handed in.

Wall time is read here and nowhere else, so that a test, a simulation and a movable demo clock
all see the same "now" as the code they drive. Stored times are aware and UTC.
"""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    """Anything that knows what time it is."""

    def now(self) -> datetime:
        """The present moment, aware, UTC."""


# A file that was written less long ago may be written again without looking any newer.
_SETTLED_NS = 50_000_000
# How long one look lasts. Whoever moves the clock and then asks for something takes longer.
_LOOK_NS = 1_000_000


class WallClock:
    """The machine's clock, moved by the whole seconds that a file holds.

    The file (`CLOCK_OFFSET_FILE`) lets web, worker and simulator travel in time together on a
    loopback demo; settings refuse it anywhere else.
    """

    def __init__(self, offset_file: Path | None = None) -> None:
        self._offset_file = offset_file
        self._read: tuple[tuple[int, int, int] | None, timedelta] = (None, timedelta())
        self._looked_at_ns = 0

    def now(self) -> datetime:
        """Wall time plus the offset; a missing or unreadable file means no offset."""
        moment = datetime.now(UTC)
        if self._offset_file is None:
            return moment
        try:
            return moment + self._offset(self._offset_file)
        except (OSError, ValueError):
            return moment

    def _offset(self, file: Path) -> timedelta:
        """What the file holds, read again when it looks as if it had changed."""
        moment_ns = time.monotonic_ns()
        if moment_ns - self._looked_at_ns < _LOOK_NS and self._read[0] is not None:
            return self._read[1]
        state = file.stat()
        looks = (state.st_mtime_ns, state.st_size, state.st_ino)
        looked, offset = self._read
        if looked != looks:
            offset = timedelta(seconds=int(file.read_text("ascii").strip()))
            is_settled = time.time_ns() - state.st_mtime_ns > _SETTLED_NS
            self._read = (looks if is_settled else None, offset)
        self._looked_at_ns = moment_ns
        return offset


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
