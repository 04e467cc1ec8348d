"""Loops side by side, so that a slow stranger in one of them keeps nobody else waiting.

A call to the outside may take ten seconds. What a person waits for in the chat, what a rail
says about money, and what publishes a price have nothing to do with each other, so each has a
thread of its own. Every row is locked or leased by whoever works on it; two threads in one lane,
or two processes, are as good as one.
"""

import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from creator_tools.kernel.clock import Clock

# A round of one lane is bounded; one that is older than this is stuck.
ROUND_MAX = timedelta(minutes=5)


class Lanes:
    """One thread per lane, each going round its topics until told to stop."""

    def __init__(
        self, lanes: Sequence[tuple[str, ...]], *, step: Callable[[str], int], clock: Clock
    ) -> None:
        self._lanes = lanes
        self._step = step
        self._clock = clock
        self._ended_at: dict[int, datetime] = {}
        self._threads: list[threading.Thread] = []

    def start(self, stop: threading.Event, period_s: float) -> None:
        """Begin to go round; `stop` ends every lane after the row it works on."""
        for number, topics in enumerate(self._lanes):
            self._ended_at[number] = self._clock.now()
            thread = threading.Thread(
                target=self._go_round,
                args=(number, topics, stop, period_s),
                name=f"sweep-{topics[0]}",
                daemon=True,
            )
            self._threads.append(thread)
            thread.start()

    def are_moving(self) -> bool:
        """Whether every lane ended a round lately."""
        now = self._clock.now()
        return all(thread.is_alive() for thread in self._threads) and all(
            now - ended_at <= ROUND_MAX for ended_at in self._ended_at.values()
        )

    def join(self, timeout_s: float) -> None:
        """Wait for the lanes to end after `stop` was set; whoever is still calling is left."""
        for thread in self._threads:
            thread.join(timeout_s / len(self._threads))

    def _go_round(
        self, number: int, topics: tuple[str, ...], stop: threading.Event, period_s: float
    ) -> None:
        while not stop.is_set():
            for topic in topics:
                self._step(topic)
            self._ended_at[number] = self._clock.now()
            stop.wait(period_s)
