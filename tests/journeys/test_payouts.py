"""An earner takes out what is theirs: held, asked for, approved, taken in WeChat, on the books."""

import re
from contextlib import closing
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import requests
from sqlalchemy import text

from creator_tools.kernel.business_day import BEIJING, business_day_of
from creator_tools.kernel.unit_of_work import Actor
from creator_tools.payouts import queries, service
from creator_tools.payouts.models import Payout
from creator_tools.payouts.rules import Balance
from tests.channel import Shelf, open_channel, until, violations
from tests.installation import Installation

TRANSFER = "POST /v3/fund-app/mch-transfer/transfer-bills"
QUERY = "GET /v3/fund-app/mch-transfer/transfer-bills"
WECHAT = "Mozilla/5.0 (Linux; Android 14) Mobile MicroMessenger/8.0.50"
DAY_S = 24 * 3600
_SALES = 4


@pytest.fixture(scope="module")
def shelf(house: Installation) -> Shelf:
    """A creator whose sales nobody can take back any more."""
    made = open_channel(house, locked="只给买的人看 MARK-9a70")
    world = house.world
    for number in range(_SALES):
        person = world.person(f"读者{number}", "android")
        world.sign_in(person["id"], "oa")
        world.buy(person, "oa", made.work_product_id)
    with closing(house.wiring()) as wiring:
        now = wiring.clock.now()
    # To the morning on which the bill of today can be had, and then past the refund window.
    morning = datetime.combine(business_day_of(now) + timedelta(days=1), time(10, 6), BEIJING)
    world.control("POST", "clock", advance_s=int((morning - now).total_seconds()) + 1)
    until(lambda: settled(house) >= _SALES, "the bill of the day is matched")
    world.control("POST", "clock", advance_s=8 * DAY_S)
    return made


@pytest.fixture(autouse=True)
def no_faults(house: Installation) -> Any:
    yield
    house.world.control("PUT", "faults", rules=[])


def settled(house: Installation) -> int:
    with closing(house.wiring()) as wiring, wiring.reading() as session:
        sql = "SELECT count(*) FROM journal_entries WHERE kind = 'settlement'"
        return int(session.execute(text(sql)).scalar_one())


def balance(house: Installation, shelf: Shelf) -> Balance:
    with closing(house.wiring()) as wiring, wiring.reading() as session:
        pot = service.earner_of(session, shelf.creator_id).pot
        return queries.balance_of(session, pot.code, wiring.clock.now())


def ask(house: Installation, shelf: Shelf, amount_fen: int = 500) -> UUID:
    """The creator asks."""
    with closing(house.wiring()) as wiring:
        with wiring.reading() as session:
            earner = service.earner_of(session, shelf.creator_id)
        return wiring.units.run(
            "payouts.ask",
            lambda uow: (
                service.ask(
                    uow, earner=earner, payer=wiring.payouts.payer, amount_fen=amount_fen
                ).id
            ),
            Actor("person", earner.person_id),
        )


def approve(house: Installation, payout_id: UUID) -> None:
    with closing(house.wiring()) as wiring:
        wiring.units.run(
            "payouts.decide",
            lambda uow: service.approve(uow, payout_id=payout_id),
            Actor("operator", uuid4()),
        )


def payout(house: Installation, payout_id: UUID) -> Payout:
    with closing(house.wiring()) as wiring, wiring.reading() as session:
        return queries.get(session, payout_id)


def comes_to(house: Installation, payout_id: UUID, state: str) -> Payout:
    until(lambda: payout(house, payout_id).state == state, f"the payout is {state}")
    return payout(house, payout_id)


def transfers(house: Installation, payout_id: UUID) -> list[dict[str, Any]]:
    """What WeChat has paid under this number."""
    number = payout(house, payout_id).bill_no
    booked = house.world.control("GET", "books")["transfers"]
    return [one for one in booked if one["bill_no"] == number]


def take(house: Installation, shelf: Shelf, payout_id: UUID) -> None:
    """The creator takes the money in WeChat's sheet."""
    package = payout(house, payout_id).package
    told = house.world.control(
        "POST", f"people/{shelf.creator['id']}/confirm-transfer", package_info=package
    )
    assert told["err_msg"] == "requestMerchantTransfer:ok"


def told_to(house: Installation, shelf: Shelf) -> str:
    """All that the account has written to the creator."""
    return str(house.world.control("GET", f"people/{shelf.creator['id']}/messages")["oa"])


def in_wechat(house: Installation, person: dict[str, Any]) -> requests.Session:
    """A browser in WeChat, signed in as this person."""
    browser = requests.Session()
    browser.trust_env = False
    browser.headers["User-Agent"] = WECHAT
    begun = browser.get(f"{house.base_url}/h5/sign-in?return_to=/h5/me", allow_redirects=False)
    state = begun.headers["Location"].partition("state=")[2].partition("#")[0]
    code = house.world.control("POST", f"people/{person['id']}/login", app="oa")["code"]
    browser.get(f"{house.base_url}/h5/oauth/callback?code={code}&state={state}")
    return browser


