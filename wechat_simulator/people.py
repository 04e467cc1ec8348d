"""People: making them, and their following of the Official Account."""

import unicodedata
from typing import Any

from wechat_simulator import allowances, chance
from wechat_simulator.callbacks import Delivery, deliver
from wechat_simulator.entities import DEVICES, Account, Follower, Person
from wechat_simulator.impossible import Impossible
from wechat_simulator.shapes import shown_reply
from wechat_simulator.world import World

NICKNAME_CHARS = 64


def make_person(world: World, nickname: str, device: str = "android") -> Person:
    """A new person with openids for both accounts and one unionid.

    Raises:
        Impossible: the nickname is empty, too long or unprintable, or the device is unknown.
    """
    if not isinstance(nickname, str) or not 1 <= len(nickname.strip()) <= NICKNAME_CHARS:
        raise Impossible("nickname", f"nickname is a text of 1 to {NICKNAME_CHARS} characters")
    if any(unicodedata.category(one) in {"Cs", "Cc"} for one in nickname):
        raise Impossible("nickname", "nickname holds a control character")
    if device not in DEVICES:
        raise Impossible("device", f"device is one of {', '.join(DEVICES)}")
    with world.lock:
        rng, accounts = world.rng, world.accounts
        person = Person(
            id="p" + chance.hexadecimal(rng, 12),
            nickname=nickname,
            device=device,
            oa_openid=chance.openid(rng, accounts.oa.appid[-5:]),
            mini_openid=chance.openid(rng, accounts.mini.appid[-5:]),
            unionid=chance.openid(rng, "unio6"),
            phone="1" + rng.choice("3578") + chance.digits(rng, 9),
        )
        world.people[person.id] = person
        return person


def the_person(world: World, person_id: str) -> Person:
    """The person with that id.

    Raises:
        Impossible: nobody has it (404).
    """
    person = world.people.get(person_id)
    if person is None:
        raise Impossible("person_unknown", "nobody has this id; POST /_sim/people makes one", 404)
    return person


def follow(world: World, person_id: str, scene: str | None = None) -> Delivery:
    """Follow the Official Account, with a scene as if by its QR code.

    Who follows already sends SCAN with a scene, and nothing without one.
    """
    person = the_person(world, person_id)
    if scene is not None and (not isinstance(scene, str) or not 1 <= len(scene) <= 64):
        raise Impossible("scene", "scene is a text of 1 to 64 characters")
    with world.lock:
        before = world.things.followers.get(person_id)
        already = before is not None and before.following
        if already and scene is None:
            return Delivery(0, 0)
        if not already:
            _begin(world, person_id, scene)
        allowances.allow(world, "oa", person_id, "scan" if already else "subscribe")
        event: dict[str, Any] = {"Event": "SCAN" if already else "subscribe", "EventKey": ""}
        if scene is not None:
            event["EventKey"] = scene if already else f"qrscene_{scene}"
            event["Ticket"] = _ticket(world, scene)
        fields = event_fields(world, person, event)
    delivery = deliver(world, world.accounts.oa, fields)
    show_reply(world, person_id, world.accounts.oa, delivery)
    return delivery


def show_reply(world: World, person_id: str, account: Account, delivery: Delivery) -> None:
    """Put a passive reply before the person's eyes."""
    if delivery.reply is not None:
        kind, seen = shown_reply(delivery.reply)
        world.reached(person_id, account.kind, "reply", kind, seen)


def unfollow(world: World, person_id: str) -> Delivery:
    """Stop following; nothing happens to who does not follow."""
    person = the_person(world, person_id)
    with world.lock:
        follower = world.things.followers.get(person_id)
        if follower is None or not follower.following:
            return Delivery(0, 0)
        follower.following = False
        allowances.forget(world, "oa", person_id)
        fields = event_fields(world, person, {"Event": "unsubscribe", "EventKey": ""})
    return deliver(world, world.accounts.oa, fields)


def event_fields(
    world: World, person: Person, event: dict[str, Any], *, mini: bool = False
) -> dict[str, Any]:
    """The plaintext of an event; events carry no MsgId."""
    account = world.accounts.mini if mini else world.accounts.oa
    return {
        "ToUserName": account.original_id,
        "FromUserName": person.openid(account.kind),
        "CreateTime": int(world.clock.now()),
        "MsgType": "event",
        **event,
    }


def _begin(world: World, person_id: str, scene: str | None) -> None:
    world.things.followers[person_id] = Follower(
        person_id=person_id,
        at=world.clock.now(),
        scene="ADD_SCENE_QR_CODE" if scene else "ADD_SCENE_SEARCH",
        qr_scene=scene or "",
    )


def _ticket(world: World, scene: str) -> str:
    for code in world.things.qr_codes.values():
        if code.scene == scene:
            return code.ticket
    return "gQ" + chance.letters(world.rng, 92) + "=="
