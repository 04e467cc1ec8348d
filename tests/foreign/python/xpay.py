"""Virtual payment by wechat-xpay: goods go on sale, an order is paid, delivered and given back."""

import json
import secrets
import time
import urllib.request
from typing import Any

import xmltodict
from stage import Backend, Received, Stage
from wechat_xpay import XPayClient
from wechat_xpay.auth import calc_pay_sig, calc_signature
from wechat_xpay.webhook import WebhookParser
from werobot.crypto import MessageCrypt

NUMBER = secrets.token_hex(8)


def main() -> None:
    """Every call that the simulator's console knows."""
    stage = Stage()
    mini, console = stage.accounts["mini"], stage.accounts["xpay"]
    received = Received()
    callback = f"{Backend(received).url}/callback"
    stage.control("PUT", "accounts", {"mini": {"callback_url": callback}})
    person = stage.person(device="android")
    token, session_key = credentials(stage, person)
    sdk = XPayClient(mini["appid"], console["app_key"], env=0)
    keys = {"access_token": token, "session_key": session_key}
    goods(stage, sdk, keys)
    pay(stage, person, console, session_key)
    openid = person["mini_openid"]
    order = stage.works(
        "query_order",
        lambda: sdk.query_order(openid, order_id=NUMBER, **keys),
        lambda a: (a.order_id, a.paid_fee) == (NUMBER, 990),
    )
    stage.works(
        "notify_provide_goods", lambda: sdk.notify_provide_goods(order_id=NUMBER, **keys), bool
    )
    stage.works(
        "query_user_balance",
        lambda: sdk.query_user_balance(openid, user_ip="127.0.0.1", **keys),
        lambda a: a.balance == 0,
    )
    stage.works(
        "refund_order",
        lambda: sdk.refund_order(
            openid,
            refund_order_id="r" + NUMBER,
            left_fee=order.left_fee,
            refund_fee=990,
            refund_reason="3",
            req_from="2",
            order_id=NUMBER,
            **keys,
        ),
        lambda a: a.pay_order_id == NUMBER,
    )
    stage.works("query_biz_balance", lambda: sdk.query_biz_balance(**keys), lambda a: a)
    stranger = XPayClient(mini["appid"], "wrong" + console["app_key"], env=0)
    stage.refused(
        "query_order", 268490003, lambda: stranger.query_order(openid, order_id=NUMBER, **keys)
    )
    notification(stage, received, mini)
    stage.leave()


def credentials(stage: Stage, person: dict[str, Any]) -> tuple[str, str]:
    """The access token and the session key, asked for by hand: the client leaves both to others."""
    mini = stage.accounts["mini"]
    asked = f"appid={mini['appid']}&secret={mini['secret']}"
    root = "https://api.weixin.qq.com"
    code = stage.control("POST", f"people/{person['id']}/login")["code"]
    with urllib.request.urlopen(
        f"{root}/cgi-bin/token?grant_type=client_credential&{asked}", timeout=30
    ) as answer:
        token = str(json.load(answer)["access_token"])
    address = f"{root}/sns/jscode2session?{asked}&js_code={code}&grant_type=authorization_code"
    with urllib.request.urlopen(address, timeout=30) as answer:
        return token, str(json.load(answer)["session_key"])


def goods(stage: Stage, sdk: Any, keys: dict[str, str]) -> None:
    """A price tier is uploaded and published."""
    tier = {
        "id": "tier990",
        "name": "九元九角",
        "price": 990,
        "remark": "价位",
        "item_url": "https://a.test/1.png",
    }
    stage.works(
        "start_upload_goods", lambda: sdk.start_upload_goods(upload_item=[tier], **keys), bool
    )
    stage.control("POST", "clock", {"advance_s": 60})
    stage.works(
        "query_upload_goods",
        lambda: sdk.query_upload_goods(**keys),
        lambda a: a.upload_item[0].id == "tier990",
    )
    stage.works(
        "start_publish_goods",
        lambda: sdk.start_publish_goods(publish_item=[{"id": "tier990"}], **keys),
        bool,
    )
    stage.works(
        "query_publish_goods",
        lambda: sdk.query_publish_goods(**keys),
        lambda a: a.publish_item[0].id == "tier990",
    )
    stage.control("POST", "clock", {"advance_s": 1800})


def pay(stage: Stage, person: dict[str, Any], console: dict[str, str], session_key: str) -> None:
    """The sheet, signed by the client's own two functions."""
    asked = {
        "offerId": console["offer_id"],
        "buyQuantity": 1,
        "env": 0,
        "currencyType": "CNY",
        "productId": "tier990",
        "goodsPrice": 990,
        "outTradeNo": NUMBER,
        "attach": f"sold at {int(time.time())}",
    }
    text = json.dumps(asked)
    payment = {
        "mode": "short_series_goods",
        "signData": text,
        "paySig": calc_pay_sig("requestVirtualPayment", text, console["app_key"]),
        "signature": calc_signature(text, session_key),
    }
    sheet = {"rail": "xpay_android", "payment": payment}
    stage.works(
        "auth.calc_pay_sig, auth.calc_signature",
        lambda: stage.control("POST", f"people/{person['id']}/pay", sheet),
        lambda a: a["err_code"] == 0,
    )


def notification(stage: Stage, received: Received, mini: dict[str, str]) -> None:
    """The delivery as it was pushed: one client opens the envelope, the other reads it."""
    crypt = MessageCrypt(mini["token"], mini["aes_key"], mini["appid"])
    plain = [
        crypt.prp_crypto.decrypt(_sealed(body), mini["appid"]) for _, body in received.requests
    ]
    told = stage.works(
        "WebhookParser.callback",
        lambda: [WebhookParser().callback(one) for one in plain],
        lambda a: a,
    )
    delivery = told[0].notification
    if (delivery.out_trade_no, delivery.goods_info.actual_price) != (NUMBER, 990):
        raise AssertionError(delivery)


def _sealed(body: bytes) -> str:
    return str(xmltodict.parse(body)["xml"]["Encrypt"])


if __name__ == "__main__":
    main()
