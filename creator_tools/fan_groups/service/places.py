"""Taking a place in a way and giving it back; and where a person stands afterwards."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update

from creator_tools.fan_groups import queries
from creator_tools.fan_groups.models import FanGroup, JoinWay
from creator_tools.kernel.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class OpenDoor:
    """A seat in a way that is good now.

    Attributes:
        kind: "link" and "wecom" are tapped or scanned, "qr" is scanned.
        url: what the link or the code says; for this person only.
        expires_at: when the way ends, if it does.
        lapses_at: until when the seat waits for the person; None once they said they are in.
    """

    kind: str
    url: str
    expires_at: datetime | None
    lapses_at: datetime | None


@dataclass(frozen=True)
class Inside:
    """The person said that they are in, and the way they came by is gone."""


@dataclass(frozen=True)
class Queued:
    """Every place is taken; the person is the `position`-th to get the next one, from 1."""

    position: int


Place = OpenDoor | Inside | Queued


@dataclass(frozen=True)
class TakenWay:
    """The way in which a place was just taken."""

    id: UUID
    kind: str
    url: str
    expires_at: datetime | None


def take_place(uow: UnitOfWork, group: FanGroup) -> TakenWay | None:
    """Take one place in the oldest way that has one, in a single guarded statement."""
    # Whoever comes second to a row waits for it, and PostgreSQL looks at the condition again:
    # a way that filled up meanwhile is passed over and the next one is tried.
    candidate = (
        select(JoinWay.id)
        .where(
            JoinWay.fan_group_id == group.id,
            JoinWay.seats_count < JoinWay.capacity_count,
            queries.usable(uow.now()),
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
        .returning(
            JoinWay.id,
            JoinWay.kind,
            JoinWay.url,
            JoinWay.expires_at,
            JoinWay.seats_count,
            JoinWay.capacity_count,
        )
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if taken is None:
        return None
    if taken.seats_count == taken.capacity_count:
        _warn_when_full(uow, group, taken.id)
    return TakenWay(taken.id, taken.kind, taken.url, taken.expires_at)


def give_place_back(uow: UnitOfWork, join_way_id: UUID, count: int = 1) -> None:
    """Let others have these places of a way."""
    uow.session.execute(
        update(JoinWay)
        .where(JoinWay.id == join_way_id)
        .values(seats_count=func.greatest(JoinWay.seats_count - count, 0))
        .execution_options(synchronize_session=False)
    )


def take_turns(uow: UnitOfWork, fan_group_id: UUID, person_id: UUID) -> None:
    """Wait for what else this person does at this group, until the unit ends."""
    key = _turn(fan_group_id, person_id)
    uow.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))


def try_turn(uow: UnitOfWork, fan_group_id: UUID, person_id: UUID) -> bool:
    """As `take_turns`, but False instead of waiting when the person is at the door just now."""
    key = _turn(fan_group_id, person_id)
    taken = uow.session.scalar(
        select(func.pg_try_advisory_xact_lock(func.hashtextextended(key, 0)))
    )
    return bool(taken)


def _turn(fan_group_id: UUID, person_id: UUID) -> str:
    return f"seat:{fan_group_id}:{person_id}"


def _warn_when_full(uow: UnitOfWork, group: FanGroup, last_way_id: UUID) -> None:
    if queries.count_free_seats(uow.session, group.id, uow.now()) == 0:
        uow.alarm("fan_group_full", f"{group.id}:{last_way_id}", fan_group_id=str(group.id))
