"""The purpose of it all: a creator earns 9.90 yuan, on every rail, seen from outside alone."""

import base64
import csv
import io
import re
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from typing import Any

import pytest
import requests
from sqlalchemy import text

from creator_tools.kernel.business_day import business_day_of
from creator_tools.kernel.clock import WallClock
from creator_tools.operators import rules, service
from tests.channel import (
    FREE_SENTENCE,
    JOIN_URL,
    Shelf,
    book_differences,
    open_channel,
    sell_in_mini_program,
    until,
    violations,
)
from tests.installation import Installation

LOCKED = "付费以后才看得到的这一句 MARK-7f3a9c"
PASSWORD = "correct-horse-battery"
# rail → device, surface, what the rail takes of 990 fen
RAILS = {
    "jsapi": ("android", "oa", 6),
    "xpay_android": ("android", "mini", 10),
    "xpay_ios": ("ios", "mini", 119),
}
_ENTRY_LINK = re.compile(r"/operator/entries/[0-9a-f-]{36}")
_FORM_TOKEN = re.compile(r'name="csrf_token" value="([0-9a-f]{64})"')


@pytest.fixture(scope="module")
def shelf(house: Installation) -> Shelf:
    """A creator's channel, made by chat, sold on both surfaces."""
    made = open_channel(house, locked=LOCKED)
    sell_in_mini_program(house, made)
    return made


@pytest.fixture(scope="module")
def readers(house: Installation, shelf: Shelf) -> dict[str, dict[str, Any]]:
    """One fan per rail, who has gone all the way from following to reading the rest."""
    return {rail: _read_and_buy(house, shelf, rail) for rail in RAILS}


def _read_and_buy(house: Installation, shelf: Shelf, rail: str) -> dict[str, Any]:
    device, surface, _ = RAILS[rail]
    world = house.world
    fan = world.person(f"粉丝 {rail}", device)
    token = world.sign_in(fan["id"], surface)
    before = world.api("GET", f"works/{shelf.work_id}", token=token)
    assert before["unlocked"] is False
    assert before["html"] is None
    assert FREE_SENTENCE in before["preview_html"]
    assert shelf.locked not in str(before)
    paid = world.buy(fan, surface, shelf.work_product_id)
    after = world.api("GET", f"works/{shelf.work_id}", token=token)
    assert after["unlocked"] is True
    assert shelf.locked in after["html"]
    return {**fan, "token": token, "order": paid}


@pytest.mark.parametrize("rail", RAILS)
def test_a_fan_reads_pays_and_reads_the_rest(
    house: Installation, shelf: Shelf, readers: dict[str, dict[str, Any]], rail: str
) -> None:
    fan, world = readers[rail], house.world
    assert (fan["order"]["state"], fan["order"]["rail"]) == ("paid", rail)
    held = world.api("GET", "me/entitlements", token=fan["token"])["items"]
    assert held == [{"object_type": "work", "object_id": shelf.work_id, "ends_at": None}]
    door = world.api("GET", f"fan-groups/{shelf.fan_group_id}/door", token=fan["token"])
    assert door == {"url": JOIN_URL}
    # The other surface knows the same human, and the chat says that it is theirs.
    other = world.sign_in(fan["id"], "mini" if RAILS[rail][1] == "oa" else "oa")
    # A page's silent sign-in names nobody across accounts; the follow does, a moment later.
    until(
        lambda: world.api("GET", f"works/{shelf.work_id}", token=other)["unlocked"] is True,
        "the other surface knows the same human",
    )
    assert "清晨的街道" in world.say(fan["id"], "我的购买")
    told = until(
        lambda: [
            one
            for one in world.control("GET", f"people/{fan['id']}/messages")["oa"]
            if f"/h5/works/{shelf.work_id}" in str(one) and one["via"] != "reply"
        ],
        "the buyer is told",
    )
    assert len(told) == 1


def test_a_fan_who_has_not_paid_reads_no_more_than_the_preview(
    house: Installation, shelf: Shelf, readers: dict[str, dict[str, Any]]
) -> None:
    world = house.world
    fan = world.person("路人", "android")
    token = world.sign_in(fan["id"], "mini")
    shown = world.api("GET", f"works/{shelf.work_id}", token=token)
    assert (shown["unlocked"], shown["html"]) == (False, None)
    assert world.api("GET", "me/entitlements", token=token)["items"] == []
    answer = requests.get(
        f"{house.base_url}/api/v1/fan-groups/{shelf.fan_group_id}/door",
        headers={"Authorization": f"Bearer {token}"},
        timeout=60,
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "not_entitled")


