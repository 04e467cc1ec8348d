"""Hints to the workers that a row is due; losing one costs a second, never a fact.

A hint leaves after the commit, from a thread of its own, so that a dead broker costs a request
nothing. What a hint loses, the sweep finds.
"""

import queue
import threading

from celery import Celery
from kombu.exceptions import KombuError
from prometheus_client import Counter

HINTS_LOST = Counter("juanliu_hints_lost_total", "Hints that the broker did not take")
SWEEP_TASK = "sweep.nudge"
_WAITING_MAX = 100
_PAUSE_AFTER_FAILURE_S = 2.0


class Hints:
    """Sends at most one waiting hint per topic; more would say nothing new."""

    def __init__(self, broker_url: str) -> None:
        self._celery = Celery(broker=broker_url, set_as_current=False)
        self._celery.conf.update(
            broker_connection_timeout=0.5,
            broker_transport_options={"socket_connect_timeout": 0.5, "socket_timeout": 1.0},
            task_ignore_result=True,
            task_default_queue="default",
        )
        self._waiting: queue.Queue[str] = queue.Queue(_WAITING_MAX)
        self._known: set[str] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stopped = threading.Event()

    def nudge(self, topic: str) -> None:
        """Say that rows of `topic` ("inbox", "effects", "orders") are due; never raises."""
        with self._lock:
            if topic in self._known or self._waiting.full():
                return
            self._known.add(topic)
            self._waiting.put_nowait(topic)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._send_all, name="hints", daemon=True)
                self._thread.start()

    def _send_all(self) -> None:
        while not self._stopped.is_set():
            topic = self._waiting.get()
            with self._lock:
                self._known.discard(topic)
            try:
                self._celery.send_task(SWEEP_TASK, args=[topic], retry=False, ignore_result=True)
            except (KombuError, OSError):
                HINTS_LOST.inc()
                self._stopped.wait(_PAUSE_AFTER_FAILURE_S)

    def is_broker_reachable(self) -> bool:
        """Whether the broker answers now; for `doctor`, not for decisions."""
        try:
            with self._celery.connection_for_write() as connection:
                connection.ensure_connection(max_retries=1, timeout=1)
        except (KombuError, OSError):
            return False
        return True
