"""Bills over HTTP: fetched by themselves in the morning, matched, and what is amiss is listed."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from creator_tools.kernel.business_day import BEIJING, business_day_of
from creator_tools.kernel.text import TextRefused
from creator_tools.kernel.unit_of_work import Actor
from creator_tools.reconciliation import queries, service
from creator_tools.reconciliation.errors import DifferenceClosed
from creator_tools.refunds import service as refunds
from tests.channel import Shelf, open_channel, until, violations
from tests.installation import REPOSITORY, Installation

TRADE, FLOW = "GET /v3/bill/tradebill", "GET /v3/bill/fundflowbill"


@pytest.fixture(scope="module")
def shelf(house: Installation) -> Shelf:
    """A creator's channel, made by chat."""
    return open_channel(house, locked="只给买的人看 MARK-b111")


def now_of(house: Installation) -> datetime:
    with closing(house.wiring()) as wiring:
        return wiring.clock.now()


def morning_after(house: Installation) -> date:
    """Move the clock to 10:06 of the next day in Beijing; gives the day that has ended."""
    now = now_of(house)
    day = business_day_of(now)
    morning = datetime.combine(day + timedelta(days=1), time(10, 6), tzinfo=BEIJING)
    house.world.control("POST", "clock", advance_s=int((morning - now).total_seconds()) + 1)
    return day


def sell(house: Installation, shelf: Shelf, *names: str) -> list[str]:
    """Orders of new people, paid; their ids."""
    world = house.world
    people = [world.person(name, "android") for name in names]
    for one in people:
        world.sign_in(one["id"], "oa")
    return [world.buy(one, "oa", shelf.work_product_id)["order_id"] for one in people]


@contextmanager
def amiss(house: Installation, route: str, fault: str, **more: Any) -> Iterator[None]:
    """A fault of the bills until the block ends."""
    rule = {"route": route, "fault": fault, "times": 1000} | more
    house.world.control("PUT", "faults", rules=[rule])
    try:
        yield
    finally:
        house.world.control("PUT", "faults", rules=[])


def asked(house: Installation, sql: str, **given: Any) -> list[dict[str, Any]]:
    with closing(house.wiring()) as wiring, wiring.reading() as session:
        return [dict(row) for row in session.execute(text(sql), given).mappings()]


def day_row(house: Installation, day: date) -> dict[str, Any]:
    found = asked(house, "SELECT * FROM bill_days WHERE day = :day", day=day)
    return found[0] if found else {"state": "none", "certified_at": None, "failure_code": None}


def matched(house: Installation, day: date) -> dict[str, Any]:
    """The day, once it was matched."""
    until(lambda: day_row(house, day)["state"] == "matched", f"the bills of {day} are matched")
    return day_row(house, day)


def causes(house: Installation, day: date) -> list[str]:
    sql = (
        "SELECT cause FROM differences JOIN bill_days ON bill_days.id = bill_day_id "
        "WHERE day = :day AND closed_at IS NULL ORDER BY cause"
    )
    return [one["cause"] for one in asked(house, sql, day=day)]


def left_of(house: Installation, kind: str) -> int:
    """What stands on the accounts of a kind, on this rail."""
    sql = (
        "SELECT coalesce(sum(amount_fen), 0) AS fen FROM postings "
        "JOIN ledger_accounts ON ledger_accounts.id = account_id WHERE kind = :kind "
        "AND rail = 'jsapi'"
    )
    return int(asked(house, sql, kind=kind)[0]["fen"])


def broken(house: Installation) -> list[str]:
    with closing(house.wiring()) as wiring:
        return violations(wiring)


def test_a_day_is_matched_by_itself_in_the_morning(house: Installation, shelf: Shelf) -> None:
    before = {kind: left_of(house, kind) for kind in ("receivable", "fee", "merchant_balance")}
    sell(house, shelf, "账单一", "账单二", "账单三")
    assert left_of(house, "receivable") == before["receivable"] + 3 * 990
    day = morning_after(house)
    row = matched(house, day)
    assert row["certified_at"] is not None
    assert causes(house, day) == []
    assert left_of(house, "receivable") == before["receivable"]
    assert left_of(house, "fee") == before["fee"]
    assert left_of(house, "merchant_balance") == before["merchant_balance"] + 3 * (990 - 6)
    assert broken(house) == []


@pytest.mark.parametrize(
    ("route", "fault", "listed"),
    [
        (TRADE, "missing_row", ["flow_unexplained", "payment_not_on_bill"]),
        (TRADE, "doubled_row", ["row_doubled"]),
        (TRADE, "foreign_row", ["row_foreign"]),
        (TRADE, "mangled_row", ["flow_unexplained", "payment_not_on_bill", "row_unreadable"]),
        (TRADE, "wrong_amount", ["amount_differs", "flow_differs"]),
        (FLOW, "missing_row", ["flow_differs"]),
        (FLOW, "foreign_row", ["flow_unexplained"]),
        (FLOW, "wrong_amount", ["flow_differs"]),
    ],
)
def test_a_row_that_is_amiss_is_listed_with_its_cause_and_the_books_balance(
    house: Installation, shelf: Shelf, route: str, fault: str, listed: list[str]
) -> None:
    sell(house, shelf, f"{fault} 甲", f"{fault} 乙")
    with amiss(house, route, fault):
        day = morning_after(house)
        row = matched(house, day)
    assert row["certified_at"] is None
    assert causes(house, day) == listed
    assert broken(house) == []


