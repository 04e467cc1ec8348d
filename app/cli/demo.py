"""`seed-demo`: a living channel on the simulator, built through the doors people use.

People follow, chat and pay through the simulator, so every number the desk shows afterwards has a
payment behind it. Texts of works are laid by the services, reviewed by the demo's own operator.
"""

import secrets
import time
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import click

from app.cli.channel import promise_menu
from app.cli.demo_content import CREATORS, DemoCreator
from app.cli.demo_days import Month
from app.cli.demo_month import FANS
from app.cli.demo_shelf import Shelf, ShelfBuilder, publish_tiers
from app.cli.demo_world import DemoStuck, DemoWorld
from app.cli.opening import Stop, opened, print_json
from app.wiring.container import Wiring
from creator_tools.creators import queries as creators_queries
from creator_tools.creators import service as creators
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.operators import service as operators
from creator_tools.people import queries as people

_PATIENCE_S = 20


@dataclass(frozen=True)
class _Made:
    """One creator of the demo, and what stands on their shelves."""

    person: dict[str, Any]
    creator_id: UUID
    handle: str
    shelves: list[Shelf]

    def told(self, invitation_code: str) -> dict[str, Any]:
        """What `.local/demo.json` says of them."""
        return {
            "person_id": self.person["id"],
            "handle": self.handle,
            "invitation_code": invitation_code,
            "column_ids": [str(one.column_id) for one in self.shelves],
        }


@click.command("seed-demo")
def seed_demo() -> None:
    """给模拟器上的演示频道填内容 / fill the demo channel; needs the simulator on loopback."""
    with opened() as wiring:
        _refuse_real_platforms(wiring)
        world = DemoWorld(simulator_url=wiring.settings.hosts.api, base_url=wiring.public_base_url)
        try:
            print_json(_built(wiring, world))
        except DemoStuck as stuck:
            raise Stop("演示内容没有建成", str(stuck)) from stuck


def _refuse_real_platforms(wiring: Wiring) -> None:
    host = urlsplit(wiring.settings.hosts.api).hostname or ""
    is_loopback = host == "localhost" or (
        host.replace(".", "").isdigit() and ip_address(host).is_loopback
    )
    if not is_loopback:
        raise Stop(
            "演示内容只能建在本机模拟器上",
            "the demo may only be built on a simulator on loopback",
        )


def _built(wiring: Wiring, world: DemoWorld) -> dict[str, Any]:
    operator, operator_id = _operator(wiring)
    world.control(
        "PUT",
        "shown",
        oa_name="涓流",
        mini_name="涓流小程序",
        handles=[one.handle for one in CREATORS],
    )
    builder = ShelfBuilder(wiring, operator_id)
    # The telephone shows the first two people: a creator and the reader beside them.
    persons = _persons(world)
    made = [_creator(wiring, world, builder, one, persons[one.nickname]) for one in CREATORS]
    promise_menu(wiring)
    publish_tiers(wiring, world)
    shelves = [shelf for one in made for shelf in one.shelves]
    Month(world, builder, shelves, persons).live(wiring.settings.clock_offset_file)
    for one in reversed(made):
        world.say(one.person["id"], "收入 30天")
        # WeChat checks a text for whoever was in the mini-program within two hours.
        world.sign_in(one.person["id"], "mini")
    return {
        "operators": [operator],
        "creators": [one.told(_invitation(wiring, one.creator_id)) for one in made],
        "fans": [{"person_id": persons[fan.nickname]["id"]} for fan in FANS],
    }


def _persons(world: DemoWorld) -> dict[str, dict[str, Any]]:
    first, *others = FANS
    devices = {CREATORS[0].nickname: "android", first.nickname: first.device}
    devices |= {one.nickname: "android" for one in CREATORS[1:]}
    devices |= {one.nickname: one.device for one in others}
    return {
        nickname: world.control("POST", "people", nickname=nickname, device=device)
        for nickname, device in devices.items()
    }


def _operator(wiring: Wiring) -> tuple[dict[str, Any], UUID]:
    password, roles = secrets.token_urlsafe(12), ["owner"]
    operator_id, totp_secret = wiring.units.run(
        "operators.create",
        lambda uow: operators.create(uow, login="owner", password=password, roles=roles),
    )
    told = {
        "login": "owner",
        "password": password,
        "totp_secret": totp_secret,
        "roles": roles,
    }
    return told, operator_id


def _creator(
    wiring: Wiring,
    world: DemoWorld,
    builder: ShelfBuilder,
    demo: DemoCreator,
    person: dict[str, Any],
) -> _Made:
    world.control("POST", f"people/{person['id']}/follow")
    world.sign_in(person["id"], "mini")
    _wait_until_one_person(wiring, person)
    code = wiring.units.run("creators.invite", creators.invite)
    reply = world.say(person["id"], code)
    world.say(person["id"], "取消")
    oa_id = wiring.accounts.first("oa").id
    with wiring.reading() as session:
        person_id = people.find_person(session, oa_id, person["oa_openid"])
        found = creators_queries.find_by_person(session, person_id) if person_id else None
    if found is None:
        raise DemoStuck(f"the chat made no creator; it said: {reply}")
    creator_id = found.id

    def describe(uow: UnitOfWork) -> None:
        creators.rename(uow, creator_id=creator_id, name=demo.nickname)
        creators.introduce(uow, creator_id=creator_id, introduction=demo.introduction)
        creators.change_handle(uow, creator_id=creator_id, handle=demo.handle)

    wiring.units.run("studio.act", describe)
    shelves = [builder.column(creator_id, one) for one in demo.columns]
    return _Made(person, creator_id, demo.handle, shelves)


def _invitation(wiring: Wiring, creator_id: UUID) -> str:
    """A code made when the month is over, so that it is good for a month to come."""
    return wiring.units.run(
        "creators.invite", lambda uow: creators.invite(uow, by_creator_id=creator_id)
    )


def _wait_until_one_person(wiring: Wiring, person: dict[str, Any]) -> None:
    """The worker learns from the platform that follower and mini-program user are one."""
    oa_id, mini_id = wiring.accounts.first("oa").id, wiring.accounts.first("mini").id
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        with wiring.reading() as session:
            one = people.find_person(session, oa_id, person["oa_openid"])
            other = people.find_person(session, mini_id, person["mini_openid"])
        if one is not None and one == other:
            return
        time.sleep(0.05)
    raise DemoStuck("the follower and the mini-program user did not become one person")
