"""What waits for a creator: a refused text, a check, a dying link, a promise overdue."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from creator_tools.columns import queries as columns
from creator_tools.columns.rules import cadence_days
from creator_tools.fan_groups import queries as fan_groups
from creator_tools.works import queries as works

WORKS_SHOWN_MAX = 5


@dataclass(frozen=True)
class Waiting:
    """One thing to look at: `code` says what, `title` of what, `at` since or until when."""

    code: str
    object_id: UUID
    title: str
    at: datetime | None = None


def list_waiting(session: Session, creator_id: UUID, now: datetime) -> list[Waiting]:
    """What waits for this creator, the most urgent sort first."""
    return [
        *_dying_links(session, creator_id, now),
        *_works(session, creator_id, "rejected"),
        *_overdue(session, creator_id, now),
        *_works(session, creator_id, "in_review"),
    ]


def _works(session: Session, creator_id: UUID, state: str) -> list[Waiting]:
    found = works.list_own(session, creator_id, state=state, limit=WORKS_SHOWN_MAX)
    return [Waiting(f"work_{state}", work.id, work.title) for work in found]


def _dying_links(session: Session, creator_id: UUID, now: datetime) -> list[Waiting]:
    open_groups = [
        group for group in fan_groups.list_of_creator(session, creator_id) if group.state == "open"
    ]
    return [
        Waiting("link_dying", group.id, group.name, way.expires_at)
        for group in open_groups
        for way in fan_groups.list_open_ways(session, group.id)
        if fan_groups.is_dying(way, now)
    ]


def _overdue(session: Session, creator_id: UUID, now: datetime) -> list[Waiting]:
    found = []
    for column in columns.list_of_creator(session, creator_id):
        days = cadence_days(column.promised_cadence)
        if column.state != "open" or days is None:
            continue
        newest = works.list_published(session, column.id, limit=1)
        last_at = newest[0].published_at if newest else column.created_at
        due_at = (last_at or column.created_at) + timedelta(days=days)
        if due_at < now:
            found.append(Waiting("promise_overdue", column.id, column.title, due_at))
    return found
