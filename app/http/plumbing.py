"""Questions about the house itself: is the database there, is it ours, does the sweep run?

These are no business facts, so no capability answers them; they are the only SQL at a door.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_network

from sqlalchemy import text
from sqlalchemy.orm import Session

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
PROBE_TIMEOUT_MS = 900
SWEEP_FRESH = timedelta(seconds=30)


@dataclass(frozen=True)
class Backlog:
    """How much work waits."""

    inbox_due_count: int
    effects: dict[str, int]


def backlog(session: Session, now: datetime) -> Backlog:
    """Count the facts that are due and the outside calls of each unfinished state."""
    due = session.execute(
        text("SELECT count(*) FROM inbox_progress WHERE state = 'new' AND next_at <= :now"),
        {"now": now},
    ).scalar_one()
    rows = session.execute(
        text("SELECT state, count(*) AS total FROM effects WHERE state <> 'done' GROUP BY state")
    )
    return Backlog(due, {row.state: row.total for row in rows})


def probe_write(session: Session, name: str, now: datetime) -> None:
    """Write and read one row within 0.9 s; the caller's reading view takes it back.

    Raises:
        SQLAlchemyError: the database is away, slow or read-only.
    """
    session.execute(text(f"SET LOCAL statement_timeout = {PROBE_TIMEOUT_MS}"))
    session.execute(
        text("INSERT INTO heartbeats (name, at) VALUES (:name, :at)"), {"name": name, "at": now}
    )
    session.execute(text("SELECT at FROM heartbeats WHERE name = :name"), {"name": name}).one()


def schema_revision(session: Session) -> str | None:
    """The migration that the database stands at."""
    return session.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def stale_loops(session: Session, now: datetime) -> list[str]:
    """The loops that should have ended a round by now and have not."""
    beat = session.execute(
        text("SELECT max(at) FROM heartbeats WHERE name LIKE 'sweep%'")
    ).scalar_one_or_none()
    return [] if beat is not None and now - beat <= SWEEP_FRESH else ["sweep"]
