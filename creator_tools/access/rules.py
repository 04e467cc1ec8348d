"""How terms stand in line: bought early, they begin when the present one ends."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

REASON_CHARS_MAX = 100


@dataclass(frozen=True)
class Term:
    """A stretch of time; `ends_at` None means for ever. Aware."""

    starts_at: datetime
    ends_at: datetime | None


def in_line(wanted: Term, present: Iterable[Term]) -> Term:
    """`wanted`, moved behind the terms that still run, its length unchanged.

    A right for ever is not moved, and nothing waits for a right for ever: it never ends.
    """
    if wanted.ends_at is None:
        return wanted
    ends = [
        term.ends_at
        for term in present
        if term.ends_at is not None and term.ends_at > wanted.starts_at
    ]
    if not ends:
        return wanted
    starts_at = max(ends)
    return Term(starts_at, starts_at + (wanted.ends_at - wanted.starts_at))


def closed_up(waiting: list[Term], running: Iterable[Term], now: datetime) -> list[Term]:
    """The `waiting` terms, moved forward after one before them ended early; lengths unchanged.

    Args:
        waiting: terms that start after `now`, in order of their start.
        running: terms that have started and are still alive.
    """
    free_at = max([now, *(term.ends_at for term in running if term.ends_at is not None)])
    moved: list[Term] = []
    for term in waiting:
        if term.ends_at is None:
            moved.append(term)
            continue
        starts_at = min(term.starts_at, free_at)
        free_at = starts_at + (term.ends_at - term.starts_at)
        moved.append(Term(starts_at, free_at))
    return moved
