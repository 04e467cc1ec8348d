"""Prepay, query and close: the rules of one out_trade_no, asked as a merchant asks."""

import json
from typing import Any

import pytest

from tests.unit.wechat_simulator_pay.shop import JSAPI, Shop, read
from wechat_simulator.pay import crypto
from wechat_simulator.pay.cashier import person_pays

HOUR = 3600


def refusal(shop: Shop, body: Any) -> tuple[int, str]:
    reply = shop.call("POST", JSAPI, body)
    return reply.status, read(reply).get("code", "")


def test_a_prepay_id_looks_like_wechats_and_the_answer_is_signed(shop: Shop) -> None:
    reply = shop.call("POST", JSAPI, shop.order_body())

    prepay_id = read(reply)["prepay_id"]
    assert reply.status == 200
    assert prepay_id.startswith("wx20260520200000")
    assert len(prepay_id) == 36
    headers = reply.headers
    message = crypto.reply_message(
        headers["Wechatpay-Timestamp"], headers["Wechatpay-Nonce"], reply.body
    )
    platform = crypto.read_public_key(shop.accounts.merchant.public_key_pem)
    assert crypto.is_signed(platform, message, headers["Wechatpay-Signature"])
    assert headers["Wechatpay-Serial"] == shop.accounts.merchant.public_key_id
    assert headers["Wechatpay-Signature-Type"] == "WECHATPAY2-SHA256-RSA2048"
    assert headers["Request-ID"].endswith("-0")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"description": ""}, "PARAM_ERROR"),
        ({"description": "x" * 128}, "PARAM_ERROR"),
        ({"description": "咖啡☕😀"}, "PARAM_ERROR"),
        ({"out_trade_no": "short"}, "PARAM_ERROR"),
        ({"out_trade_no": "x" * 33}, "PARAM_ERROR"),
        ({"out_trade_no": "有中文字的订单"}, "PARAM_ERROR"),
        ({"amount": {"total": 0}}, "PARAM_ERROR"),
        ({"amount": {"total": "990"}}, "PARAM_ERROR"),
        ({"amount": {"total": 9.9}}, "PARAM_ERROR"),
        ({"amount": {"total": True}}, "PARAM_ERROR"),
        ({"amount": {"total": 990, "currency": "USD"}}, "PARAM_ERROR"),
        ({"amount": None}, "PARAM_ERROR"),
        ({"amount": 990}, "PARAM_ERROR"),
        ({"attach": "x" * 129}, "PARAM_ERROR"),
        ({"notify_url": "https://shop.test/notify?x=1"}, "PARAM_ERROR"),
        ({"notify_url": "http://shop.test/notify"}, "PARAM_ERROR"),
        ({"notify_url": "/notify"}, "PARAM_ERROR"),
        ({"time_expire": "2026-05-21 10:00:00"}, "PARAM_ERROR"),
        ({"payer": {}}, "PARAM_ERROR"),
        ({"mchid": "1900000000"}, "INVALID_REQUEST"),
        ({"appid": "wx0000000000000000"}, "APPID_MCHID_NOT_MATCH"),
        ({"payer": {"openid": "oNobody"}}, "INVALID_REQUEST"),
        ({"payer": {"openid": "oMI0000000000000000000000fan"}}, "INVALID_REQUEST"),
    ],
)
def test_a_wrong_parameter_is_refused_and_places_nothing(
    shop: Shop, changed: dict[str, Any], code: str
) -> None:
    assert refusal(shop, shop.order_body(**changed)) == (400, code)
    assert shop.pay.records.orders == {}


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b'{"a":' + b"[" * 100_000])
def test_a_body_that_is_no_json_object_is_refused(shop: Shop, body: bytes) -> None:
    assert refusal(shop, body) == (400, "PARAM_ERROR")


def test_a_loopback_address_over_http_may_be_notified(shop: Shop) -> None:
    body = shop.order_body(notify_url="http://127.0.0.1:8000/wechat-pay/notifications/payment")

    assert shop.call("POST", JSAPI, body).status == 200


