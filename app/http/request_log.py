"""Every request has an id, one log line and one count.

The line names the route's template, never the query string (codes and states of signing in stand
there) and never a person. The id is the caller's only when a trusted proxy says so.
"""

import re
import time
from typing import TYPE_CHECKING

import structlog
from flask import Flask, Response, g, request

from app.http.metrics import Metrics
from app.http.proxies import FROM_TRUSTED_PROXY, Networks, is_within
from config.logging import bind_request, unbind_request
from creator_tools.kernel.rng import fresh_bytes

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
LOGGER = "http"
_log = structlog.get_logger(LOGGER)


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
            took_ms=took_ms(took_s),
            code=g.get("refusal_code"),
        )
        return response

    @app.teardown_request
    def forget(_error: BaseException | None) -> None:
        unbind_request()


def took_ms(took_s: float) -> float:
    """How long an answer took, as the line tells it."""
    return round(took_s * 1000, 1)


def fresh_id() -> str:
    """An id for a request that brought none that we believe."""
    # Random, not from the seeded source: an id of a log line decides nothing.
    return fresh_bytes(16).hex()


def id_of(environ: "WSGIEnvironment", networks: Networks) -> str:
    """The id of a request that no proxy rule was applied to yet."""
    given = environ.get("HTTP_X_REQUEST_ID")
    if given and is_within(environ.get("REMOTE_ADDR", ""), networks):
        return given if _REQUEST_ID.fullmatch(given) else fresh_id()
    return fresh_id()


def _known_method(method: str) -> str:
    return method if method in Metrics.METHODS else "other"


def _chosen_id() -> str:
    given = request.headers.get("X-Request-ID", "")
    if request.environ.get(FROM_TRUSTED_PROXY) and _REQUEST_ID.fullmatch(given):
        return given
    return fresh_id()
