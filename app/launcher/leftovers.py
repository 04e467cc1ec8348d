"""Processes of a launcher that was killed, and how the next start ends them.

The parent-death signal leaves a child its time to stop cleanly, and a child may be
stuck. So every child is written down with the moment it was born; the next start waits
for those that still live and then insists. A pid that was born at another moment is a
stranger's, and is left alone.
"""

import json
import os
import shutil
import signal
import subprocess
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from app.launcher.state import write_privately

_GRACE_S = 12.0
_POLL_S = 0.05
_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Birth:
    """A process that cannot be mistaken for another: its pid and when it was born.

    `born` is the system's own mark of that moment, compared and never computed with;
    `stop_signal` is what it takes as a polite request to stop.
    """

    pid: int
    born: str
    stop_signal: int

    @classmethod
    def of(cls, pid: int, stop_signal: int) -> "Birth":
        """Look at a process that we have just started."""
        return cls(pid, _birth_mark(pid), stop_signal)

    def lives(self) -> bool:
        """Whether that very process still runs."""
        return self.born != "" and _birth_mark(self.pid) == self.born


def write_births(path: Path, births: list[Birth]) -> None:
    """Remember the children of this launcher, first started first."""
    write_privately(path, json.dumps([asdict(birth) for birth in births]))


def read_births(path: Path) -> list[Birth]:
    """The children of the launcher before, or nothing."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        return [Birth(int(row["pid"]), row["born"], int(row["stop_signal"])) for row in rows]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def end_leftovers(path: Path, grace_s: float = _GRACE_S) -> int:
    """End what a dead launcher left, last started first; returns how many still lived."""
    living = [birth for birth in reversed(read_births(path)) if birth.lives()]
    for birth in living:
        _ask(birth)
    deadline = time.monotonic() + grace_s
    while any(birth.lives() for birth in living) and time.monotonic() < deadline:
        time.sleep(_POLL_S)
    for birth in living:
        if birth.lives():
            _signal_group(birth)
    path.unlink(missing_ok=True)
    return len(living)


def is_over(pid: int) -> bool:
    """Whether a process runs no more, even if nobody has asked yet how it ended."""
    return _birth_mark(pid) == ""


def works_in(folder: Path) -> bool:
    """Whether any process has this folder as its own; True where that cannot be seen."""
    if not (_PROC / "self" / "cwd").exists():
        return True
    for place in _PROC.glob("[0-9]*/cwd"):
        try:
            if place.readlink() == folder and not is_over(int(place.parent.name)):
                return True
        except OSError:
            continue  # gone meanwhile, or somebody else's
    return False


def _birth_mark(pid: int) -> str:
    """When a living process was born, in the system's words; "" when there is none."""
    if (_PROC / "self" / "stat").exists():
        return _birth_mark_in_proc(pid)
    ps = shutil.which("ps")
    if ps is None:
        return ""
    told = subprocess.run(
        [ps, "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, check=False
    ).stdout.decode("ascii", "replace")
    state, _, born = told.strip().partition(" ")
    return "" if state.startswith("Z") else born.strip()


def _birth_mark_in_proc(pid: int) -> str:
    try:
        told = (_PROC / str(pid) / "stat").read_bytes()
    except OSError:
        return ""
    # The second field is the program's name in brackets, which may hold blanks and brackets.
    fields = told.rpartition(b")")[2].split()
    return "" if fields[0] in {b"Z", b"X"} else fields[19].decode("ascii")


def _ask(birth: Birth) -> None:
    try:
        os.kill(birth.pid, birth.stop_signal)
    except (ProcessLookupError, PermissionError):
        return


def _signal_group(birth: Birth) -> None:
    # Each child leads a group of its own, so this reaches what it started as well.
    try:
        os.killpg(birth.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
