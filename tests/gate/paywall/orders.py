"""Orders that nobody paid, statements that nobody signed, and a month to its last second."""

import json
from typing import Any

from tests.gate.paywall.listing import DOORS, Attack, attack
from tests.gate.vault import DAY_S, Thief, Visitor, fresh_key

# --- orders ------------------------------------------------------------


@attack("order: one that was never paid")
def _unpaid(thief: Thief) -> None:
    for outcome in ("never", "cancel", "fail"):
        who = thief.vault.visitors[f"somebody whose payment is {outcome}"]
        order_id = thief.vault.orders[outcome]["order_id"]
        for query in ("", "?paid=1", "?state=paid&err_msg=get_brand_wcpay_request:ok"):
            thief.ask(who, f"/h5/orders/{order_id}{query}")
            thief.ask(who, f"/h5/orders/{order_id}/state{query}")
        assert thief.ask(who, f"/api/v1/orders/{order_id}").json()["state"] != "paid"
        thief.ask(who, DOORS[0].format(thief.vault.works["paid"]))


@attack("order: somebody else's")
def _foreign_order(thief: Thief) -> None:
    order_id = thief.vault.orders["of the buyer"]["order_id"]
    for who in thief.everybody():
        for path in ("/h5/orders/{}", "/h5/orders/{}/state", "/api/v1/orders/{}"):
            answer = thief.ask(who, path.format(order_id))
            assert answer.status_code in {302, 401, 403, 404}, (who.name, path)


@attack("order: somebody else's quote, and one that is over")
def _foreign_quote(thief: Thief) -> None:
    quote_id = thief.vault.orders["never"]["quote_id"]
    for who in thief.everybody():
        headers = {"Idempotency-Key": fresh_key()}
        answer = thief.ask(
            who, "/api/v1/orders", "POST", json={"quote_id": quote_id}, headers=headers
        )
        assert answer.status_code >= 400 or answer.json()["state"] == "pending"


@attack("order: the price said by the buyer")
def _own_price(thief: Thief) -> None:
    fan = thief.vault.fan
    wish = {"payable_fen": 0, "price_fen": 1, "amount_fen": -990, "rail": "free", "state": "paid"}
    asked = {"product_id": thief.vault.ids["product"], "device": "android"}
    for more in ({}, wish, {"person_id": thief.vault.ids["buyer"]}, {"quantity": 0}):
        quoted = thief.ask(fan, "/api/v1/quotes", "POST", json={**asked, **more})
        if quoted.status_code >= 400:
            continue
        assert quoted.json()["payable_fen"] == 990
        body = {"quote_id": quoted.json()["quote_id"], **more}
        headers = {"Idempotency-Key": fresh_key()}
        placed = thief.ask(fan, "/api/v1/orders", "POST", json=body, headers=headers)
        assert placed.status_code >= 400 or placed.json()["state"] == "pending"
    thief.ask(fan, DOORS[0].format(thief.vault.works["paid"]))


@attack("order: the buyer's key, used by others")
def _foreign_key(thief: Thief) -> None:
    key = fresh_key()
    asked = {"product_id": thief.vault.ids["product"], "device": "android"}
    for name in ("never", "cancel"):
        who = thief.vault.visitors[f"somebody whose payment is {name}"]
        quoted = thief.ask(who, "/api/v1/quotes", "POST", json=asked).json()
        body = {"quote_id": quoted["quote_id"]}
        headers = {"Idempotency-Key": key}
        placed = thief.ask(who, "/api/v1/orders", "POST", json=body, headers=headers).json()
        # Their own pending order may come back; nobody else's.
        others = {one["order_id"] for whose, one in thief.vault.orders.items() if whose != name}
        assert placed["order_id"] not in others
        assert placed["state"] == "pending"


@attack("order: a form of another site")
def _foreign_form(thief: Thief) -> None:
    path = f"/h5/products/{thief.vault.ids['product']}/buy"
    for token in ("", "0" * 64, thief.form_token(thief.vault.visitors["another creator"])):
        form = {"csrf_token": token}
        headers = {"Origin": "https://evil.test"}
        answer = thief.ask(thief.vault.fan, path, "POST", data=form, headers=headers)
        assert answer.status_code == 403


# --- forged and repeated statements ------------------------------------------------------------


def _notifying(body: dict[str, Any], **headers: str) -> Attack:
    def ask(thief: Thief) -> None:
        order = thief.vault.orders["never"]
        told = json.dumps(body).replace("{order}", order["order_id"])
        stranger = thief.vault.visitors["a stranger"]
        for kind in ("payment", "refund", "transfer", "profit-sharing"):
            path = f"/wechat-pay/notifications/{kind}"
            answer = thief.ask(stranger, path, "POST", data=told, headers=headers)
            assert answer.status_code >= 400, answer.text
        who = thief.vault.visitors["somebody whose payment is never"]
        assert thief.ask(who, f"/api/v1/orders/{order['order_id']}").json()["state"] != "paid"
        thief.ask(who, DOORS[0].format(thief.vault.works["paid"]))

    return ask


