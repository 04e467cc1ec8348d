"""A house without its broker, under a platform that misbehaves: slower, never wrong.

The broker's address is a closed port. Nothing may depend on it but the waiting time: the sweep
finds whatever was not hinted at. After every scene WeChat's books and ours agree to the fen.
"""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg
import pytest
import requests

from creator_tools.kernel.clock import WallClock
from tests.channel import (
    Shelf,
    book_differences,
    open_channel,
    sell_in_mini_program,
    until,
    violations,
)
from tests.gate.conftest import Install
from tests.gate.outside import Outside
from tests.installation import Installation
from wechat_simulator.books import Books
from wechat_simulator.entities import Merchant
from wechat_simulator.pay import notices
from wechat_simulator.pay.model import Order, PayDesk, PayRecords
from wechat_simulator.pay.numbers import Counter, Numbers
from wechat_simulator.pay.office import read_keys

pytestmark = [pytest.mark.gate, pytest.mark.timeout(1800)]

LOCKED = "付费以后才看得到的这一句"
SURFACES = {"payment": ("oa", "android"), "xpay": ("mini", "android")}
REFUSED_FAULTS = ("tamper", "wrong_key")
LATE_FAULTS = ("delay", "reorder")
FAULTS = ("duplicate", *LATE_FAULTS, *REFUSED_FAULTS)
TAKEN = {200, 204}


class Stage:
    """A running house without a broker, what is on sale, and who is outside."""

    def __init__(self, house: Installation, shelf: Shelf) -> None:
        self.house = house
        self.shelf = shelf
        self.outside = Outside(house, "alone")

    def order(self, surface: str, device: str) -> tuple[dict[str, Any], str, dict[str, Any]]:
        """Somebody new with a session and an order that waits for its payment."""
        fan = self.outside.person(device)
        token = self.outside.sign_in(fan, surface)
        return fan, token, self.outside.order(fan, token, self.shelf.work_product_id)

    def confirm(self, fan: dict[str, Any], placed: dict[str, Any]) -> dict[str, Any]:
        """Confirm the pay sheet; what became of it, with the first pushes."""
        paid: dict[str, Any] = self.house.world.control(
            "POST", f"people/{fan['id']}/pay", rail=placed["rail"], payment=placed["pay"]
        )
        assert paid["err_code"] == 0, paid
        return paid

    def state(self, token: str, order_id: str) -> str:
        """What the API says of an order."""
        return str(self.house.world.api("GET", f"orders/{order_id}", token=token)["state"])

    def is_unlocked(self, token: str) -> bool:
        """Whether the rest of the work can be read."""
        shown = self.house.world.api("GET", f"works/{self.shelf.work_id}", token=token)
        assert (LOCKED in str(shown)) is shown["unlocked"]
        return bool(shown["unlocked"])

    def rows(self, query: str, *given: object) -> list[tuple[Any, ...]]:
        """A plain look into the database."""
        with psycopg.connect(self.house.environment["DATABASE_URL"]) as connection:
            return connection.execute(query.encode(), given).fetchall()

    @contextmanager
    def fault(self, push: str, fault: str, times: int, **more: Any) -> Iterator[None]:
        """Let the next pushes of a kind suffer, and no other."""
        rule = {"route": f"push:{push}", "fault": fault, "times": times, **more}
        self.house.world.control("PUT", "faults", rules=[rule])
        try:
            yield
        finally:
            self.house.world.control("PUT", "faults", rules=[{**rule, "times": 0}])


@pytest.fixture(scope="module")
def stage(install: Install) -> Iterator[Stage]:
    """One channel for all scenes, opened and sold without a broker."""
    house = install(with_broker=False)
    house.start_house()
    shelf = open_channel(house, locked=LOCKED)
    sell_in_mini_program(house, shelf)
    made = Stage(house, shelf)
    yield made
    made.outside.close()


