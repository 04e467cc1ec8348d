"""Refunds: one number one refund, never more than was paid, told when they end."""

from typing import Any

import pytest

from tests.unit.wechat_simulator_pay.shop import REFUNDS, Shop, read
from wechat_simulator.pay.cashier import person_pays


@pytest.fixture
def paid(shop: Shop) -> Shop:
    """A shop with one order of 9.90 yuan paid."""
    person_pays(shop.world, shop.fan, shop.pay_object(shop.place()))
    return shop


def body(number: str = "refund-1", fen: int = 990, **changed: Any) -> dict[str, Any]:
    return {
        "out_trade_no": "order-001",
        "out_refund_no": number,
        "notify_url": "https://shop.test/refund",
        "amount": {"refund": fen, "total": 990, "currency": "CNY"},
    } | changed


def test_a_refund_is_processed_first_then_told_and_booked(paid: Shop) -> None:
    asked = read(paid.call("POST", REFUNDS, body()))
    paid.wait(5)

    assert asked["status"] == "PROCESSING"
    told = paid.opened()
    assert told["event_type"] == "REFUND.SUCCESS"
    assert told["resource"]["refund_status"] == "SUCCESS"
    assert "status" not in told["resource"]
    assert told["resource"]["amount"] == {
        "total": 990,
        "refund": 990,
        "payer_total": 990,
        "payer_refund": 990,
    }
    assert read(paid.call("GET", f"{REFUNDS}/refund-1"))["status"] == "SUCCESS"
    books = paid.world.books.shown()
    assert (books["refunds"][0]["amount_fen"], books["refunds"][0]["fee_fen"]) == (990, 6)
    assert books["payments"][0]["state"] == "REFUND"


def test_the_same_number_is_the_same_refund(paid: Shop) -> None:
    first = read(paid.call("POST", REFUNDS, body()))

    assert read(paid.call("POST", REFUNDS, body())) == first
    other = paid.call("POST", REFUNDS, body(reason="改了"))
    assert (other.status, read(other)["code"]) == (400, "INVALID_REQUEST")
    assert len(paid.pay.records.refunds) == 1


def test_never_more_than_was_paid_goes_back(paid: Shop) -> None:
    assert paid.call("POST", REFUNDS, body("refund-1", 600)).status == 200
    paid.clock.advance(60)

    over = paid.call("POST", REFUNDS, body("refund-2", 391))

    assert (over.status, read(over)["code"]) == (400, "INVALID_REQUEST")
    assert paid.call("POST", REFUNDS, body("refund-2", 390)).status == 200
    paid.wait(60)
    refunds = paid.world.books.shown()["refunds"]
    assert sum(one["amount_fen"] for one in refunds) == 990
    assert sum(one["fee_fen"] for one in refunds) == 6


def test_two_refunds_of_an_order_are_a_minute_apart(paid: Shop) -> None:
    paid.call("POST", REFUNDS, body("refund-1", 100))

    hasty = paid.call("POST", REFUNDS, body("refund-2", 100))

    assert (hasty.status, read(hasty)["code"]) == (429, "FREQUENCY_LIMITED")


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"out_trade_no": "order-999"}, 404, "RESOURCE_NOT_EXISTS"),
        ({"out_trade_no": None}, 400, "PARAM_ERROR"),
        ({"transaction_id": "4200000000202605200000000001"}, 404, "RESOURCE_NOT_EXISTS"),
        ({"out_refund_no": "有中文"}, 400, "PARAM_ERROR"),
        ({"reason": "很" * 27}, 400, "PARAM_ERROR"),
        ({"reason": "好😀"}, 400, "PARAM_ERROR"),
        ({"amount": {"refund": 0, "total": 990, "currency": "CNY"}}, 400, "PARAM_ERROR"),
        ({"amount": {"refund": 990, "total": 990}}, 400, "PARAM_ERROR"),
        ({"amount": {"refund": 9, "total": 991, "currency": "CNY"}}, 400, "INVALID_REQUEST"),
    ],
)
def test_a_wrong_refund_is_refused(
    paid: Shop, changed: dict[str, Any], status: int, code: str
) -> None:
    reply = paid.call("POST", REFUNDS, body(**changed))

    assert (reply.status, read(reply)["code"]) == (status, code)
    assert paid.pay.records.refunds == {}


def test_an_unpaid_order_has_nothing_to_give_back(shop: Shop) -> None:
    shop.place()

    assert shop.call("POST", REFUNDS, body()).status == 404
    assert shop.call("GET", f"{REFUNDS}/refund-1").status == 404


def test_a_refund_may_end_badly_after_it_looked_well(paid: Shop) -> None:
    paid.pay.records.settings.refund_outcome = "ABNORMAL"

    paid.call("POST", REFUNDS, body())
    paid.wait(5)

    assert paid.opened()["event_type"] == "REFUND.ABNORMAL"
    assert paid.world.books.shown()["refunds"] == []
