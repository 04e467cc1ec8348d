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
from app.cli.demo_content import CREATORS, PRICE_POINTS_FEN, DemoColumn, DemoCreator, DemoWork
from app.cli.demo_world import DemoStuck, DemoWorld
from app.cli.opening import Stop, opened, print_json
from app.wiring.container import Wiring
from creator_tools.catalogue import queries as catalogue_queries
from creator_tools.catalogue import service as catalogue
from creator_tools.catalogue.rules import goods_id_of
from creator_tools.columns import service as columns
from creator_tools.creators import queries as creators_queries
from creator_tools.creators import service as creators
from creator_tools.fan_groups import service as fan_groups
from creator_tools.kernel.unit_of_work import Actor, UnitOfWork
from creator_tools.operators import service as operators
from creator_tools.people import queries as people
from creator_tools.works import queries as works_queries
from creator_tools.works import service as works

_PATIENCE_S = 20


@dataclass(frozen=True)
class _Made:
    """One creator of the demo."""

    person_id: str
    handle: str
    invitation_code: str
    column_ids: list[str]


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
    made = [_creator(wiring, world, one, operator_id) for one in CREATORS]
    promise_menu(wiring)
    _publish_tiers(wiring, world)
    fans = [
        world.person("阿青", "android"),
        world.person("小满", "ios"),
        world.person("大橘", "android"),
    ]
    _buy_something(wiring, world, fans)
    return {
        "operators": [operator],
        "creators": [vars(one) for one in made],
        "fans": [{"person_id": fan["id"]} for fan in fans],
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


def _creator(wiring: Wiring, world: DemoWorld, demo: DemoCreator, operator_id: UUID) -> _Made:
    person = world.person(demo.nickname, "android")
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

    def describe(uow: UnitOfWork) -> str:
        creators.rename(uow, creator_id=creator_id, name=demo.nickname)
        creators.introduce(uow, creator_id=creator_id, introduction=demo.introduction)
        creators.change_handle(uow, creator_id=creator_id, handle=demo.handle)
        return creators.invite(uow, by_creator_id=creator_id)

    invitation = wiring.units.run("creators.invite", describe)
    column_ids = [_column(wiring, world, creator_id, one, operator_id) for one in demo.columns]
    return _Made(person["id"], demo.handle, invitation, column_ids)


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


def _column(
    wiring: Wiring, world: DemoWorld, creator_id: UUID, demo: DemoColumn, operator_id: UUID
) -> str:
    join_url = f"https://work.weixin.qq.com/gm/{secrets.token_hex(16)}"

    def make(uow: UnitOfWork) -> UUID:
        column = columns.create(
            uow,
            creator_id=creator_id,
            title=demo.title,
            field_kind=demo.field_kind,
            field_name=demo.field_name,
            promised_cadence=demo.cadence,
            promised_count=demo.count,
            introduction=demo.introduction,
        )
        for kind, term_days, price_fen in (
            ("column_forever", None, demo.forever_fen),
            ("column_term", 30, demo.month_fen),
        ):
            catalogue.set_price(
                uow,
                creator_id=creator_id,
                kind=kind,
                column_id=column.id,
                term_days=term_days,
                price_fen=price_fen,
            )
        group = fan_groups.create(
            uow, creator_id=creator_id, column_id=column.id, name=f"{demo.title}·读者群"
        )
        fan_groups.add_join_way(uow, fan_group_id=group.id, url=join_url, capacity_count=200)
        return column.id

    column_id = wiring.units.run("studio.act", make)
    for one in demo.works:
        _work(wiring, creator_id, column_id, one, operator_id)
    return str(column_id)


def _work(
    wiring: Wiring, creator_id: UUID, column_id: UUID, demo: DemoWork, operator_id: UUID
) -> None:
    def submit(uow: UnitOfWork) -> UUID:
        work = works.save_draft(
            uow, creator_id=creator_id, column_id=column_id, title=demo.title, markdown=demo.body
        )
        if demo.price_fen == 0:
            works.mark_free(uow, work_id=work.id, creator_id=creator_id, is_free=True)
        else:
            catalogue.set_price(
                uow,
                creator_id=creator_id,
                kind="work",
                column_id=column_id,
                work_id=work.id,
                price_fen=demo.price_fen,
            )
        works.submit(
            uow, work_id=work.id, creator_id=creator_id, text_check_subject_available=False
        )
        return work.id

    work_id = wiring.units.run("studio.act", submit)
    with wiring.reading() as session:
        check_id = next(
            one.check_id
            for one in works_queries.list_checks_open(session)
            if one.work_id == work_id
        )
    wiring.units.run(
        "works.review",
        lambda uow: works.record_verdict(
            uow,
            check_id=check_id,
            verdict="pass",
            detail={"reason": "demo"},
            operator_id=operator_id,
        ),
        Actor("operator", operator_id),
    )


def _publish_tiers(wiring: Wiring, world: DemoWorld) -> None:
    """Put the usual prices on sale before anybody wants one; only a demo may skip the wait."""
    mini_id = wiring.accounts.first("mini").id
    for price_fen in PRICE_POINTS_FEN:
        world.control("PUT", "goods", id=goods_id_of(price_fen), price_fen=price_fen)

    def note(uow: UnitOfWork) -> None:
        for price_fen in PRICE_POINTS_FEN:
            catalogue.want_tier(uow, account_id=mini_id, price_fen=price_fen)
            tier = catalogue_queries.find_tier(uow.session, mini_id, price_fen)
            if tier is not None:
                catalogue.note_tier_state(uow, tier_id=tier.id, state="live")

    wiring.units.run("catalogue.tiers", note)


def _buy_something(wiring: Wiring, world: DemoWorld, fans: list[dict[str, Any]]) -> None:
    with wiring.reading() as session:
        priced = [
            product
            for work in works_queries.list_newest(session)
            if (product := catalogue_queries.find_of_work(session, work.id)) is not None
        ]
    world.buy(fans[0], "oa", str(priced[0].id))
    world.buy(fans[1], "mini", str(priced[1].id))
    world.buy(fans[2], "mini", str(priced[2].id))
