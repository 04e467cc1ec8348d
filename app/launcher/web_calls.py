"""The few loopback calls a start needs: is it there, and here are its accounts."""

import http.client
import json
import time
from typing import Any
from urllib.parse import urlsplit

from app.launcher.children import Child, ChildWouldNotStart

_POLL_S = 0.05
_CALL_TIMEOUT_S = 15.0


class CallRefused(Exception):
    """A loopback call was answered with something other than 2xx."""


def wait_until_answering(child: Child, url: str, within_s: float) -> None:
    """Poll an address until it answers 200; `ChildWouldNotStart` when it ends or stays silent."""
    deadline = time.monotonic() + within_s
    while True:
        if child.exit_code() is not None:
            raise ChildWouldNotStart(f"{child.name}\n{child.last_words()}")
        status = _status(url)
        if status == http.client.OK:
            return
        if time.monotonic() > deadline:
            heard = f"HTTP {status}" if status else "silence"
            raise ChildWouldNotStart(f"{child.name}: {url}: {heard}\n{child.last_words()}")
        time.sleep(_POLL_S)


def is_answering(url: str) -> bool:
    """Whether anything at all answers at an address."""
    return _status(url) != 0


def put_json(url: str, body: dict[str, Any]) -> None:
    """PUT a JSON object, or raise `CallRefused` with the answer."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=_CALL_TIMEOUT_S)
    try:
        text = json.dumps(body).encode("utf-8")
        connection.request("PUT", parts.path, text, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        told = answer.read(2000).decode("utf-8", "replace")
    finally:
        connection.close()
    if answer.status // 100 != 2:
        raise CallRefused(f"PUT {parts.path}: HTTP {answer.status}: {told}")


def _status(url: str) -> int:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=_CALL_TIMEOUT_S)
    try:
        connection.request("GET", parts.path or "/")
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()
