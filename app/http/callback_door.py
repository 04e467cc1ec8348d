"""Pushes of our accounts, answered before Flask routes the request.

Flask costs several times what an ordinary push costs. This door stands on `app.wsgi_app`, Flask's
own extension point, and takes only what is plain: a POST to a callback's address with a declared
length and an unescaped query. It answers what the view would answer, with the same headers, the
same count and the same log line; a test compares them. Everything else goes on to Flask: other
requests untouched, and a push that was refused or failed with its fault, so that refusals, error
pages and their counts have one home.
"""

import time
from collections.abc import Iterable
from io import BytesIO
from typing import TYPE_CHECKING
from uuid import UUID

from app.http import request_log, security_headers
from app.http.metrics import Metrics
from app.http.plain_request import body_of, length_of
from app.http.proxies import Networks
from app.http.wechat_callback import FAULT, KINDS, PUSHES, content_type_of
from app.wiring.callbacks import Callbacks
from config.logging import bind_request, redact_text, tell_harmless, unbind_request
from creator_tools.kernel.database import as_uuid
from wechat_handlers.wire.envelope import BODY_BYTES_MAX

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Query = dict[str, list[str]]


class CallbackDoor:
    """WSGI middleware: answers plain pushes, and passes everything else on."""

    def __init__(
        self,
        app: "WSGIApplication",
        callbacks: Callbacks,
        *,
        counters: Metrics,
        networks: Networks,
        public_base_url: str,
    ) -> None:
        self._app = app
        self._callbacks = callbacks
        self._counters = counters
        self._networks = networks
        self._headers = [
            *security_headers.fixed_headers(public_base_url),
            ("Cache-Control", "no-store"),
            ("Vary", ", ".join(security_headers.KEPT_APART_BY)),
        ]
        self._answered = {
            kind: PUSHES.labels(kind=kind, result="answered") for kind in KINDS.values()
        }

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer a plain push, or let Flask answer."""
        address = _address(environ)
        length = length_of(environ, BODY_BYTES_MAX)
        query = _query(environ.get("QUERY_STRING", ""))
        if address is None or length is None or query is None:
            return self._app(environ, start_response)
        route, kind, account_id = address
        began_s = time.perf_counter()
        body = body_of(environ, length)
        environ["wsgi.input"] = BytesIO(body)
        if len(body) < length:
            return self._app(environ, start_response)
        request_id = request_log.id_of(environ, self._networks)
        bind_request(request_id)
        try:
            answer = self._callbacks.answer(kind, account_id, query, body)
        except Exception as fault:  # noqa: BLE001 - Flask's handlers tell them apart
            environ[FAULT] = fault
            return self._app(environ, start_response)
        finally:
            unbind_request()
        self._answered[kind].inc()
        start_response("200 OK", self._headers_of(answer, request_id))
        brought = "HTTP_X_REQUEST_ID" in environ
        self._told(
            route, redact_text(request_id) if brought else request_id, time.perf_counter() - began_s
        )
        return [answer]

    def _headers_of(self, answer: bytes, request_id: str) -> list[tuple[str, str]]:
        policy = security_headers.policy(security_headers.fresh_nonce())
        return [
            ("Content-Type", content_type_of(answer)),
            ("Content-Length", str(len(answer))),
            ("Content-Security-Policy", policy),
            *self._headers,
            ("X-Request-ID", request_id),
        ]

    def _told(self, route: str, request_id: str, took_s: float) -> None:
        self._counters.request_ended(route, "POST", 200, took_s)
        tell_harmless(
            request_log.LOGGER,
            "request",
            method="POST",
            route=route,
            status=200,
            took_ms=request_log.took_ms(took_s),
            code=None,
            request_id=request_id,
        )


def _address(environ: "WSGIEnvironment") -> tuple[str, str, UUID | None] | None:
    """The route's template, the kind of account and its id; None when it is no callback."""
    path = environ.get("PATH_INFO", "")
    if not path.startswith("/wechat/") or environ["REQUEST_METHOD"] != "POST":
        return None
    kind = KINDS.get(path)
    if kind is not None:
        return path, kind, None
    base, _, text = path.rpartition("/")
    kind, account_id = KINDS.get(base), as_uuid(text)
    if kind is None or account_id is None:
        return None
    return f"{base}/<account_id>", kind, account_id


def _query(text: str) -> Query | None:
    """Every parameter with all its values, as Flask reads them; None when it takes decoding."""
    if "%" in text or "+" in text or not text.isascii():
        return None
    query: Query = {}
    for part in text.split("&"):
        if part:
            name, _, value = part.partition("=")
            query.setdefault(name, []).append(value)
    return query
