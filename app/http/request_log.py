"""Every request has an id, one log line and one count.

The line names the route's template, never the query string (codes and states of signing in stand
there) and never a person. The id is the caller's only when a trusted proxy says so.
"""

import re
import time
import uuid

import structlog
from flask import Flask, Response, g, request

from app.http.metrics import Metrics
from app.http.proxies import FROM_TRUSTED_PROXY
from config.logging import bind_request, unbind_request

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_log = structlog.get_logger("http")


def request_id() -> str:
    """The id of the request being served; also in the answer's `X-Request-ID`."""
    if "request_id" not in g:
        g.request_id = _chosen_id()
    return str(g.request_id)


def install(app: Flask, metrics: Metrics) -> None:
    """Give every request of `app` an id, a log line and a count."""

    @app.before_request
    def begin() -> None:
        g.started_s = time.perf_counter()
        bind_request(request_id())

    @app.after_request
    def end(response: Response) -> Response:
        response.headers["X-Request-ID"] = request_id()
        route = request.url_rule.rule if request.url_rule else "unmatched"
        took_s = time.perf_counter() - g.get("started_s", time.perf_counter())
        metrics.request_ended(route, request.method, response.status_code, took_s)
        _log.info(
            "request",
            method=_known_method(request.method),
            route=route,
            status=response.status_code,
            took_ms=round(took_s * 1000, 1),
            code=g.get("refusal_code"),
        )
        return response

    @app.teardown_request
    def forget(_error: BaseException | None) -> None:
        unbind_request()


def _known_method(method: str) -> str:
    return method if method in Metrics.METHODS else "other"


def _chosen_id() -> str:
    given = request.headers.get("X-Request-ID", "")
    if request.environ.get(FROM_TRUSTED_PROXY) and _REQUEST_ID.fullmatch(given):
        return given
    # Random, not from the seeded source: an id of a log line decides nothing.
    return uuid.uuid4().hex
