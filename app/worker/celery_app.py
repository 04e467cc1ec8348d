"""The worker: Celery for hints, a sweep of its own for certainty.

A hint names a topic; the task does what the sweep would have done a second later. The sweep runs
in a thread of every worker, needs neither broker nor beat, and goes on while both are away.
"""

import logging
import threading
from typing import Any

from celery import Celery
from celery.signals import setup_logging, worker_init, worker_shutdown

from app.wiring.container import Process, Wiring, open_wiring
from app.wiring.hints import SWEEP_TASK
from config.logging import configure_logging, register_secret
from config.settings import Settings, process_environment

_settings = Settings.from_env(process_environment())
_stop = threading.Event()
_state: dict[str, Any] = {}

celery_app = Celery("juanliu", broker=_settings.broker_url)
celery_app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],
    task_default_queue="default",
    task_soft_time_limit=45,
    task_time_limit=60,
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    worker_send_task_events=False,
    broker_connection_retry_on_startup=True,
    broker_transport_options={"visibility_timeout": 120},
    timezone="Asia/Shanghai",
    beat_schedule={
        "sweep": {"task": SWEEP_TASK, "schedule": 30.0, "args": [None]},
    },
)


def _wiring() -> Wiring:
    wiring = _state.get("wiring")
    if wiring is None:
        wiring = open_wiring(_settings, Process("worker", statement_timeout_ms=60_000, pool_size=6))
        _state["wiring"] = wiring
    found: Wiring = wiring
    return found


@celery_app.task(name=SWEEP_TASK, acks_late=True, max_retries=0)
def nudge(topic: str | None = None) -> None:
    """Do what is due of one topic, or of all.

    Safe to run twice or twice at once: every row is locked or leased by whoever works on it. It is
    never retried, because the sweep finds within a second whatever this run did not do.
    """
    _wiring().sweep.step(topic)


@setup_logging.connect
def _log_our_way(**_: object) -> None:
    configure_logging(logging.INFO)
    for secret in _settings.secrets():
        register_secret(secret)


@worker_init.connect
def _start_sweeping(**_: object) -> None:
    # Before the broker is even looked for: the sweep does not need it.
    thread = threading.Thread(target=_wiring().sweep.run, args=(_stop,), name="sweep", daemon=True)
    thread.start()
    _state["thread"] = thread


@worker_shutdown.connect
def _stop_sweeping(**_: object) -> None:
    _stop.set()
    thread = _state.get("thread")
    if thread is not None:
        thread.join(timeout=15)
    wiring = _state.get("wiring")
    if wiring is not None:
        wiring.close()
