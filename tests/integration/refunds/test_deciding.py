"""Deciding: limits, two people, other sums, and two who decide at once."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from creator_tools.refunds import service
from creator_tools.refunds.errors import (
    ApprovalLimitExceeded,
    RefundDecided,
    RefundTooLarge,
    RefundUnderway,
    SecondPersonNeeded,
)
from tests.integration.refunds.conftest import COLLEAGUE, OPERATOR, Counter

Beside = Callable[[Callable[[], Any]], Future[Any]]


def test_a_part_goes_back_and_what_was_bought_stays_open_if_so_decided(counter: Counter) -> None:
    order_id = counter.bought()
    asked = counter.ask(order_id, amount_fen=300, by_fan=False)
    assert asked.state == "requested"
    refund = counter.approve(asked.id, keeps_access=True)

    assert (refund.fee_fen, refund.platform_fen, refund.creator_fen) == (2, 30, 268)
    assert counter.may_read()
    assert counter.rows("SELECT state FROM orders") == [("paid",)]
    assert counter.broken() == []


def test_a_part_that_ends_access_ends_the_order_too(counter: Counter) -> None:
    refund = counter.ask(counter.bought(), amount_fen=300, by_fan=False)
    counter.approve(refund.id)
    assert not counter.may_read()
    assert counter.rows("SELECT state FROM orders") == [("refunded",)]
    assert counter.broken() == []


def test_refunds_one_after_the_other_sum_to_the_payment_and_not_a_fen_more(
    counter: Counter,
) -> None:
    order_id = counter.bought()
    for amount_fen in (1, 333, 333):
        asked = counter.ask(order_id, amount_fen=amount_fen, by_fan=False)
        counter.approve(asked.id, keeps_access=True)
        counter.hear(counter.told(asked.id, "succeeded"))
    with pytest.raises(RefundTooLarge):
        counter.ask(order_id, amount_fen=324, by_fan=False)
    last = counter.ask(order_id, amount_fen=323, by_fan=False)
    counter.approve(last.id)
    counter.hear(counter.told(last.id, "succeeded"))

    assert counter.balances() == {
        "receivable": 0,
        "fee": 0,
        "platform_share": 0,
        "creator_payable": 0,
        "refund_in_flight": 0,
    }
    assert counter.broken() == []


def test_an_operator_may_decide_another_sum_but_no_larger_one_than_is_left(
    counter: Counter,
) -> None:
    counter.later(days=1)
    order_id = counter.bought()
    counter.later(days=30)
    asked = counter.ask(order_id)
    with pytest.raises(RefundTooLarge):
        counter.approve(asked.id, amount_fen=991)
    assert counter.get(asked.id).state == "requested"
    refund = counter.approve(asked.id, amount_fen=500)
    assert (refund.amount_fen, refund.state) == (500, "approved")
    assert counter.broken() == []


def test_a_limit_holds_by_role(counter: Counter) -> None:
    counter.later(days=1)
    order_id = counter.bought()
    counter.later(days=30)
    asked = counter.ask(order_id)
    with pytest.raises(ApprovalLimitExceeded):
        counter.approve(asked.id, roles=("editor",))
    with pytest.raises(ApprovalLimitExceeded):
        counter.approve(asked.id, roles=())
    assert counter.balances()["receivable"] == 990
    assert counter.approve(asked.id, roles=("support",)).state == "approved"


def test_who_began_a_large_one_does_not_approve_it(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("creator_tools.refunds.rules.SECOND_PERSON_ABOVE_FEN", 500)
    asked = counter.ask(counter.bought(), by_fan=False, actor=OPERATOR)
    with pytest.raises(SecondPersonNeeded):
        counter.approve(asked.id, actor=OPERATOR)
    assert counter.approve(asked.id, actor=COLLEAGUE).state == "approved"


def test_a_no_tells_why_and_moves_nothing(counter: Counter) -> None:
    order_id = counter.bought()
    counter.later(days=30)
    asked = counter.ask(order_id)
    with counter.shop.units("refunds.decide", OPERATOR) as uow:
        service.decline(uow, refund_id=asked.id, words="已全部读完")
    assert counter.get(asked.id).state == "declined"
    assert counter.may_read()
    assert counter.balances()["receivable"] == 990
    with pytest.raises(RefundDecided):
        counter.approve(asked.id)
    # A no is not for ever: the fan may ask again.
    assert counter.ask(order_id).state == "requested"


def test_two_who_approve_at_once_are_one(counter: Counter, beside: Beside) -> None:
    counter.later(days=1)
    order_id = counter.bought()
    counter.later(days=30)
    asked = counter.ask(order_id)
    with counter.shop.units("refunds.decide", OPERATOR) as first:
        service.approve(first, refund_id=asked.id, roles=("owner",))
        second = beside(lambda: counter.approve(asked.id, actor=COLLEAGUE))
        with pytest.raises(TimeoutError):
            second.result(timeout=0.3)
    with pytest.raises(RefundDecided):
        second.result(timeout=5)
    assert counter.rows("SELECT count(*) FROM journal_entries WHERE kind = 'refund'") == [(1,)]
    assert counter.balances()["refund_in_flight"] == -990
    assert counter.broken() == []


def test_two_who_ask_at_once_are_one(counter: Counter, beside: Beside) -> None:
    order_id = counter.bought()
    with counter.shop.units("refunds.ask", OPERATOR) as first:
        service.ask(first, order_id=order_id, reason_code="other", by_fan=False)
        second = beside(lambda: counter.ask(order_id))
        with pytest.raises(TimeoutError):
            second.result(timeout=0.3)
    with pytest.raises(RefundUnderway):
        second.result(timeout=5)
    assert counter.rows("SELECT count(*) FROM refunds") == [(1,)]


def test_the_database_itself_refuses_more_than_was_paid(counter: Counter) -> None:
    order_id = counter.bought()
    asked = counter.ask(order_id, amount_fen=600, by_fan=False)
    counter.approve(asked.id, keeps_access=True)
    counter.hear(counter.told(asked.id, "succeeded"))
    second = counter.ask(order_id, amount_fen=390, by_fan=False)
    with counter.engine.begin() as connection, pytest.raises(IntegrityError):
        connection.execute(
            text("UPDATE refunds SET amount_fen = 391 WHERE id = :id"), {"id": second.id}
        )
