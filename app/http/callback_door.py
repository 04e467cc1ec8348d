"""Pushes of our accounts, answered before Flask routes the request; see `plain_door`.

Plain is a push whose query is unescaped.
"""

from typing import TYPE_CHECKING
from uuid import UUID

from app.http.metrics import Metrics
from app.http.plain_door import Answer, Asked, PlainDoor
from app.http.proxies import Networks
from app.http.wechat_callback import FAULT, KINDS, PUSHES, content_type_of
from app.wiring.callbacks import Callbacks
from creator_tools.kernel.database import as_uuid
from wechat_handlers.wire.envelope import BODY_BYTES_MAX

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

Query = dict[str, list[str]]


class CallbackDoor(PlainDoor):
    """WSGI middleware: answers plain pushes, and passes everything else on."""

    fault_key = FAULT
    body_bytes_max = BODY_BYTES_MAX

    def __init__(
        self,
        app: "WSGIApplication",
        callbacks: Callbacks,
        *,
        counters: Metrics,
        networks: Networks,
        public_base_url: str,
    ) -> None:
        super().__init__(app, counters=counters, networks=networks, public_base_url=public_base_url)
        self._callbacks = callbacks
        self._answered = {
            kind: PUSHES.labels(kind=kind, result="answered") for kind in KINDS.values()
        }

    def _asked(self, environ: "WSGIEnvironment") -> Asked | None:
        address = _address(environ)
        query = None if address is None else _query(environ.get("QUERY_STRING", ""))
        if address is None or query is None:
            return None
        route, kind, account_id = address

        def answer(body: bytes) -> Answer:
            said = self._callbacks.answer(kind, account_id, query, body)
            self._answered[kind].inc()
            headers = [("Content-Type", content_type_of(said)), ("Content-Length", str(len(said)))]
            return Answer("200 OK", headers, said)

        return Asked(route, answer)


def _address(environ: "WSGIEnvironment") -> tuple[str, str, UUID | None] | None:
    """The route's template, the kind of account and its id; None when it is no callback."""
    path = environ.get("PATH_INFO", "")
    if not path.startswith("/wechat/"):
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
