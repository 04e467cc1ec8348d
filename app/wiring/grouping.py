"""Those who arrive meanwhile share one commit.

A commit waits for the disk, and ten requests that each wait for their own take turns at it. Here
the first one goes to work at once; whoever comes while it works waits, and all of them are the
next group. There is no thread to start and none that could die unseen: one of those who wait does
the work of a group, and hands on when it is done. Nobody waits for company.
"""

import threading
import traceback
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import structlog

_log = structlog.get_logger(__name__)
Item = TypeVar("Item")
Outcome = TypeVar("Outcome")


class NotInTime(Exception):
    """Patience has ended; the item may still be worked on if its group had begun."""


@dataclass(eq=False)
class _Seat(Generic[Item, Outcome]):
    """One who waits, with what they brought; the bell rings once, to lead or when it is done."""

    item: Item
    leads: bool = False
    outcome: Outcome | None = None
    _bell: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._bell.acquire()

    def ring(self) -> None:
        """Wake whoever sits here."""
        self._bell.release()

    def is_rung(self, patience_s: float) -> bool:
        """Wait to be woken."""
        return self._bell.acquire(timeout=patience_s)


class Groups(Generic[Item, Outcome]):
    """Lets threads share the work on what they bring.

    Args:
        work: does it for a whole group and gives one outcome for each item, None for what must be
            worked on alone; raises when nothing of it was done.
        size_max: how many may share one group.
        at_work_max: how many groups may be at work at once.
        apart: two items with the same key are never in one group; by default any may be.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Item]], Sequence[Outcome | None]],
        *,
        size_max: int,
        at_work_max: int = 1,
        apart: Callable[[Item], Hashable] | None = None,
    ) -> None:
        self._work = work
        self._size_max = size_max
        self._at_work_max = at_work_max
        self._apart: Callable[[Item], Hashable] = apart or (lambda _: object())
        self._lock = threading.Lock()
        self._waiting: list[_Seat[Item, Outcome]] = []
        self._at_work = 0

    def join(self, item: Item, *, patience_s: float, begun_s: float = 0.0) -> Outcome | None:
        """Bring an item and wait until its group was worked on.

        As many wait as there are threads that may call this, and no longer than their patience.

        Args:
            patience_s: how long to wait for the group.
            begun_s: how much longer when it has begun by then.

        Returns:
            Its outcome; None when the item must be worked on alone, because `work` said so or the
            group failed as a whole.

        Raises:
            NotInTime: patience has ended.
        """
        seat: _Seat[Item, Outcome] = _Seat(item)
        with self._lock:
            self._waiting.append(seat)
            if self._at_work < self._at_work_max:
                self._at_work += 1
                seat.leads = True
        if not seat.leads and not seat.is_rung(patience_s):
            self._outwait(seat, begun_s)
        if seat.leads:
            self._lead(seat)
        return seat.outcome

    def _outwait(self, seat: _Seat[Item, Outcome], begun_s: float) -> None:
        """Patience has ended; whoever was called to lead meanwhile must do so all the same."""
        with self._lock:
            if seat.leads:
                return
            has_begun = seat not in self._waiting
            if not has_begun:
                self._waiting.remove(seat)
        if not has_begun or not seat.is_rung(begun_s):
            raise NotInTime

    def _lead(self, mine: _Seat[Item, Outcome]) -> None:
        """Work on the group that waits, this thread's own item first in it, and hand on."""
        group: list[_Seat[Item, Outcome]] = [mine]
        try:
            self._gather(group)
            outcomes = self._work([seat.item for seat in group])
            for seat, outcome in list(zip(group, outcomes, strict=True)):
                seat.outcome = outcome
        except Exception as error:  # noqa: BLE001 - each goes alone, and whose fault it was fails there
            # Frames, not values: a message of an error may quote what was said.
            frames = "".join(traceback.format_tb(error.__traceback__))
            _log.error("group.failed", size=len(group), fault=type(error).__name__, frames=frames)
        finally:
            self._hand_on()
            for seat in group[1:]:
                seat.ring()

    def _gather(self, group: list[_Seat[Item, Outcome]]) -> None:
        """Take whoever waits and may share this group off the list, in the order they came."""
        with self._lock:
            self._waiting.remove(group[0])
            keys = {self._apart(group[0].item)}
            for seat in tuple(self._waiting):
                if len(group) == self._size_max:
                    break
                if not seat.leads and (key := self._apart(seat.item)) not in keys:
                    keys.add(key)
                    self._waiting.remove(seat)
                    group.append(seat)

    def _hand_on(self) -> None:
        with self._lock:
            following = next((seat for seat in self._waiting if not seat.leads), None)
            if following is None:
                self._at_work -= 1
                return
            following.leads = True
        following.ring()
