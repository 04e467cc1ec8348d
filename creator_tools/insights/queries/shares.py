"""What sharing brought a creator: visitors, and what those visitors bought afterwards."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

# An order placed within this many days of a visit, and paid, is counted as brought by it.
COUNTED_DAYS = 30

_SHARES = text("""
    SELECT v.campaign, v.object_type, v.object_id,
           count(DISTINCT v.inviter_id) AS inviters_count,
           count(DISTINCT v.visitor_id) AS visitors_count,
           count(DISTINCT o.person_id) AS buyers_count,
           max(v.visited_at) AS last_at
    FROM share_visits v
    LEFT JOIN orders o ON o.person_id = v.visitor_id AND o.creator_id = v.creator_id
         AND o.state = 'paid' AND o.created_at >= v.visited_at
         AND o.created_at < v.visited_at + make_interval(days => :days)
    WHERE v.creator_id = :creator_id
    GROUP BY v.campaign, v.object_type, v.object_id
    ORDER BY last_at DESC, v.object_id
    LIMIT 100
""")


# One person who came by two links to a work is one visitor of it.
_WORKS = text("""
    SELECT v.object_id, count(DISTINCT v.visitor_id), count(DISTINCT o.person_id)
    FROM share_visits v
    LEFT JOIN orders o ON o.person_id = v.visitor_id AND o.creator_id = v.creator_id
         AND o.state = 'paid' AND o.created_at >= v.visited_at
         AND o.created_at < v.visited_at + make_interval(days => :days)
    WHERE v.creator_id = :creator_id AND v.object_type = 'work' AND v.object_id = ANY(:work_ids)
    GROUP BY v.object_id
""")


@dataclass(frozen=True)
class Brought:
    """How many people came to one work by shared links, and how many of them bought later."""

    visitors_count: int
    buyers_count: int


@dataclass(frozen=True)
class Share:
    """One shared thing in one campaign, counted in people."""

    campaign: str
    object_type: str
    object_id: UUID
    inviters_count: int
    visitors_count: int
    buyers_count: int
    last_at: datetime


def shares_of_creator(session: Session, creator_id: UUID) -> list[Share]:
    """What was shared of a creator, the latest visit first; at most 100 lines."""
    rows = session.execute(_SHARES, {"creator_id": creator_id, "days": COUNTED_DAYS})
    return [Share(*row) for row in rows]


def brought_to_works(
    session: Session, creator_id: UUID, work_ids: list[UUID]
) -> dict[UUID, Brought]:
    """Whom shared links brought to each of these works; a work to which nobody came is left out."""
    asked = {"creator_id": creator_id, "work_ids": work_ids, "days": COUNTED_DAYS}
    return {row[0]: Brought(row[1], row[2]) for row in session.execute(_WORKS, asked)}
