"""What every driver stands on: WeChat's host names led to the simulator, and a list of its calls.

A driver runs in the environment of the clients it drives, so this page needs the standard library
alone. `python DRIVER <simulator's address> <its TLS port> <distribution>`; trust in the simulator's
authority comes by REQUESTS_CA_BUNDLE and SSL_CERT_FILE, which is how the clients themselves are
told of an authority. Nothing of a client is changed but where the names of its hosts lead.
"""

import json
import socket
import sys
import threading
import urllib.request
from collections.abc import Callable
from importlib import metadata
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

_REAL = socket.getaddrinfo
_HOSTS = (".weixin.qq.com", ".mch.weixin.qq.com")


class Stage:
    """One client before the simulator; prints what it called when it leaves."""

    def __init__(self) -> None:
        self.simulator, tls_port, self.client = sys.argv[1:4]
        self.version = metadata.version(self.client)
        self.calls: list[dict[str, str]] = []
        _lead_names_to(int(tls_port))
        self.accounts = self.control("GET", "accounts")

    def control(self, method: str, path: str, content: Any = None) -> Any:
        """One control call of the simulator; a refusal ends the driver."""
        body = None if content is None else json.dumps(content).encode()
        request = urllib.request.Request(f"{self.simulator}/_sim/{path}", body, method=method)
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def person(self, nickname: str = "读者", device: str = "android") -> dict[str, Any]:
        """A new person."""
        asked = {"nickname": nickname, "device": device}
        made: dict[str, Any] = self.control("POST", "people", asked)
        return made

    def inbox(self, person: dict[str, Any]) -> list[dict[str, Any]]:
        """All that reached a person."""
        items: list[dict[str, Any]] = self.control("GET", f"people/{person['id']}/messages")[
            "items"
        ]
        return items

    def works(self, name: str, act: Callable[[], Any], holds: Callable[[Any], Any]) -> Any:
        """Call the client; `holds` tells whether its answer is what it should be."""
        answer = act()
        if not holds(answer):
            raise AssertionError(f"{self.client} {name}: {answer!r}")
        self._note(name, "ok")
        return answer

    def refused(self, name: str, code: Any, act: Callable[[], Any]) -> None:
        """Call the client in vain: it must tell `code` by whatever exception it has."""
        try:
            answer = act()
        except Exception as refusal:
            seen = getattr(refusal, "errcode", None) or str(refusal)
            if str(code) not in str(seen):
                raise
            self._note(name, f"refused {code}")
            return
        raise AssertionError(f"{self.client} {name} was not refused: {answer!r}")

    def noted(self, name: str, result: str = "ok") -> None:
        """A call whose outcome the driver has checked itself."""
        self._note(name, result)

    def leave(self) -> None:
        """Print the calls, one JSON line."""
        told = {"client": self.client, "version": self.version, "calls": self.calls}
        sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")

    def _note(self, name: str, result: str) -> None:
        self.calls.append({"call": name, "result": result})


class Backend:
    """A WSGI application on loopback for as long as the driver runs."""

    def __init__(self, application: Callable[..., Any]) -> None:
        self._server = make_server("127.0.0.1", 0, application, handler_class=_Quiet)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002  the parent's name
        """Say nothing."""


class Received:
    """An application that keeps what is sent to it and answers 204."""

    def __init__(self) -> None:
        self.requests: list[tuple[dict[str, str], bytes]] = []

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        headers = {
            name[5:].replace("_", "-").title(): value
            for name, value in environ.items()
            if name.startswith("HTTP_")
        }
        self.requests.append((headers, body))
        start_response("204 No Content", [])
        return [b""]


def _lead_names_to(tls_port: int) -> None:
    def resolve(host: Any, port: Any, *arguments: Any, **named: Any) -> Any:
        if isinstance(host, str) and host.endswith(_HOSTS) and str(port) in {"443", "https"}:
            return _REAL("127.0.0.1", tls_port, *arguments, **named)
        return _REAL(host, port, *arguments, **named)

    socket.getaddrinfo = resolve
