"""The two signatures of virtual payment, and what its pushes say about money."""

import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.unit.wechat_handlers.vectors import json_of, needs_vectors
from wechat_handlers.inbound.messages import XpayGoods, XpayGoodsDelivered, XpayWeChatPay
from wechat_handlers.inbound.xpay_delivery import delivery_of, render_xpay_answer
from wechat_handlers.statements.xpay import XpayDelivery
from wechat_handlers.wire.errors import WireRefused
from wechat_handlers.wire.xpay_sign import CLIENT_URI, build_sign_data, pay_sig, user_signature

MESSAGE = XpayGoodsDelivered(
    account_kind="mini",
    sender="official",
    recipient="gh_1",
    created_at_epoch_s=1_800_000_000,
    buyer="o-buyer",
    out_trade_no="T20270115000001",
    env=0,
    wechat_pay=XpayWeChatPay(
        mch_order_no="m", transaction_id="420000", paid_at_epoch_s=1_799_999_990
    ),
    goods=XpayGoods(
        product_id="tier_990", quantity=1, original_price_fen=990, actual_price_fen=990, attach="a"
    ),
)
ORDER: dict[str, Any] = {
    "order_id": "T20270115000001",
    "status": 2,
    "order_type": 0,
    "env_type": 1,
    "order_fee": 990,
    "paid_fee": 990,
    "paid_time": 1_799_999_990,
    "wxpay_order_id": "420000",
    "biz_meta": "a",
}


def test_the_official_signature_is_met_byte_for_byte() -> None:
    body = '{"openid": "xxx", "user_ip": "127.0.0.1", "env": 0}'

    assert (
        pay_sig("12345", "/xpay/query_user_balance", body)
        == "c37809f27c6d7fd1837ad2500a04512b66b34fd793a39a385fade56dca89a4b5"
    )


@needs_vectors
def test_the_foreign_signature_is_met_byte_for_byte() -> None:
    sample = json_of("crypto/xpay-paysig-official.json")

    assert pay_sig(sample["app_key"], sample["uri"], sample["body"]) == sample["pay_sig"]


def test_the_session_key_signs_as_text() -> None:
    key = "tiihtNczf5v6AKRyjwEUhQ=="

    expected = hmac.new(key.encode(), "正文".encode(), hashlib.sha256).hexdigest()
    assert user_signature(key, "正文") == expected


def test_sign_data_has_the_types_that_wechat_wants_and_no_further_member() -> None:
    text = build_sign_data(
        offer_id="1450012345",
        product_id="tier_990",
        goods_price_fen=990,
        out_trade_no="T20270115000001",
        attach="作品",
        env=0,
    )

    assert text == (
        '{"offerId":"1450012345","buyQuantity":1,"env":0,"currencyType":"CNY",'
        '"productId":"tier_990","goodsPrice":990,"outTradeNo":"T20270115000001","attach":"作品"}'
    )
    assert pay_sig("k", CLIENT_URI, text) == pay_sig("k", "requestVirtualPayment", text)


@pytest.mark.parametrize(
    "number", ["", "_1234567", "short", "x" * 33, "T2027 0115", "单号单号单号单号"]
)
def test_a_number_that_wechat_refuses_is_refused_here(number: str) -> None:
    with pytest.raises(ValueError, match="out_trade_no"):
        build_sign_data(
            offer_id="1",
            product_id="p",
            goods_price_fen=1,
            out_trade_no=number,
            attach="",
            env=0,
        )


def test_a_delivery_by_wechat_pay_and_one_by_apple_are_two_rails() -> None:
    android = delivery_of(MESSAGE)
    apple = delivery_of(replace(MESSAGE, wechat_pay=None))

    assert (android.rail, android.payment_ref) == ("xpay_android", "420000")
    assert android.paid_at == datetime.fromtimestamp(1_799_999_990, UTC)
    assert (apple.rail, apple.payment_ref) == ("xpay_ios", "T20270115000001")
    assert apple.paid_at == datetime.fromtimestamp(1_800_000_000, UTC)
    assert android.total_fen == apple.total_fen == 990


@pytest.mark.parametrize("is_apple", [False, True])
def test_the_push_and_the_query_state_one_payment_alike(*, is_apple: bool) -> None:
    push = delivery_of(replace(MESSAGE, wechat_pay=None) if is_apple else MESSAGE)
    apples = {"order_type": 7, "wxpay_order_id": ""} if is_apple else {}
    query = XpayDelivery.from_order(ORDER | apples, subject="o-buyer")

    assert query is not None
    assert (query.rail, query.trade_no, query.payment_ref, query.total_fen, query.env) == (
        push.rail,
        push.trade_no,
        push.payment_ref,
        push.total_fen,
        push.env,
    )


@pytest.mark.parametrize("status", [0, 1, 5, 6, 7, 8, 9, 10])
def test_an_order_that_is_not_paid_states_nothing(status: int) -> None:
    assert XpayDelivery.from_order(ORDER | {"status": status}, subject="o-buyer") is None


@pytest.mark.parametrize(
    "change", [{"env_type": 3}, {"paid_fee": True}, {"paid_fee": "990"}, {"order_id": ""},
               {"status": "paid"}, {"paid_time": -1}],
)  # fmt: skip
def test_an_order_that_makes_no_sense_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(WireRefused, match="malformed"):
        XpayDelivery.from_order(ORDER | change, subject="o-buyer")


@pytest.mark.parametrize(
    "change",
    [
        {"buyer": ""},
        {"out_trade_no": ""},
        {"goods": replace(MESSAGE.goods, actual_price_fen=-1)},
        {"goods": replace(MESSAGE.goods, quantity=0)},
    ],
)
def test_a_delivery_without_its_facts_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(WireRefused, match="malformed"):
        delivery_of(replace(MESSAGE, **change))


def test_the_answer_says_delivered_or_asks_for_another_try() -> None:
    assert json.loads(render_xpay_answer("json", 0, "success")) == {
        "ErrCode": 0,
        "ErrMsg": "success",
    }
    assert render_xpay_answer("xml", 0, "success") == "success"
    assert render_xpay_answer("xml", 1, "a]]>b") == (
        "<xml><ErrCode>1</ErrCode><ErrMsg><![CDATA[a]]]]><![CDATA[>b]]></ErrMsg></xml>"
    )
