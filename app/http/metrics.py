"""What this process counts, and the few numbers that the database knows better.

Labels are bounded: routes are templates, methods are listed. What the callbacks count stands in
the process's own registry and is shown beside it.
"""

from flask import Blueprint, Response, abort, request
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from app.http import plumbing
from app.http.proxies import Networks, is_within
from creator_tools.kernel.unit_of_work import UnitsOfWork

BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Metrics:
    """The counters of one process; doors are handed this and call it."""

    METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._children: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self._requests = Counter(
            "juanliu_http_requests",
            "Requests by route, method and status",
            ["route", "method", "status"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "juanliu_http_request_seconds",
            "Time to answer, by route",
            ["route"],
            buckets=BUCKETS_S,
            registry=self.registry,
        )
        self._inbox_due = Gauge(
            "juanliu_inbox_due", "Facts that wait to be handled", registry=self.registry
        )
        self._effects = Gauge(
            "juanliu_effects", "Outside calls by state", ["state"], registry=self.registry
        )

    def request_ended(self, route: str, method: str, status: int, took_s: float) -> None:
        """Count one answered request; `route` is a template, not a path."""
        key = (route, method if method in self.METHODS else "other", status)
        found = self._children.get(key)
        if found is None:
            requests = self._requests.labels(route, key[1], str(status))
            found = self._children[key] = requests, self._seconds.labels(route)
        requests, seconds = found
        requests.inc()
        seconds.observe(took_s)

    def backlog_is(self, inbox_due_count: int, effects: dict[str, int]) -> None:
        """Note what the database says about work that waits."""
        self._inbox_due.set(inbox_due_count)
        self._effects.clear()
        for state, count in effects.items():
            self._effects.labels(state).set(count)


def blueprint(metrics: Metrics, units: UnitsOfWork, networks: Networks) -> Blueprint:
    """`/metrics`, for this machine and the networks of our own proxies only."""
    pages = Blueprint("metrics", __name__)

    @pages.get("/metrics")
    def show() -> Response:
        address = request.remote_addr or ""
        if not (is_within(address, plumbing.LOOPBACK) or is_within(address, networks)):
            abort(404)
        try:
            with units.reading() as session:
                backlog = plumbing.backlog(session, units.clock.now())
            metrics.backlog_is(backlog.inbox_due_count, backlog.effects)
        except SQLAlchemyError:
            # The counters of this process are worth most when the database is away.
            metrics.backlog_is(-1, {})
        shown = generate_latest(metrics.registry) + generate_latest(REGISTRY)
        return Response(shown, content_type=CONTENT_TYPE_LATEST)

    return pages
