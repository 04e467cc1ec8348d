"""The doors for notifications of WeChat Pay: one path per kind, kept before it is answered."""

import structlog
from flask import Blueprint, Response, jsonify, request
from prometheus_client import Counter

from app.wiring.payments import Payments
from wechat_handlers.wire.errors import WireRefused

_log = structlog.get_logger(__name__)
NOTIFICATIONS = Counter("juanliu_pay_notifications_total", "Notifications", ["kind", "result"])
KINDS = ("payment", "refund", "profit-sharing", "transfer")


def blueprint(payments: Payments) -> Blueprint:
    """The addresses `/wechat-pay/notifications/{payment,refund,profit-sharing,transfer}`."""
    bp = Blueprint("payment_notification", __name__, url_prefix="/wechat-pay/notifications")

    @bp.post("/<any(payment, refund, 'profit-sharing', transfer):kind>")
    def take_in(kind: str) -> Response:
        try:
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
