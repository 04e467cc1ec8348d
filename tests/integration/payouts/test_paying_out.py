"""From the wish to the money: two people, one number, one entry for every step."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from creator_tools.kernel.fen import Fen
from creator_tools.kernel.unit_of_work import Actor
from creator_tools.payouts.errors import (
    PayoutAboveLimit,
    PayoutDecided,
    PayoutTooLarge,
    PayoutTooSmall,
    ReceiverUnknown,
    SecondPersonRequired,
)
from creator_tools.payouts.models import Payout
from creator_tools.payouts.rules import Limits
from tests.integration.payouts.conftest import COLLEAGUE, OPERATOR, Till

CREATOR_FEN = 886


@pytest.fixture
def ready(till: Till) -> Till:
    """A till with two sales that nobody can take back."""
    till.sell()
    till.sell()
    till.later(days=8)
    return till


def approved(till: Till, amount_fen: int = 1000) -> Payout:
    return till.approve(till.ask(amount_fen).id)


def test_every_step_of_a_payout_is_booked_once(ready: Till) -> None:
    payout = approved(ready)
    ready.hear(ready.told(payout.id, "waiting", amount_fen=None, subject=None))
    assert ready.get(payout.id).package == "package"
    assert ready.posted()["payout_in_flight"] == -1000
    for _ in range(2):
        ready.hear(ready.told(payout.id, "succeeded"))
    after = ready.get(payout.id)
    assert (after.state, after.package) == ("succeeded", None)
    assert ready.posted()["payout_in_flight"] == 0
    assert ready.posted()["merchant_balance"] == 2 * 984 - 1000
    assert ready.balance().paid_fen == 1000
    assert ready.broken() == []


@pytest.mark.parametrize(("says", "state"), [("failed", "failed"), ("cancelled", "cancelled")])
def test_what_does_not_arrive_comes_back_once(ready: Till, says: Any, state: str) -> None:
    payout = approved(ready)
    ready.hear(ready.told(payout.id, "waiting"))
    for _ in range(2):
        ready.hear(ready.told(payout.id, says, code="OVERDUE_CLOSE"))
    assert ready.get(payout.id).state == state
    assert ready.balance().available_fen == 2 * CREATOR_FEN
    # A late word about what it was before changes nothing.
    ready.hear(ready.told(payout.id, "waiting"))
    assert ready.get(payout.id).state == state
    assert ready.broken() == []


def test_success_after_failure_is_an_alarm_and_no_entry(ready: Till) -> None:
    payout = approved(ready)
    ready.hear(ready.told(payout.id, "failed"))
    ready.hear(ready.told(payout.id, "succeeded"))
    assert ready.get(payout.id).state == "failed"
    assert ready.alarms() == ["payout_restated"]


@pytest.mark.parametrize("change", [{"amount_fen": Fen(999)}, {"subject": "o-somebody-else"}])
def test_another_sum_or_receiver_is_an_alarm_and_no_entry(
    ready: Till, change: dict[str, Any]
) -> None:
    payout = approved(ready)
    ready.hear(ready.told(payout.id, "succeeded", **change))
    assert ready.get(payout.id).state == "approved"
    assert ready.alarms() == ["payout_restated"]
    assert ready.broken() == []


def test_a_transfer_that_nobody_asked_for_is_an_alarm(ready: Till) -> None:
    payout = approved(ready)
    assert ready.hear(ready.told(payout.id, "succeeded", bill_no="f" * 32)) is None
    assert ready.alarms() == ["payout_foreign"]


@pytest.mark.parametrize("asker", ["creator", "operator"])
def test_neither_asker_nor_receiver_approves(ready: Till, asker: str) -> None:
    by = OPERATOR if asker == "operator" else Actor("person", ready.creator_person_id)
    payout = ready.ask(500, actor=by)
    for one in (by, Actor("operator", ready.creator_person_id), Actor("operator", None)):
        with pytest.raises(SecondPersonRequired):
            ready.approve(payout.id, actor=one)
    ready.approve(payout.id, actor=COLLEAGUE)
    assert ready.broken() == []


def test_more_than_there_is_less_than_may_be_and_a_stranger_are_refused(ready: Till) -> None:
    with pytest.raises(PayoutTooLarge):
        ready.ask(2 * CREATOR_FEN + 1)
    with pytest.raises(PayoutTooSmall):
        ready.ask(29)
    ready.rows("SELECT 1")
    with ready.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM identities WHERE subject = 'o-creator'")
    with pytest.raises(ReceiverUnknown):
        ready.ask(500)


@pytest.mark.parametrize(
    "limits",
    [
        Limits(single_fen=499),
        Limits(person_day_fen=900),
        Limits(merchant_day_fen=900),
    ],
)
def test_each_limit_holds_over_what_was_asked_before(ready: Till, limits: Limits) -> None:
    ready.ask(450)
    with pytest.raises(PayoutAboveLimit):
        replace(ready, limits=limits).ask(500)
    declined = ready.ask(450)
    ready.decline(declined.id)
    ready.later(days=1)
    replace(ready, limits=replace(limits, single_fen=500)).ask(500)


def test_decided_is_decided(ready: Till) -> None:
    payout = approved(ready)
    for again in (ready.approve, ready.decline):
        with pytest.raises(PayoutDecided):
            again(payout.id, actor=COLLEAGUE)


def test_a_replacement_follows_a_failure_only_and_only_once(ready: Till) -> None:
    payout = approved(ready, 800)
    with pytest.raises(PayoutDecided):
        ready.ask(800, replaces_id=payout.id)
    ready.hear(ready.told(payout.id, "failed"))
    again = ready.ask(800, replaces_id=payout.id)
    assert again.bill_no != payout.bill_no
    assert ready.broken() == []


def test_of_many_who_ask_at_once_only_so_many_get_as_there_is(
    ready: Till, beside: Callable[[Callable[[], Any]], Future[Any]]
) -> None:
    tries = [beside(lambda: ready.ask(700)) for _ in range(4)]
    ended = [one.exception(timeout=60) for one in tries]
    assert sum(1 for error in ended if error is None) == 2
    assert all(error is None or isinstance(error, PayoutTooLarge) for error in ended)
    assert ready.balance().available_fen == 2 * CREATOR_FEN - 1400
    assert ready.broken() == []


def test_two_who_approve_at_once_send_one_transfer(
    ready: Till, beside: Callable[[Callable[[], Any]], Future[Any]]
) -> None:
    payout = ready.ask(500)
    tries = [
        beside(lambda: ready.approve(payout.id, actor=Actor("operator", uuid4()))) for _ in range(2)
    ]
    ended = [one.exception(timeout=60) for one in tries]
    assert [isinstance(error, PayoutDecided) for error in ended].count(True) == 1
    assert ready.rows("SELECT count(*) FROM effects WHERE kind = 'payout.send'") == [(1,)]
