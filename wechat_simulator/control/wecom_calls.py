"""Control of the company: its console, its rooms, and who leaves them."""

import re
from typing import Any

from wechat_simulator.control.entry import control, only
from wechat_simulator.impossible import Impossible
from wechat_simulator.routes import Request, Router
from wechat_simulator.wecom.model import ROOM_CAPACITY, Company, Room
from wechat_simulator.wecom.office import Office
from wechat_simulator.world import World

_FORMS = {
    "corpid": re.compile(r"[0-9A-Za-z_-]{3,64}"),
    "secret": re.compile(r"[!-~]{1,128}"),
    "token": re.compile(r"[0-9A-Za-z]{3,32}"),
    "aes_key": re.compile(r"[0-9A-Za-z]{43}"),
    "callback_url": re.compile(r"|https?://[^\s]{1,500}"),
}
_NAME_CHARS = 40


def register(router: Router, world: World, office: Office) -> None:
    """Serve the calls under /_sim/wecom."""

    def show(_request: Request, _given: dict[str, Any]) -> Any:
        with world.lock:
            company = office.records.company
            return {
                "company": None if company is None else vars(company),
                "rooms": [_shown(world, room) for room in office.records.rooms.values()],
                "ways": [
                    {"config_id": one.config_id, "state": one.state, "rooms": one.chat_ids}
                    for one in office.records.ways.values()
                ],
            }

    def settle(_request: Request, given: dict[str, Any]) -> Any:
        only(given, *_FORMS)
        for name, shape in _FORMS.items():
            value = given.get(name, "" if name == "callback_url" else None)
            if not isinstance(value, str) or shape.fullmatch(value) is None:
                raise Impossible(name, f"{name} is missing or has a wrong form")
        with world.lock:
            office.records.company = Company(**given)
            return vars(office.records.company)

    def verify(_request: Request, given: dict[str, Any]) -> Any:
        only(given)
        return {"verified": office.verify_address()}

    control(router, "GET", "wecom", show)
    control(router, "PUT", "wecom", settle)
    control(router, "POST", "wecom/verify", verify)
    _register_rooms(router, world, office)


def _register_rooms(router: Router, world: World, office: Office) -> None:
    def make_room(_request: Request, given: dict[str, Any]) -> Any:
        only(given, "name", "capacity")
        name, capacity = given.get("name"), given.get("capacity", ROOM_CAPACITY)
        if not isinstance(name, str) or not 1 <= len(name) <= _NAME_CHARS:
            raise Impossible("name", f"name is a text of 1 to {_NAME_CHARS} characters")
        if isinstance(capacity, bool) or not isinstance(capacity, int) or not 1 <= capacity <= 500:
            raise Impossible("capacity", "capacity is a whole number from 1 to 500")
        with world.lock:
            return _shown(world, office.make_room(name, capacity))

    def leave(request: Request, given: dict[str, Any]) -> Any:
        only(given, "person_id")
        with world.lock:
            events = office.leave(_room(office, request), str(given.get("person_id")))
        return {"pushes": office.push(events)}

    def dismiss(request: Request, given: dict[str, Any]) -> Any:
        only(given)
        with world.lock:
            events = office.dismiss(_room(office, request))
        return {"pushes": office.push(events)}

    control(router, "POST", "wecom/rooms", make_room)
    control(router, "POST", "wecom/rooms/{chat_id}/leave", leave)
    control(router, "POST", "wecom/rooms/{chat_id}/dismiss", dismiss)


def _room(office: Office, request: Request) -> Room:
    room = office.records.rooms.get(request.params["chat_id"])
    if room is None:
        raise Impossible("chat_id", "there is no such room", 404)
    return room


def _shown(world: World, room: Room) -> dict[str, Any]:
    return {
        "chat_id": room.chat_id,
        "name": room.name,
        "capacity": room.capacity,
        "dismissed": room.dismissed,
        "members": [one for one in room.members if one in world.people],
    }