def test_the_same_request_again_gets_a_valid_prepay_id_and_another_is_refused(shop: Shop) -> None:
    first = shop.place()

    assert shop.place() == first
    assert refusal(shop, shop.order_body(description="别的")) == (400, "INVALID_REQUEST")
    shop.clock.advance(2 * HOUR)
    assert shop.place() != first


def test_a_paid_order_and_a_closed_one_take_no_prepay(shop: Shop) -> None:
    person_pays(shop.world, shop.fan, shop.pay_object(shop.place("paid-001")))
    shop.place("closed-001")
    shop.call("POST", "/v3/pay/transactions/out-trade-no/closed-001/close", {"mchid": shop.mchid})

    assert refusal(shop, shop.order_body("paid-001")) == (400, "ORDER_PAID")
    assert refusal(shop, shop.order_body("closed-001")) == (400, "ORDER_CLOSED")


@pytest.mark.parametrize(
    ("kind", "extra", "answer"),
    [
        ("native", {}, "code_url"),
        ("app", {}, "prepay_id"),
        (
            "h5",
            {"scene_info": {"payer_client_ip": "1.2.3.4", "h5_info": {"type": "Wap"}}},
            "h5_url",
        ),
    ],
)
def test_the_other_doors_place_orders_too(
    shop: Shop, kind: str, extra: dict[str, Any], answer: str
) -> None:
    body = {k: v for k, v in (shop.order_body() | extra).items() if k != "payer"}

    reply = shop.call("POST", f"/v3/pay/transactions/{kind}", body)

    assert list(read(reply)) == [answer]


def test_an_unpaid_order_is_found_without_a_transaction(shop: Shop) -> None:
    shop.place()

    found = read(
        shop.call("GET", f"/v3/pay/transactions/out-trade-no/order-001?mchid={shop.mchid}")
    )

    assert found["trade_state"] == "NOTPAY"
    assert found["amount"]["total"] == 990
    assert "transaction_id" not in found
    assert "success_time" not in found


def test_a_paid_order_is_found_by_both_numbers(shop: Shop) -> None:
    paid = person_pays(shop.world, shop.fan, shop.pay_object(shop.place()))
    shown = [
        read(shop.call("GET", f"/v3/pay/transactions/{way}?mchid={shop.mchid}"))
        for way in ("out-trade-no/order-001", f"id/{paid['payment_ref']}")
    ]

    assert shown[0] == shown[1]
    assert shown[0]["trade_state"] == "SUCCESS"
    assert shown[0]["payer"] == {"openid": shop.fan.oa_openid}
    assert shown[0]["success_time"] == "2026-05-20T20:00:00+08:00"
    assert len(shown[0]["transaction_id"]) == 28
    assert shown[0]["transaction_id"].startswith("4200")


def test_queries_name_their_merchant(shop: Shop) -> None:
    shop.place()
    path = "/v3/pay/transactions/out-trade-no/order-001"

    assert shop.call("GET", path).status == 400
    assert shop.call("GET", f"{path}?mchid=1900000000").status == 400
    missing = shop.call("GET", f"/v3/pay/transactions/out-trade-no/order-999?mchid={shop.mchid}")
    assert (missing.status, read(missing)["code"]) == (404, "ORDER_NOT_EXIST")


def test_closing_answers_204_under_signature_again_and_again(shop: Shop) -> None:
    shop.place()
    path = "/v3/pay/transactions/out-trade-no/order-001/close"

    replies = [shop.call("POST", path, {"mchid": shop.mchid}) for _ in range(2)]

    for reply in replies:
        assert (reply.status, reply.body) == (204, b"")
        message = crypto.reply_message(
            reply.headers["Wechatpay-Timestamp"], reply.headers["Wechatpay-Nonce"], b""
        )
        platform = crypto.read_public_key(shop.accounts.merchant.public_key_pem)
        assert crypto.is_signed(platform, message, reply.headers["Wechatpay-Signature"])


