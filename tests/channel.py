"""A channel with one creator, opened by chat, and the people who come to it."""

import re
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

import requests
from sqlalchemy import text

from app.wiring.container import Wiring
from config.rails import RailPolicy
from creator_tools.columns import queries as columns
from creator_tools.creators import queries as creator_queries
from creator_tools.creators import service as creators
from creator_tools.fan_groups import service as fan_groups
from creator_tools.insights import queries as insights
from creator_tools.kernel.unit_of_work import UnitOfWork
from tests.installation import Installation

Found = TypeVar("Found")
PATIENCE_S = 120.0
JOIN_URL = "https://work.weixin.qq.com/gm/0123456789abcdef0123456789abcdef"
FREE_SENTENCE = "天刚亮的时候街上没有人。"
_LINK = re.compile(r"/h5/(columns|works)/([0-9a-f-]{36})")


def article(title: str, locked: str) -> str:
    """A work as a creator types it: the title, a free beginning, a locked rest."""
    return f"{title}\n{FREE_SENTENCE}\n\n---试读结束---\n\n{locked}"


def until(look: Callable[[], Found], what: str, patience_s: float = PATIENCE_S) -> Found:
    """Ask again and again until the answer counts; give it."""
    deadline = time.monotonic() + patience_s
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < deadline, f"this did not happen: {what}"
        time.sleep(0.05)


def linked(kind: str, said: str) -> str:
    """The id in the first link of this kind in an answer of the chat."""
    found = [key for named, key in _LINK.findall(said) if named == kind]
    assert found, said
    return str(found[0])


@dataclass(frozen=True)
class Shelf:
    """What the creator has on sale."""

    creator: dict[str, Any]
    creator_id: UUID
    handle: str
    column_id: str
    work_id: str
    work_product_id: str
    fan_group_id: str
    locked: str


def open_channel(house: Installation, *, locked: str, price: str = "9.9") -> Shelf:
    """Everything by chat, as a creator with a telephone does it; ends with a published work."""
    world = house.world
    person = become_creator(house, "林老师", None)
    made = world.say(person["id"], "新建专栏 城市摄影 职业 摄影师 每周1篇 共12篇")
    column_id = linked("columns", made)
    work_id = publish(house, person, title="清晨的街道", locked=locked, price=price)
    with closing(house.wiring()) as wiring:
        with wiring.reading() as session:
            creator_id = columns.get(session, UUID(column_id)).creator_id
        group_id = wiring.units.run("studio.act", lambda uow: _group(uow, creator_id, column_id))
    handle = handle_of(house, creator_id)
    shown = world.api("GET", f"works/{work_id}")
    product_id = next(one["id"] for one in shown["products"] if one["kind"] == "work")
    return Shelf(person, creator_id, handle, column_id, work_id, product_id, str(group_id), locked)


def become_creator(house: Installation, nickname: str, column: str | None) -> dict[str, Any]:
    """Somebody new who becomes a creator by invitation, perhaps with a first column."""
    world = house.world
    person = world.person(nickname, "android")
    # Whoever was in the mini-program lately can have a text checked by the platform.
    world.sign_in(person["id"], "mini")
    with closing(house.wiring()) as wiring:
        invitation = wiring.units.run("creators.invite", creators.invite)
    assert "欢迎成为创作者" in world.say(person["id"], f"成为创作者 {invitation}")
    world.say(person["id"], "取消")
    if column is not None:
        assert "建好了" in world.say(person["id"], f"新建专栏 {column}")
    return person


def publish(
    house: Installation, person: dict[str, Any], *, title: str, locked: str, price: str
) -> str:
    """Send a text, price and publish it by chat, and wait until the platform has passed it."""
    world = house.world
    work_id = linked("works", world.say(person["id"], article(title, locked)))
    assert "定价" in world.say(person["id"], f"定价 {price}")
    assert FREE_SENTENCE in world.say(person["id"], "预览")
    assert "已提交" in world.say(person["id"], "发布")
    until(lambda: is_there(house, f"works/{work_id}"), f"《{title}》 is published")
    return work_id


def is_there(house: Installation, path: str) -> bool:
    """Whether the API shows this to anybody."""
    answer = requests.get(f"{house.base_url}/api/v1/{path}", timeout=60)
    return answer.status_code == 200


def handle_of(house: Installation, creator_id: UUID) -> str:
    """The creator's handle."""
    with closing(house.wiring()) as wiring, wiring.reading() as session:
        return creator_queries.get(session, creator_id).handle


