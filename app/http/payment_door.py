"""Notifications of WeChat Pay, answered before Flask routes the request.

Like `callback_door`, and for the same reason: it takes what is plain, answers what the view would
answer, with the same headers, count and log line, and lets Flask answer everything else. One that
was refused or failed goes on with its fault.
"""

import time
from collections.abc import Iterable
from io import BytesIO
from typing import TYPE_CHECKING

from app.http import request_log, security_headers
from app.http.metrics import Metrics
from app.http.payment_notification import FAULT, KINDS, NOTIFICATIONS, ROUTE
from app.http.plain_request import body_of, length_of
from app.http.proxies import Networks
from app.wiring.payments import Payments
from config.logging import bind_request, redact_text, tell_harmless, unbind_request
from wechat_handlers.wire.pay_gate import BODY_BYTES_MAX

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_SIGNED = "HTTP_WECHATPAY_"


class PaymentDoor:
    """WSGI middleware: answers plain notifications, and passes everything else on."""

    def __init__(
        self,
        app: "WSGIApplication",
        payments: Payments,
        *,
        counters: Metrics,
        networks: Networks,
        public_base_url: str,
    ) -> None:
        self._app = app
        self._payments = payments
        self._counters = counters
        self._networks = networks
        self._headers = [
            ("Content-Type", "text/html; charset=utf-8"),
            *security_headers.fixed_headers(public_base_url),
            ("Cache-Control", "no-store"),
            ("Vary", ", ".join(security_headers.KEPT_APART_BY)),
        ]
        self._kept = {
            kind: NOTIFICATIONS.labels(kind=kind, result="kept") for kind in KINDS.values()
        }

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer a plain notification, or let Flask answer."""
        kind = KINDS.get(environ.get("PATH_INFO", ""))
        if kind is None or environ["REQUEST_METHOD"] != "POST":
            return self._app(environ, start_response)
        length = length_of(environ, BODY_BYTES_MAX)
        if length is None:
            return self._app(environ, start_response)
        began_s = time.perf_counter()
        body = body_of(environ, length)
        environ["wsgi.input"] = BytesIO(body)
        if len(body) < length:
            return self._app(environ, start_response)
        request_id = request_log.id_of(environ, self._networks)
        bind_request(request_id)
        try:
            self._payments.take_in(kind, _signed_headers(environ), body)
        except Exception as fault:  # noqa: BLE001 - the view and its handlers tell them apart
            environ[FAULT] = fault
            return self._app(environ, start_response)
        finally:
            unbind_request()
        self._kept[kind].inc()
        policy = security_headers.policy(security_headers.fresh_nonce())
        start_response(
            "204 NO CONTENT",
            [
                *self._headers,
                ("Content-Security-Policy", policy),
                ("X-Request-ID", request_id),
            ],
        )
        brought = "HTTP_X_REQUEST_ID" in environ
        told_id = redact_text(request_id) if brought else request_id
        self._told(told_id, time.perf_counter() - began_s)
        return [b""]

    def _told(self, request_id: str, took_s: float) -> None:
        self._counters.request_ended(ROUTE, "POST", 204, took_s)
        tell_harmless(
            request_log.LOGGER,
            "request",
            method="POST",
            route=ROUTE,
            status=204,
            took_ms=request_log.took_ms(took_s),
            code=None,
            request_id=request_id,
        )


def _signed_headers(environ: "WSGIEnvironment") -> list[tuple[str, str]]:
    """WeChat Pay's headers, as the gate takes them; a repeated one was joined by the server."""
    return [
        (f"Wechatpay-{name.removeprefix(_SIGNED).replace('_', '-')}", text)
        for name, text in environ.items()
        if name.startswith(_SIGNED)
    ]
