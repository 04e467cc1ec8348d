"""Who lives in a universe: creators with columns and works on sale, and fans with telephones."""

import json
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from creator_tools.catalogue import queries as catalogue_queries
from creator_tools.catalogue import service as catalogue
from creator_tools.catalogue.rules import goods_id_of
from creator_tools.columns import service as columns
from creator_tools.creators import service as creators
from creator_tools.kernel.unit_of_work import Actor, UnitOfWork
from creator_tools.operators import service as operators
from creator_tools.people import queries as people
from creator_tools.works import queries as works_queries
from creator_tools.works import service as works
from tests.year.universe import Universe

MARK = "MARK-"
FREE = "天刚亮的时候街上没有人。"
# Every price is one that the mini-program can sell, and no two round alike.
PRICES_FEN = (100, 101, 199, 333, 990, 1990, 2999, 4900, 19900)
WORKS_EACH = 2
DEVICES = ("android", "android", "ios", "windows")


@dataclass(frozen=True)
class Ware:
    """One thing on sale: what buys it, what it opens, and the words nobody else may read."""

    product_id: str
    price_fen: int
    work_ids: tuple[str, ...]


@dataclass(frozen=True)
class Work:
    """One published work with its secret."""

    work_id: str
    secret: str


@dataclass
class Fan:
    """Somebody with a telephone; the tokens are of their signed-in devices."""

    id: str
    device: str
    tokens: dict[str, str] = field(default_factory=dict)


@dataclass
class Town:
    """Everything that is on sale, and everybody who came."""

    operator_id: UUID
    wares: list[Ware] = field(default_factory=list)
    works: list[Work] = field(default_factory=list)
    fans: list[Fan] = field(default_factory=list)
    creators: list[UUID] = field(default_factory=list)


def new_fan(universe: Universe, device: str) -> Fan:
    """Somebody new; most of them follow the account."""
    person = universe.control("POST", "people", nickname="读者", device=device)
    return Fan(person["id"], device)


def sign_in(universe: Universe, fan: Fan, surface: str, *, anew: bool = False) -> str:
    """The token of a signed-in device of the fan.

    A login that the network spoils is tried again, as a telephone does.
    """
    if surface in fan.tokens and not anew:
        return fan.tokens[surface]
    for _ in range(20):
        code = universe.control("POST", f"people/{fan.id}/login", app=surface)["code"]
        said = call(universe, "POST", "sessions", code=code, app=surface)
        if "token" in said:
            fan.tokens[surface] = str(said["token"])
            return fan.tokens[surface]
        universe.wait(2)
    raise AssertionError("nobody could sign in")


def call(
    universe: Universe, method: str, path: str, *, token: str = "", key: str = "", **given: Any
) -> dict[str, Any]:
    """One call of the API; a problem is answered like anything else.

    Raises:
        AssertionError: the house itself failed.
    """
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    if key:
        headers["Idempotency-Key"] = key
    body = json.dumps(given).encode() if given else b""
    answer = universe.ask(method, f"/api/v1/{path}", body, **headers)
    said: dict[str, Any] = json.loads(answer.body)
    assert answer.status != 500, said
    return said | {"status": answer.status}


def settle(universe: Universe, creators_count: int) -> Town:
    """Build the town: creators by invitation, a column each, works written, checked, published."""
    wiring = universe.wiring
    operator_id, _ = wiring.units.run(
        "operators.create",
        lambda uow: operators.create(
            uow, login="owner", password="correct-horse-battery", roles=["owner"]
        ),
    )
    town = Town(operator_id)
    _publish_tiers(universe)
    for number in range(creators_count):
        _creator(universe, town, number)
    return town


