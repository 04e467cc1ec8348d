"""What stands on `app.wsgi_app`, Flask's own extension point, and answers before Flask.

Flask costs several times what an ordinary push, notification or reading costs. A door of this kind
takes only what is plain: one method, an address of its own, a body of declared length or none. It
answers what the view would answer, with the same headers, the same count and the same log line;
tests compare them. Everything else goes on to Flask: other requests untouched, and one that was
refused or failed with its fault, so that refusals, error pages and their counts have one home.
"""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

from app.http import request_log, security_headers
from app.http.metrics import Metrics
from app.http.proxies import Networks
from config.logging import HarmlessLine, bind_request, redact_text, unbind_request

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class Answer(NamedTuple):
    """What a door says; `headers` are those that no other door has."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes


class Asked(NamedTuple):
    """A plain request: its route's template, and what answers its body.

    Whatever `answer` raises goes on to Flask with the request; None lets Flask answer.
    """

    route: str
    answer: Callable[[bytes], Answer | None]


class PlainDoor(ABC):
    """WSGI middleware: answers plain requests, and passes everything else on."""

    # Where Flask's view finds what went wrong before it saw the request.
    fault_key: str
    # With 0 a request is plain only without a body.
    body_bytes_max: int
    method = "POST"

    def __init__(
        self,
        app: "WSGIApplication",
        *,
        counters: Metrics,
        networks: Networks,
        public_base_url: str,
    ) -> None:
        self._app = app
        self._counters = counters
        self._networks = networks
        self._lines: dict[tuple[str, int], HarmlessLine] = {}
        self._headers = [
            ("Content-Security-Policy", security_headers.policy()),
            *security_headers.fixed_headers(public_base_url),
            ("Cache-Control", "no-store"),
            ("Vary", ", ".join(security_headers.KEPT_APART_BY)),
        ]

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer a plain request, or let Flask answer."""
        asked = self._asked(environ) if environ["REQUEST_METHOD"] == self.method else None
        length = None if asked is None else _length_of(environ, self.body_bytes_max)
        if asked is None or length is None:
            return self._app(environ, start_response)
        began_s = time.perf_counter()
        body = b""
        if length:
            body = _body_of(environ, length)
            environ["wsgi.input"] = BytesIO(body)
        if len(body) < length:
            return self._app(environ, start_response)
        request_id = request_log.id_of(environ, self._networks)
        bind_request(request_id)
        try:
            answer = asked.answer(body)
        except Exception as fault:  # noqa: BLE001 - the view and Flask's handlers tell them apart
            environ[self.fault_key] = fault
            return self._app(environ, start_response)
        finally:
            unbind_request()
        if answer is None:
            return self._app(environ, start_response)
        headers = [*answer.headers, *self._headers, ("X-Request-ID", request_id)]
        start_response(answer.status, headers)
        brought = "HTTP_X_REQUEST_ID" in environ
        told_id = redact_text(request_id) if brought else request_id
        self._told(asked.route, int(answer.status[:3]), told_id, time.perf_counter() - began_s)
        return [answer.body]

    @abstractmethod
    def _asked(self, environ: "WSGIEnvironment") -> Asked | None:
        """What a request asks of this door; None when it is for another, or not plain."""

    def _told(self, route: str, status: int, request_id: str, took_s: float) -> None:
        self._counters.request_ended(route, self.method, status, took_s)
        line = self._lines.get((route, status))
        if line is None:
            line = self._lines[route, status] = HarmlessLine(
                request_log.LOGGER,
                "request",
                varies=("request_id", "took_ms"),
                method=self.method,
                route=route,
                status=status,
                code=None,
            )
        line.tell(request_id=request_id, took_ms=request_log.took_ms(took_s))


def _length_of(environ: "WSGIEnvironment", most: int) -> int | None:
    """The declared length of the body; None when there is none or it is more than `most`."""
    text = environ.get("CONTENT_LENGTH") or ("" if most else "0")
    if not (text.isascii() and text.isdigit()) or "HTTP_TRANSFER_ENCODING" in environ:
        return None
    length = int(text)
    return length if length <= most else None


def _body_of(environ: "WSGIEnvironment", length: int) -> bytes:
    """The body, or what came of it before the client went away."""
    body = b""
    try:
        while len(body) < length and (more := environ["wsgi.input"].read(length - len(body))):
            body += more
    except OSError:
        pass
    return body