@pytest.fixture(autouse=True)
def _books_are_whole(stage: Stage) -> Iterator[None]:
    """After every scene nothing is broken, and WeChat's books are ours."""
    yield
    people = {one["id"] for one in stage.outside.people}
    with closing(stage.house.wiring()) as wiring:
        assert book_differences(stage.house, wiring, people) == []
        assert violations(wiring) == []


def test_the_whole_journey_happens(stage: Stage) -> None:
    outside, world = stage.outside, stage.house.world
    fan = outside.person()
    outside.follow(fan)
    token = outside.sign_in(fan, "oa")
    assert not stage.is_unlocked(token)
    placed = outside.order(fan, token, stage.shelf.work_product_id)
    assert placed["rail"] == "jsapi"
    stage.confirm(fan, placed)
    outside.wait_until_paid(token, placed["order_id"])
    assert stage.is_unlocked(token)
    outside.open_door(token, stage.shelf.fan_group_id)
    assert "清晨的街道" in outside.say(fan, "我的购买")

    def told() -> list[str]:
        heard = world.control("GET", f"people/{fan['id']}/messages")["oa"]
        link = f"/h5/works/{stage.shelf.work_id}"
        return [str(one) for one in heard if link in str(one) and one["via"] != "reply"]

    assert len(until(told, "the buyer is told")) == 1


@pytest.mark.parametrize("push", SURFACES)
def test_a_lost_push_is_found_by_asking(stage: Stage, push: str) -> None:
    with stage.fault(push, "drop", 100_000):
        fan, token, placed = stage.order(*SURFACES[push])
        paid = stage.confirm(fan, placed)
        assert [one["status"] for one in paid["pushes"]] == [0]
        stage.outside.wait_until_paid(token, placed["order_id"], step_s=1)
        assert stage.rows(
            "SELECT seen_by, disposition FROM payments WHERE order_id = %s", placed["order_id"]
        ) == [("query", "settled")]
    assert stage.is_unlocked(token)


@pytest.mark.parametrize("device", ["android", "ios"])
def test_money_that_comes_after_the_close_opens_all_the_same(stage: Stage, device: str) -> None:
    """Virtual payment alone lets an old sheet be confirmed: WeChat Pay closes the number itself."""
    fan, token, placed = stage.order("mini", device)
    close_by_time(stage, token, placed)
    assert not stage.is_unlocked(token)
    stage.confirm(fan, placed)
    stage.outside.wait_until_paid(token, placed["order_id"])
    assert stage.is_unlocked(token)
    assert stage.rows(
        "SELECT count(*) FROM journal_entries WHERE order_id = %s", placed["order_id"]
    ) == [(1,)]


def test_a_closed_number_cannot_be_paid_on_wechat_pay(stage: Stage) -> None:
    fan, token, placed = stage.order("oa", "android")
    close_by_time(stage, token, placed)
    tried = stage.house.world.control(
        "POST", f"people/{fan['id']}/pay", rail=placed["rail"], payment=placed["pay"]
    )
    assert (tried["err_code"], tried["err_desc"]) == (-1, "该订单已关闭")
    assert stage.state(token, placed["order_id"]) == "closed"


def close_by_time(stage: Stage, token: str, placed: dict[str, Any]) -> None:
    """Let the order's half-hour pass, and wait until it is closed."""
    stage.house.world.control("POST", "clock", advance_s=31 * 60)
    until(lambda: stage.state(token, placed["order_id"]) == "closed", "the order is closed")


