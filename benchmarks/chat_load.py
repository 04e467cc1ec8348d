"""Sends chat messages to one callback from a process of its own, and looks at every answer.

`python -m benchmarks.chat_load` reads one JSON object (`Task`) and prints one (`Seen`). Requests
are made before the clock starts and answers opened after it has stopped, so that the sender is
never what is measured. With a rate, messages leave on a fixed schedule, and each latency counts
from the moment at which its message should have left.
"""

import base64
import collections
import json
import re
import selectors
import socket
import sys
import time
from dataclasses import asdict, dataclass, field
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from app.launcher.ports import LOOPBACK
from benchmarks.pushes import Keys, chat_request, sender_name

_LENGTH = re.compile(rb"(?i)\r\ncontent-length:\s*(\d+)")
_SEALED = re.compile(rb"<Encrypt><!\[CDATA\[([^\]]+)\]\]></Encrypt>")
_TIMEOUT_S = 60.0


@dataclass(frozen=True)
class Task:
    """What to send: messages `first` and the `count - 1` after it, by as many people as `people`.

    `rate` is messages per second, or 0 to send the next when one was answered.
    """

    port: int
    token: str
    aes_key: str
    appid: str
    at: int
    first: int
    count: int
    people: int
    connections: int
    rate: float = 0.0


@dataclass
class Seen:
    """What came back; `faults` counts answers that were wrong, by what was wrong."""

    seconds: float
    latencies_ms: list[float] = field(default_factory=list)
    faults: dict[str, int] = field(default_factory=dict)


@dataclass(eq=False)
class _Line:
    """One connection: what it waits for, and since when."""

    wire: socket.socket
    number: int | None = None
    began_s: float = 0.0
    heard: bytes = b""


def main() -> None:
    """Do one task."""
    task = Task(**json.load(sys.stdin))
    keys = Keys(task.token, task.aes_key, task.appid)
    requests = [_request(task, keys, number) for number in range(task.count)]
    answers, latencies_ms, seconds = _sent(task, requests)
    faults = collections.Counter(
        fault
        for number, answer in enumerate(answers)
        if (fault := _fault(task, keys, number, answer))
    )
    print(json.dumps(asdict(Seen(seconds, latencies_ms, dict(faults)))))


def _request(task: Task, keys: Keys, number: int) -> bytes:
    path, body = chat_request(
        keys,
        number=task.first + number,
        at=task.at,
        text=f"hello 你好 {task.first + number}",
        sender=(task.first + number) % task.people,
    )
    head = f"POST {path} HTTP/1.1\r\nHost: {LOOPBACK}:{task.port}\r\nContent-Type: text/xml\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def _sent(task: Task, requests: list[bytes]) -> tuple[list[bytes], list[float], float]:
    answers, latencies_ms = [b""] * len(requests), [0.0] * len(requests)
    idle: collections.deque[_Line] = collections.deque()
    with selectors.DefaultSelector() as selector:
        for _ in range(task.connections):
            wire = socket.create_connection((LOOPBACK, task.port), timeout=_TIMEOUT_S)
            wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            idle.append(_Line(wire))
            selector.register(wire, selectors.EVENT_READ, idle[-1])
        began_s = time.perf_counter()
        following = done = 0
        while done < len(requests):
            now_s = time.perf_counter()
            while idle and following < len(requests) and _due(task, began_s, following) <= now_s:
                line = idle.popleft()
                line.number = following
                line.began_s = _due(task, began_s, following) if task.rate else now_s
                line.wire.sendall(requests[following])
                following += 1
            wait_s = _TIMEOUT_S
            if idle and following < len(requests):
                wait_s = max(0.0, _due(task, began_s, following) - time.perf_counter())
            for key, _ in selector.select(wait_s):
                line = key.data
                if _heard(line):
                    assert line.number is not None, "nobody answers what was not asked"
                    answers[line.number] = line.heard
                    latencies_ms[line.number] = (time.perf_counter() - line.began_s) * 1e3
                    line.heard = b""
                    idle.append(line)
                    done += 1
        seconds = time.perf_counter() - began_s
        for key in list(selector.get_map().values()):
            key.data.wire.close()
    return answers, latencies_ms, seconds


def _due(task: Task, began_s: float, number: int) -> float:
    return began_s + number / task.rate if task.rate else 0.0


def _heard(line: _Line) -> bool:
    """Read what came; true when the answer is whole."""
    more = line.wire.recv(65536)
    if not more:
        raise ConnectionError("the server closed a connection in the middle of an answer")
    line.heard += more
    head, found, body = line.heard.partition(b"\r\n\r\n")
    length = _LENGTH.search(head + b"\r\n")
    return bool(found) and length is not None and len(body) >= int(length[1])


def _fault(task: Task, keys: Keys, number: int, answer: bytes) -> str | None:
    """What is wrong with an answer: it must be sealed, for us, and to who asked."""
    if not answer.startswith(b"HTTP/1.1 200"):
        return answer[:40].decode("latin-1").partition("\r")[0]
    sealed = _SEALED.search(re.sub(rb">\s+<", b"><", answer))
    if sealed is None:
        return "no reply"
    opened = _opened(keys, sealed[1])
    if not opened.endswith(task.appid.encode()):
        return "not for us"
    to = f"<![CDATA[{sender_name((task.first + number) % task.people)}]]>"
    return None if to.encode() in opened else "to somebody else"


def _opened(keys: Keys, sealed: bytes) -> bytes:
    key: Any = base64.b64decode(keys.aes_key + "=")
    decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
    block = decryptor.update(base64.b64decode(sealed)) + decryptor.finalize()
    return block[: -block[-1]]


if __name__ == "__main__":
    main()