def fine(house: Installation) -> None:
    """Nothing is broken, and our books hold what WeChat has transferred."""
    with closing(house.wiring()) as wiring:
        assert violations(wiring) == []
        with wiring.reading() as session:
            paid = session.execute(
                text("SELECT bill_no, amount_fen FROM payouts WHERE state = 'succeeded'")
            ).all()
    theirs = house.world.control("GET", "books")["transfers"]
    assert sorted((one["bill_no"], one["amount_fen"]) for one in theirs) == sorted(map(tuple, paid))


def test_the_money_arrives_when_its_receiver_takes_it(house: Installation, shelf: Shelf) -> None:
    # Whoever has spoken lately may be written to.
    house.world.say(shelf.creator["id"], "收入")
    before = balance(house, shelf).available_fen
    payout_id = ask(house, shelf)
    assert balance(house, shelf).available_fen == before - 500
    approve(house, payout_id)
    comes_to(house, payout_id, "waiting")
    browser = in_wechat(house, shelf.creator)
    page = browser.get(f"{house.base_url}/h5/payouts/{payout_id}").text
    assert 'data-payout-state="waiting"' in page
    assert re.search(r"5\.00", page)
    until(lambda: "请在 24 小时内" in told_to(house, shelf), "the creator is asked to take it")
    take(house, shelf, payout_id)
    comes_to(house, payout_id, "succeeded")
    assert [one["amount_fen"] for one in transfers(house, payout_id)] == [500]
    state = browser.get(f"{house.base_url}/h5/payouts/{payout_id}/state").json()
    assert state == {"state": "succeeded"}
    until(lambda: "已到你的微信零钱" in told_to(house, shelf), "the creator is told of the arrival")
    fine(house)


def test_nobody_else_finds_the_page(house: Installation, shelf: Shelf) -> None:
    payout_id = ask(house, shelf, 100)
    stranger = house.world.person("路人", "android")
    answer = in_wechat(house, stranger).get(f"{house.base_url}/h5/payouts/{payout_id}")
    assert answer.status_code == 404


def test_what_nobody_takes_for_a_day_comes_back(house: Installation, shelf: Shelf) -> None:
    before = balance(house, shelf).available_fen
    payout_id = ask(house, shelf)
    approve(house, payout_id)
    comes_to(house, payout_id, "waiting")
    house.world.control("POST", "clock", advance_s=DAY_S + 60)
    after = comes_to(house, payout_id, "failed")
    assert after.failure_code == "OVERDUE_CLOSE"
    assert balance(house, shelf).available_fen == before
    fine(house)


@pytest.mark.parametrize("fault", ["status", "drop"])
def test_an_answer_that_is_lost_pays_once(house: Installation, shelf: Shelf, fault: str) -> None:
    house.world.control(
        "PUT", "faults", rules=[{"route": TRANSFER, "fault": fault, "times": 1, "status": 500}]
    )
    payout_id = ask(house, shelf, 200)
    approve(house, payout_id)
    house.world.control("POST", "clock", advance_s=60)
    comes_to(house, payout_id, "waiting")
    take(house, shelf, payout_id)
    comes_to(house, payout_id, "succeeded")
    assert len(transfers(house, payout_id)) == 1
    fine(house)


@pytest.mark.parametrize("fault", ["duplicate", "drop"])
def test_a_notification_twice_or_never_books_once(
    house: Installation, shelf: Shelf, fault: str
) -> None:
    payout_id = ask(house, shelf, 150)
    approve(house, payout_id)
    comes_to(house, payout_id, "waiting")
    house.world.control(
        "PUT", "faults", rules=[{"route": "push:payment", "fault": fault, "times": 1}]
    )
    take(house, shelf, payout_id)
    house.world.control("POST", "clock", advance_s=60)
    comes_to(house, payout_id, "succeeded")
    assert len(transfers(house, payout_id)) == 1
    fine(house)


def test_one_that_waits_is_taken_back(house: Installation, shelf: Shelf) -> None:
    before = balance(house, shelf).available_fen
    payout_id = ask(house, shelf, 120)
    approve(house, payout_id)
    comes_to(house, payout_id, "waiting")
    with closing(house.wiring()) as wiring:
        wiring.units.run(
            "payouts.decide",
            lambda uow: service.take_back(uow, payout_id),
            Actor("operator", uuid4()),
        )
    comes_to(house, payout_id, "cancelled")
    assert balance(house, shelf).available_fen == before
    assert transfers(house, payout_id) == []
    fine(house)
