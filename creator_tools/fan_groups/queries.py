"""Reading fan groups and the ways into them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from creator_tools.access.queries import has_any_in_column
from creator_tools.creators import queries as creators
from creator_tools.fan_groups.errors import FanGroupNotFound
from creator_tools.fan_groups.models import FanGroup, JoinWay, Room, Seat, Wait
from creator_tools.fan_groups.rules import FULL_WARNED_PERCENT, WARNED_BEFORE, usable_until
from creator_tools.people.queries import family_of, is_follower

WARNINGS_MAX = 200


@dataclass(frozen=True)
class SeatToTell:
    """A seat that came free for somebody who waited, as their message tells it."""

    person_id: UUID
    group_name: str
    code: str
    lapses_at: datetime | None


@dataclass(frozen=True)
class DueWarning:
    """A way in that ends soon, is nearly full, or both, and whose keeper has not heard of it."""

    join_way_id: UUID
    fan_group_id: UUID
    keeper_person_id: UUID
    name: str
    kind: str
    ends_soon_at: datetime | None
    is_nearly_full: bool
    seats_count: int
    capacity_count: int


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


def find_by_room(session: Session, account_id: UUID, room_ref: str) -> FanGroup | None:
    """The group to which a room of the platform belongs, or None."""
    return session.scalar(
        select(FanGroup)
        .join(Room, Room.fan_group_id == FanGroup.id)
        .where(Room.account_id == account_id, Room.room_ref == room_ref)
    )


def list_seated_in_room(session: Session, fan_group_id: UUID, room_ref: str) -> list[UUID]:
    """Who was seen in this room when it was read last."""
    return list(
        session.scalars(
            select(Seat.person_id).where(
                Seat.fan_group_id == fan_group_id, Seat.room_ref == room_ref
            )
        )
    )


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


def may_enter(session: Session, group: FanGroup, person_id: UUID, now: datetime) -> bool:
    """Whether the group's gate lets this person in: everybody, followers, or readers.

    The creator and the keeper may always enter.
    """
    if group.gate == "free":
        return True
    if group.gate == "follower" and is_follower(session, person_id):
        return True
    if group.gate == "buyer" and has_any_in_column(
        session, person_id=person_id, column_id=group.column_id, now=now
    ):
        return True
    return keeps(session, group, person_id)


def keeps(session: Session, group: FanGroup, person_id: UUID) -> bool:
    """Whether this person looks after the group: its creator, or the keeper who was named."""
    creator = creators.find_by_person(session, person_id)
    if creator is not None and creator.id == group.creator_id:
        return True
    return group.keeper_person_id is not None and _is_same(
        session, group.keeper_person_id, person_id
    )


def list_kept(session: Session, person_id: UUID) -> list[FanGroup]:
    """The groups that this person looks after, their own first, the oldest first."""
    creator = creators.find_by_person(session, person_id)
    own = [] if creator is None else list_of_creator(session, creator.id)
    named = session.scalars(
        select(FanGroup)
        .where(FanGroup.keeper_person_id.in_(family_of(person_id)))
        .order_by(FanGroup.created_at, FanGroup.id)
    )
    return own + [group for group in named if group not in own]


def list_for_all(session: Session) -> list[FanGroup]:
    """The open groups whose gate asks for nothing bought, the oldest first."""
    return list(
        session.scalars(
            select(FanGroup)
            .where(FanGroup.gate != "buyer", FanGroup.state == "open")
            .order_by(FanGroup.created_at, FanGroup.id)
            .limit(60)
        )
    )


def find_door(session: Session, column_id: UUID, person_id: UUID, now: datetime) -> FanGroup | None:
    """The oldest open group of a column that would let this person in now, or None.

    Its gate lets them in, and it has a free place for which nobody waits, or their own place is
    in a usable way.
    """
    for group in list_of_column(session, column_id):
        if would_let_in(session, group, person_id, now):
            return group
    return None


def would_let_in(session: Session, group: FanGroup, person_id: UUID | None, now: datetime) -> bool:
    """Whether an open group would show a door now; to a stranger (None), if it asks nothing."""
    if person_id is None:
        return group.gate == "free" and count_free_seats(session, group.id, now) > 0
    return has_room_for(session, group, person_id, now) and may_enter(
        session, group, person_id, now
    )


def has_room_for(session: Session, group: FanGroup, person_id: UUID, now: datetime) -> bool:
    """Whether this person would be shown a door now: their own, or a free place of nobody's."""
    has_seat = exists().where(
        Seat.fan_group_id == group.id,
        Seat.person_id.in_(family_of(person_id)),
        Seat.join_way_id == JoinWay.id,
        usable(now),
    )
    if session.scalar(select(has_seat)):
        return True
    free = count_free_seats(session, group.id, now)
    return free > 0 and free > count_ahead(session, group.id, person_id)


def count_ahead(session: Session, fan_group_id: UUID, person_id: UUID) -> int:
    """How many wait longer than this person; all who wait, when the person does not."""
    own = session.execute(
        select(Wait.waits_since, Wait.id)
        .where(Wait.fan_group_id == fan_group_id, Wait.person_id.in_(family_of(person_id)))
        .order_by(Wait.waits_since, Wait.id)
        .limit(1)
    ).one_or_none()
    waiting = select(func.count()).select_from(Wait).where(Wait.fan_group_id == fan_group_id)
    if own is not None:
        waiting = waiting.where(
            or_(
                Wait.waits_since < own.waits_since,
                and_(Wait.waits_since == own.waits_since, Wait.id < own.id),
            )
        )
    return session.scalar(waiting) or 0


