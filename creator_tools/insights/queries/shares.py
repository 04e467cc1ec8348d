"""What sharing brought a creator: visitors, and what those visitors bought afterwards."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from creator_tools.insights.queries.creator_income import alias_of

# An order placed within this many days of a visit, and paid, is counted as brought by it.
COUNTED_DAYS = 30
CAMPAIGNS_MAX = 30
INVITERS_MAX = 20

_SHARES = text("""
    SELECT v.campaign, v.object_type, v.object_id,
           count(DISTINCT v.inviter_id) AS inviters_count,
           count(DISTINCT v.visitor_id) AS visitors_count,
           count(DISTINCT o.person_id) AS buyers_count,
           max(v.visited_at) AS last_at,
           coalesce(max(w.title), max(c.title), '') AS title
    FROM share_visits v
    LEFT JOIN works w ON v.object_type = 'work' AND w.id = v.object_id
    LEFT JOIN columns c ON v.object_type = 'column' AND c.id = v.object_id
    LEFT JOIN orders o ON o.person_id = v.visitor_id AND o.creator_id = v.creator_id
         AND o.state = 'paid' AND o.created_at >= v.visited_at
         AND o.created_at < v.visited_at + make_interval(days => :days)
    WHERE v.creator_id = :creator_id
    GROUP BY v.campaign, v.object_type, v.object_id
    ORDER BY last_at DESC, v.object_id
    LIMIT 100
""")

# An order counts for every inviter who brought its buyer, and once in the sum of a campaign. A row
# without an inviter is such a sum.
_CAMPAIGNS = text("""
    WITH brought AS (
        SELECT v.id, v.campaign, v.visitor_id, v.visited_at, o.id AS order_id,
               coalesce(p.merged_into_id, p.id) AS inviter_id
        FROM share_visits v
        JOIN people p ON p.id = v.inviter_id
        LEFT JOIN orders o ON o.person_id = v.visitor_id AND o.creator_id = v.creator_id
             AND o.state = 'paid' AND o.created_at >= v.visited_at
             AND o.created_at < v.visited_at + make_interval(days => :days)
        WHERE v.creator_id = :creator_id
    ), latest AS (
        SELECT campaign FROM brought GROUP BY campaign ORDER BY max(visited_at) DESC, campaign
        LIMIT :campaigns
    ), summed AS (
        SELECT campaign, inviter_id, count(DISTINCT id) AS opens, count(DISTINCT visitor_id)
                   AS people, count(DISTINCT order_id) AS sales, max(visited_at) AS last_at
        FROM brought JOIN latest USING (campaign)
        GROUP BY GROUPING SETS ((campaign), (campaign, inviter_id))
    ), ranked AS (
        SELECT *, row_number() OVER (PARTITION BY campaign ORDER BY (inviter_id IS NULL) DESC,
                   sales DESC, people DESC, opens DESC, inviter_id) AS rank,
               count(inviter_id) OVER (PARTITION BY campaign) AS inviters,
               max(last_at) OVER (PARTITION BY campaign) AS campaign_at
        FROM summed
    )
    SELECT campaign, inviter_id, human.nickname, opens, people, sales, last_at, inviters
    FROM ranked LEFT JOIN people human ON human.id = inviter_id
    WHERE rank <= :inviters + 1
    ORDER BY campaign_at DESC, campaign, rank
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
    title: str


@dataclass(frozen=True)
class Inviter:
    """Who brought people in one campaign: known to the creator by a nickname, or by an alias."""

    person_id: UUID
    name: str
    alias: str
    opens_count: int
    people_count: int
    sales_count: int
    last_at: datetime


@dataclass(frozen=True)
class Campaign:
    """What one campaign brought: pages opened, each person's once; people; and orders."""

    name: str
    opens_count: int
    people_count: int
    sales_count: int
    last_at: datetime
    inviters_count: int
    inviters: tuple[Inviter, ...]


def campaigns_of_creator(session: Session, creator_id: UUID) -> list[Campaign]:
    """What each campaign of a creator brought, the latest visit first, its best inviters first.

    At most 30 campaigns, and 20 inviters of each; the sums count all of them.
    """
    asked = {
        "creator_id": creator_id,
        "days": COUNTED_DAYS,
        "campaigns": CAMPAIGNS_MAX,
        "inviters": INVITERS_MAX,
    }
    rows = session.execute(_CAMPAIGNS, asked).all()
    inviters: dict[str, list[Inviter]] = {row.campaign: [] for row in rows}
    for row in rows:
        if row.inviter_id is not None:
            alias = alias_of(creator_id, row.inviter_id)
            one = Inviter(
                row.inviter_id, row.nickname, alias, row.opens, row.people, row.sales, row.last_at
            )
            inviters[row.campaign].append(one)
    return [
        Campaign(
            row.campaign, row.opens, row.people, row.sales, row.last_at, row.inviters,
            tuple(inviters[row.campaign]),
        )
        for row in rows
        if row.inviter_id is None
    ]  # fmt: skip


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
