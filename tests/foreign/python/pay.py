"""The merchant's side in Python: wechatpayv3 and pywechatpay sell, query and read notifications."""

import json
import secrets
import sys
import time
from typing import Any

from stage import Backend, Received, Stage

NUMBER = secrets.token_hex(8)


class Till:
    """A merchant with a customer, and the notifications that came."""

    def __init__(self) -> None:
        self.stage = Stage()
        self.merchant = self.stage.accounts["merchant"]
        self.appid = self.stage.accounts["oa"]["appid"]
        self.received = Received()
        self.notify_url = Backend(self.received).url + "/notify"
        self.person = self.stage.person()

    def pays(self, sheet: dict[str, Any]) -> dict[str, Any]:
        """The customer confirms the sheet."""
        asked = {"rail": "jsapi", "payment": sheet}
        paid: dict[str, Any] = self.stage.control("POST", f"people/{self.person['id']}/pay", asked)
        if paid["err_code"] != 0:
            raise AssertionError(paid)
        return paid


def with_wechatpayv3(till: Till) -> None:
    """Order, query, close, refund, transfer, notifications."""
    from wechatpayv3 import WeChatPay, WeChatPayType  # noqa: PLC0415  one environment has it

    told, stage = till.merchant, till.stage
    sdk = WeChatPay(
        wechatpay_type=WeChatPayType.JSAPI,
        mchid=told["mchid"],
        private_key=told["private_key_pem"],
        cert_serial_no=told["serial"],
        appid=till.appid,
        apiv3_key=told["apiv3_key"],
        notify_url=till.notify_url,
        public_key=told["public_key_pem"],
        public_key_id=told["public_key_id"],
        timeout=(3, 10),
    )
    prepay_id = answered(stage, "pay", 200, lambda: place_v3(sdk, till, NUMBER))["prepay_id"]
    package, stamp = f"prepay_id={prepay_id}", str(int(time.time()))
    sheet = {
        "appId": till.appid,
        "timeStamp": stamp,
        "nonceStr": "n0nce",
        "package": package,
        "signType": "RSA",
        "paySign": sdk.sign([till.appid, stamp, "n0nce", package]),
    }
    paid = stage.works("sign", lambda: till.pays(sheet), lambda a: a["err_code"] == 0)
    opened = stage.works(
        "callback", lambda: sdk.callback(*till.received.requests[-1]), lambda a: a is not None
    )
    if opened["resource"]["transaction_id"] != paid["payment_ref"]:
        raise AssertionError(opened)
    for way in ({"out_trade_no": NUMBER}, {"transaction_id": paid["payment_ref"]}):
        found = answered(
            stage, f"query by {next(iter(way))}", 200, lambda way=way: sdk.query(**way)
        )
        if found["trade_state"] != "SUCCESS":
            raise AssertionError(found)
    place_v3(sdk, till, NUMBER + "c")
    answered(stage, "close", 204, lambda: sdk.close(out_trade_no=NUMBER + "c"))
    answered(stage, "close", 400, lambda: sdk.close(out_trade_no=NUMBER), "ORDER_PAID")
    answered(
        stage, "query", 404, lambda: sdk.query(out_trade_no="none" + NUMBER), "ORDER_NOT_EXIST"
    )
    money_back(stage, sdk, till)
    money_out(stage, sdk, till)


def place_v3(sdk: Any, till: Till, number: str) -> Any:
    """A prepay order of 9.90 yuan."""
    return sdk.pay(
        description="专栏《咖啡》",
        out_trade_no=number,
        amount={"total": 990},
        payer={"openid": till.person["oa_openid"]},
        attach="第一期",
    )


