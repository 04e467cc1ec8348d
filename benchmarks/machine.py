"""What the figures ask of the machine: a core for each process, and how busy it is."""

import os
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]


def pinned(core: int) -> None:
    """Keep this process, and what it starts, on one core, where the system can and has it."""
    if hasattr(os, "sched_setaffinity") and core in os.sched_getaffinity(0):
        os.sched_setaffinity(0, {core})


def load_1m() -> float:
    """How busy the machine was in the last minute."""
    return round(os.getloadavg()[0], 1)
