"""Groups on WeCom: ways that the platform makes, and who is in their rooms.

Each promise makes one kind of call. A way that was made and never told of is harmless: nobody is
sent there. An event says only that a room changed, and it may come twice, or before the change
can be read; so the room is read a moment later, and what it holds is compared with the seats.
"""

from functools import partial
from uuid import UUID

from prometheus_client import Counter

from app.wiring.effects import ASK, DONE, EffectKind, Result, object_of
from app.wiring.wechat import WeChat
from creator_tools.fan_groups import queries, service
from creator_tools.fan_groups.rules import code_in
from creator_tools.kernel.effects import ClaimedEffect, Outcome
from creator_tools.kernel.errors import DomainError
from creator_tools.kernel.unit_of_work import UnitOfWork, UnitsOfWork
from creator_tools.people import queries as people
from wechat_handlers.wire.wecom_client import RoomRead

ROOMS_OF_NOBODY = Counter(
    "juanliu_wecom_rooms_of_nobody_total", "Changes of rooms that belong to no group of ours"
)


class Rooms:
    """Keeps the promises about groups on WeCom."""

    def __init__(self, units: UnitsOfWork, wechat: WeChat) -> None:
        self._units = units
        self._wechat = wechat

    def kinds(self) -> dict[str, EffectKind]:
        """Every kind with the function that keeps it."""
        return {
            "wecom.join_way": EffectKind(self._make_way, ASK),
            "wecom.open_way": EffectKind(self._open_way, ASK),
            "wecom.read_room": EffectKind(self._read_room, ASK),
        }

    def _make_way(self, claimed: ClaimedEffect) -> Result:
        group_id = object_of(claimed)
        with self._units.reading() as session:
            group = queries.get(session, group_id)
        way_ref = self._wechat.wecom.add_join_way(
            UUID(claimed.payload["account_id"]),
            state=group.code,
            name=group.name,
            room_refs=claimed.payload["rooms"],
        )

        def promise(uow: UnitOfWork) -> None:
            uow.promise(
                "wecom.open_way",
                way_ref,
                object_type="fan_group",
                object_id=group_id,
                payload={**claimed.payload, "way": way_ref},
            )

        self._units.run("fan_groups.rooms", promise)
        return Result(Outcome.DONE, external_ref=way_ref)

    def _open_way(self, claimed: ClaimedEffect) -> Result:
        account_id, way_ref = UUID(claimed.payload["account_id"]), claimed.payload["way"]
        picture = self._wechat.wecom.join_way_picture(account_id, way_ref)
        try:
            said = code_in(picture)
        except DomainError as refusal:
            return Result(Outcome.REFUSED, error_code=refusal.code)
        self._units.run(
            "fan_groups.rooms",
            lambda uow: service.add_room_way(
                uow,
                fan_group_id=object_of(claimed),
                account_id=account_id,
                external_ref=way_ref,
                said=said,
                room_refs=claimed.payload["rooms"],
            ),
        )
        return DONE

    def _read_room(self, claimed: ClaimedEffect) -> Result:
        account_id, room_ref = UUID(claimed.payload["account_id"]), claimed.payload["room"]
        room = self._wechat.wecom.read_room(account_id, room_ref)
        room = room or RoomRead(room_ref, "", 0, ())
        unions = {one.union_subject for one in room.members if one.union_subject}
        with self._units.reading() as session:
            present = set(people.people_of_unions(session, unions).values())
        group_id = self._units.run(
            "fan_groups.rooms",
            lambda uow: service.note_room(
                uow,
                account_id=account_id,
                room_ref=room_ref,
                states={one.state for one in room.members if one.state},
                members_count=room.members_count,
                known_count=len(present),
            ),
        )
        if group_id is None:
            ROOMS_OF_NOBODY.inc()
            return DONE
        self._compare(group_id, room_ref, present)
        return DONE

    def _compare(self, group_id: UUID, room_ref: str, present: set[UUID]) -> None:
        """One unit for each person: whoever is at the door meanwhile waits for nobody else."""
        with self._units.reading() as session:
            before = set(queries.list_seated_in_room(session, group_id, room_ref))
        for person_id in sorted(present - before):
            self._units.run(
                "fan_groups.rooms",
                partial(
                    service.note_member,
                    fan_group_id=group_id,
                    person_id=person_id,
                    room_ref=room_ref,
                ),
            )
        for person_id in sorted(before - present):
            self._units.run(
                "fan_groups.rooms",
                partial(
                    service.note_gone,
                    fan_group_id=group_id,
                    person_id=person_id,
                    room_ref=room_ref,
                ),
            )