def _creator(universe: Universe, town: Town, number: int) -> None:
    fan = new_fan(universe, "android")
    sign_in(universe, fan, "mini")
    wiring = universe.wiring
    openid = universe.world.people[fan.id].mini_openid
    with wiring.reading() as session:
        person_id = people.find_person(session, wiring.accounts.first("mini").id, openid)
    assert person_id is not None, "who signed in is known"
    code = wiring.units.run("creators.invite", creators.invite)

    def become(uow: UnitOfWork) -> tuple[UUID, UUID]:
        made = creators.become_creator(uow, person_id=person_id, code=code, name=f"作者{number}")
        column = columns.create(
            uow,
            creator_id=made.id,
            title=f"专栏{number}",
            field_kind="occupation",
            field_name="摄影师",
            promised_cadence="每周1篇",
            promised_count=12 if number % 3 else 0,
            introduction="",
        )
        return made.id, column.id

    creator_id, column_id = wiring.units.run("studio.act", become)
    town.creators.append(creator_id)
    written = [
        _work(universe, town, creator_id, column_id, number * WORKS_EACH + place)
        for place in range(WORKS_EACH)
    ]
    for kind, term_days, place in (("column_forever", None, 5), ("column_term", 30, 3)):
        price_fen = PRICES_FEN[(number + place) % len(PRICES_FEN)]
        product_id = _priced(universe, creator_id, column_id, kind, term_days, price_fen)
        town.wares.append(Ware(product_id, price_fen, tuple(one.work_id for one in written)))


def _priced(
    universe: Universe,
    creator_id: UUID,
    column_id: UUID,
    kind: str,
    term_days: int | None,
    price_fen: int,
) -> str:
    def price(uow: UnitOfWork) -> str:
        made = catalogue.set_price(
            uow,
            creator_id=creator_id,
            kind=kind,
            column_id=column_id,
            term_days=term_days,
            price_fen=price_fen,
        )
        return str(made.id)

    return universe.wiring.units.run("studio.act", price)


def _work(universe: Universe, town: Town, creator_id: UUID, column_id: UUID, number: int) -> Work:
    secret = f"{MARK}{universe.seed}-{number}-{universe.chance.getrandbits(48):012x}"
    price_fen = PRICES_FEN[number % len(PRICES_FEN)]

    def write(uow: UnitOfWork) -> tuple[UUID, str]:
        work = works.save_draft(
            uow,
            creator_id=creator_id,
            column_id=column_id,
            title=f"作品{number}",
            markdown=f"{FREE}\n\n---试读结束---\n\n只给买的人看的一句 {secret}",
        )
        product = catalogue.set_price(
            uow,
            creator_id=creator_id,
            kind="work",
            column_id=column_id,
            work_id=work.id,
            price_fen=price_fen,
        )
        works.submit(
            uow, work_id=work.id, creator_id=creator_id, text_check_subject_available=False
        )
        return work.id, str(product.id)

    wiring = universe.wiring
    work_id, product_id = wiring.units.run("studio.act", write)
    with wiring.reading() as session:
        (check_id,) = [
            one.check_id
            for one in works_queries.list_checks_open(session)
            if one.work_id == work_id
        ]
    wiring.units.run(
        "works.review",
        lambda uow: works.record_verdict(
            uow,
            check_id=check_id,
            verdict="pass",
            detail={"reason": "read"},
            operator_id=town.operator_id,
        ),
        Actor("operator", town.operator_id),
    )
    made = Work(str(work_id), secret)
    town.works.append(made)
    town.wares.append(Ware(product_id, price_fen, (made.work_id,)))
    return made


def _publish_tiers(universe: Universe) -> None:
    """The usual prices have long been goods of the mini-program."""
    wiring = universe.wiring
    mini_id = wiring.accounts.first("mini").id
    for price_fen in PRICES_FEN:
        universe.control("PUT", "goods", id=goods_id_of(price_fen), price_fen=price_fen)

    def note(uow: UnitOfWork) -> None:
        for price_fen in PRICES_FEN:
            catalogue.want_tier(uow, account_id=mini_id, price_fen=price_fen)
            tier = catalogue_queries.find_tier(uow.session, mini_id, price_fen)
            assert tier is not None, "it was just wanted"
            catalogue.note_tier_state(uow, tier_id=tier.id, state="live")

    wiring.units.run("catalogue.tiers", note)
