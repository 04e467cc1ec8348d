"""Fan groups, the ways into them, and the door that reserves one seat for each reader."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from creator_tools.access.queries import has_any_in_column
from creator_tools.columns.queries import get_of_creator as get_column_of_creator
from creator_tools.creators.queries import find_by_person
from creator_tools.fan_groups import queries
from creator_tools.fan_groups.errors import (
    DoorShownTooOften,
    FanGroupNotFound,
    JoinWayNotFound,
    NoDoorOpen,
    NotEntitled,
    TooManyJoinWays,
)
from creator_tools.fan_groups.models import STATES, FanGroup, JoinWay, Seat
from creator_tools.fan_groups.rules import (
    CAPACITY_COUNT_MAX,
    CODE_LENGTH,
    JOIN_WAYS_PER_GROUP_MAX,
    NAME_CHARS_MAX,
    VIEWS_PER_MINUTE_MAX,
    clean_url,
    usable_until,
)
from creator_tools.kernel import rng
from creator_tools.kernel.models import AuditEvent
from creator_tools.kernel.text import clean_count, clean_line, refused
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.people.queries import family_of, survivor_of


def create(uow: UnitOfWork, *, creator_id: UUID, column_id: UUID, name: str) -> FanGroup:
    """Make a group for the readers of a column; its code never changes.

    Raises:
        TextRefused: the name cannot be kept.
        ColumnNotFound: there is no such column of this creator.
    """
    cleaned = clean_line(name, "name", NAME_CHARS_MAX)
    column = get_column_of_creator(uow.session, column_id, creator_id)
    group_id = None
    while group_id is None:
        group_id = uow.session.scalar(
            insert(FanGroup)
            .values(
                id=uow.ids.new(),
                creator_id=creator_id,
                column_id=column.id,
                name=cleaned,
                code=rng.short_code(uow.rng, CODE_LENGTH),
                state="open",
                created_at=uow.now(),
            )
            .on_conflict_do_nothing(index_elements=["code"])
            .returning(FanGroup.id)
        )
    uow.audit("fan_group.created", "fan_group", group_id, column_id=str(column_id))
    return queries.get(uow.session, group_id)


def rename(uow: UnitOfWork, *, fan_group_id: UUID, creator_id: UUID, name: str) -> FanGroup:
    """Give a group another name.

    Raises:
        TextRefused: the name cannot be kept.
        FanGroupNotFound: there is no such group of this creator.
    """
    cleaned = clean_line(name, "name", NAME_CHARS_MAX)
    group = _lock(uow, fan_group_id, creator_id)
    before, group.name = group.name, cleaned
    uow.audit("fan_group.renamed", "fan_group", group.id, before=before, after=cleaned)
    return group


def set_state(uow: UnitOfWork, *, fan_group_id: UUID, creator_id: UUID, state: str) -> FanGroup:
    """Open or close a group; a closed one lets nobody in.

    Raises:
        ValueError: there is no such state.
        FanGroupNotFound: there is no such group of this creator.
    """
    if state not in STATES:
        raise ValueError(f"no state of a group is called {state!r}")
    group = _lock(uow, fan_group_id, creator_id)
    before, group.state = group.state, state
    uow.audit("fan_group.state_changed", "fan_group", group.id, before=before, after=state)
    return group


def add_join_way(
    uow: UnitOfWork,
    *,
    fan_group_id: UUID,
    url: str,
    capacity_count: int,
    expires_at: datetime | None = None,
    creator_id: UUID | None = None,
) -> JoinWay:
    """Open one more way into a group; it is used when those before it are full.

    Args:
        url: https address of the group's code or link, or a page of our own.
        capacity_count: how many people may be sent there, 1 to 2000.
        expires_at: aware; after it, less ten minutes, nobody is sent there.
        creator_id: when given, the group must be this creator's.

    Raises:
        TextRefused: the address, the capacity or the end cannot be kept.
        FanGroupNotFound: there is no such group, or it is not this creator's.
        TooManyJoinWays: the group has 100 open ways.
    """
    address = clean_url(url)
    capacity = clean_count(capacity_count, "capacity_count", 1, CAPACITY_COUNT_MAX)
    _refuse_past(uow, expires_at)
    group = _lock(uow, fan_group_id, creator_id)
    open_count = uow.session.scalar(
        select(func.count())
        .select_from(JoinWay)
        .where(JoinWay.fan_group_id == group.id, JoinWay.closed_at.is_(None))
    )
    if (open_count or 0) >= JOIN_WAYS_PER_GROUP_MAX:
        raise TooManyJoinWays(limit=JOIN_WAYS_PER_GROUP_MAX)
    way = JoinWay(
        id=uow.ids.new(),
        creator_id=group.creator_id,
        fan_group_id=group.id,
        url=address,
        capacity_count=capacity,
        seats_count=0,
        expires_at=expires_at,
        created_at=uow.now(),
    )
    uow.session.add(way)
    uow.session.flush()
    # The address lets people in, so the audit does not hold it.
    uow.audit("join_way.opened", "join_way", way.id, fan_group_id=str(group.id), capacity=capacity)
    return way


def close_join_way(uow: UnitOfWork, *, join_way_id: UUID, creator_id: UUID) -> JoinWay:
    """Send nobody through this way any more, as when it leaked; closing again changes nothing.

    Raises:
        JoinWayNotFound: there is no such way of this creator.
    """
    way = uow.session.scalar(
        select(JoinWay)
        .where(JoinWay.id == join_way_id, JoinWay.creator_id == creator_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if way is None:
        raise JoinWayNotFound(join_way_id=str(join_way_id))
    if way.closed_at is None:
        way.closed_at = uow.now()
        uow.session.flush()
        uow.audit("join_way.closed", "join_way", way.id, fan_group_id=str(way.fan_group_id))
    return way


def replace_join_way(
    uow: UnitOfWork,
    *,
    join_way_id: UUID,
    creator_id: UUID,
    url: str,
    capacity_count: int,
    expires_at: datetime | None = None,
) -> JoinWay:
    """Open a new way and close this one in the same commit; the group's own link stays.

    Raises:
        As `close_join_way` and `add_join_way`; then nothing is closed.
    """
    closed = close_join_way(uow, join_way_id=join_way_id, creator_id=creator_id)
    return add_join_way(
        uow,
        fan_group_id=closed.fan_group_id,
        url=url,
        capacity_count=capacity_count,
        expires_at=expires_at,
        creator_id=creator_id,
    )


def door(uow: UnitOfWork, *, fan_group_id: UUID, person_id: UUID) -> str:
    """The address through which this person joins; reserves their one seat at the first time.

    Coming again shows the same address while it is good, and a seat elsewhere once it is not.
    Show the answer to this person only and never let it be cached.

    Raises:
        FanGroupNotFound: there is no such group.
        NotEntitled: no live right opens the column or one of its works to this person.
        NoDoorOpen: the group is closed, or every way is full or nearly expired.
        DoorShownTooOften: the sixth time within a minute.
    """
    group = queries.get(uow.session, fan_group_id)
    if not _may_enter(uow, group, person_id):
        raise NotEntitled(fan_group_id=str(group.id))
    if group.state != "open":
        raise NoDoorOpen(fan_group_id=str(group.id))
    survivor_id = survivor_of(uow.session, person_id) or person_id
    # Two taps of one person wait for each other here, so the second finds the seat of the first.
    key = f"seat:{group.id}:{survivor_id}"
    uow.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))
    _refuse_haste(uow, group, survivor_id)
    url = _door_of_seat(uow, group, survivor_id)
    uow.audit("fan_group.door_shown", "person", survivor_id, fan_group_id=str(group.id))
    return url


def _may_enter(uow: UnitOfWork, group: FanGroup, person_id: UUID) -> bool:
    if has_any_in_column(
        uow.session, person_id=person_id, column_id=group.column_id, now=uow.now()
    ):
        return True
    creator = find_by_person(uow.session, person_id)
    return creator is not None and creator.id == group.creator_id


def _refuse_haste(uow: UnitOfWork, group: FanGroup, person_id: UUID) -> None:
    shown_count = uow.session.scalar(
        select(func.count())
        .select_from(AuditEvent)
        .where(
            AuditEvent.object_type == "person",
            AuditEvent.object_id == person_id,
            AuditEvent.action == "fan_group.door_shown",
            AuditEvent.facts["fan_group_id"].astext == str(group.id),
            AuditEvent.at > uow.now() - timedelta(minutes=1),
        )
    )
    if (shown_count or 0) >= VIEWS_PER_MINUTE_MAX:
        raise DoorShownTooOften(fan_group_id=str(group.id))


def _door_of_seat(uow: UnitOfWork, group: FanGroup, person_id: UUID) -> str:
    seat = uow.session.scalar(
        select(Seat)
        .where(Seat.fan_group_id == group.id, Seat.person_id.in_(family_of(person_id)))
        .order_by(Seat.reserved_at, Seat.id)
        .limit(1)
    )
    if seat is not None:
        kept = uow.session.scalar(
            select(JoinWay.url).where(JoinWay.id == seat.join_way_id, *_usable(uow))
        )
        if kept is not None:
            return kept
    way_id, url = _take_place(uow, group)
    if seat is None:
        seat = Seat(
            id=uow.ids.new(),
            creator_id=group.creator_id,
            fan_group_id=group.id,
            join_way_id=way_id,
            person_id=person_id,
            reserved_at=uow.now(),
        )
        uow.session.add(seat)
    else:
        _give_place_back(uow, seat.join_way_id)
        seat.join_way_id, seat.reserved_at = way_id, uow.now()
    uow.session.flush()
    uow.audit("seat.reserved", "fan_group", group.id, join_way_id=str(way_id))
    return url


def _take_place(uow: UnitOfWork, group: FanGroup) -> tuple[UUID, str]:
    """Take one place in the oldest way that has one, in a single guarded statement."""
    # Whoever comes second to a row waits for it, and PostgreSQL looks at the condition again:
    # a way that filled up meanwhile is passed over and the next one is tried.
    candidate = (
        select(JoinWay.id)
        .where(
            JoinWay.fan_group_id == group.id,
            JoinWay.seats_count < JoinWay.capacity_count,
            *_usable(uow),
        )
        .order_by(JoinWay.created_at, JoinWay.id)
        .limit(1)
        .with_for_update()
        .scalar_subquery()
    )
    taken = uow.session.execute(
        update(JoinWay)
        .where(JoinWay.id == candidate)
        .values(seats_count=JoinWay.seats_count + 1)
        .returning(JoinWay.id, JoinWay.url, JoinWay.seats_count, JoinWay.capacity_count)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if taken is None:
        raise NoDoorOpen(fan_group_id=str(group.id))
    if taken.seats_count == taken.capacity_count:
        _warn_when_full(uow, group, taken.id)
    return taken.id, taken.url


def _warn_when_full(uow: UnitOfWork, group: FanGroup, last_way_id: UUID) -> None:
    if queries.count_free_seats(uow.session, group.id, uow.now()) == 0:
        uow.alarm("fan_group_full", f"{group.id}:{last_way_id}", fan_group_id=str(group.id))


def _give_place_back(uow: UnitOfWork, join_way_id: UUID) -> None:
    uow.session.execute(
        update(JoinWay)
        .where(JoinWay.id == join_way_id, JoinWay.seats_count > 0)
        .values(seats_count=JoinWay.seats_count - 1)
        .execution_options(synchronize_session=False)
    )


def _usable(uow: UnitOfWork) -> tuple[ColumnElement[bool], ...]:
    return (
        JoinWay.closed_at.is_(None),
        or_(JoinWay.expires_at.is_(None), JoinWay.expires_at > usable_until(uow.now())),
    )


def _refuse_past(uow: UnitOfWork, expires_at: datetime | None) -> None:
    if expires_at is not None and expires_at <= usable_until(uow.now()):
        raise refused(
            "expires_at",
            "too_soon",
            "的有效期太短了，至少要在十分钟以后。",
            "is too soon; it must be more than ten minutes from now.",
        )


def _lock(uow: UnitOfWork, fan_group_id: UUID, creator_id: UUID | None) -> FanGroup:
    wanted = select(FanGroup).where(FanGroup.id == fan_group_id)
    if creator_id is not None:
        wanted = wanted.where(FanGroup.creator_id == creator_id)
    group = uow.session.scalar(wanted.with_for_update().execution_options(populate_existing=True))
    if group is None:
        raise FanGroupNotFound(fan_group_id=str(fan_group_id))
    return group