def money_back(stage: Stage, sdk: Any, till: Till) -> None:
    """A refund is asked, settles, and is told."""
    amount = {"refund": 990, "total": 990, "currency": "CNY"}
    asked = {"out_refund_no": "r" + NUMBER, "out_trade_no": NUMBER, "amount": amount}
    answered(stage, "refund", 200, lambda: sdk.refund(**asked, notify_url=till.notify_url))
    stage.control("POST", "clock", {"advance_s": 10})
    back = answered(stage, "query_refund", 200, lambda: sdk.query_refund("r" + NUMBER))
    if back["status"] != "SUCCESS":
        raise AssertionError(back)
    stage.works(
        "callback of a refund",
        lambda: sdk.callback(*till.received.requests[-1]),
        lambda a: a["resource"]["refund_status"] == "SUCCESS",
    )


def money_out(stage: Stage, sdk: Any, till: Till) -> None:
    """A transfer waits for the person; a bill of long ago is not there."""
    asked = answered(
        stage,
        "mch_transfer_bills",
        200,
        lambda: sdk.mch_transfer_bills(
            out_bill_no="b" + NUMBER,
            transfer_scene_id="1005",
            openid=till.person["oa_openid"],
            transfer_amount=400,
            transfer_remark="稿酬",
            transfer_scene_report_infos=[{"info_type": "岗位类型", "info_content": "作者"}],
        ),
    )
    sheet = {"package_info": asked["package_info"]}
    stage.control("POST", f"people/{till.person['id']}/confirm-transfer", sheet)
    done = answered(
        stage,
        "mch_transfer_bills_query",
        200,
        lambda: sdk.mch_transfer_bills_query(out_bill_no="b" + NUMBER),
    )
    if done["state"] != "SUCCESS":
        raise AssertionError(done)
    answered(stage, "trade_bill", 400, lambda: sdk.trade_bill(bill_date="2020-01-01"), "")


def answered(stage: Stage, name: str, status: int, act: Any, code: str | None = None) -> Any:
    """A call of wechatpayv3, whose answers are (status, text)."""
    seen, text = act()
    told = json.loads(text) if text else {}
    if seen != status or (code and told.get("code") != code):
        raise AssertionError((name, seen, text))
    refused = told.get("code") if code is not None else None
    stage.noted(name, f"refused {refused}" if refused else "ok")
    return told


def with_pywechatpay(till: Till) -> None:
    """Order, pay sheet, query, notification."""
    from pywechatpay.core import WechatPay  # noqa: PLC0415  the other environment has it

    told, stage = till.merchant, till.stage
    sdk = WechatPay(
        told["mchid"],
        told["serial"],
        told["private_key_pem"],
        told["public_key_pem"],
        till.notify_url,
        told["apiv3_key"],
        offi_appid=till.appid,
    )

    def place() -> Any:
        return sdk.pay_transactions_jsapi("专栏《咖啡》", NUMBER, 990, till.person["oa_openid"])

    sheet = stage.works("pay_transactions_jsapi", place, lambda a: a["paySign"])
    sheet["appId"] = sheet.pop("appid")  # the client names it as nobody's page may
    paid = till.pays(sheet)
    headers, body = till.received.requests[-1]
    names = ("Timestamp", "Nonce", "Signature")
    stamp, nonce, signature = (headers[f"Wechatpay-{name}"] for name in names)
    stage.works("verify", lambda: sdk.verify(stamp, nonce, body.decode(), signature), bool)
    box = json.loads(body)["resource"]
    stage.works(
        "decrypt_response",
        lambda: sdk.decrypt_response(box["nonce"], box["ciphertext"], box["associated_data"]),
        lambda a: a["transaction_id"] == paid["payment_ref"],
    )
    stage.works(
        "pay_transactions_out_trade_no",
        lambda: sdk.pay_transactions_out_trade_no(NUMBER),
        lambda a: (a["trade_state"], a["transaction_id"]) == ("SUCCESS", paid["payment_ref"]),
    )
    stage.refused(
        "pay_transactions_out_trade_no",
        404,
        lambda: sdk.pay_transactions_out_trade_no("none" + NUMBER),
    )


if __name__ == "__main__":
    shop = Till()
    {"wechatpayv3": with_wechatpayv3, "pywechatpay": with_pywechatpay}[sys.argv[3]](shop)
    shop.stage.leave()
