"""Those who arrive meanwhile share one commit.

A commit waits for the disk, and ten requests that each wait for their own take turns at it. Here
the first one goes to work at once; whoever comes while it works waits, and all of them are the
next group. There is no thread to start and none that could die unseen: one of those who wait does
the work of a group, and hands on when it is done. Nobody waits for company.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from enum import Enum, auto
from typing import Generic, TypeVar

import structlog

_log = structlog.get_logger(__name__)
Item = TypeVar("Item")


class _Turn(Enum):
    """What a thread that waits is woken for."""

    LEAD = auto()
    DONE = auto()
    ALONE = auto()


class NotInTime(Exception):
    """The group did not end in time; whether it will is not known."""


class _Seat(Generic[Item]):
    """One who waits, with what they brought; `turn` is None until somebody decides."""

    def __init__(self, item: Item) -> None:
        self.item = item
        self.turn: _Turn | None = None
        self._bell = threading.Lock()
        self._bell.acquire()

    def ring(self) -> None:
        """Wake whoever sits here."""
        self._bell.release()

    def is_rung(self, patience_s: float) -> bool:
        """Wait to be woken."""
        return self._bell.acquire(timeout=patience_s)


class Groups(Generic[Item]):
    """Lets threads share the work on what they bring.

    Args:
        work: does it for a whole group, and raises when nothing of it was done.
        size_max: how many may share one group.
        patience_s: how long a thread waits for its group at most.
    """

    def __init__(
        self, work: Callable[[Sequence[Item]], None], *, size_max: int, patience_s: float
    ) -> None:
        self._work = work
        self._size_max = size_max
        self._patience_s = patience_s
        self._lock = threading.Lock()
        self._waiting: deque[_Seat[Item]] = deque()
        self._is_led = False

    def join(self, item: Item) -> bool:
        """Bring an item and wait until its group was worked on.

        As many wait as there are threads that may call this, and no longer than their patience.

        Returns:
            False when the group failed as a whole: the item must be worked on alone.

        Raises:
            NotInTime: patience has ended; the item may still be worked on.
        """
        seat = _Seat(item)
        with self._lock:
            self._waiting.append(seat)
            if not self._is_led:
                self._is_led, seat.turn = True, _Turn.LEAD
        if seat.turn is not _Turn.LEAD and not seat.is_rung(self._patience_s):
            self._leave(seat)
        if seat.turn is _Turn.LEAD:
            return self._lead()
        return seat.turn is _Turn.DONE

    def _lead(self) -> bool:
        """Work on the group that waits, this thread's own item first in it, and hand on."""
        with self._lock:
            count = min(len(self._waiting), self._size_max)
            group = [self._waiting.popleft() for _ in range(count)]
        turn = _Turn.ALONE
        try:
            self._work([seat.item for seat in group])
            turn = _Turn.DONE
        except Exception:  # noqa: BLE001 - each is worked on alone, and whose fault it was fails there
            _log.exception("group.failed", size=len(group))
        finally:
            self._hand_on()
            for seat in group[1:]:
                seat.turn = turn
                seat.ring()
        return turn is _Turn.DONE

    def _hand_on(self) -> None:
        with self._lock:
            following = self._waiting[0] if self._waiting else None
            self._is_led = following is not None
            if following is not None:
                following.turn = _Turn.LEAD
        if following is not None:
            following.ring()

    def _leave(self, seat: _Seat[Item]) -> None:
        """Patience has ended; whoever was called to lead meanwhile must do so all the same."""
        with self._lock:
            if seat.turn is not None:
                return
            if seat in self._waiting:
                self._waiting.remove(seat)
        raise NotInTime
