"""Notifications of WeChat Pay, answered before Flask routes the request; see `plain_door`."""

from typing import TYPE_CHECKING

from app.http.metrics import Metrics
from app.http.payment_notification import FAULT, KINDS, NOTIFICATIONS, ROUTE
from app.http.plain_door import Answer, Asked, PlainDoor
from app.http.proxies import Networks
from app.wiring.payments import Payments
from wechat_handlers.wire.pay_gate import BODY_BYTES_MAX

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

_SIGNED = "HTTP_WECHATPAY_"
_KEPT = Answer("204 NO CONTENT", [("Content-Type", "text/html; charset=utf-8")], b"")


class PaymentDoor(PlainDoor):
    """WSGI middleware: answers plain notifications, and passes everything else on."""

    fault_key = FAULT
    body_bytes_max = BODY_BYTES_MAX

    def __init__(
        self,
        app: "WSGIApplication",
        payments: Payments,
        *,
        counters: Metrics,
        networks: Networks,
        public_base_url: str,
    ) -> None:
        super().__init__(app, counters=counters, networks=networks, public_base_url=public_base_url)
        self._payments = payments
        self._kept = {
            kind: NOTIFICATIONS.labels(kind=kind, result="kept") for kind in KINDS.values()
        }

    def _asked(self, environ: "WSGIEnvironment") -> Asked | None:
        kind = KINDS.get(environ.get("PATH_INFO", ""))
        if kind is None:
            return None

        def answer(body: bytes) -> Answer:
            self._payments.take_in(kind, _signed_headers(environ), body)
            self._kept[kind].inc()
            return _KEPT

        return Asked(ROUTE, answer)


def _signed_headers(environ: "WSGIEnvironment") -> list[tuple[str, str]]:
    """WeChat Pay's headers, as the gate takes them; a repeated one was joined by the server."""
    return [
        (f"Wechatpay-{name.removeprefix(_SIGNED).replace('_', '-')}", text)
        for name, text in environ.items()
        if name.startswith(_SIGNED)
    ]
