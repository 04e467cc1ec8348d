"""Whom to tell, and about what."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from creator_tools.fan_groups import queries as fan_groups
from creator_tools.orders import queries as orders


@dataclass(frozen=True)
class PaidNotice:
    """What a buyer is told after paying."""

    person_id: UUID
    title: str
    amount_fen: int
    path: str


def paid_notice(session: Session, order_id: UUID) -> PaidNotice | None:
    """The notice of a paid order, or None when there is nothing to tell."""
    order = orders.find(session, order_id)
    if order is None or order.paid_at is None:
        return None
    line = orders.lines_of(session, order_id)[0]
    folder = "works" if line.object_type == "work" else "columns"
    return PaidNotice(
        order.person_id, line.title, order.amount_fen, f"/h5/{folder}/{line.object_id}"
    )


@dataclass(frozen=True)
class ExpiringDoor:
    """A fan group whose way in ends soon."""

    fan_group_id: UUID
    creator_id: UUID
    name: str
    expires_at: datetime


def list_expiring_doors(session: Session, now: datetime, within: timedelta) -> list[ExpiringDoor]:
    """Open groups with a way in that ends within this span, the most urgent first, each once.

    A way that ended more than a day ago was warned of in time and is left out.
    """
    found: dict[UUID, ExpiringDoor] = {}
    for way in fan_groups.list_join_ways_expiring(session, now, within):
        if way.expires_at is None or way.expires_at < now - timedelta(days=1):
            continue
        group = fan_groups.get(session, way.fan_group_id)
        if group.state == "open":
            door = ExpiringDoor(group.id, group.creator_id, group.name, way.expires_at)
            found.setdefault(group.id, door)
    return list(found.values())
