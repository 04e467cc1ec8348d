"""The server keeps what the house relies on, seen over raw connections."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.http.serving import CONNECTIONS_MAX, HEAD_BYTES_MAX
from app.launcher.ports import LOOPBACK, free_port

THREADS = 2
PATIENCE_S = 20.0


class Served:
    """A running server."""

    def __init__(self) -> None:
        self.port = free_port()
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "app.http.serving", f"--port={self.port}"),
                *("--application=tests.integration.http.wire_app:application",),
                f"--threads={THREADS}",
            ]
        )
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                self.connection().close()
            except OSError:
                assert time.monotonic() < deadline, "it did not start"
                time.sleep(0.05)
            else:
                return

    def connection(self) -> socket.socket:
        """One connection."""
        return socket.create_connection((LOOPBACK, self.port), timeout=PATIENCE_S)

    def told(self, *headers: str) -> dict[str, str]:
        """What an application is told of a request with these headers."""
        head = "".join(f"{one}\r\n" for one in ("Host: here", *headers, "Connection: close"))
        answer = self.ask(f"GET / HTTP/1.1\r\n{head}\r\n".encode())
        told: dict[str, str] = json.loads(answer.partition(b"\r\n\r\n")[2])
        return told

    def ask(self, request: bytes) -> bytes:
        """Send these bytes; gives all that comes back until the end."""
        with self.connection() as line:
            line.sendall(request)
            return _all_of(line)


def _all_of(line: socket.socket) -> bytes:
    answer = b""
    with contextlib.suppress(ConnectionResetError):
        while part := line.recv(65_536):
            answer += part
    return answer


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """A server for those who leave it as it was."""
    running = Served()
    yield running
    running.process.terminate()
    running.process.wait(PATIENCE_S)


@pytest.fixture
def own() -> Iterator[Served]:
    """A server for those who stop it."""
    running = Served()
    yield running
    running.process.kill()
    running.process.wait(PATIENCE_S)


def test_a_repeated_header_is_told_whole_and_in_order(served: Served) -> None:
    told = served.told("X-Forwarded-For: 1.1.1.1", "X-Forwarded-For: 2.2.2.2")
    assert told["HTTP_X_FORWARDED_FOR"].replace(" ", "") == "1.1.1.1,2.2.2.2"


@pytest.mark.parametrize(
    ("request_line", "headers", "status"),
    [
        ("POST / HTTP/1.1", "Content-Length: 3\r\nContent-Length: 4\r\n", b"400"),
        ("POST / HTTP/1.1", "Content-Length: -3\r\n", b"400"),
        ("GET / HTTP/1.1", "X-A : blank\r\n", b"400"),
        ("GET / HTTP/1.1", "X-A: a\0b\r\n", b"400"),
        ("GET / HTTP/1.1", "".join(f"X-{number}: 1\r\n" for number in range(200)), b"431"),
        ("GET /" + "a" * 70_000 + " HTTP/1.1", "", b"414"),
    ],
)
def test_a_head_that_is_none_is_refused(
    served: Served, request_line: str, headers: str, status: bytes
) -> None:
    answer = served.ask(f"{request_line}\r\nHost: here\r\n{headers}\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 " + status), answer[:80]


def test_an_endless_head_is_not_gathered(served: Served) -> None:
    with served.connection() as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: here\r\nX-A: ")
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for _ in range(4 * HEAD_BYTES_MAX // 4096 + 400):
                line.sendall(b"a" * 4096)
        answer = _all_of(line)
    assert not answer.startswith(b"HTTP/1.1 200"), answer[:80]


def test_silent_connections_do_not_keep_others_out(served: Served) -> None:
    """Browsers keep connections open; each would hold a place if places were counted by threads."""
    assert CONNECTIONS_MAX >= 1024
    kept = [served.connection() for _ in range(60)]
    try:
        for line in kept:
            line.sendall(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
            assert line.recv(12) == b"HTTP/1.1 200"
        assert served.told()["worker"]
    finally:
        for line in kept:
            line.close()


def test_a_stream_whose_reader_left_is_closed(served: Served, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    with served.connection() as line:
        line.sendall(f"GET /stream?{closed} HTTP/1.1\r\nHost: here\r\n\r\n".encode())
        line.recv(1000)
    deadline = time.monotonic() + PATIENCE_S
    while not closed.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert int(closed.read_text()) < 1_000


def test_whoever_is_being_served_is_answered_before_it_stops(own: Served) -> None:
    with own.connection() as line:
        line.sendall(b"GET /slow HTTP/1.1\r\nHost: here\r\n\r\n")
        time.sleep(0.3)
        own.process.send_signal(signal.SIGTERM)
        assert b'"slow"' in _all_of(line)
    assert own.process.wait(PATIENCE_S) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="the launcher's watchdog does it elsewhere")
def test_a_worker_does_not_outlive_its_parent(own: Served) -> None:
    worker = int(own.told()["worker"])
    own.process.kill()
    own.process.wait(PATIENCE_S)
    deadline = time.monotonic() + PATIENCE_S
    while _lives(worker) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _lives(worker)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
