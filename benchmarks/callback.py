"""The chat's callback beside wechatpy's documented echo, over HTTP, in rounds that take turns.

One web process each, pinned to one core, the sender on another. Our side keeps every message
durably (fsync on) before it answers; the echo keeps nothing. Every answer is opened and checked.
Ratios of one run are claims; CPU time per request is the steadier one on a machine with other
work, since it counts our process alone and waits for nobody.
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from itertools import count
from typing import Any

from app.launcher.ports import LOOPBACK, free_port
from app.launcher.processes import web_order
from app.launcher.web_calls import is_answering
from benchmarks.chat_load import Seen, Task
from benchmarks.ground import Ground, laid
from benchmarks.load import cpu_s
from benchmarks.machine import REPOSITORY, pinned

ROUNDS = 4
PER_ROUND = 400
CONNECTIONS = 16
PEOPLE = 5_000
RATE_PER_S = 600
RATE_ROUNDS = 2
RATED = 900
WARM_UP = 500
_START_PATIENCE_S = 60.0


@dataclass
class Side:
    """One server, and what its rounds gave."""

    name: str
    port: int
    pid: int
    per_s: list[float] = field(default_factory=list)
    cpu_us: list[float] = field(default_factory=list)
    p50_ms: list[float] = field(default_factory=list)
    rated_p99_ms: list[float] = field(default_factory=list)
    faults: dict[str, int] = field(default_factory=dict)


def measured() -> dict[str, Any]:
    """The section: a house of its own, whose PostgreSQL waits for the disk."""
    with laid(1, durable=True) as ground:
        return compared(ground)


def compared(ground: Ground) -> dict[str, Any]:
    """Both servers' medians and the ratios that are asked for."""
    numbers = count(1, max(RATED, WARM_UP, PER_ROUND))
    with ExitStack() as running:
        echo = running.enter_context(_echo(ground))
        ours = running.enter_context(_ours(ground))
        gthread = running.enter_context(_ours_under_gthread(ground))
        repeat = Side("repeat", ours.port, ours.pid)
        for one in (echo, ours, gthread):
            _load(ground, Side(one.name, one.port, one.pid), next(numbers), WARM_UP)
        for _ in range(ROUNDS):
            _load(ground, echo, next(numbers), PER_ROUND)
            first = next(numbers)
            _load(ground, ours, first, PER_ROUND)
            _load(ground, repeat, first, PER_ROUND)
            _load(ground, gthread, next(numbers), PER_ROUND)
        for _ in range(RATE_ROUNDS):
            for one in (echo, ours):
                _load(ground, one, next(numbers), RATED, RATE_PER_S)
    return _figures(echo, ours, repeat, gthread)


def _figures(echo: Side, ours: Side, repeat: Side, gthread: Side) -> dict[str, Any]:
    def median(side: Side, name: str) -> float:
        return statistics.median(getattr(side, name))

    sides = {
        side.name: {
            "per_s": round(median(side, "per_s")),
            "cpu_us": round(median(side, "cpu_us")),
            "p50_ms": round(median(side, "p50_ms"), 2),
            "rounds_per_s": [round(each) for each in side.per_s],
            "rounds_cpu_us": [round(each) for each in side.cpu_us],
            "answered_wrongly": side.faults,
        }
        for side in (echo, ours, repeat, gthread)
    }
    for side in (echo, ours):
        sides[side.name]["p99_ms_at_600_per_s"] = round(median(side, "rated_p99_ms"), 2)
    return {
        "sides": sides,
        "fsync": True,
        "echo_over_ours_cpu": round(median(echo, "cpu_us") / median(ours, "cpu_us"), 2),
        "ours_over_echo_per_s": round(median(ours, "per_s") / median(echo, "per_s"), 2),
        "gthread_over_ours_cpu": round(median(gthread, "cpu_us") / median(ours, "cpu_us"), 2),
        "repeat_over_first_cpu": round(median(repeat, "cpu_us") / median(ours, "cpu_us"), 2),
        "repeat_over_first_p50": round(median(repeat, "p50_ms") / median(ours, "p50_ms"), 2),
        "ours_over_echo_p99_at_600_per_s": round(
            median(ours, "rated_p99_ms") / median(echo, "rated_p99_ms"), 2
        ),
    }


@contextmanager
def _ours(ground: Ground) -> Iterator[Side]:
    """The web process exactly as the launcher starts it."""
    port = free_port()
    order = web_order(ground.house.tree, port, ground.house.environment)
    with _served("ours", order.command, dict(order.environment), port) as side:
        yield side


@contextmanager
def _ours_under_gthread(ground: Ground) -> Iterator[Side]:
    """The same application under the echo's server: what the server alone is worth."""
    port = free_port()
    command = _gthread("app.http.wsgi:application", port, threads=12)
    with _served("ours under gthread", command, ground.house.environment, port) as side:
        yield side


def _gthread(application: str, port: int, *, threads: int) -> list[str]:
    command = [sys.executable, "-m", "gunicorn", application, "--workers=1"]
    command += [f"--bind={LOOPBACK}:{port}", "--worker-class=gthread", f"--threads={threads}"]
    return [*command, "--no-control-socket", "--log-level=warning"]


@contextmanager
def _echo(ground: Ground) -> Iterator[Side]:
    port, oa = free_port(), ground.house.secrets.oa
    command = _gthread("benchmarks.peers.chat_echo:app", port, threads=4)
    keys = {"TOKEN": oa.token, "AES_KEY": oa.aes_key, "APPID": oa.appid}
    environment = {**ground.house.environment, **keys}
    with _served("echo", command, environment, port) as side:
        yield side


@contextmanager
def _served(
    name: str, command: Sequence[str], environment: dict[str, str], port: int
) -> Iterator[Side]:
    process = subprocess.Popen(
        list(command),
        cwd=REPOSITORY,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: pinned(0),  # noqa: PLW1509 - one system call
    )
    try:
        deadline = time.monotonic() + _START_PATIENCE_S
        while not is_answering(f"http://{LOOPBACK}:{port}/healthz"):
            if time.monotonic() > deadline or process.poll() is not None:
                raise TimeoutError(f"{name} did not start")
            time.sleep(0.1)
        yield Side(name, port, process.pid)
    finally:
        process.terminate()
        process.wait(20)


def _load(ground: Ground, side: Side, first: int, messages: int, rate: float = 0.0) -> None:
    oa = ground.house.secrets.oa
    at = int(ground.wiring.clock.now().timestamp())
    task = Task(
        side.port, oa.token, oa.aes_key, oa.appid, at, first, messages, PEOPLE, CONNECTIONS, rate
    )
    began_s = cpu_s(side.pid)
    ended = subprocess.run(
        [sys.executable, "-m", "benchmarks.chat_load"],
        input=json.dumps(asdict(task)),
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        preexec_fn=lambda: pinned(1),
        check=True,
    )
    seen = Seen(**json.loads(ended.stdout))
    for fault, times in seen.faults.items():
        side.faults[fault] = side.faults.get(fault, 0) + times
    latencies_ms = sorted(seen.latencies_ms)
    if rate:
        side.rated_p99_ms.append(latencies_ms[int(len(latencies_ms) * 0.99)])
        return
    side.cpu_us.append((cpu_s(side.pid) - began_s) / messages * 1e6)
    side.per_s.append(messages / seen.seconds)
    side.p50_ms.append(statistics.median(latencies_ms))
