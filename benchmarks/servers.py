"""gunicorn gthread beside granian, both serving this application's callback.

`python -m benchmarks.servers --granian /path/to/venv/bin/python`; that environment holds granian
and sees our libraries.
Rounds take turns over both servers, fresh messages over keep-alive connections,
every answer checked. CPU time of the server is the steadier figure on a machine with other work.
"""

import argparse
import http.client
import itertools
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.launcher.ports import LOOPBACK, free_port
from benchmarks.ground import Ground, laid
from benchmarks.load import cpu_s
from benchmarks.machine import REPOSITORY, load_1m
from benchmarks.pushes import chat_request, keys_of
from config.logging import configure_logging

THREADS = 12
CONNECTIONS = 8
PER_ROUND = 200
ROUNDS = 5


@dataclass
class Contender:
    """One server under load."""

    name: str
    command: Sequence[str]
    port: int = field(default_factory=free_port)
    cpu_us: list[float] = field(default_factory=list)
    per_s: list[float] = field(default_factory=list)
    p99_ms: list[float] = field(default_factory=list)
    bad_count: int = 0
    process: subprocess.Popen[bytes] | None = None


def main() -> None:
    """Run both and print the ratios."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.servers")
    parser.add_argument("--granian", required=True, help="python of an environment with granian")
    options = parser.parse_args()
    configure_logging()
    with laid(1) as ground:
        contenders = [_gunicorn(), _granian(options.granian)]
        numbers = itertools.count(1)
        try:
            for one in contenders:
                _start(one, ground)
                _load(one, ground, numbers)
            for one in contenders:
                one.cpu_us.clear()
                one.per_s.clear()
                one.p99_ms.clear()
                one.bad_count = 0
            for _ in range(ROUNDS):
                for one in contenders:
                    _load(one, ground, numbers)
        finally:
            for one in contenders:
                _stop(one)
    first = contenders[0]
    for one in contenders:
        cpu, rate = statistics.median(one.cpu_us), statistics.median(one.per_s)
        print(
            f"{one.name:<18} cpu/request {cpu:>7.0f} us "
            f"({statistics.median(first.cpu_us) / cpu:.2f} x)  {rate:>6.0f}/s "
            f"({rate / statistics.median(first.per_s):.2f} x)  "
            f"p99 {statistics.median(one.p99_ms):.0f} ms  answered badly {one.bad_count}  "
            f"rounds {[round(each) for each in one.per_s]}"
        )
    print(json.dumps({"cores": os.cpu_count(), "load_1m": load_1m()}))


def _gunicorn() -> Contender:
    one = Contender("gunicorn gthread", ())
    one.command = [
        *(sys.executable, "-m", "gunicorn", "app.http.wsgi:application"),
        *(f"--bind={LOOPBACK}:{one.port}", "--worker-class=gthread", "--workers=1"),
        *(f"--threads={THREADS}", "--keep-alive=15", "--no-control-socket", "--log-level=warning"),
    ]
    return one


def _granian(python: str) -> Contender:
    one = Contender("granian wsgi", ())
    one.command = [
        *(python, "-m", "granian", "app.http.wsgi:application", "--interface", "wsgi"),
        *("--host", LOOPBACK, "--port", str(one.port), "--workers", "1", "--no-ws"),
        *("--blocking-threads", str(THREADS), "--log-level", "warning"),
    ]
    return one


def _start(one: Contender, ground: Ground) -> None:
    log = (ground.house.folder / f"{one.name.split()[0]}.log").open("wb")
    with log:
        one.process = subprocess.Popen(
            one.command, cwd=REPOSITORY, env=ground.house.environment, stdout=log, stderr=log
        )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            connection = http.client.HTTPConnection(LOOPBACK, one.port, timeout=5)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == http.client.OK:
                return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError(Path(log.name).read_text()[-2000:])


def _stop(one: Contender) -> None:
    if one.process is not None:
        one.process.terminate()
        one.process.wait(20)


def _load(one: Contender, ground: Ground, numbers: Iterator[int]) -> None:
    at = int(ground.wiring.clock.now().timestamp())
    # Each connection is one person: two messages of one person would wait for each other.
    requests = [
        chat_request(
            keys_of(ground.house.secrets),
            number=next(numbers),
            at=at,
            text="帮助",
            sender=position % CONNECTIONS,
        )
        for position in range(PER_ROUND)
    ]
    assert one.process is not None, "started before"
    took_ms: list[float] = []
    bad: list[str] = []
    shares = [requests[start::CONNECTIONS] for start in range(CONNECTIONS)]
    threads = [
        threading.Thread(target=_send, args=(one.port, share, took_ms, bad)) for share in shares
    ]
    cpu_began, began = cpu_s(one.process.pid), time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took_s = time.perf_counter() - began
    one.bad_count += len(bad)
    if bad:
        print(f"{one.name}: {len(bad)} answered badly, the first: {bad[0]}")
    one.cpu_us.append((cpu_s(one.process.pid) - cpu_began) / PER_ROUND * 1e6)
    one.per_s.append(PER_ROUND / took_s)
    one.p99_ms.append(sorted(took_ms)[int(len(took_ms) * 0.99) - 1])


def _send(
    port: int, requests: Sequence[tuple[str, bytes]], took_ms: list[float], bad: list[str]
) -> None:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=30)
    for path, body in requests:
        began = time.perf_counter()
        connection.request("POST", path, body, {"Content-Type": "text/xml"})
        answer = connection.getresponse()
        text = answer.read()
        # A sealed reply, or "success" when the work would have taken too long.
        took_ms.append((time.perf_counter() - began) * 1e3)
        if answer.status != http.client.OK or not (b"<Encrypt>" in text or text == b"success"):
            bad.append(f"{answer.status} {text[:80]!r}")
    connection.close()


if __name__ == "__main__":
    main()
