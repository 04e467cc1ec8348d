"""Puts the desk together and hangs it on the application: `register(app, wiring)`."""

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Flask, Response, g, make_response, redirect, render_template, request
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from app.http.errors import SignInRequired, refusal_of
from app.http.operator import (
    bills,
    labels,
    machinery,
    orders,
    payouts,
    refunds,
    revenue,
    review,
    review_media,
    sign_in,
    splits,
    statements,
)
from app.http.operator.guard import FORM_FIELD, Guard, may
from app.http.operator.needs import DeskWiring
from app.http.request_log import request_id
from creator_tools.kernel.errors import DomainError, ErrorKind

# What the page says after something was done; the address names it, the words stand here.
DONE = {
    "passed": _l("已通过，作品会按作者设定的时间发布。"),
    "refused": _l("已拒绝，这一版不会发布。"),
    "resolved": _l("已记录处理说明。"),
    "retried": _l("已重新排队，几秒内会再试一次。"),
    "refund_approved": _l("已通过，款项正在原路退回。"),
    "refund_declined": _l("已记录，粉丝会收到消息。"),
    "payout_asked": _l("已申请，请另一位运营审批。"),
    "payout_approved": _l("已通过，正在转出；收款人会收到确认的消息。"),
    "payout_declined": _l("已记录，钱已回到账户，收款人会收到消息。"),
    "payout_recalled": _l("正在撤回，成功后钱会回到账户。"),
    "explained": _l("已记录原因，差异已关闭。"),
    "asked_again": _l("已安排，一分钟内会重新核对。"),
    "replayed": _l("已重新排队，几秒内会再处理一次。"),
}


def register(app: Flask, wiring: DeskWiring) -> None:
    """Hang the operator's desk under `/operator/`."""
    app.register_blueprint(blueprint(wiring))


def blueprint(wiring: DeskWiring) -> Blueprint:
    """The desk as a blueprint, with its guard in front of every view."""
    desk = Blueprint("operator", "app.http.operator", url_prefix="/operator")
    guard = Guard(wiring)
    desk.before_request(guard.recognise)
    desk.before_request(guard.refuse_foreign_forms)
    desk.after_request(guard.keep_visit)
    desk.register_error_handler(DomainError, _refuse)
    desk.context_processor(lambda: _words(guard))
    sign_in.hang(desk, wiring, guard)
    revenue.hang(desk, wiring)
    orders.hang(desk, wiring)
    refunds.hang(desk, wiring)
    payouts.hang(desk, wiring)
    bills.hang(desk, wiring)
    splits.hang(desk, wiring)
    statements.hang(desk, wiring)
    review.hang(desk, wiring)
    review_media.hang(desk, wiring)
    machinery.hang(desk, wiring)
    return desk


def _words(guard: Guard) -> dict[str, Any]:
    return {
        "labels": labels,
        "yuan": labels.yuan,
        "when": labels.when,
        "amount": labels.amount,
        "told": labels.told,
        "role_names": labels.role_names,
        "may": may,
        "operator": g.get("operator"),
        "form_field": FORM_FIELD,
        "form_token": guard.form_token(),
        "done": DONE.get(request.args.get("done", "")),
    }


def _refuse(error: DomainError) -> Response | AnyResponse:
    is_page = request.method == "GET" and not revenue.is_download(request.path)
    if is_page and isinstance(error, SignInRequired):
        return redirect("/operator/login?" + urlencode({"next": request.path}), 303)
    refusal = refusal_of(error)
    g.refusal_code = refusal.code
    page = render_template("operator/problem.html", refusal=refusal, id=request_id())
    response = make_response(page, refusal.status)
    if error.kind in {ErrorKind.TOO_MANY, ErrorKind.UNAVAILABLE}:
        response.headers["Retry-After"] = "5"
    return response
