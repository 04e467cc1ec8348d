"""Tags on followers."""

from typing import Any

from wechat_simulator.api.entry import Call, serve
from wechat_simulator.api.refusals import Refused
from wechat_simulator.entities import Follower, Kind
from wechat_simulator.routes import Router
from wechat_simulator.world import World

OK: dict[str, Any] = {"errcode": 0, "errmsg": "ok"}
OA: tuple[Kind, ...] = ("oa",)
MOST_TAGS = 100
MOST_ON_ONE = 20


def register(router: Router, world: World) -> None:
    """Serve making, listing, renaming and removing tags, and putting them on followers."""
    for path, handler in (
        ("create", create),
        ("update", update),
        ("delete", delete),
        ("members/batchtagging", put_on),
        ("members/batchuntagging", take_off),
        ("getidlist", of_person),
    ):
        serve(router, world, "POST", f"/cgi-bin/tags/{path}", handler, kinds=OA)
    serve(router, world, "GET", "/cgi-bin/tags/get", listing, kinds=OA)
    serve(router, world, "POST", "/cgi-bin/user/tag/get", members, kinds=OA)


def create(call: Call) -> dict[str, Any]:
    """A new tag; its number begins at 100."""
    tags = call.world.things.tags
    name = _name(call)
    if len(tags) >= MOST_TAGS:
        raise Refused(45056)
    number = 99 + call.world.count("tag")
    tags[number] = name
    return {"tag": {"id": number, "name": name}}


def listing(call: Call) -> dict[str, Any]:
    """All tags with how many wear them."""
    followers = call.world.things.followers.values()
    return {
        "tags": [
            {"id": number, "name": name, "count": sum(number in one.tags for one in followers)}
            for number, name in call.world.things.tags.items()
        ]
    }


def update(call: Call) -> dict[str, Any]:
    """Rename a tag."""
    number = _tag(call, _tag_id(call))
    call.world.things.tags[number] = _name(call)
    return OK


def delete(call: Call) -> dict[str, Any]:
    """Remove a tag from everybody."""
    number = _tag(call, _tag_id(call))
    del call.world.things.tags[number]
    for one in call.world.things.followers.values():
        if number in one.tags:
            one.tags.remove(number)
    return OK


def put_on(call: Call) -> dict[str, Any]:
    """Put a tag on up to 50 followers."""
    number = _tag(call, call.body.get("tagid"))
    followers = _followers(call)
    if any(len(one.tags) >= MOST_ON_ONE and number not in one.tags for one in followers):
        raise Refused(45059)
    for one in followers:
        if number not in one.tags:
            one.tags.append(number)
    return OK


def take_off(call: Call) -> dict[str, Any]:
    """Take a tag off up to 50 followers."""
    number = _tag(call, call.body.get("tagid"))
    for one in _followers(call):
        if number in one.tags:
            one.tags.remove(number)
    return OK


def of_person(call: Call) -> dict[str, Any]:
    """The tags of one follower."""
    return {"tagid_list": list(_follower(call, call.body.get("openid")).tags)}


def members(call: Call) -> dict[str, Any]:
    """The followers who wear a tag."""
    number = _tag(call, call.body.get("tagid"))
    openids = [
        call.world.people[one.person_id].oa_openid
        for one in call.world.things.followers.values()
        if one.following and number in one.tags
    ]
    last = openids[-1] if openids else ""
    return {"count": len(openids), "data": {"openid": openids}, "next_openid": last}


def _name(call: Call) -> str:
    given = call.body.get("tag")
    name = given.get("name") if isinstance(given, dict) else None
    if not isinstance(name, str) or not name:
        raise Refused(45157)
    if len(name.encode()) > 30:
        raise Refused(45158)
    own = given.get("id") if isinstance(given, dict) else None
    if any(kept == name and number != own for number, kept in call.world.things.tags.items()):
        raise Refused(45157)
    return name


def _tag_id(call: Call) -> Any:
    given = call.body.get("tag")
    return given.get("id") if isinstance(given, dict) else None


def _tag(call: Call, number: Any) -> int:
    if isinstance(number, int) and number in call.world.things.tags:
        return number
    raise Refused(45159)


def _followers(call: Call) -> list[Follower]:
    openids = call.body.get("openid_list")
    if not isinstance(openids, list) or not openids:
        raise Refused(40035, "hint: [openid_list]")
    if len(openids) > 50:
        raise Refused(40032)
    return [_follower(call, one) for one in openids]


def _follower(call: Call, openid: Any) -> Follower:
    person = call.world.person_by_openid(str(openid), "oa")
    follower = call.world.things.followers.get(person.id) if person else None
    if follower is None or not follower.following:
        raise Refused(40003)
    return follower
