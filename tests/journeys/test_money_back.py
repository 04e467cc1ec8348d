"""Money goes back: asked on a page, sent to the rail, told by its notification, seen outside."""

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from sqlalchemy import text

from tests.channel import Shelf, open_channel, sell_in_mini_program, until, violations
from tests.installation import Installation

LOCKED = "退款以后读不到的这一句 MARK-51c0de"
ANDROID = "Mozilla/5.0 (Linux; Android 14) Mobile MicroMessenger/8.0.50"
REFUNDS = "POST /v3/refund/domestic/refunds"
_FORM_TOKEN = re.compile(r'name="csrf_token" value="([0-9a-f]{64})"')


@pytest.fixture(scope="module")
def shelf(house: Installation) -> Shelf:
    """A creator's channel, made by chat, sold on both surfaces."""
    made = open_channel(house, locked=LOCKED)
    sell_in_mini_program(house, made)
    return made


@dataclass
class Fan:
    """Somebody who bought, with a browser in WeChat."""

    house: Installation
    shelf: Shelf
    person: dict[str, Any]
    token: str
    order_id: str
    browser: requests.Session

    def reads(self) -> bool:
        """Whether the locked part comes."""
        shown = self.house.world.api("GET", f"works/{self.shelf.work_id}", token=self.token)
        return LOCKED in str(shown)

    def sees_order(self) -> bool:
        """Whether the pages know the order as this person's."""
        found = self.browser.get(f"{self.house.base_url}/h5/orders/{self.order_id}")
        return found.status_code == 200

    def page(self) -> str:
        """The page of the refund."""
        answer = self.browser.get(f"{self.house.base_url}/h5/orders/{self.order_id}/refund")
        assert answer.status_code == 200, answer.text
        return answer.text

    def ask(self, **said: str) -> str:
        """Send the page's form; gives the page that follows."""
        token = _FORM_TOKEN.search(self.page())
        assert token is not None
        answer = self.browser.post(
            f"{self.house.base_url}/h5/orders/{self.order_id}/refund",
            data={"csrf_token": token[1], "reason": "changed_mind"} | said,
        )
        assert answer.status_code == 200, answer.text
        return answer.text

    def refund_state(self) -> str:
        """How the newest refund stands, as the page says."""
        found = re.search(r'data-refund-state="(\w+)"', self.page())
        return found[1] if found else "none"

    def order_state(self) -> str:
        """How the order stands, by the API."""
        shown = self.house.world.api("GET", f"orders/{self.order_id}", token=self.token)
        return str(shown["state"])

    def refunds_there(self) -> list[dict[str, Any]]:
        """What WeChat has given back to this person."""
        books = self.house.world.control("GET", "books")["refunds"]
        return [one for one in books if one["person_id"] == self.person["id"]]

    def messages(self) -> str:
        """All that the account has written to this person."""
        return str(self.house.world.control("GET", f"people/{self.person['id']}/messages")["oa"])


def fan_of(
    house: Installation, shelf: Shelf, name: str, *, where: str = "oa", device: str = "android"
) -> Fan:
    """Somebody new who bought the work, signed in on the pages."""
    world = house.world
    person = world.person(name, device)
    token = world.sign_in(person["id"], "oa")
    order = world.buy(person, where, shelf.work_product_id)
    # Whoever has spoken may be written to as often as is needed here.
    world.say(person["id"], "我的购买")
    browser = requests.Session()
    browser.trust_env = False
    browser.headers["User-Agent"] = ANDROID
    begun = browser.get(f"{house.base_url}/h5/sign-in?return_to=/h5/me", allow_redirects=False)
    state = begun.headers["Location"].partition("state=")[2].partition("#")[0]
    code = world.control("POST", f"people/{person['id']}/login", app="oa")["code"]
    browser.get(f"{house.base_url}/h5/oauth/callback?code={code}&state={state}")
    fan = Fan(house, shelf, person, token, order["order_id"], browser)
    # That follower and buyer are one human is heard from WeChat a little later.
    until(fan.sees_order, "the order is seen on the pages")
    return fan


@pytest.fixture
def fan(house: Installation, shelf: Shelf) -> Fan:
    """A fan who bought the work."""
    return fan_of(house, shelf, "想退款的人")


@contextmanager
def switched(house: Installation, **pay: Any) -> Iterator[None]:
    """Other switches of the simulated WeChat Pay, until the block ends."""
    before = house.world.control("GET", "settings")["pay"]
    house.world.control("PUT", "settings", pay=pay)
    try:
        yield
    finally:
        house.world.control("PUT", "settings", pay={name: before[name] for name in pay})


def sums(house: Installation, order_id: str) -> dict[str, int]:
    """What stands on each kind of account because of one order."""
    statement = text(
        "SELECT account.kind, sum(posting.amount_fen)::bigint FROM journal_entries AS entry "
        "JOIN postings AS posting ON posting.entry_id = entry.id "
        "JOIN ledger_accounts AS account ON account.id = posting.account_id "
        "WHERE entry.order_id = CAST(:order_id AS uuid) GROUP BY 1"
    )
    with closing(house.wiring()) as wiring, wiring.reading() as session:
        found = session.execute(statement, {"order_id": order_id})
        return {str(kind): int(total) for kind, total in found}


def let_time_pass(house: Installation, seconds: int) -> None:
    """Move the clock of everybody."""
    house.world.control("POST", "clock", advance_s=seconds)


def assert_all_is_well(house: Installation) -> None:
    """No invariant is broken."""
    with closing(house.wiring()) as wiring:
        assert violations(wiring) == []