def sell_in_mini_program(house: Installation, shelf: Shelf) -> None:
    """Let time pass until the platform has published the price as a good."""
    fan = house.world.person("等货的人", "android")
    token = house.world.sign_in(fan["id"], "mini")

    def is_on_sale() -> bool:
        asked = {"product_id": shelf.work_product_id, "device": "android"}
        return bool(house.world.api("POST", "quotes", token=token, **asked)["rail"])

    def is_on_sale_later() -> bool:
        house.world.control("POST", "clock", advance_s=60)
        time.sleep(0.5)
        return is_on_sale()

    if not is_on_sale():
        until(is_on_sale_later, "the price is a good of the mini-program")


def _group(uow: UnitOfWork, creator_id: UUID, column_id: str) -> UUID:
    group = fan_groups.create(
        uow, creator_id=creator_id, column_id=UUID(column_id), name="城市摄影·读者群"
    )
    fan_groups.add_join_way(uow, fan_group_id=group.id, url=JOIN_URL, capacity_count=2000)
    return group.id


# --- what must hold afterwards ----------------------------------------------------------------


def violations(wiring: Wiring) -> list[str]:
    """Every broken invariant of the whole database, with its first rows."""
    with wiring.reading() as session:
        results = insights.verify(session, wiring.units.clock.now(), RailPolicy.load().rates)
    assert sum(result.rows_examined for result in results) > 0
    return [f"{one.id}: {one.violations[:3]}" for one in results if one.violations]


_OUR_BOOKS = text("""
SELECT payment.rail, payment.trade_no, payment.payment_ref, payment.amount_fen,
       payment.disposition,
       (SELECT -sum(posting.amount_fen) FROM postings AS posting
        JOIN ledger_accounts AS account ON account.id = posting.account_id
        WHERE posting.entry_id = entry.id AND account.kind = 'fee')::bigint AS fee_fen,
       (SELECT sum(posting.amount_fen) FROM postings AS posting
        WHERE posting.entry_id = entry.id)::bigint AS balance_fen
FROM payments AS payment LEFT JOIN journal_entries AS entry
    ON entry.payment_id = payment.id AND entry.kind IN ('payment', 'suspense')
""")


def book_differences(house: Installation, wiring: Wiring, person_ids: set[str]) -> list[str]:
    """Where WeChat's books and ours do not agree to the fen, over what these people paid."""
    theirs = {
        one["trade_no"]: one
        for one in house.world.control("GET", "books")["payments"]
        if one["person_id"] in person_ids
    }
    with wiring.reading() as session:
        ours = {
            row.trade_no: row for row in session.execute(_OUR_BOOKS) if row.disposition == "settled"
        }
    found = [f"only there: {key}" for key in theirs.keys() - ours.keys()]
    found += [f"only here: {key}" for key in ours.keys() - theirs.keys()]
    for key in theirs.keys() & ours.keys():
        there, here = theirs[key], ours[key]
        # Of an Apple payment the push tells no number of the platform's, so ours stands for it.
        numbered = () if there["rail"] == "xpay_ios" else ("payment_ref",)
        for name in ("rail", "amount_fen", "fee_fen", *numbered):
            if there[name] != getattr(here, name):
                found.append(f"{name} of {key}: {there[name]} there, {getattr(here, name)} here")
        if here.balance_fen != 0:
            found.append(f"the entry of {key} does not balance")
    return found + _refund_differences(house, wiring, person_ids)


_OUR_REFUNDS = text("""
SELECT refund_no, external_ref, rail, amount_fen, fee_fen FROM refunds WHERE state = 'succeeded'
""")


def _refund_differences(house: Installation, wiring: Wiring, person_ids: set[str]) -> list[str]:
    """Where WeChat's books and ours do not agree to the fen, over what went back."""
    booked = house.world.control("GET", "books")["refunds"]
    theirs = {one["refund_ref"]: one for one in booked if one["person_id"] in person_ids}
    with wiring.reading() as session:
        ours = {row.external_ref: row for row in session.execute(_OUR_REFUNDS)}
    found = [f"refund only there: {key}" for key in theirs.keys() - ours.keys()]
    found += [f"refund only here: {key}" for key in ours.keys() - theirs.keys()]
    for key in theirs.keys() & ours.keys():
        there, here = theirs[key], ours[key]
        found += [
            f"{name} of refund {key}: {there[name]} there, {getattr(here, name)} here"
            for name in ("rail", "amount_fen", "fee_fen")
            if there[name] != getattr(here, name)
        ]
    return found
