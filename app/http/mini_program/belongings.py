"""What the caller may open, and the doors of fan groups."""

from apiflask import APIBlueprint
from flask import request

from app.http import sessions
from app.http.errors import known_id
from app.http.mini_program.shapes import Door, EntitlementsListed, at_beijing
from app.http.needs import HttpWiring
from creator_tools.access import queries as access
from creator_tools.access.queries import HeldEntitlement
from creator_tools.fan_groups import service as fan_groups
from creator_tools.fan_groups.errors import SeatAwaited
from creator_tools.fan_groups.service import OpenDoor, Place, Queued
from creator_tools.kernel.errors import FieldError, InputRefused
from creator_tools.kernel.unit_of_work import UnitOfWork

LIMIT_MAX = 100


def register(api: APIBlueprint, wiring: HttpWiring) -> None:
    """Hang these doors."""

    @api.get("/me/entitlements")
    @api.output(EntitlementsListed)
    @api.doc(summary="What the caller may open", security="Bearer")
    def list_entitlements() -> EntitlementsListed:
        signed_in = sessions.required_bearer(wiring)
        limit = _limit()
        with wiring.units.reading() as session:
            owned = access.list_entitlements(session, signed_in.person_id, wiring.units.clock.now())
        ordered = sorted(owned, key=lambda one: (str(one.object_id), one.object_type))
        rest = _after(ordered, request.args.get("cursor"))
        page, more = rest[:limit], rest[limit:]
        return EntitlementsListed.model_validate(
            {
                "items": [_listed(one) for one in page],
                "next_cursor": _cursor(page[-1]) if page and more else None,
            }
        )

    @api.get("/fan-groups/<fan_group_id>/door")
    @api.output(Door)
    @api.doc(summary="The way into a fan group, for a reader of its column", security="Bearer")
    def open_door(fan_group_id: str) -> Door:
        signed_in = sessions.required_bearer(wiring)
        group_id = known_id(fan_group_id)

        def seat(uow: UnitOfWork) -> Place:
            return fan_groups.door(
                uow,
                fan_group_id=group_id,
                person_id=signed_in.person_id,
                terms=wiring.group_terms,
            )

        place = wiring.units.run("fan_groups.seat", seat, sessions.actor_of(signed_in))
        if isinstance(place, OpenDoor):
            return Door(url=place.url)
        # Said after the commit, so that whoever reads it does stand in the queue.
        raise SeatAwaited(position=place.position if isinstance(place, Queued) else 1)


def _listed(one: HeldEntitlement) -> dict[str, str | None]:
    return {
        "object_type": one.object_type,
        "object_id": str(one.object_id),
        "ends_at": at_beijing(one.ends_at) if one.ends_at else None,
    }


def _cursor(one: HeldEntitlement) -> str:
    return f"{one.object_id}.{one.object_type}"


def _after(ordered: list[HeldEntitlement], cursor: str | None) -> list[HeldEntitlement]:
    if cursor is None:
        return ordered
    object_id, _, object_type = cursor.partition(".")
    known_id(object_id, "cursor")
    return [
        one for one in ordered if (str(one.object_id), one.object_type) > (object_id, object_type)
    ]


def _limit() -> int:
    text = request.args.get("limit", str(LIMIT_MAX))
    if text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= LIMIT_MAX:
        return int(text)
    message = f"limit 要是 1 到 {LIMIT_MAX} 之间的整数。"
    raise InputRefused(fields=(FieldError("limit", "out_of_range", message),))
