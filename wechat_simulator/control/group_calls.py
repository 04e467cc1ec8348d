"""Control of fan groups: who is in them, what they are called, how many fit."""

from typing import Any

from wechat_simulator.control.entry import control, only
from wechat_simulator.entities import FanGroup
from wechat_simulator.groups import CAPACITY, CODE, join_url, the_group
from wechat_simulator.impossible import Impossible
from wechat_simulator.routes import Request, Router
from wechat_simulator.world import World

_NAME_CHARS = 40


def register(router: Router, world: World) -> None:
    """Serve the calls under /_sim/groups."""
    control(router, "GET", "groups", lambda _request, _given: _listing(world))
    control(router, "PUT", "groups/{code}", lambda request, given: _settle(world, request, given))


def _listing(world: World) -> dict[str, Any]:
    with world.lock:
        return {"items": [_shown(one) for one in world.things.groups.values()]}


def _settle(world: World, request: Request, given: dict[str, Any]) -> dict[str, Any]:
    """Give a group its name and capacity, before or after the first has joined."""
    only(given, "name", "capacity")
    code = request.params["code"].lower()
    name, capacity = given.get("name"), given.get("capacity")
    if CODE.match(code) is None:
        raise Impossible("code", "code is the hexadecimal end of the join link")
    if name is not None and (not isinstance(name, str) or not 1 <= len(name) <= _NAME_CHARS):
        raise Impossible("name", f"name is a text of 1 to {_NAME_CHARS} characters")
    if capacity is not None and (
        isinstance(capacity, bool) or not isinstance(capacity, int) or not 1 <= capacity <= CAPACITY
    ):
        raise Impossible("capacity", f"capacity is a whole number from 1 to {CAPACITY}")
    with world.lock:
        group = the_group(world, code)
        group.name = name or group.name
        group.capacity = capacity or group.capacity
        return _shown(group)


def _shown(group: FanGroup) -> dict[str, Any]:
    return {
        "code": group.code,
        "name": group.name,
        "url": join_url(group.code),
        "capacity": group.capacity,
        "members": list(group.members),
    }