_PAID = {
    "event_type": "TRANSACTION.SUCCESS",
    "resource_type": "encrypt-resource",
    "out_trade_no": "{order}",
    "trade_state": "SUCCESS",
    "amount": {"total": 990},
}
_SIGNED = {
    "Wechatpay-Serial": "PUB_KEY_ID_0", "Wechatpay-Timestamp": "1796321380",
    "Wechatpay-Nonce": "x", "Wechatpay-Signature": "AAAA",
}  # fmt: skip
attack("statement: a payment that nobody signed")(_notifying(_PAID))
attack("statement: a payment with a signature of the thief's")(_notifying(_PAID, **_SIGNED))


@attack("statement: a delivery that nobody signed")
def _forged_delivery(thief: Thief) -> None:
    who = thief.vault.visitors["somebody whose payment is never"]
    body = (
        "<xml><MsgType>event</MsgType><Event>xpay_goods_deliver_notify</Event>"
        f"<OpenId>{who.person['mini_openid']}</OpenId>"
        f"<OutTradeNo>{thief.vault.orders['never']['order_id']}</OutTradeNo></xml>"
    )
    for path in ("/wechat/mini-program", "/wechat/official-account"):
        for query in ("", "?signature=0&timestamp=1&nonce=1", "?msg_signature=0&encrypt_type=aes"):
            answer = thief.ask(who, path + query, "POST", data=body.encode())
            assert answer.status_code >= 400, answer.text
    thief.ask(who, DOORS[0].format(thief.vault.works["paid"]))


@attack("statement: a message in the buyer's name")
def _forged_message(thief: Thief) -> None:
    body = (
        f"<xml><FromUserName>{thief.vault.buyer.person['oa_openid']}</FromUserName>"
        "<MsgType>text</MsgType><Content>看 1</Content><MsgId>1</MsgId></xml>"
    )
    stranger = thief.vault.visitors["a stranger"]
    for query in ("", "?signature=0&timestamp=1&nonce=1&echostr=1"):
        answer = thief.ask(stranger, "/wechat/official-account" + query, "POST", data=body.encode())
        assert answer.status_code >= 400


@attack("statement: a true payment, repeated after the order is over")
def _repeated(thief: Thief) -> None:
    vault = thief.vault
    who = vault.visitors["somebody whose payment is fail"]
    placed = vault.orders["of the buyer"]
    paid = vault.orders["fail"]
    # The buyer's sheet, shown to somebody else's telephone.
    for order in (placed, paid):
        if order.get("pay"):
            sheet = {**order["pay"], "package": "prepay_id=forged"}
            vault.house.world.control(
                "POST", f"people/{who.person['id']}/pay", rail="jsapi", payment=sheet
            )
    thief.ask(who, DOORS[0].format(vault.works["paid"]))


# --- time ------------------------------------------------------------


@attack("time: a month that is over")
def _lapsed(thief: Thief) -> None:
    who = thief.vault.visitors["a reader whose month is over"]
    ids = thief.vault.ids
    for work_id in thief.vault.works.values():
        for door in DOORS:
            thief.ask(who, door.format(work_id))
    assert thief.ask(who, "/api/v1/me/entitlements").json()["items"] == []
    assert thief.ask(who, f"/api/v1/fan-groups/{ids['group']}/door").status_code == 403
    for said in ("我的购买", "看 1", "进群"):
        thief.say(who, said)


@attack("time: the second in which a month ends, and those around it")
def _at_the_end(thief: Thief) -> None:
    vault, world = thief.vault, thief.vault.house.world
    fan = world.person("一个月的最后一秒", "android")
    world.buy(fan, "oa", vault.ids["month"])
    token = world.sign_in(fan["id"], "oa")
    (held,) = world.api("GET", "me/entitlements", token=token)["items"]
    assert held["ends_at"] is not None
    world.control("POST", "clock", advance_s=30 * DAY_S - 20)
    token = world.sign_in(fan["id"], "oa")
    inside = world.api("GET", f"works/{vault.works['paid']}", token=token)
    assert inside["unlocked"], "it lasts to its end"
    world.control("POST", "clock", advance_s=20)
    who = Visitor("a reader in the last second", token=token, person=fan)
    for _ in range(3):
        for door in DOORS:
            thief.ask(who, door.format(vault.works["paid"]))
        world.control("POST", "clock", advance_s=1)