@pytest.fixture(scope="module")
def desk(house: Installation) -> Iterator[requests.Session]:
    """An operator who signed in with a password and a one-time code."""
    with closing(house.wiring()) as wiring, wiring.units("operators.create") as uow:
        _, secret = service.create(uow, login="owner", password=PASSWORD, roles=["owner"])
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    with requests.Session() as browser:
        page = browser.get(f"{house.base_url}/operator/login", timeout=60)
        token = _FORM_TOKEN.search(page.text)
        assert token is not None
        step = rules.totp_step(WallClock(house.tree.clock_file).now())
        entered = browser.post(
            f"{house.base_url}/operator/login",
            data={
                "csrf_token": token[1],
                "login": "owner",
                "password": PASSWORD,
                "totp": rules.totp_code(key, step),
            },
            timeout=60,
        )
        assert entered.status_code == 200, entered.text
        assert entered.url == f"{house.base_url}/operator/"
        yield browser


def test_the_operator_sees_each_rail_with_its_own_fee(
    house: Installation, readers: dict[str, dict[str, Any]], desk: requests.Session
) -> None:
    assert set(readers) == set(RAILS)
    rows = list(csv.DictReader(io.StringIO(_csv(house, desk, "rail"))))
    assert {row["key"] for row in rows} == set(RAILS)
    for row in rows:
        fee = RAILS[row["key"]][2]
        platform = (990 - fee) * 1000 // 10_000
        assert row == {
            "business_day": row["business_day"],
            "key": row["key"],
            "orders": "1",
            "gross_fen": "990",
            "fee_fen": str(fee),
            "platform_fen": str(platform),
            "creator_fen": str(990 - fee - platform),
        }


def test_the_creator_hears_the_same_sum(
    house: Installation,
    shelf: Shelf,
    readers: dict[str, dict[str, Any]],
    desk: requests.Session,
) -> None:
    assert set(readers) == set(RAILS)
    by_creator = list(csv.DictReader(io.StringIO(_csv(house, desk, "creator"))))
    by_column = list(csv.DictReader(io.StringIO(_csv(house, desk, "column"))))
    assert {row["key"] for row in by_creator} == {shelf.handle}
    assert {row["key"] for row in by_column} == {shelf.column_id}
    said = house.world.say(shelf.creator["id"], "今日收入")
    today = str(_today(house))
    earned = sum(int(row["creator_fen"]) for row in by_creator if row["business_day"] == today)
    assert f"{earned / 100:.2f}" in said


def _today(house: Installation) -> date:
    return business_day_of(WallClock(house.tree.clock_file).now())


def _csv(house: Installation, desk: requests.Session, by: str) -> str:
    today = _today(house)
    span = {"from": str(today - timedelta(days=1)), "to": str(today), "by": by}
    answer = desk.get(f"{house.base_url}/operator/revenue.csv", params=span, timeout=60)
    assert answer.status_code == 200, answer.text
    return answer.content.decode("utf-8-sig")


def test_every_number_opens_its_postings(
    house: Installation, readers: dict[str, dict[str, Any]], desk: requests.Session
) -> None:
    for reader in readers.values():
        order_id = reader["order"]["order_id"]
        page = desk.get(f"{house.base_url}/operator/orders/{order_id}", timeout=60)
        assert page.status_code == 200, page.text
        assert "9.90" in page.text
        (entry,) = set(_ENTRY_LINK.findall(page.text))
        postings = desk.get(f"{house.base_url}{entry}", timeout=60)
        assert postings.status_code == 200, postings.text
        fee_fen = RAILS[reader["order"]["rail"]][2]
        for amount_fen in (990, fee_fen):
            assert f"{amount_fen / 100:.2f}" in postings.text, (order_id, amount_fen)


def test_the_books_agree_to_the_fen_and_nothing_is_broken(
    house: Installation, readers: dict[str, dict[str, Any]]
) -> None:
    people = {reader["id"] for reader in readers.values()}
    with closing(house.wiring()) as wiring:
        assert book_differences(house, wiring, people) == []
        assert violations(wiring) == []
        with wiring.reading() as session:
            total = session.execute(text("SELECT sum(amount_fen) FROM postings")).scalar_one()
            unbalanced = session.execute(
                text("SELECT entry_id FROM postings GROUP BY 1 HAVING sum(amount_fen) <> 0")
            ).all()
        assert (total, unbalanced) == (0, [])
