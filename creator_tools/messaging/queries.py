"""Whom to tell, and about what."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from creator_tools.access import queries as access
from creator_tools.columns import queries as columns
from creator_tools.creators import queries as creators
from creator_tools.fan_groups import queries as fan_groups
from creator_tools.orders import queries as orders
from creator_tools.works import queries as works


@dataclass(frozen=True)
class GroupDoor:
    """A fan group that stands open: whose readers it is for, and its link for ever."""

    column_title: str
    path: str


@dataclass(frozen=True)
class PaidNotice:
    """What a buyer is told after paying."""

    person_id: UUID
    title: str
    amount_fen: int
    path: str
    door: GroupDoor | None


def find_group_door(
    session: Session, *, person_id: UUID, column_id: UUID, now: datetime
) -> GroupDoor | None:
    """The fan group of a column that this person may enter and would get into now, or None."""
    column = columns.get(session, column_id)
    is_reader = access.has_any_in_column(session, person_id=person_id, column_id=column_id, now=now)
    if not is_reader:
        creator = creators.find_by_person(session, person_id)
        if creator is None or creator.id != column.creator_id:
            return None
    group = fan_groups.find_door(session, column_id, person_id, now)
    return None if group is None else GroupDoor(column.title, f"/g/{group.code}")


def paid_notice(session: Session, order_id: UUID, now: datetime) -> PaidNotice | None:
    """The notice of a paid order, or None when there is nothing to tell.

    What it says about the fan group is what holds at `now`.
    """
    order = orders.find(session, order_id)
    if order is None or order.paid_at is None:
        return None
    line = orders.lines_of(session, order_id)[0]
    column_id = line.object_id
    if line.object_type == "work":
        column_id = works.get(session, line.object_id).column_id
    return PaidNotice(
        order.person_id,
        line.title,
        order.amount_fen,
        f"/h5/{line.object_type}s/{line.object_id}",
        find_group_door(session, person_id=order.person_id, column_id=column_id, now=now),
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
