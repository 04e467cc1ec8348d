"""How much memory the channel takes, counted so that shared pages count once (Linux)."""

from collections.abc import Mapping
from pathlib import Path

_PROC = Path("/proc")


def session_pss_kb(leaders: Mapping[str, int]) -> dict[str, int]:
    """Proportional set size of each session, in kB; empty where the system does not tell."""
    sums = dict.fromkeys(leaders, 0)
    by_session = {pid: name for name, pid in leaders.items()}
    for folder in _PROC.glob("[0-9]*"):
        name = by_session.get(_session_of(folder)) or by_session.get(int(folder.name))
        if name is not None:
            sums[name] += _pss_kb(folder)
    return {name: size for name, size in sums.items() if size}


def _session_of(folder: Path) -> int:
    try:
        told = (folder / "stat").read_bytes()
    except OSError:
        return 0
    return int(told.rpartition(b")")[2].split()[3])


def _pss_kb(folder: Path) -> int:
    try:
        lines = (folder / "smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
