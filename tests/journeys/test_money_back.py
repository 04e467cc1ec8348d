"""Money goes back: asked on a page, sent to the rail, told by its notification, seen outside."""

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from sqlalchemy import text

from tests.channel import Shelf, open_channel, until, violations
from tests.installation import Installation

LOCKED = "退款以后读不到的这一句 MARK-51c0de"
ANDROID = "Mozilla/5.0 (Linux; Android 14) Mobile MicroMessenger/8.0.50"
REFUNDS = "POST /v3/refund/domestic/refunds"
_FORM_TOKEN = re.compile(r'name="csrf_token" value="([0-9a-f]{64})"')


@pytest.fixture(scope="module")
def shelf(house: Installation) -> Shelf:
    """A creator's channel, made by chat."""
    return open_channel(house, locked=LOCKED)


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

    def refunds_there(self) -> list[dict[str, Any]]:
        """What WeChat has given back to this person."""
        books = self.house.world.control("GET", "books")["refunds"]
        return [one for one in books if one["person_id"] == self.person["id"]]

    def messages(self) -> str:
        """All that the account has written to this person."""
        return str(self.house.world.control("GET", f"people/{self.person['id']}/messages")["oa"])


def fan_of(house: Installation, shelf: Shelf, name: str) -> Fan:
    """Somebody new who bought the work, signed in on the pages."""
    world = house.world
    person = world.person(name, "android")
    token = world.sign_in(person["id"], "oa")
    order = world.buy(person, "oa", shelf.work_product_id)
    # Whoever has spoken may be written to as often as is needed here.
    world.say(person["id"], "我的购买")
    browser = requests.Session()
    browser.trust_env = False
    browser.headers["User-Agent"] = ANDROID
    begun = browser.get(f"{house.base_url}/h5/sign-in?return_to=/h5/me", allow_redirects=False)
    state = begun.headers["Location"].partition("state=")[2].partition("#")[0]
    code = world.control("POST", f"people/{person['id']}/login", app="oa")["code"]
    browser.get(f"{house.base_url}/h5/oauth/callback?code={code}&state={state}")
    return Fan(house, shelf, person, token, order["order_id"], browser)


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
    assert fan.house.world.api("GET", f"orders/{fan.order_id}", token=fan.token)["state"] == (
        "refunded"
    )

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