def test_a_paid_order_is_not_closed(shop: Shop) -> None:
    person_pays(shop.world, shop.fan, shop.pay_object(shop.place()))

    reply = shop.call(
        "POST", "/v3/pay/transactions/out-trade-no/order-001/close", {"mchid": shop.mchid}
    )

    assert (reply.status, read(reply)["code"]) == (400, "ORDER_PAID")


@pytest.mark.parametrize(
    "changed",
    [
        {"signature": "AAAA"},
        {"serial_no": "0" * 40},
        {"mchid": "1900000000"},
        {"nonce_str": "another"},
        {"signed": b"{}"},
    ],
)
def test_a_wrong_signature_is_told_what_was_signed(shop: Shop, changed: dict[str, Any]) -> None:
    reply = shop.call("POST", JSAPI, shop.order_body(), **changed)

    told = read(reply)
    assert (reply.status, told["code"]) == (401, "SIGN_ERROR")
    information = told["detail"]["sign_information"]
    assert information["method"] == "POST"
    assert information["url"] == JSAPI
    assert information["truncated_sign_message"].startswith(f"POST\n{JSAPI}\n")
    assert information["sign_message_length"] > len(information["truncated_sign_message"])
    assert shop.pay.records.orders == {}


@pytest.mark.parametrize(("skew_s", "status"), [(-301, 401), (301, 401), (-299, 200), (299, 200)])
def test_a_request_is_fresh_for_five_minutes(shop: Shop, skew_s: int, status: int) -> None:
    timestamp = str(int(shop.clock.now()) + skew_s)

    assert shop.call("POST", JSAPI, shop.order_body(), timestamp=timestamp).status == status


def test_the_query_belongs_to_the_signed_target(shop: Shop) -> None:
    shop.place()
    path = "/v3/pay/transactions/out-trade-no/order-001"
    odd = f"{path}?&mchid={shop.mchid}"

    assert shop.call("GET", odd).status == 200


def test_public_key_mode_has_no_certificates_and_sharing_is_not_open(shop: Shop) -> None:
    certificates = shop.call("GET", "/v3/certificates")
    sharing = shop.call("POST", "/v3/profitsharing/orders", {"appid": "wx"})

    assert (certificates.status, read(certificates)["code"]) == (404, "RESOURCE_NOT_EXISTS")
    assert (sharing.status, read(sharing)["code"]) == (403, "NO_AUTH")
    assert shop.call("GET", "/v3/nowhere").status == 404
    assert shop.call("DELETE", JSAPI).status == 405


def test_errors_may_come_unsigned(shop: Shop) -> None:
    shop.pay.records.settings.unsigned_errors = True

    refused = shop.call("POST", JSAPI, {})
    placed = shop.call("POST", JSAPI, shop.order_body())

    assert not [name for name in refused.headers if name.startswith("Wechatpay")]
    assert refused.headers["Request-ID"].endswith("-268435461")
    assert "Wechatpay-Signature" in placed.headers


def test_a_probe_bears_its_mark_and_does_not_verify(shop: Shop) -> None:
    shop.pay.records.settings.probe_rate = 1.0

    reply = shop.call("POST", JSAPI, shop.order_body())

    assert reply.headers["Wechatpay-Signature"].startswith("WECHATPAY/SIGNTEST/")


def test_two_worlds_of_one_seed_give_the_same_numbers(pems: tuple[str, str]) -> None:
    one, other = Shop(*pems, seed=3), Shop(*pems, seed=3)

    assert one.place() == other.place()
    assert one.place("order-002") != one.place("order-003")


def test_a_world_written_and_read_goes_on_where_it_stood(
    shop: Shop, pems: tuple[str, str], tmp_path: Any
) -> None:
    person_pays(shop.world, shop.fan, shop.pay_object(shop.place("paid-001")))
    prepay_id = shop.place("open-0001")
    shop.world.save(tmp_path / "state.json")

    again = Shop(*pems)
    again.world.load(tmp_path / "state.json")

    assert again.place("open-0001") == prepay_id
    assert refusal(again, again.order_body("paid-001")) == (400, "ORDER_PAID")
    assert json.dumps(again.world.books.shown()) == json.dumps(shop.world.books.shown())
