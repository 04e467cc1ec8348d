"""What the clock does to groups: seats lapse, the queue moves up, the keeper is warned."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update

from creator_tools.fan_groups import queries
from creator_tools.fan_groups.models import JoinWay, Seat, Wait
from creator_tools.fan_groups.queries import DueWarning
from creator_tools.fan_groups.rules import GroupTerms
from creator_tools.fan_groups.service.groups import lock
from creator_tools.fan_groups.service.places import give_place_back, take_place, try_turn
from creator_tools.fan_groups.service.seats import reserve
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.people.queries import family_of, survivor_of

BATCH = 50


def release_lapsed(uow: UnitOfWork, *, limit: int = BATCH) -> int:
    """Take back seats whose time is over, of one way at a time; returns how many.

    Nothing tells whether a person scanned a code without saying so; then the place is offered
    again, and whoever scans a code that is really full is told so by the platform.
    """
    now = uow.now()
    first = (
        select(Seat.join_way_id)
        .where(Seat.lapses_at <= now)
        .order_by(Seat.lapses_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    way_id = uow.session.scalar(first)
    if way_id is None:
        return 0
    lapsed = uow.session.scalars(
        select(Seat)
        .where(Seat.join_way_id == way_id, Seat.lapses_at <= now)
        .order_by(Seat.lapses_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    for seat in lapsed:
        uow.audit("seat.lapsed", "person", seat.person_id, fan_group_id=str(seat.fan_group_id))
        uow.session.delete(seat)
    uow.session.flush()
    give_place_back(uow, way_id, len(lapsed))
    return len(lapsed)


def promote(
    uow: UnitOfWork, *, fan_group_id: UUID, terms: GroupTerms, limit: int = BATCH
) -> list[Seat]:
    """Give free places to those who wait longest, and keep each for its time; returns the seats.

    Whoever may not enter any more, or has a seat already, leaves the queue.
    """
    group = lock(uow, fan_group_id, None)
    if group.state != "open":
        return []
    given: list[Seat] = []
    for wait in _longest_waiting(uow, fan_group_id, limit):
        if not try_turn(uow, group.id, survivor_of(uow.session, wait.person_id) or wait.person_id):
            continue
        if not _still_waits(uow, wait):
            continue
        if _has_seat(uow, wait) or not queries.may_enter(
            uow.session, group, wait.person_id, uow.now()
        ):
            uow.session.delete(wait)
            continue
        way = take_place(uow, group)
        if way is None:
            break
        uow.session.delete(wait)
        uow.session.flush()
        given.append(reserve(uow, group, wait.person_id, way.id, terms))
    uow.session.flush()
    return given


def note_warning(uow: UnitOfWork, warning: DueWarning) -> bool:
    """Write down that the keeper is told now; False when somebody told them meanwhile."""
    changes: dict[str, datetime] = {}
    wanted = update(JoinWay).where(JoinWay.id == warning.join_way_id)
    if warning.ends_soon_at is not None:
        changes["expiry_warned_at"] = uow.now()
        wanted = wanted.where(JoinWay.expiry_warned_at.is_(None))
    if warning.is_nearly_full:
        changes["full_warned_at"] = uow.now()
        wanted = wanted.where(JoinWay.full_warned_at.is_(None))
    noted = uow.session.execute(
        wanted.values(**changes).returning(JoinWay.id).execution_options(synchronize_session=False)
    )
    return noted.first() is not None


def _longest_waiting(uow: UnitOfWork, fan_group_id: UUID, limit: int) -> Sequence[Wait]:
    return uow.session.scalars(
        select(Wait)
        .where(Wait.fan_group_id == fan_group_id)
        .order_by(Wait.waits_since, Wait.id)
        .limit(limit)
    ).all()


def _still_waits(uow: UnitOfWork, wait: Wait) -> bool:
    found = uow.session.scalar(
        select(Wait.id).where(Wait.id == wait.id).with_for_update(skip_locked=True)
    )
    return found is not None


def _has_seat(uow: UnitOfWork, wait: Wait) -> bool:
    found = uow.session.scalar(
        select(Seat.id).where(
            Seat.fan_group_id == wait.fan_group_id, Seat.person_id.in_(family_of(wait.person_id))
        )
    )
    return found is not None
