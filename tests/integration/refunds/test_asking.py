"""Asking: what the terms give is decided at once, the rest waits for a person."""

from datetime import timedelta

import pytest

from creator_tools.access import service as access
from creator_tools.orders.errors import OrderNotFound
from creator_tools.refunds import queries
from creator_tools.refunds.errors import (
    NothingToRefund,
    RefundLineUnknown,
    RefundReasonUnknown,
    RefundTooLarge,
    RefundUnderway,
)
from tests.integration.refunds.conftest import Counter


def test_what_the_terms_give_is_decided_in_the_commit_that_asks(counter: Counter) -> None:
    order_id = counter.bought()
    assert counter.may_read()
    refund = counter.ask(order_id)

    assert (refund.state, refund.amount_fen) == ("approved", 990)
    assert (refund.fee_fen, refund.platform_fen, refund.creator_fen) == (6, 98, 886)
    assert not counter.may_read()
    assert counter.rows("SELECT state FROM orders") == [("refunded",)]
    assert counter.balances() == {
        "receivable": 990,
        "fee": 0,
        "platform_share": 0,
        "creator_payable": 0,
        "refund_in_flight": -990,
    }
    promised = counter.rows("SELECT kind FROM effects WHERE object_type = 'refund' ORDER BY kind")
    assert promised == [("customer_message.refund",), ("refund.send",)]
    assert counter.broken() == []


def test_after_the_window_a_person_decides(counter: Counter) -> None:
    order_id = counter.bought()
    counter.later(days=8)
    refund = counter.ask(order_id, words="孩子误触购买")

    assert (refund.state, refund.amount_fen) == ("requested", 990)
    assert refund.quote["lines"][0]["refundable_fen"] == 0
    assert refund.quote["lines"][0]["reasons"][0]["code"] == "too_late"
    assert counter.may_read()
    assert counter.balances()["receivable"] == 990
    assert "refund_in_flight" not in counter.balances()
    assert counter.broken() == []


def test_what_was_read_is_not_given_back_by_itself(counter: Counter) -> None:
    order_id = counter.bought()
    with counter.shop.units("works.opened") as uow:
        assert access.note_opened(
            uow, person_id=counter.shop.person_id, work_id=counter.shop.work_id
        )
    counter.later(days=3)
    refund = counter.ask(order_id)

    assert refund.state == "requested"
    assert refund.quote["lines"][0]["reasons"][0]["code"] == "all_used"


def test_the_terms_of_the_order_count_and_not_those_of_today(counter: Counter) -> None:
    order_id = counter.bought()
    with counter.shop.units.reading() as session:
        order = queries.orders.find(session, order_id)
        assert order is not None
        before = queries.quote(session, order, counter.shop.clock.now() + timedelta(hours=20))
        order.refund_terms = {
            "name": "strict",
            "grace_hours": 0,
            "window_days": 0,
            "read_percent_max": 0,
            "promise_days": 0,
            "self_service_max_fen": 0,
            "self_service_count": 0,
        }
        after = queries.quote(session, order, counter.shop.clock.now() + timedelta(hours=20))
    assert (before.terms, before.refundable_fen, before.is_self_service) == (
        "older-orders",
        990,
        True,
    )
    assert (after.terms, after.refundable_fen, after.is_self_service) == ("strict", 0, False)


def test_the_fourth_refund_within_thirty_days_waits_for_a_person(counter: Counter) -> None:
    for _ in range(3):
        assert counter.ask(counter.bought()).state == "approved"
    assert counter.ask(counter.bought()).state == "requested"


def test_two_askings_of_one_order_are_one_refund(counter: Counter) -> None:
    order_id = counter.bought()
    counter.later(days=8)
    counter.ask(order_id)
    with pytest.raises(RefundUnderway):
        counter.ask(order_id)
    assert counter.rows("SELECT count(*) FROM refunds") == [(1,)]


def test_nothing_goes_back_of_what_nobody_paid(counter: Counter) -> None:
    with pytest.raises(NothingToRefund):
        counter.ask(counter.shop.order())
    with pytest.raises(OrderNotFound):
        counter.ask(counter.shop.person_id)


def test_nothing_goes_back_a_second_time(counter: Counter) -> None:
    order_id = counter.bought()
    refund = counter.ask(order_id)
    counter.hear(counter.told(refund.id, "succeeded"))
    with pytest.raises(NothingToRefund):
        counter.ask(order_id)


def test_a_wrong_wish_is_refused_and_nothing_is_kept(counter: Counter) -> None:
    order_id = counter.bought()
    with pytest.raises(RefundReasonUnknown):
        counter.ask(order_id, reason_code="because")
    with pytest.raises(RefundLineUnknown):
        counter.ask(order_id, lines=[2])
    with pytest.raises(RefundLineUnknown):
        counter.ask(order_id, lines=[])
    with pytest.raises(RefundTooLarge):
        counter.ask(order_id, amount_fen=991, by_fan=False)
    assert counter.rows("SELECT count(*) FROM refunds") == [(0,)]


def test_what_apple_took_only_apple_gives_back(counter: Counter) -> None:
    order_id = counter.bought()
    with counter.shop.units.reading() as session:
        order = queries.orders.find(session, order_id)
        assert order is not None
        order.rail = "xpay_ios"
        quoted = queries.quote(session, order, counter.shop.clock.now())
    assert not quoted.is_possible
    assert quoted.lines[0].reasons[0].code == "apple_decides"
