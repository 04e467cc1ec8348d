"""Control of what people send each other: words, a page's card, a mini-program's card.

No account hears of it; a shared card is only an address that the friend may open.
"""

from typing import Any

from wechat_simulator.control.entry import control, only
from wechat_simulator.impossible import Impossible
from wechat_simulator.people import the_person
from wechat_simulator.routes import Request, Router
from wechat_simulator.world import World

_TEXTS = {"text": 5_000, "title": 500, "description": 2_000, "url": 2_000, "pic_url": 2_000}
_TEXTS |= {"page_path": 1_000}
_NEEDED = {"text": ("text",), "link": ("title", "url"), "miniprogrampage": ("title", "page_path")}


def register(router: Router, world: World) -> None:
    """Serve `/_sim/people/{id}/share`."""

    def answer(request: Request, given: dict[str, Any]) -> Any:
        return share(world, request.params["id"], given)

    control(router, "POST", "people/{id}/share", answer)


def share(world: World, person_id: str, given: dict[str, Any]) -> dict[str, Any]:
    """Put it into both telephones; `{id}` is the message's on the friend's.

    Raises:
        Impossible: nobody is there, or a field is missing, too long or unknown.
    """
    only(given, "to", "type", *_TEXTS)
    person, friend = the_person(world, person_id), the_person(world, str(given.get("to")))
    if friend.id == person.id:
        raise Impossible("to", "to is somebody else")
    kind = given.get("type", "text")
    if kind not in _NEEDED:
        raise Impossible("type", f"type is one of {', '.join(_NEEDED)}")
    fields = {name: _text(given, name) for name in _TEXTS if given.get(name)}
    for name in _NEEDED[kind]:
        if name not in fields:
            raise Impossible(name, f"a {kind} needs {name}")
    with world.lock:
        world.said(person.id, "friend", kind, {**fields, "with": friend.id})
        told = world.reached(friend.id, "friend", "friend", kind, {**fields, "with": person.id})
    return {"id": told.id}


def _text(given: dict[str, Any], name: str) -> str:
    value = given[name]
    if not isinstance(value, str) or len(value) > _TEXTS[name]:
        raise Impossible(name, f"{name} is a text of at most {_TEXTS[name]} characters")
    return value