def count_waiting(session: Session, fan_group_id: UUID) -> int:
    """How many people wait for a seat."""
    waiting = select(func.count()).select_from(Wait).where(Wait.fan_group_id == fan_group_id)
    return session.scalar(waiting) or 0


def list_with_queue(session: Session, now: datetime) -> list[UUID]:
    """Open groups in which somebody waits although a place is free."""
    is_free = exists().where(
        JoinWay.fan_group_id == FanGroup.id,
        usable(now),
        JoinWay.seats_count < JoinWay.capacity_count,
    )
    return list(
        session.scalars(
            select(FanGroup.id).where(
                FanGroup.state == "open", exists().where(Wait.fan_group_id == FanGroup.id), is_free
            )
        )
    )


def find_seat_to_tell(session: Session, seat_id: UUID, now: datetime) -> SeatToTell | None:
    """A reserved seat as its message tells it, or None when there is nothing to tell any more."""
    row = session.execute(
        select(Seat.person_id, FanGroup.name, FanGroup.code, Seat.lapses_at)
        .join(FanGroup, FanGroup.id == Seat.fan_group_id)
        .where(Seat.id == seat_id, Seat.lapses_at > now, FanGroup.state == "open")
    ).one_or_none()
    return None if row is None else SeatToTell(*row)


def code_of_seat(
    session: Session, fan_group_id: UUID, person_id: UUID, now: datetime
) -> str | None:
    """What the code says that this person was shown, while seat and way are good; or None."""
    return session.scalar(
        select(JoinWay.url)
        .join(Seat, Seat.join_way_id == JoinWay.id)
        .join(FanGroup, FanGroup.id == Seat.fan_group_id)
        .where(
            Seat.fan_group_id == fan_group_id,
            Seat.person_id.in_(family_of(person_id)),
            or_(Seat.lapses_at.is_(None), Seat.lapses_at > now),
            FanGroup.state == "open",
            JoinWay.kind != "link",
            usable(now),
        )
        .order_by(Seat.reserved_at)
        .limit(1)
    )


def list_join_ways(session: Session, fan_group_id: UUID) -> list[JoinWay]:
    """Every way there was into a group, the oldest first."""
    return list(
        session.scalars(
            select(JoinWay)
            .where(JoinWay.fan_group_id == fan_group_id)
            .order_by(JoinWay.created_at, JoinWay.id)
        )
    )


def list_open_ways(session: Session, fan_group_id: UUID) -> list[JoinWay]:
    """The ways of a group that nobody closed, the oldest first."""
    return [way for way in list_join_ways(session, fan_group_id) if way.closed_at is None]


def is_usable(way: JoinWay, now: datetime) -> bool:
    """Whether somebody may be sent there now; it may be full."""
    return way.closed_at is None and (way.expires_at is None or way.expires_at > usable_until(now))


def usable(now: datetime) -> ColumnElement[bool]:
    """As `is_usable`, as a part of a larger query."""
    return and_(
        JoinWay.closed_at.is_(None),
        or_(JoinWay.expires_at.is_(None), JoinWay.expires_at > usable_until(now)),
    )


def is_dying(way: JoinWay, now: datetime) -> bool:
    """Whether an open way ends within two days, is nine tenths full, or is over."""
    ends_soon = way.expires_at is not None and way.expires_at <= now + WARNED_BEFORE
    return ends_soon or way.seats_count * 100 >= way.capacity_count * FULL_WARNED_PERCENT


def count_free_seats(session: Session, fan_group_id: UUID, now: datetime) -> int:
    """How many more people the group's usable ways can take."""
    free = session.scalar(
        select(func.coalesce(func.sum(JoinWay.capacity_count - JoinWay.seats_count), 0)).where(
            JoinWay.fan_group_id == fan_group_id,
            usable(now),
        )
    )
    return int(free or 0)


def list_due_warnings(session: Session, now: datetime) -> list[DueWarning]:
    """Ways of open groups that end within two days or are nine tenths full, unless told before.

    A way that ended more than a day ago is nobody's surprise and is left out.
    """
    ends_soon = and_(JoinWay.expiry_warned_at.is_(None), JoinWay.expires_at <= now + WARNED_BEFORE)
    is_nearly_full = and_(
        JoinWay.full_warned_at.is_(None),
        JoinWay.seats_count * 100 >= JoinWay.capacity_count * FULL_WARNED_PERCENT,
    )
    rows = session.execute(
        select(JoinWay, FanGroup, ends_soon, is_nearly_full)
        .join(FanGroup, FanGroup.id == JoinWay.fan_group_id)
        .where(
            JoinWay.closed_at.is_(None),
            or_(JoinWay.expires_at.is_(None), JoinWay.expires_at > now - timedelta(days=1)),
            FanGroup.state == "open",
            or_(ends_soon, is_nearly_full),
        )
        .order_by(JoinWay.expires_at, JoinWay.id)
        .limit(WARNINGS_MAX)
    )
    return [
        DueWarning(
            join_way_id=way.id,
            fan_group_id=group.id,
            keeper_person_id=keeper_of(session, group),
            name=group.name,
            kind=way.kind,
            ends_soon_at=way.expires_at if ends else None,
            is_nearly_full=bool(is_full),
            seats_count=way.seats_count,
            capacity_count=way.capacity_count,
        )
        for way, group, ends, is_full in rows
    ]


def keeper_of(session: Session, group: FanGroup) -> UUID:
    """Who is told about the group: the keeper who was named, or else its creator."""
    return group.keeper_person_id or creators.get(session, group.creator_id).person_id


def _is_same(session: Session, one: UUID, other: UUID) -> bool:
    return other in set(session.scalars(family_of(one)))
