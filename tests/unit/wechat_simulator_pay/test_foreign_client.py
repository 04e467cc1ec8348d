"""A merchant SDK from the registry, unmodified but for the gateway's address, over real HTTP."""

import gzip
import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from wechatpayv3 import WeChatPay, WeChatPayType

from tests.unit.wechat_simulator_pay.shop import HOST, Shop
from wechat_simulator.clock import SimClock
from wechat_simulator.pay.cashier import person_confirms_transfer, person_pays
from wechat_simulator.pay.numbers import BEIJING
from wechat_simulator.server import Server
from wechat_simulator.simulator import Simulator


class Merchant:
    """The SDK beside the shop whose world it calls over the network."""

    def __init__(self, shop: Shop, url: str) -> None:
        told = shop.accounts.merchant
        self.shop = shop
        self.sdk = WeChatPay(
            wechatpay_type=WeChatPayType.JSAPI,
            mchid=told.mchid,
            private_key=told.private_key_pem,
            cert_serial_no=told.serial,
            appid=shop.appid,
            apiv3_key=told.apiv3_key,
            notify_url=f"https://{HOST}/notify",
            public_key=told.public_key_pem,
            public_key_id=told.public_key_id,
            timeout=(3, 10),
        )
        self.sdk._core._gate_way = url  # the SDK has no setting for it

    def place(self, number: str = "order-001") -> str:
        status, text = self.sdk.pay(
            description="专栏《咖啡》",
            out_trade_no=number,
            amount={"total": 990},
            payer={"openid": self.shop.fan.oa_openid},
            attach="第一期",
        )
        assert status == 200, text
        return str(json.loads(text)["prepay_id"])

    def buy(self, number: str = "order-001") -> dict[str, Any]:
        """Place an order and pay it with the SDK's own paySign."""
        package = f"prepay_id={self.place(number)}"
        stamp, nonce = str(int(self.shop.clock.now())), "n0nce"
        sheet = {
            "appId": self.shop.appid,
            "timeStamp": stamp,
            "nonceStr": nonce,
            "package": package,
            "signType": "RSA",
            "paySign": self.sdk.sign([self.shop.appid, stamp, nonce, package]),
        }
        return person_pays(self.shop.world, self.shop.fan, sheet)

    def refund(self) -> tuple[int, str]:
        amount = {"refund": 990, "total": 990, "currency": "CNY"}
        status, text = self.sdk.refund(
            out_refund_no="refund-1",
            amount=amount,
            out_trade_no="order-001",
            reason="退",
            notify_url=f"https://{HOST}/refund",
        )
        return status, text


@pytest.fixture
def merchant(pems: tuple[str, str]) -> Iterator[Merchant]:
    shop = Shop(*pems, clock=SimClock())
    server = Server(Simulator(shop.world))
    server.start()
    try:
        yield Merchant(shop, server.url)
    finally:
        server.stop()


def test_the_sdk_sells_and_opens_our_notification(merchant: Merchant) -> None:
    paid = merchant.buy()

    assert paid["err_code"] == 0
    _, headers, body = merchant.shop.received[0]
    told = merchant.sdk.callback(headers, body)
    assert told["event_type"] == "TRANSACTION.SUCCESS"
    assert told["resource"]["transaction_id"] == paid["payment_ref"]
    assert told["resource"]["attach"] == "第一期"
    for way in ({"out_trade_no": "order-001"}, {"transaction_id": paid["payment_ref"]}):
        status, text = merchant.sdk.query(**way)
        assert (status, json.loads(text)["trade_state"]) == (200, "SUCCESS")


def test_the_sdk_closes_and_is_told_when_it_cannot(merchant: Merchant) -> None:
    merchant.place("order-002")
    merchant.buy()

    assert merchant.sdk.close(out_trade_no="order-002") == (204, b"")
    status, text = merchant.sdk.close(out_trade_no="order-001")
    assert (status, json.loads(text)["code"]) == (400, "ORDER_PAID")
    status, text = merchant.sdk.query(out_trade_no="order-999")
    assert (status, json.loads(text)["code"]) == (404, "ORDER_NOT_EXIST")


def test_the_sdk_gives_money_back_and_opens_the_refund_notification(merchant: Merchant) -> None:
    merchant.buy()

    status, text = merchant.refund()
    merchant.shop.wait(5)

    assert (status, json.loads(text)["status"]) == (200, "PROCESSING")
    status, text = merchant.sdk.query_refund("refund-1")
    assert (status, json.loads(text)["status"]) == (200, "SUCCESS")
    _, headers, body = merchant.shop.received[-1]
    assert merchant.sdk.callback(headers, body)["resource"]["refund_status"] == "SUCCESS"


def test_the_sdk_transfers_and_queries(merchant: Merchant) -> None:
    status, text = merchant.sdk.mch_transfer_bills(
        out_bill_no="bill001",
        transfer_scene_id="1005",
        openid=merchant.shop.fan.oa_openid,
        transfer_amount=400,
        transfer_remark="稿酬",
        transfer_scene_report_infos=[{"info_type": "岗位类型", "info_content": "作者"}],
    )
    asked = json.loads(text)
    person_confirms_transfer(merchant.shop.world, merchant.shop.fan, asked["package_info"])

    assert status == 200
    status, text = merchant.sdk.mch_transfer_bills_query(out_bill_no="bill001")
    assert (status, json.loads(text)["state"]) == (200, "SUCCESS")
    by_platform = merchant.sdk.mch_transfer_bills_query(transfer_bill_no=asked["transfer_bill_no"])
    assert by_platform == (status, text)


def test_the_sdk_fetches_yesterdays_bills(merchant: Merchant) -> None:
    merchant.buy()
    # The SDK signs by the wall clock, so the payment is moved into the past, not we onwards.
    order = merchant.shop.pay.records.orders["order-001"]
    booked = merchant.shop.world.books.payments[0]
    order.paid_at = booked.paid_at = booked.paid_at - timedelta(days=2)
    day = booked.paid_at.astimezone(BEIJING).date().isoformat()

    for ask in (merchant.sdk.trade_bill, merchant.sdk.fundflow_bill):
        status, text = ask(bill_date=day)
        told = json.loads(text)
        assert status == 200
        status, file = merchant.sdk.download_bill(told["download_url"])
        assert status == 200
        assert hashlib.sha1(gzip.decompress(file)).hexdigest() == told["hash_value"]


def test_the_sdk_is_told_when_it_signs_wrongly(merchant: Merchant) -> None:
    merchant.sdk._core._cert_serial_no = "0" * 40

    status, text = merchant.sdk.query(out_trade_no="order-001")

    assert (status, json.loads(text)["code"]) == (401, "SIGN_ERROR")


def test_the_sdk_refuses_a_tampered_notification(merchant: Merchant) -> None:
    merchant.shop.world.faults.replace([{"route": "push:payment", "fault": "tamper"}])

    merchant.buy()

    _, headers, body = merchant.shop.received[0]
    assert merchant.sdk.callback(headers, body) is None
