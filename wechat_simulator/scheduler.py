"""Promises with a time: retries, delayed pushes and results that come later."""

import logging
import math
import threading
from collections.abc import Callable
from typing import Any

from wechat_simulator.clock import Clock
from wechat_simulator.entities import Due

log = logging.getLogger(__name__)

Handler = Callable[[Due], object]


class Scheduler:
    """Rows that fall due; a row leaves only after its handler has returned."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.rows: list[Due] = []
        self._next = 1
        self._handlers: dict[str, Handler] = {}
        self._lock = threading.RLock()
        self._stepping = threading.Lock()

    def on(self, kind: str, handler: Handler) -> None:
        """Name what acts on rows of `kind`. Handlers run without any lock of the world held."""
        self._handlers[kind] = handler

    def schedule(self, at: float, kind: str, payload: dict[str, Any]) -> Due:
        """Promise `kind` at epoch second `at`; `payload` is kept in the state file (JSON values).

        Raises:
            KeyError: nothing was named for this kind.
        """
        if kind not in self._handlers:
            raise KeyError(f"nothing acts on {kind}")
        with self._lock:
            row = Due(seq=self._next, at=at, kind=kind, payload=payload)
            self._next += 1
            self.rows.append(row)
            return row

    def cancel(self, match: Callable[[Due], bool]) -> int:
        """Take back every promise that matches; how many there were."""
        with self._lock:
            kept = [row for row in self.rows if not match(row)]
            gone = len(self.rows) - len(kept)
            self.rows[:] = kept
            return gone

    def step_due(self) -> int:
        """Act on everything due now, oldest first, and on what that makes due; how many rows.

        Call it from control calls and the stepping thread only: an API call that a backend makes
        while it answers a push would otherwise wait for that very push.
        """
        with self._stepping:
            return self._step()

    def advance(self, seconds: int) -> int:
        """Let time pass, stopping at each promise on the way so that it is kept at its own time.

        Returns how many promises were kept.
        """
        with self._stepping:
            left = seconds
            kept = self._step()
            while left > 0:
                following = self._next_at()
                wait = left if following is None else math.ceil(following - self.clock.now())
                step = min(left, max(wait, 1))
                self.clock.advance(step)
                left -= step
                kept += self._step()
            return kept

    def clear(self) -> None:
        """Forget every promise."""
        with self._lock:
            self.rows.clear()

    def restore(self, rows: list[Due]) -> None:
        """Take over promises read from a state file."""
        with self._lock:
            self.rows[:] = rows
            self._next = max((row.seq for row in rows), default=0) + 1

    def _next_at(self) -> float | None:
        with self._lock:
            return min((row.at for row in self.rows), default=None)

    def _step(self) -> int:
        kept = 0
        while (row := self._due()) is not None:
            try:
                self._handlers[row.kind](row)
            except Exception:
                # One broken promise must not stop the others.
                log.exception("a promise of kind %s was not kept", row.kind)
            with self._lock:
                self.rows[:] = [one for one in self.rows if one.seq != row.seq]
            kept += 1
        return kept

    def _due(self) -> Due | None:
        now = self.clock.now()
        with self._lock:
            due = [row for row in self.rows if row.at <= now]
            return min(due, key=lambda row: (row.at, row.seq), default=None)