def test_a_fee_that_differs_is_trued_up_by_an_entry_of_its_own(
    house: Installation, shelf: Shelf
) -> None:
    before = {kind: left_of(house, kind) for kind in ("fee", "merchant_balance")}
    sell(house, shelf, "手续费")
    with amiss(house, TRADE, "wrong_fee"):
        matched(house, day := morning_after(house))
    told = asked(
        house,
        "SELECT code, amount_fen FROM postings "
        "JOIN journal_entries ON journal_entries.id = entry_id "
        "JOIN ledger_accounts ON ledger_accounts.id = account_id "
        "WHERE journal_entries.kind = 'fee_true_up' ORDER BY code",
    )
    assert told == [
        {"code": "fee:jsapi", "amount_fen": -5},
        {"code": "platform_share", "amount_fen": 5},
    ]
    assert left_of(house, "merchant_balance") == before["merchant_balance"] + 990 - 6 - 5
    assert left_of(house, "fee") == before["fee"]
    assert causes(house, day) == ["flow_differs"]
    assert broken(house) == []


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("wrong_hash", "hash_differs"),
        ("wrong_encoding", "encoding"),
        ("wrong_totals", "totals_differ"),
        ("not_ready", "not_ready"),
        ("no_statement", "no_statement"),
    ],
)
def test_a_bill_that_cannot_be_used_is_asked_for_again(
    house: Installation, shelf: Shelf, fault: str, code: str
) -> None:
    sell(house, shelf, fault)
    with amiss(house, TRADE, fault):
        day = morning_after(house)
        until(lambda: day_row(house, day)["failure_code"] == code, f"{fault} is noted")
        assert day_row(house, day)["state"] == "due"
    house.world.control("POST", "clock", advance_s=21 * 60)
    row = matched(house, day)
    assert row["certified_at"] is not None
    assert row["failure_code"] is None
    assert broken(house) == []


def test_a_refund_is_on_the_bill_of_its_own_day(house: Installation, shelf: Shelf) -> None:
    before = {kind: left_of(house, kind) for kind in ("receivable", "fee", "merchant_balance")}
    (order_id,) = sell(house, shelf, "退了又对账")
    day = morning_after(house)
    matched(house, day)
    with closing(house.wiring()) as wiring:
        asked_for = wiring.units.run(
            "refunds.ask",
            lambda uow: (
                refunds.ask(
                    uow, order_id=UUID(order_id), reason_code="bought_twice", words="", by_fan=False
                ).id
            ),
            Actor("operator", UUID(int=7)),
        )
        wiring.units.run(
            "refunds.decide",
            lambda uow: refunds.approve(uow, refund_id=asked_for, roles=("owner",)),
            Actor("operator", UUID(int=7)),
        )
    sent = "SELECT state FROM refunds WHERE order_id = :order"
    until(lambda: asked(house, sent, order=order_id)[0]["state"] == "succeeded", "it went back")
    day = morning_after(house)
    assert matched(house, day)["certified_at"] is not None
    assert {kind: left_of(house, kind) for kind in before} == before
    assert broken(house) == []


def test_the_command_says_how_a_day_stands(house: Installation, shelf: Shelf) -> None:
    sell(house, shelf, "命令一")
    today = business_day_of(now_of(house))
    assert reconcile(house, today.isoformat())[0] == 6
    with amiss(house, TRADE, "doubled_row"):
        day = morning_after(house)
        status, said = reconcile(house, day.isoformat(), "--json")
    assert status == 1
    told = json.loads(said)
    assert (told["rows"], told["matched"], told["paid_fen"]) == (2, 1, 990)
    assert [one["cause"] for one in told["differences"]] == ["row_doubled"]
    assert reconcile(house, "gestern")[0] == 2


def test_a_reason_closes_a_difference_and_the_last_one_certifies_the_day(
    house: Installation, shelf: Shelf
) -> None:
    sell(house, shelf, "说明一")
    with amiss(house, TRADE, "doubled_row"):
        day = morning_after(house)
        bill_day_id = matched(house, day)["id"]
    with closing(house.wiring()) as wiring:
        with wiring.reading() as session:
            (one,) = queries.open_differences(session, bill_day_id)

        def explain(words: str) -> None:
            wiring.units.run(
                "bills.explain",
                lambda uow: service.explain(uow, difference_id=one.id, words=words),
                Actor("operator", UUID(int=7)),
            )

        with pytest.raises(TextRefused):
            explain("不知")
        assert day_row(house, day)["certified_at"] is None
        explain("微信重复出了一行，已联系客服确认")
        with pytest.raises(DifferenceClosed):
            explain("再来一次也不行")
    assert day_row(house, day)["certified_at"] is not None
    assert broken(house) == []


def reconcile(house: Installation, *arguments: str) -> tuple[int, str]:
    """Run the command as an operator does; gives its exit code and what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", "reconcile", *arguments],
        cwd=REPOSITORY,
        env=house.environment,
        capture_output=True,
        check=False,
        timeout=120,
    )
    return done.returncode, done.stdout.decode()
