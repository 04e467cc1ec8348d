"""Is the process alive, and is it of use? Two questions for two machines.

`/healthz` restarts a process; it asks nothing but the process. `/readyz` takes it out of the
rotation; it asks the database, for without it we can promise nothing, and never the broker,
which may vanish at any moment.
"""

from typing import Any

from flask import Blueprint, Response, abort
from sqlalchemy.exc import SQLAlchemyError

from app.http import plumbing
from app.http.needs import HttpWiring
from app.http.request_log import request_id

NOINDEX = "User-agent: *\nDisallow: /\n"


def blueprint(wiring: HttpWiring) -> Blueprint:
    """`/healthz`, `/readyz`, `/robots.txt` and the platform's proof of our domain."""
    pages = Blueprint("health", __name__)

    @pages.get("/healthz")
    def alive() -> dict[str, str]:
        return {"status": "ok"}

    @pages.get("/readyz")
    def ready() -> tuple[dict[str, Any], int]:
        try:
            checks = _checks(wiring)
        except SQLAlchemyError:
            return {"status": "unavailable", "checks": {"database": "away"}}, 503
        if checks["schema"] != "ok":
            return {"status": "unavailable", "checks": checks}, 503
        status = "ok" if set(checks.values()) == {"ok"} else "degraded"
        return {"status": status, "checks": checks}, 200

    @pages.get("/robots.txt")
    def robots() -> Response:
        return Response(NOINDEX, content_type="text/plain; charset=utf-8")

    @pages.get("/MP_verify_<name>.txt")
    def domain_proof(name: str) -> Response:
        if name not in wiring.domain_proofs:
            abort(404)
        return Response(name, content_type="text/plain; charset=utf-8")

    return pages


def _checks(wiring: HttpWiring) -> dict[str, str]:
    now = wiring.units.clock.now()
    with wiring.units.reading() as session:
        plumbing.probe_write(session, f"probe-{request_id()}", now)
        revision = plumbing.schema_revision(session)
        stale = plumbing.stale_loops(session, now)
    checks = {"database": "ok", "schema": "ok" if revision == wiring.schema_head else "behind"}
    return checks | {"sweep": "stale" if stale else "ok"}
