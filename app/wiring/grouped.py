"""Work that threads bring one by one, done together: who comes first does it for those who wait.

While one group is at work the next one gathers, so nobody waits for company: alone, a piece of
work is a group of one. Under load the groups grow by themselves, and what a group costs once (a
statement, a commit) is shared.
"""

import threading
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")

GROUP_MAX = 32
# How many groups are at work at once: one waits for the disk while the other is written.
GROUPS_AT_WORK = 2


@dataclass(eq=False)
class _Waiting(Generic[Item, Outcome]):
    """One thread's piece of work; `woken` is held until it is done or has to lead."""

    item: Item
    woken: threading.Lock = field(default_factory=threading.Lock)
    outcome: Outcome | None = None
    leads: bool = False


class Grouped(Generic[Item, Outcome]):
    """Does the work of several threads at once.

    Args:
        work: does a group; one outcome for each item, None where it could not be done so.
        apart: two items with the same key are never in one group.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Item]], Sequence[Outcome | None]],
        *,
        apart: Callable[[Item], Hashable],
    ) -> None:
        self._work = work
        self._apart = apart
        self._lock = threading.Lock()
        self._queue: list[_Waiting[Item, Outcome]] = []
        self._at_work = 0

    def do(self, item: Item, *, patience_s: float) -> Outcome | None:
        """Have `item` done in a group.

        Args:
            patience_s: how long to wait for the group to begin.

        Returns:
            Its outcome; None when no group began in time or its group failed.
        """
        mine: _Waiting[Item, Outcome] = _Waiting(item)
        mine.woken.acquire()  # released by whoever does it
        with self._lock:
            self._queue.append(mine)
            mine.leads = self._may_lead()
        if not mine.leads:
            self._await(mine, patience_s)
        if mine.leads:
            self._lead(mine)
        return mine.outcome

    def _may_lead(self) -> bool:
        if self._at_work >= GROUPS_AT_WORK:
            return False
        self._at_work += 1
        return True

    def _await(self, mine: _Waiting[Item, Outcome], patience_s: float) -> None:
        if mine.woken.acquire(timeout=patience_s):
            return
        with self._lock:
            if mine in self._queue and not mine.leads:
                self._queue.remove(mine)
                return
        mine.woken.acquire()  # it has begun; a group ends soon, one way or the other

    def _lead(self, mine: _Waiting[Item, Outcome]) -> None:
        group = self._gathered(mine)
        try:
            for one, outcome in zip(group, self._work([one.item for one in group]), strict=True):
                one.outcome = outcome
        finally:
            self._hand_over()
            for one in group:
                if one is not mine:
                    one.woken.release()

    def _gathered(self, mine: _Waiting[Item, Outcome]) -> list[_Waiting[Item, Outcome]]:
        """This piece of work and whatever waits and may be done with it, off the queue."""
        with self._lock:
            group, keys = [mine], {self._apart(mine.item)}
            self._queue.remove(mine)
            for one in list(self._queue):
                key = self._apart(one.item)
                if len(group) < GROUP_MAX and not one.leads and key not in keys:
                    keys.add(key)
                    group.append(one)
                    self._queue.remove(one)
            return group

    def _hand_over(self) -> None:
        with self._lock:
            heir = next((one for one in self._queue if not one.leads), None)
            if heir is None:
                self._at_work -= 1
                return
            heir.leads = True
        heir.woken.release()
