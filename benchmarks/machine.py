"""What the figures ask of the machine: cores for processes, and their CPU time."""

import os
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def pinned(core: int) -> None:
    """Keep this process, and what it starts, on one core, where the system can and has it."""
    if hasattr(os, "sched_setaffinity") and core in os.sched_getaffinity(0):
        os.sched_setaffinity(0, {core})


def cpu_s(pid: int) -> float:
    """CPU seconds of a process and its children, living ones counted by themselves."""
    total = 0.0
    for each in [pid, *_children(pid)]:
        fields = Path(f"/proc/{each}/stat").read_text().rpartition(") ")[2].split()
        total += (int(fields[11]) + int(fields[12])) / _TICKS_PER_S
    return total


def _children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(each) for each in found]
