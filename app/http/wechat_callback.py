"""The doors for pushes of our accounts: bytes in, bytes out, nothing decided."""

from uuid import UUID

import structlog
from flask import Blueprint, Response, request
from prometheus_client import Counter

from app.wiring.callbacks import Callbacks
from creator_tools.kernel.accounts import AccountNotFound
from creator_tools.kernel.database import as_uuid
from wechat_handlers.wire.errors import WireRefused

_log = structlog.get_logger(__name__)
PUSHES = Counter("juanliu_callbacks_total", "Pushes of platform accounts", ["kind", "result"])
KINDS = {
    "/wechat/official-account": "oa",
    "/wechat/mini-program": "mini",
    "/wechat/wecom": "wecom",
}
# What went wrong with a push before Flask saw the request; see `callback_door`.
FAULT = "juanliu.callback_fault"


def blueprint(callbacks: Callbacks) -> Blueprint:
    """The addresses `/wechat/official-account`, `/wechat/mini-program` and `/wechat/wecom`."""
    bp = Blueprint("wechat_callback", __name__)
    for path, kind in KINDS.items():
        view = _view(callbacks, kind)
        bp.add_url_rule(path, f"{kind}_first", view, methods=["GET", "POST"])
        bp.add_url_rule(f"{path}/<account_id>", kind, view, methods=["GET", "POST"])
    return bp


def _view(callbacks: Callbacks, kind: str):  # type: ignore[no-untyped-def]  # a Flask view
    def view(account_id: str | None = None) -> Response:
        wanted = as_uuid(account_id) if account_id is not None else None
        if account_id is not None and wanted is None:
            return _refused(kind, "account_not_found", 404)
        try:
            return _answered(callbacks, kind, wanted)
        except AccountNotFound:
            return _refused(kind, "account_not_found", 404)
        except WireRefused as refused:
            return _refused(kind, refused.code, 403)

    return view


def _answered(callbacks: Callbacks, kind: str, account_id: UUID | None) -> Response:
    query = request.args.to_dict(flat=False)
    if request.method == "GET":
        return Response(callbacks.verify(kind, account_id, query), mimetype="text/plain")
    if FAULT in request.environ:
        raise request.environ[FAULT]
    body = callbacks.answer(kind, account_id, query, request.get_data())
    PUSHES.labels(kind=kind, result="answered").inc()
    return Response(body, content_type=content_type_of(body))


def content_type_of(body: bytes) -> str:
    """What an answer is: a word, or an envelope in the format of the push."""
    if body == b"success":
        return "text/plain; charset=utf-8"
    return "application/json" if body.startswith(b"{") else "text/xml; charset=utf-8"


def _refused(kind: str, code: str, status: int) -> Response:
    PUSHES.labels(kind=kind, result=code).inc()
    _log.warning("callback.refused", kind=kind, code=code)
    return Response("refused", status=status, mimetype="text/plain")
