"""The doors for notifications of WeChat Pay: one path per kind, kept before it is answered."""

import structlog
from flask import Blueprint, Response, jsonify, request
from prometheus_client import Counter

from app.wiring.payments import Payments
from wechat_handlers.wire.errors import WireRefused

_log = structlog.get_logger(__name__)
NOTIFICATIONS = Counter("juanliu_pay_notifications_total", "Notifications", ["kind", "result"])
PREFIX = "/wechat-pay/notifications"
KINDS = {f"{PREFIX}/{kind}": kind for kind in ("payment", "refund", "profit-sharing", "transfer")}
ROUTE = f"{PREFIX}/<any(payment, refund, 'profit-sharing', transfer):kind>"
# What went wrong with a notification before Flask saw the request; see `payment_door`.
FAULT = "juanliu.notification_fault"


def blueprint(payments: Payments) -> Blueprint:
    """The addresses `/wechat-pay/notifications/{payment,refund,profit-sharing,transfer}`."""
    bp = Blueprint("payment_notification", __name__, url_prefix=PREFIX)

    @bp.post(ROUTE.removeprefix(PREFIX))
    def take_in(kind: str) -> Response:
        try:
            if FAULT in request.environ:
                raise request.environ[FAULT]
            payments.take_in(kind, list(request.headers), request.get_data())
        except WireRefused as refused:
            NOTIFICATIONS.labels(kind=kind, result=refused.code).inc()
            _log.warning("notification.refused", kind=kind, code=refused.code)
            answer = jsonify(code="FAIL", message=refused.code)
            answer.status_code = 401
            return answer
        NOTIFICATIONS.labels(kind=kind, result="kept").inc()
        return Response(status=204)

    return bp