def test_a_fan_gets_the_money_back_and_everybody_agrees(house: Installation, fan: Fan) -> None:
    assert "¥9.90" in fan.page()
    assert "付款后 2 小时内，可以全额退款。" in fan.page()
    fan.ask(words="买错了")
    until(lambda: not fan.reads(), "the work is shut")
    assert fan.order_state() == "refunded"

    def is_back() -> bool:
        let_time_pass(house, 6)
        return fan.refund_state() == "succeeded"

    until(is_back, "the refund succeeded")
    there = fan.refunds_there()
    assert [(one["amount_fen"], one["fee_fen"], one["state"]) for one in there] == [
        (990, 6, "SUCCESS")
    ]
    assert set(sums(house, fan.order_id).values()) == {0}
    until(lambda: "已退回到原付款账户" in fan.messages(), "the fan is told")
    assert "退款已受理" in fan.messages()
    assert_all_is_well(house)


def test_english_readers_read_english(fan: Fan) -> None:
    fan.browser.cookies.set("juanliu-language", "en")
    shown = fan.page()
    assert "Within 2 hours of payment everything goes back." in shown
    assert not re.search(r"[\u3400-\u9fff]", re.sub(r"清晨的街道|涓流|中文", "", shown))


@pytest.mark.parametrize("fault", ["status", "drop"])
def test_an_answer_that_is_lost_gives_nothing_back_twice(
    house: Installation, shelf: Shelf, fault: str
) -> None:
    fan = fan_of(house, shelf, f"运气不好的人 {fault}")
    rules = [{"route": REFUNDS, "fault": fault, "times": 2}]
    house.world.control("PUT", "faults", rules=rules)
    fan.ask()

    def is_back() -> bool:
        let_time_pass(house, 10)
        return fan.refund_state() == "succeeded"

    until(is_back, "the refund succeeded")
    house.world.control("PUT", "faults", rules=[])
    assert len(fan.refunds_there()) == 1
    assert set(sums(house, fan.order_id).values()) == {0}


def test_a_notification_that_never_comes_is_replaced_by_a_question(
    house: Installation, fan: Fan
) -> None:
    rules = [{"route": "push:payment", "fault": "drop", "times": 50}]
    house.world.control("PUT", "faults", rules=rules)
    fan.ask()

    def is_back() -> bool:
        let_time_pass(house, 30)
        return fan.refund_state() == "succeeded"

    until(is_back, "the refund was asked about")
    house.world.control("PUT", "faults", rules=[])
    assert len(fan.refunds_there()) == 1


def test_a_closed_refund_gives_the_reader_the_work_back(house: Installation, fan: Fan) -> None:
    before = sums(house, fan.order_id)
    with switched(house, refund_outcome="CLOSED"):
        fan.ask()

        def is_over() -> bool:
            let_time_pass(house, 6)
            return fan.refund_state() == "failed"

        until(is_over, "the refund failed")
    assert fan.reads()
    assert fan.refunds_there() == []
    assert sums(house, fan.order_id) == before | {"refund_in_flight": 0}
    until(lambda: "退款没有成功" in fan.messages(), "the fan is told")
    assert_all_is_well(house)


def test_an_abnormal_refund_waits_for_a_person(house: Installation, fan: Fan) -> None:
    with switched(house, refund_outcome="ABNORMAL"):
        fan.ask()

        def is_stuck() -> bool:
            let_time_pass(house, 6)
            return fan.refund_state() == "abnormal"

        until(is_stuck, "the refund is stuck")
    assert not fan.reads()
    assert sums(house, fan.order_id)["refund_in_flight"] == -990
    assert_all_is_well(house)


def test_virtual_payment_gives_back_by_the_same_path(house: Installation, shelf: Shelf) -> None:
    fan = fan_of(house, shelf, "小程序里买的人", where="mini")
    assert fan.reads()
    # The first answer is lost: the number is asked about before it is sent again.
    rules = [{"route": "POST /xpay/refund_order", "fault": "drop", "times": 1}]
    house.world.control("PUT", "faults", rules=rules)
    fan.ask()
    until(lambda: not fan.reads(), "the work is shut")

    def is_back() -> bool:
        let_time_pass(house, 10)
        return fan.refund_state() == "succeeded"

    until(is_back, "the refund succeeded")
    house.world.control("PUT", "faults", rules=[])
    assert [one["amount_fen"] for one in fan.refunds_there()] == [990]
    assert set(sums(house, fan.order_id).values()) == {0}
    assert_all_is_well(house)


def test_a_lost_push_of_virtual_payment_is_replaced_by_a_question(
    house: Installation, shelf: Shelf
) -> None:
    fan = fan_of(house, shelf, "小程序里没等到的人", where="mini")
    rules = [{"route": "push:xpay", "fault": "drop", "times": 50}]
    house.world.control("PUT", "faults", rules=rules)
    fan.ask()

    def is_back() -> bool:
        let_time_pass(house, 30)
        return fan.refund_state() == "succeeded"

    until(is_back, "the refund was asked about")
    house.world.control("PUT", "faults", rules=[])
    assert len(fan.refunds_there()) == 1
    assert set(sums(house, fan.order_id).values()) == {0}


def test_what_apple_gives_back_is_booked_and_shuts_the_work(
    house: Installation, shelf: Shelf
) -> None:
    fan = fan_of(house, shelf, "找苹果退款的人", where="mini", device="ios")
    assert fan.reads()
    told = house.world.control("POST", "apple-refund", trade_no=fan.order_id.replace("-", ""))
    assert [one["status"] for one in told["pushes"]] == [200]
    assert not fan.reads()
    assert fan.order_state() == "refunded"
    assert set(sums(house, fan.order_id).values()) == {0}
    assert_all_is_well(house)
