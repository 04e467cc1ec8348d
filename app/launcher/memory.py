"""How much memory the channel takes, counted so that shared pages count once (Linux)."""

from collections.abc import Mapping
from pathlib import Path

_PROC = Path("/proc")


def family_pss_kb(leaders: Mapping[str, int]) -> dict[str, int]:
    """Proportional set size of each process with its descendants, in kB.

    A descendant that is named itself counts for its own name. Empty where the system does
    not tell.
    """
    parents = {int(folder.name): _parent_of(folder) for folder in _PROC.glob("[0-9]*")}
    by_pid = {pid: name for name, pid in leaders.items()}
    sums = dict.fromkeys(leaders, 0)
    for pid in parents:
        ancestor = pid
        while ancestor and ancestor not in by_pid:
            ancestor = parents.get(ancestor, 0)
        if ancestor:
            sums[by_pid[ancestor]] += _pss_kb(_PROC / str(pid))
    return {name: size for name, size in sums.items() if size}


def _parent_of(folder: Path) -> int:
    try:
        told = (folder / "stat").read_bytes()
    except OSError:
        return 0
    return int(told.rpartition(b")")[2].split()[1])


def _pss_kb(folder: Path) -> int:
    try:
        lines = (folder / "smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
