"""Ways that the platform makes for us, and what it says of who is in their rooms.

Only people whom another account of the owner knows too can be matched with a seat; everybody else
in a room is counted and nothing more. What the platform says beats what a person said.
"""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from creator_tools.fan_groups import queries
from creator_tools.fan_groups.models import FanGroup, JoinWay, Room
from creator_tools.fan_groups.rules import CAPACITY_COUNT_MAX
from creator_tools.fan_groups.service.groups import lock
from creator_tools.fan_groups.service.places import take_turns
from creator_tools.fan_groups.service.seats import lock_seat, release, stop_waiting
from creator_tools.fan_groups.service.ways import open_way
from creator_tools.kernel.text import refused
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.people.queries import survivor_of

ROOMS_MAX = 5
ROOM_REF_CHARS_MAX = 64


def ask_for_way(
    uow: UnitOfWork, *, fan_group_id: UUID, account_id: UUID, room_refs: Sequence[str]
) -> None:
    """Promise to have the platform make a way into these rooms, and into those that follow.

    Raises:
        TextRefused: no room is named, more than five, or one that cannot be.
        FanGroupNotFound: there is no such group.
    """
    named = [ref.strip() for ref in room_refs]
    if not 1 <= len(named) <= ROOMS_MAX or not all(
        ref.isascii() and ref.isprintable() and 0 < len(ref) <= ROOM_REF_CHARS_MAX for ref in named
    ):
        raise refused(
            "rooms",
            "bad_rooms",
            f"要写 1 到 {ROOMS_MAX} 个企业微信群的 chat_id。",
            f"must be 1 to {ROOMS_MAX} ids of rooms.",
        )
    group = lock(uow, fan_group_id, None)
    uow.promise(
        "wecom.join_way",
        f"{group.id}:{uow.ids.new()}",
        object_type="fan_group",
        object_id=group.id,
        payload={"account_id": str(account_id), "rooms": named},
    )
    uow.audit("join_way.asked_for", "fan_group", group.id, rooms=len(named))


def add_room_way(
    uow: UnitOfWork,
    *,
    fan_group_id: UUID,
    account_id: UUID,
    external_ref: str,
    said: str,
    room_refs: Sequence[str],
) -> JoinWay:
    """Open the way that the platform made; once, however often it is told.

    Args:
        external_ref: the platform's name for the way.
        said: what the way's code says.
    """
    group = lock(uow, fan_group_id, None)
    known = uow.session.scalar(
        select(JoinWay).where(
            JoinWay.account_id == account_id, JoinWay.external_ref == external_ref
        )
    )
    if known is not None:
        return known
    way = open_way(
        uow,
        group,
        kind="wecom",
        url=said,
        capacity_count=CAPACITY_COUNT_MAX,
        expires_at=None,
        account_id=account_id,
        external_ref=external_ref,
    )
    for ref in room_refs:
        _write_room(uow, group, account_id, ref, members_count=0, known_count=0)
    return way


def note_room(
    uow: UnitOfWork,
    *,
    account_id: UUID,
    room_ref: str,
    states: Collection[str],
    members_count: int,
    known_count: int,
) -> UUID | None:
    """Write down how many are in a room; the group it belongs to, or None for a stranger's.

    Args:
        states: what members say of the way they came by; it names the group of a room that the
            platform made itself.
    """
    group = queries.find_by_room(uow.session, account_id, room_ref)
    for state in states:
        group = group or queries.find_by_code(uow.session, state)
    if group is None:
        return None
    _write_room(
        uow, group, account_id, room_ref, members_count=members_count, known_count=known_count
    )
    return group.id


def note_member(uow: UnitOfWork, *, fan_group_id: UUID, person_id: UUID, room_ref: str) -> bool:
    """The platform sees this person in a room: their seat is confirmed; False without a seat."""
    survivor_id = survivor_of(uow.session, person_id) or person_id
    take_turns(uow, fan_group_id, survivor_id)
    stop_waiting(uow, fan_group_id, survivor_id)
    seat = lock_seat(uow, fan_group_id, survivor_id)
    if seat is None:
        return False
    seat.room_ref = room_ref
    if seat.state != "confirmed":
        seat.state, seat.confirmed_at, seat.lapses_at = "confirmed", uow.now(), None
        uow.audit("seat.confirmed", "person", survivor_id, fan_group_id=str(fan_group_id))
    uow.session.flush()
    return True


def note_gone(uow: UnitOfWork, *, fan_group_id: UUID, person_id: UUID, room_ref: str) -> bool:
    """The platform sees this person in the room no more: their seat goes to the next."""
    survivor_id = survivor_of(uow.session, person_id) or person_id
    take_turns(uow, fan_group_id, survivor_id)
    seat = lock_seat(uow, fan_group_id, survivor_id)
    if seat is None or seat.room_ref != room_ref:
        return False
    release(uow, seat)
    uow.audit("seat.left", "person", survivor_id, fan_group_id=str(fan_group_id))
    return True


def _write_room(
    uow: UnitOfWork,
    group: FanGroup,
    account_id: UUID,
    room_ref: str,
    *,
    members_count: int,
    known_count: int,
) -> None:
    row = insert(Room).values(
        id=uow.ids.new(),
        creator_id=group.creator_id,
        account_id=account_id,
        fan_group_id=group.id,
        room_ref=room_ref,
        members_count=members_count,
        known_count=known_count,
        read_at=uow.now(),
    )
    uow.session.execute(
        row.on_conflict_do_update(
            index_elements=["account_id", "room_ref"],
            set_={
                "members_count": row.excluded.members_count,
                "known_count": row.excluded.known_count,
                "read_at": row.excluded.read_at,
            },
        )
    )
