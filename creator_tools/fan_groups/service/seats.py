"""The door: one seat for each person, the same one again, and the queue when none is left."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from creator_tools.fan_groups import queries
from creator_tools.fan_groups.errors import (
    DoorShownTooOften,
    NoDoorOpen,
    NotEntitled,
    NotFollowing,
    SeatNotFound,
)
from creator_tools.fan_groups.models import FanGroup, JoinWay, Seat, Wait
from creator_tools.fan_groups.rules import VIEWS_PER_MINUTE_MAX, GroupTerms
from creator_tools.fan_groups.service.places import (
    Inside,
    OpenDoor,
    Place,
    Queued,
    TakenWay,
    give_place_back,
    take_place,
    take_turns,
)
from creator_tools.kernel.models import AuditEvent
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.people.queries import family_of, survivor_of

TERMS = GroupTerms()


def door(
    uow: UnitOfWork,
    *,
    fan_group_id: UUID,
    person_id: UUID,
    terms: GroupTerms = TERMS,
    is_again: bool = True,
) -> Place:
    """Where this person joins; reserves their one seat at the first time, or a place in the queue.

    Coming again shows the same door while it is good, and a seat elsewhere once it is not. A seat
    lapses when its time is over and the person has not said that they are in.
    Show the answer to this person only and never let it be cached.

    Args:
        is_again: whoever said that they are in, and whose way is gone, asks to be let in anew.

    Raises:
        FanGroupNotFound: there is no such group.
        NotEntitled, NotFollowing: the group's gate does not let this person in.
        NoDoorOpen: the group is closed.
        DoorShownTooOften: the sixth time within a minute.
    """
    group = queries.get(uow.session, fan_group_id)
    if not queries.may_enter(uow.session, group, person_id, uow.now()):
        refusal = NotFollowing if group.gate == "follower" else NotEntitled
        raise refusal(fan_group_id=str(group.id))
    if group.state != "open":
        raise NoDoorOpen(fan_group_id=str(group.id))
    survivor_id = survivor_of(uow.session, person_id) or person_id
    # Two taps of one person wait for each other here, so the second finds the seat of the first.
    take_turns(uow, group.id, survivor_id)
    _refuse_haste(uow, group, survivor_id)
    place = _kept_place(uow, group, survivor_id, terms, is_again=is_again)
    place = place or _new_place(uow, group, survivor_id, terms)
    if isinstance(place, OpenDoor):
        uow.audit("fan_group.door_shown", "person", survivor_id, fan_group_id=str(group.id))
    return place


def confirm(uow: UnitOfWork, *, fan_group_id: UUID, person_id: UUID) -> Seat:
    """Keep the seat of somebody who says that they are in; saying it again changes nothing.

    Raises:
        SeatNotFound: they have none, or it has lapsed.
    """
    survivor_id = survivor_of(uow.session, person_id) or person_id
    take_turns(uow, fan_group_id, survivor_id)
    seat = lock_seat(uow, fan_group_id, survivor_id)
    if seat is None or _has_lapsed(uow, seat):
        raise SeatNotFound(fan_group_id=str(fan_group_id))
    if seat.state != "confirmed":
        seat.state, seat.confirmed_at, seat.lapses_at = "confirmed", uow.now(), None
        uow.session.flush()
        uow.audit(
            "seat.confirmed", "person", survivor_id, fan_group_id=str(fan_group_id), by="self"
        )
    return seat


def leave(uow: UnitOfWork, *, fan_group_id: UUID, person_id: UUID) -> bool:
    """Give up a seat or a place in the queue, so that others get it; False without one."""
    survivor_id = survivor_of(uow.session, person_id) or person_id
    take_turns(uow, fan_group_id, survivor_id)
    seat = lock_seat(uow, fan_group_id, survivor_id)
    was_waiting = stop_waiting(uow, fan_group_id, survivor_id)
    if seat is not None:
        release(uow, seat)
        uow.audit("seat.given_up", "person", survivor_id, fan_group_id=str(fan_group_id))
    return was_waiting or seat is not None


def leave_shut(uow: UnitOfWork, *, person_id: UUID, column_ids: Collection[UUID]) -> int:
    """Give up every seat and place in a queue whose gate no longer lets this person in.

    For whoever has just lost a right: others get the place. Returns how many were given up.
    """
    given_up_count = 0
    for group in queries.list_of_columns(uow.session, sorted(column_ids)):
        if queries.may_enter(uow.session, group, person_id, uow.now()):
            continue
        given_up_count += leave(uow, fan_group_id=group.id, person_id=person_id)
    return given_up_count


def release(uow: UnitOfWork, seat: Seat) -> None:
    """Take a locked seat away and let others have its place."""
    way_id = seat.join_way_id
    uow.session.delete(seat)
    uow.session.flush()
    give_place_back(uow, way_id)


def reserve(
    uow: UnitOfWork, group: FanGroup, person_id: UUID, way_id: UUID, terms: GroupTerms
) -> Seat:
    """Write the seat for a place that was just taken."""
    seat = Seat(
        id=uow.ids.new(),
        creator_id=group.creator_id,
        fan_group_id=group.id,
        join_way_id=way_id,
        person_id=person_id,
        state="reserved",
        reserved_at=uow.now(),
        lapses_at=uow.now() + terms.seat_life,
    )
    uow.session.add(seat)
    uow.session.flush()
    uow.audit("seat.reserved", "fan_group", group.id, join_way_id=str(way_id))
    return seat


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


def _kept_place(
    uow: UnitOfWork, group: FanGroup, person_id: UUID, terms: GroupTerms, *, is_again: bool
) -> Place | None:
    """What the person's own seat is good for now; None when they have none (any more)."""
    seat = lock_seat(uow, group.id, person_id)
    if seat is None:
        return None
    if _has_lapsed(uow, seat):
        release(uow, seat)
        return None
    kept = uow.session.execute(
        select(JoinWay.id, JoinWay.kind, JoinWay.url, JoinWay.expires_at).where(
            JoinWay.id == seat.join_way_id, queries.usable(uow.now())
        )
    ).one_or_none()
    if kept is not None:
        return _shown(TakenWay(*kept), seat)
    if seat.state == "confirmed" and not is_again:
        return Inside()
    way = take_place(uow, group)
    if way is None:
        release(uow, seat)
        return _wait(uow, group, person_id)
    give_place_back(uow, seat.join_way_id)
    seat.join_way_id, seat.reserved_at, seat.room_ref = way.id, uow.now(), None
    seat.state, seat.confirmed_at = "reserved", None
    seat.lapses_at = uow.now() + terms.seat_life
    uow.session.flush()
    uow.audit("seat.reserved", "fan_group", group.id, join_way_id=str(way.id))
    return _shown(way, seat)


