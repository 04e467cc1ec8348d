"""What the telephone's screens ask: what is new, a person's letters, the code in a picture."""

from typing import Any
from urllib.parse import urlsplit

from wechat_simulator.browser import Browser, Inside
from wechat_simulator.control.entry import refused
from wechat_simulator.entities import Person
from wechat_simulator.groups import groups_of
from wechat_simulator.impossible import Impossible
from wechat_simulator.phone.scanning import code_in
from wechat_simulator.routes import Request, Response, Router, json_response
from wechat_simulator.shapes import shown_message
from wechat_simulator.world import World

PICTURE_BYTES_MOST = 16 << 20
_HINT = "没有在图里找到二维码"


def register(router: Router, world: World, inside: Inside) -> None:
    """Serve these calls."""

    def pulse(request: Request) -> Response:
        asked = [value for name, value in request.query_items if name == "person"]
        return json_response(_pulse(world, asked))

    def letters(request: Request) -> Response:
        person = world.people.get(request.params["id"])
        if person is None:
            return refused("person_unknown", "没有这个人", 404)
        after = request.query.get("after", "0")
        return json_response(_letters(world, person, int(after) if after.isdigit() else 0))

    def scan(request: Request) -> Response:
        return _scanned(world, inside, request)

    router.add("GET", "/phone/pulse", pulse, host=None)
    router.add("GET", "/phone/letters/{id}", letters, host=None)
    router.add("POST", "/phone/scan", scan, host=None)


def _pulse(world: World, asked: list[str]) -> dict[str, Any]:
    """The time, and for each person asked for a text that changes when their screens would."""
    with world.lock:
        marks = {one: _mark(world, one) for one in asked if one in world.people}
        return {"now": world.clock.now(), "people": len(world.people), "marks": marks}


def _mark(world: World, person_id: str) -> str:
    letters = len(world.things.inbox.get(person_id, []))
    return f"{letters}/{len(groups_of(world, person_id))}/{_is_following(world, person_id)}"


def _letters(world: World, person: Person, after: int) -> dict[str, Any]:
    """What reached the person or was written by them, from the `after`-th on."""
    with world.lock:
        inbox = world.things.inbox.get(person.id, [])
        return {
            "items": [{**shown_message(one), "said": one.said_by_person} for one in inbox[after:]],
            "total": len(inbox),
            "groups": groups_of(world, person.id),
            "following": _is_following(world, person.id),
        }


def _is_following(world: World, person_id: str) -> bool:
    follower = world.things.followers.get(person_id)
    return follower is not None and follower.following


def _scanned(world: World, inside: Inside, request: Request) -> Response:
    """Read the QR code in a picture: its bytes, or `?person=…&url=…` to fetch it as that person."""
    content = request.raw_body
    person, url = world.people.get(request.query.get("person", "")), request.query.get("url", "")
    if person is not None and urlsplit(url).scheme in {"http", "https"}:
        try:
            content = Browser(world, person, inside).open(url).body
        except Impossible as refusal:
            return refused(refusal.code, refusal.message, refusal.status)
    text = code_in(content) if len(content) <= PICTURE_BYTES_MOST else None
    if text is None:
        return json_response({"found": False, "text": "", "message": _HINT})
    return json_response({"found": True, "text": text, "message": ""})
