"""The simulator's time: wall time plus whole seconds that several processes share in a file."""

import os
import tempfile
import time
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    """What tells the simulator the time."""

    def now(self) -> float:
        """Seconds since the epoch."""
        ...

    def advance(self, seconds: int) -> None:
        """Let `seconds` whole seconds pass at once."""
        ...


class SimClock:
    """Wall time, moved on by the number of seconds written in the offset file."""

    def __init__(self, offset_file: Path | None = None) -> None:
        self._file = offset_file
        self._offset = 0

    def now(self) -> float:
        """Seconds since the epoch, the offset added."""
        return time.time() + self._read()

    def advance(self, seconds: int) -> None:
        """Add `seconds` to the offset; the file is replaced whole, never seen half written."""
        self._offset = self._read() + seconds
        if self._file is not None:
            write_atomically(self._file, str(self._offset).encode())

    def _read(self) -> int:
        if self._file is None:
            return self._offset
        try:
            return int(self._file.read_text(encoding="ascii").strip() or 0)
        except FileNotFoundError:
            return 0
        except (ValueError, OSError):
            # A neighbour's torn or foreign file must not stop time: the last value read stands.
            return self._offset


class ManualClock:
    """Time that moves only when told to; what makes a run in one process repeatable."""

    def __init__(self, start: float = 1_764_000_000.0) -> None:
        self._now = start

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._now

    def advance(self, seconds: int) -> None:
        """Let `seconds` pass."""
        self._now += seconds


def write_atomically(path: Path, content: bytes) -> None:
    """Replace `path` by `content` so that a reader, or a kill, sees all of it or none of it.

    It is not forced to the disk: a killed process is survived, a power cut need not be.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