def test_a_second_payment_is_set_aside_with_an_alarm(stage: Stage) -> None:
    fan, token, placed = stage.order("oa", "android")
    paid = stage.confirm(fan, placed)
    stage.outside.wait_until_paid(token, placed["order_id"])
    letter = another_payment(stage, fan, paid)
    for _ in range(2):  # a second payment that is told twice is still one
        answer = requests.post(letter.url, letter.body, headers=letter.headers, timeout=60)
        assert answer.status_code in TAKEN, answer.text
    known = "SELECT id FROM payments WHERE order_id = %s AND disposition = 'second_payment'"
    ((payment_id,),) = until(
        lambda: stage.rows(known, placed["order_id"]), "the second payment is recorded"
    )
    assert stage.rows(
        """SELECT account.kind, sum(posting.amount_fen)::bigint FROM postings AS posting
           JOIN ledger_accounts AS account ON account.id = posting.account_id
           JOIN journal_entries AS entry ON entry.id = posting.entry_id
           WHERE entry.payment_id = %s AND entry.kind = 'suspense' GROUP BY 1 ORDER BY 1""",
        payment_id,
    ) == [("receivable", 990), ("suspense", -990)]
    assert stage.rows(
        "SELECT code FROM alarms WHERE object_key = %s AND resolved_at IS NULL", str(payment_id)
    ) == [("payment_second_payment",)]
    assert stage.rows(
        "SELECT disposition FROM payments WHERE order_id = %s ORDER BY 1", placed["order_id"]
    ) == [("second_payment",), ("settled",)]


def another_payment(stage: Stage, fan: dict[str, Any], paid: dict[str, Any]) -> notices.Letter:
    """What the platform would write if our number had been paid twice, under its own signature."""
    secrets, now = stage.house.secrets, WallClock(stage.house.tree.clock_file).now()
    merchant = Merchant(
        mchid=secrets.mchid,
        serial=secrets.merchant_serial,
        private_key_pem=secrets.merchant_private_key_pem,
        apiv3_key=secrets.apiv3_key,
        public_key_id=secrets.public_key_id,
        public_key_pem=secrets.platform_public_key_pem,
        platform_private_key_pem=secrets.platform_private_key_pem,
    )
    desk = PayDesk(
        keys=read_keys(merchant),
        records=PayRecords(),
        books=Books(),
        numbers=Numbers(random.Random(7), Counter()),
        appids=lambda: frozenset({secrets.oa.appid}),
        person_of=lambda _appid, _openid: None,
        plan=lambda _at, _kind, _payload: None,
    )
    order = Order(
        appid=secrets.oa.appid,
        mchid=secrets.mchid,
        out_trade_no=paid["trade_no"],
        trade_type="JSAPI",
        description="清晨的街道",
        total_fen=990,
        openid=fan["oa_openid"],
        attach=None,
        notify_url=f"{stage.house.base_url}/wechat-pay/notifications/payment",
        asked="",
        created_at=now,
        payable_until=now,
        state="SUCCESS",
        transaction_id=desk.numbers.transaction_id(now),
        paid_at=now,
        payer_openid=fan["oa_openid"],
    )
    assert order.transaction_id != paid["payment_ref"]
    return notices.write(desk, notices.of_payment(desk, order, now), now)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("push", SURFACES)
def test_a_misbehaving_platform_leaves_the_books_equal(
    stage: Stage, push: str, fault: str, report_count: Callable[[str, int], None]
) -> None:
    """Two buyers: the first one's push suffers, the second one's comes after it, unharmed."""
    began = time.monotonic()
    first, second = (stage.order(*SURFACES[push]) for _ in range(2))
    more = {"delay_s": 40} if fault == "delay" else {}
    with stage.fault(push, fault, 1, **more):
        suffered = stage.confirm(first[0], first[2])
        untold = fault in LATE_FAULTS or fault in REFUSED_FAULTS
        accepted = TAKEN & {one["status"] for one in suffered["pushes"]}
        assert bool(accepted) is not untold, suffered
        stage.confirm(second[0], second[2])
    for _, token, placed in (second, first):
        stage.outside.wait_until_paid(token, placed["order_id"], step_s=2)
        assert stage.is_unlocked(token)
    stage.house.world.control("POST", "clock", advance_s=60)
    keys = [placed["order_id"] for _, _, placed in (first, second)]
    for what in ("payments", "journal_entries"):
        counted = f"SELECT order_id::text, count(*) FROM {what} WHERE order_id::text = ANY(%s)"
        found = dict(stage.rows(f"{counted} GROUP BY 1", keys))
        assert found == dict.fromkeys(keys, 1), what
    report_count(f"ms under {fault} of {push}", round((time.monotonic() - began) * 1000))
