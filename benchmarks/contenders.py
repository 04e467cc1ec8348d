"""Servers under load, each in a process of its own: started, driven in turns, asked for figures."""

import http.client
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.launcher.ports import LOOPBACK, free_port
from benchmarks.load import Answered, cpu_s, drive
from benchmarks.machine import REPOSITORY

READY_WITHIN_S = 60.0


@dataclass
class Contender:
    """One server: how it is started, and what its rounds gave."""

    name: str
    application: str
    environment: Mapping[str, str]
    # Whoever has another server than ours runs under gunicorn, with so many threads.
    gthreads: int = 0
    port: int = field(default_factory=free_port)
    rounds: list[Answered] = field(default_factory=list)
    cpu_us: list[float] = field(default_factory=list)
    process: subprocess.Popen[bytes] | None = None

    def start(self, folder: Path) -> None:
        """Start it, and wait until it answers."""
        command = self._under_gunicorn() if self.gthreads else self._as_ours()
        log = folder / f"{self.name.replace(' ', '-')}.log"
        with log.open("wb") as written:
            self.process = subprocess.Popen(
                command, cwd=REPOSITORY, env=self.environment, stdout=written, stderr=written
            )
        deadline = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < deadline:
            try:
                connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=5)
                connection.request("GET", "/healthz")
                connection.getresponse()
            except OSError:
                time.sleep(0.2)
            else:
                return
        raise TimeoutError(log.read_text()[-2000:])

    def _as_ours(self) -> Sequence[str]:
        """The server that the launcher starts, with another application for others than us."""
        return (
            *(sys.executable, "-m", "app.http.serving", f"--port={self.port}"),
            f"--application={self.application}",
        )

    def _under_gunicorn(self) -> Sequence[str]:
        return (
            *(sys.executable, "-m", "gunicorn", self.application, "--workers=1"),
            *(f"--bind={LOOPBACK}:{self.port}", "--worker-class=gthread"),
            *(f"--threads={self.gthreads}", "--keep-alive=15", "--no-control-socket"),
            "--log-level=warning",
        )

    def stop(self) -> None:
        """End it."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)

    def play(self, requests: Sequence[bytes], *, connections: int, counts: bool = True) -> Answered:
        """Drive one round; a round that does not count warms up."""
        assert self.process is not None, "started before"
        began = cpu_s(self.process.pid)
        answered = drive(self.port, requests, connections=connections)
        if counts:
            self.rounds.append(answered)
            spent = cpu_s(self.process.pid) - began
            self.cpu_us.append(spent / len(answered.latencies_ms) * 1e6)
        return answered

    def figures(self) -> dict[str, Any]:
        """The medians of the rounds, and every status that was answered."""
        statuses: Counter[int] = Counter()
        for one in self.rounds:
            statuses += one.statuses
        return {
            "name": self.name,
            "per_s": round(statistics.median(one.per_s for one in self.rounds), 1),
            "cpu_us": round(statistics.median(self.cpu_us)),
            "p50_ms": round(statistics.median(one.percentile_ms(0.5) for one in self.rounds), 1),
            "p99_ms": round(statistics.median(one.percentile_ms(0.99) for one in self.rounds), 1),
            "rounds_per_s": [round(one.per_s) for one in self.rounds],
            "statuses": {str(status): count for status, count in sorted(statuses.items())},
        }
