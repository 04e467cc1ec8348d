"""Reading fan groups and the ways into them."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from creator_tools.fan_groups.errors import FanGroupNotFound
from creator_tools.fan_groups.models import FanGroup, JoinWay, Seat
from creator_tools.fan_groups.rules import usable_until
from creator_tools.people.queries import family_of


def get(session: Session, fan_group_id: UUID) -> FanGroup:
    """The group with this id.

    Raises:
        FanGroupNotFound: there is none.
    """
    group = session.get(FanGroup, fan_group_id)
    if group is None:
        raise FanGroupNotFound(fan_group_id=str(fan_group_id))
    return group


def get_of_creator(session: Session, fan_group_id: UUID, creator_id: UUID) -> FanGroup:
    """The group with this id, if it is this creator's.

    Raises:
        FanGroupNotFound: there is none, or it is not theirs.
    """
    group = session.scalar(
        select(FanGroup).where(FanGroup.id == fan_group_id, FanGroup.creator_id == creator_id)
    )
    if group is None:
        raise FanGroupNotFound(fan_group_id=str(fan_group_id))
    return group


def find_by_code(session: Session, code: str) -> FanGroup | None:
    """The group behind the link `/g/<code>`, whatever the code's case, or None."""
    if not code.isascii() or not code.isalnum():
        return None
    return session.scalar(select(FanGroup).where(FanGroup.code == code.lower()))


def list_of_column(session: Session, column_id: UUID) -> list[FanGroup]:
    """The open groups of a column, the oldest first."""
    return list(
        session.scalars(
            select(FanGroup)
            .where(FanGroup.column_id == column_id, FanGroup.state == "open")
            .order_by(FanGroup.created_at, FanGroup.id)
        )
    )


def list_of_creator(session: Session, creator_id: UUID) -> list[FanGroup]:
    """All groups of a creator, the oldest first, closed ones too."""
    return list(
        session.scalars(
            select(FanGroup)
            .where(FanGroup.creator_id == creator_id)
            .order_by(FanGroup.created_at, FanGroup.id)
        )
    )


def list_of_columns(session: Session, column_ids: list[UUID]) -> list[FanGroup]:
    """The open groups of several columns, the oldest first."""
    return list(
        session.scalars(
            select(FanGroup)
            .where(FanGroup.column_id.in_(column_ids), FanGroup.state == "open")
            .order_by(FanGroup.created_at, FanGroup.id)
        )
    )


def find_door(session: Session, column_id: UUID, person_id: UUID, now: datetime) -> FanGroup | None:
    """The oldest open group of a column that would let this person in now, or None.

    It has a usable way with a free place, or the person's own place is in a usable way. Whether
    the person may enter at all is asked elsewhere.
    """
    is_usable = (
        JoinWay.fan_group_id == FanGroup.id,
        JoinWay.closed_at.is_(None),
        or_(JoinWay.expires_at.is_(None), JoinWay.expires_at > usable_until(now)),
    )
    has_room = exists().where(*is_usable, JoinWay.seats_count < JoinWay.capacity_count)
    has_seat = exists().where(
        *is_usable, Seat.join_way_id == JoinWay.id, Seat.person_id.in_(family_of(person_id))
    )
    return session.scalars(
        select(FanGroup)
        .where(FanGroup.column_id == column_id, FanGroup.state == "open", or_(has_room, has_seat))
        .order_by(FanGroup.created_at, FanGroup.id)
        .limit(1)
    ).one_or_none()


def list_join_ways(session: Session, fan_group_id: UUID) -> list[JoinWay]:
    """Every way there was into a group, the oldest first."""
    return list(
        session.scalars(
            select(JoinWay)
            .where(JoinWay.fan_group_id == fan_group_id)
            .order_by(JoinWay.created_at, JoinWay.id)
        )
    )


def count_free_seats(session: Session, fan_group_id: UUID, now: datetime) -> int:
    """How many more people the group's usable ways can take."""
    free = session.scalar(
        select(func.coalesce(func.sum(JoinWay.capacity_count - JoinWay.seats_count), 0)).where(
            JoinWay.fan_group_id == fan_group_id,
            JoinWay.closed_at.is_(None),
            (JoinWay.expires_at.is_(None)) | (JoinWay.expires_at > usable_until(now)),
        )
    )
    return int(free or 0)


def list_join_ways_expiring(session: Session, now: datetime, within: timedelta) -> list[JoinWay]:
    """Open ways that will be gone within this span, the most urgent first; for reminders."""
    return list(
        session.scalars(
            select(JoinWay)
            .where(JoinWay.closed_at.is_(None), JoinWay.expires_at <= usable_until(now + within))
            .order_by(JoinWay.expires_at, JoinWay.id)
        )
    )
