"""The control calls of the money, as a script from outside makes them."""

import json
from typing import Any

import pytest

from tests.unit.wechat_simulator_pay.shop import Shop
from wechat_simulator.simulator import Simulator

KEY = "c2Vzc2lvbi1rZXktb25lISE="


class Control:
    """A script with the control API in its hands."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self._simulator = Simulator(shop.world)

    def __call__(self, method: str, path: str, content: Any = None) -> tuple[int, Any]:
        response = self._simulator.call(method, f"/_sim/{path}", content)
        return response.status, json.loads(response.body)


@pytest.fixture
def control(shop: Shop) -> Control:
    return Control(shop)


def test_each_rail_is_paid_and_booked_with_its_own_fee(control: Control) -> None:
    shop = control.shop
    apple = shop.person("apple", "ios")
    shop.log_in(shop.fan, KEY)
    shop.log_in(apple, KEY)
    control("PUT", "goods", {"id": "tier-990", "price_fen": 990})
    sheets = [
        ("fan", "jsapi", shop.pay_object(shop.place())),
        ("fan", "xpay_android", shop.virtual_payment(KEY)),
        ("apple", "xpay_ios", shop.virtual_payment(KEY, outTradeNo="virtual-002")),
    ]

    for person, rail, payment in sheets:
        told = {"rail": rail, "payment": payment}
        status, result = control("POST", f"people/{person}/pay", told)
        assert (status, result["err_code"]) == (200, 0)

    _, books = control("GET", "books")
    assert [(one["rail"], one["fee_fen"]) for one in books["payments"]] == [
        ("jsapi", 6),
        ("xpay_android", 10),
        ("xpay_ios", 119),
    ]


def test_a_good_is_on_sale_at_once_and_keeps_its_price(control: Control) -> None:
    status, good = control("PUT", "goods", {"id": "tier-990", "price_fen": 990})
    again, _ = control("PUT", "goods", {"id": "tier-990", "price_fen": 991})
    _, listed = control("GET", "goods")

    assert (status, again) == (200, 409)
    assert listed["items"] == [good]
    assert good["effective_at"] == "2026-05-20T12:00:00+00:00"


def test_switches_are_changed_all_or_none(control: Control) -> None:
    wanted = {"pay": {"probe_rate": 0.5}, "xpay": {"publish_latency_s": 0}, "fee_bp": {"jsapi": 38}}
    _, before = control("GET", "settings")

    refused, _ = control("PUT", "settings", {**wanted, "fee_bp": {"jsapi": -1}})
    _, between = control("GET", "settings")
    status, after = control("PUT", "settings", wanted)
    control("POST", "reset", {"seed": 3})

    assert (refused, between, status) == (400, before, 200)
    assert after["pay"]["probe_rate"] == 0.5
    assert after["xpay"]["publish_latency_s"] == 0
    assert after["fee_bp"] == {"jsapi": 38, "xpay_android": 100, "xpay_ios": 1200}
    assert control("GET", "settings") == (200, after)


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("goods", {"id": "", "price_fen": 1}),
        ("goods", {"id": "a", "price_fen": 0}),
        ("goods", {"id": "a", "price_fen": True}),
        ("goods", {"id": "a", "price_fen": 1, "env": 2}),
        ("goods", {"id": "a", "price_fen": 1, "colour": "red"}),
        ("settings", {"pay": {"unknown": 1}}),
        ("settings", {"pay": []}),
        ("settings", {"pay": {"unsigned_errors": 1}}),
        ("settings", {"pay": {"refund_outcome": "LOST"}}),
        ("settings", {"pay": {"bills_ready_hour": 25}}),
        ("settings", {"fee_bp": {"cash": 1}}),
        ("settings", {"fee_bp": 5}),
    ],
)
def test_a_wrong_wish_is_refused_with_a_sentence(
    control: Control, path: str, content: dict[str, Any]
) -> None:
    status, told = control("PUT", path, content)

    assert status == 400
    assert told["code"]
    assert len(told["message"]) > 10


def test_apple_refunds_only_what_apple_sold(control: Control) -> None:
    shop = control.shop
    apple = shop.person("apple", "ios")
    shop.log_in(apple, KEY)
    control("PUT", "goods", {"id": "tier-990", "price_fen": 990})
    told = {"rail": "xpay_ios", "payment": shop.virtual_payment(KEY)}
    control("POST", "people/apple/pay", told)

    statuses = [control("POST", "apple-refund", {"trade_no": "virtual-001"})[0] for _ in range(2)]

    assert statuses == [200, 409]
    assert control("POST", "apple-refund", {"trade_no": "virtual-999"})[0] == 409
