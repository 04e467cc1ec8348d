"""A loop that sends requests over many connections and waits for every answer.

Requests are bytes made before the clock starts; one thread drives all connections, so that the
one who asks costs little beside the one who answers.
"""

import os
import selectors
import socket
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.launcher.ports import LOOPBACK

PATIENCE_S = 60.0
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass
class Answered:
    """How a round of requests was answered."""

    took_s: float = 0.0
    latencies_ms: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def per_s(self) -> float:
        """Answers in a second."""
        return len(self.latencies_ms) / self.took_s

    def percentile_ms(self, share: float) -> float:
        """The latency that `share` of the answers did not exceed."""
        ordered = sorted(self.latencies_ms)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


@dataclass
class _Line:
    """One connection and what it waits for."""

    socket: socket.socket
    began_s: float = 0.0
    received: bytearray = field(default_factory=bytearray)


def drive(port: int, requests: Sequence[bytes], *, connections: int) -> Answered:
    """Send every request, each connection its next one when the last was answered.

    Raises:
        TimeoutError: an answer did not come within a minute.
    """
    waiting, answered = deque(requests), Answered()
    began_s = time.perf_counter()
    with selectors.DefaultSelector() as ready:
        for _ in range(min(connections, len(requests))):
            line = _Line(socket.create_connection((LOOPBACK, port), timeout=PATIENCE_S))
            line.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            ready.register(line.socket, selectors.EVENT_READ, line)
            _send(line, waiting.popleft())
        while ready.get_map():
            events = ready.select(PATIENCE_S)
            if not events:
                raise TimeoutError(f"{len(ready.get_map())} requests were never answered")
            for key, _ in events:
                line = key.data
                if _receive(line, answered):
                    if waiting:
                        _send(line, waiting.popleft())
                        continue
                    ready.unregister(line.socket)
                    line.socket.close()
    answered.took_s = time.perf_counter() - began_s
    return answered


def _send(line: _Line, request: bytes) -> None:
    line.received.clear()
    line.began_s = time.perf_counter()
    line.socket.sendall(request)


def _receive(line: _Line, answered: Answered) -> bool:
    """Take in what came; True when the answer is whole."""
    part = line.socket.recv(65536)
    if not part:
        raise ConnectionError(f"closed in the middle of an answer: {bytes(line.received[:200])!r}")
    line.received += part
    head, gap, body = bytes(line.received).partition(b"\r\n\r\n")
    if not gap:
        return False
    status = int(head[9:12])
    lengths = [
        int(row.partition(b":")[2])
        for row in head.split(b"\r\n")
        if row.lower().startswith(b"content-length:")
    ]
    if len(body) < (lengths[0] if lengths else 0):
        return False
    answered.latencies_ms.append((time.perf_counter() - line.began_s) * 1e3)
    answered.statuses[status] += 1
    return True


def request_bytes(
    method: str, path: str, headers: dict[str, str], body: bytes = b"", *, port: int
) -> bytes:
    """One HTTP request over a connection that is kept."""
    given = {"Host": f"{LOOPBACK}:{port}", "Content-Length": str(len(body)), **headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body


def cpu_s(pid: int) -> float:
    """CPU seconds of a process and its living children."""
    total = 0.0
    for each in [pid, *_children(pid)]:
        fields = Path(f"/proc/{each}/stat").read_text().rpartition(") ")[2].split()
        total += (int(fields[11]) + int(fields[12])) / _TICKS_PER_S
    return total


def _children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(each) for each in found]