def _new_place(uow: UnitOfWork, group: FanGroup, person_id: UUID, terms: GroupTerms) -> Place:
    """A seat, if one is free and nobody waits longer for it; else a place in the queue."""
    ahead = queries.count_ahead(uow.session, group.id, person_id)
    if ahead and ahead >= queries.count_free_seats(uow.session, group.id, uow.now()):
        return _wait(uow, group, person_id)
    way = take_place(uow, group)
    if way is None:
        return _wait(uow, group, person_id)
    stop_waiting(uow, group.id, person_id)
    return _shown(way, reserve(uow, group, person_id, way.id, terms))


def _wait(uow: UnitOfWork, group: FanGroup, person_id: UUID) -> Queued:
    waiting = uow.session.scalar(
        select(Wait.id).where(
            Wait.fan_group_id == group.id, Wait.person_id.in_(family_of(person_id))
        )
    )
    if waiting is None:
        uow.session.execute(
            insert(Wait).values(
                id=uow.ids.new(),
                creator_id=group.creator_id,
                fan_group_id=group.id,
                person_id=person_id,
                waits_since=uow.now(),
            )
        )
        uow.audit("seat.awaited", "person", person_id, fan_group_id=str(group.id))
    return Queued(queries.count_ahead(uow.session, group.id, person_id) + 1)


def stop_waiting(uow: UnitOfWork, fan_group_id: UUID, person_id: UUID) -> bool:
    """Take a person out of the queue; False when they were not in it."""
    gone = uow.session.scalars(
        delete(Wait)
        .where(Wait.fan_group_id == fan_group_id, Wait.person_id.in_(family_of(person_id)))
        .returning(Wait.id)
        .execution_options(synchronize_session=False)
    )
    return bool(gone.all())


def lock_seat(uow: UnitOfWork, fan_group_id: UUID, person_id: UUID) -> Seat | None:
    """The seat of a person, locked until the unit ends, or None."""
    # The seat before its way, here as in the upkeep, so that nobody waits in a circle.
    return uow.session.scalar(
        select(Seat)
        .where(Seat.fan_group_id == fan_group_id, Seat.person_id.in_(family_of(person_id)))
        .order_by(Seat.reserved_at, Seat.id)
        .limit(1)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _has_lapsed(uow: UnitOfWork, seat: Seat) -> bool:
    return seat.lapses_at is not None and seat.lapses_at <= uow.now()


def _shown(way: TakenWay, seat: Seat) -> OpenDoor:
    return OpenDoor(way.kind, way.url, way.expires_at, seat.lapses_at)
