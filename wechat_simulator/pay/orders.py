"""Orders: placed, asked for, closed, paid. The rules of one out_trade_no."""

import json
from datetime import datetime, timedelta
from typing import Any

from wechat_simulator.books import PaymentBooked
from wechat_simulator.pay import fields
from wechat_simulator.pay.fields import Address, Flag, Moment, Text, Whole
from wechat_simulator.pay.model import PREPAY_LIVES_FOR, Order, PayDesk
from wechat_simulator.pay.numbers import beijing
from wechat_simulator.pay.refusals import Refused, bad_field, invalid_request

TRADE_TYPES = {"jsapi": "JSAPI", "native": "NATIVE", "h5": "MWEB", "app": "APP"}
TRADE_NO = r"[0-9A-Za-z_\-*|]+"

_PAYABLE_DAYS = timedelta(days=7)
_PAYABLE_DAYS_MOST = timedelta(days=90)
_PAYABLE_LEAST = timedelta(minutes=1)

_COMMON: tuple[fields.Field, ...] = (
    Text("appid", 32),
    Text("mchid", 32),
    Text("description", 127),
    Text("out_trade_no", 32, least=6, pattern=TRADE_NO),
    Moment("time_expire"),
    Text("attach", 128, least=0, required=False),
    Address("notify_url"),
    Text("goods_tag", 32, least=0, required=False),
    Flag("support_fapiao"),
    Whole("amount.total"),
    Text("amount.currency", 16, required=False, pattern="CNY"),
    Text("scene_info.payer_client_ip", 45, required=False),
    Flag("settle_info.profit_sharing"),
)
_OF_KIND: dict[str, tuple[fields.Field, ...]] = {
    "jsapi": (Text("payer.openid", 128),),
    "native": (),
    "h5": (Text("scene_info.payer_client_ip", 45), Text("scene_info.h5_info.type", 32)),
    "app": (),
}
_STATE_WORDS = {
    "NOTPAY": "订单未支付",
    "SUCCESS": "支付成功",
    "REFUND": "订单发生过退款",
    "CLOSED": "订单已关闭",
}


def place(desk: PayDesk, kind: str, body: bytes, now: datetime) -> dict[str, Any]:
    """Answer a prepay request; the same request again answers a valid prepay_id again.

    Raises:
        Refused: a parameter, the binding of appid, merchant and payer, or the order's state.
    """
    asked = fields.read_object(body)
    fields.check_fields(asked, _COMMON + _OF_KIND[kind])
    _check_binding(desk, kind, asked)
    fingerprint = kind + json.dumps(asked, sort_keys=True)
    order = desk.records.orders.get(asked["out_trade_no"])
    if order is None:
        order = _open_order(desk, kind, asked, fingerprint, now)
    else:
        _check_again(order, fingerprint, now)
    if order.prepay_until is None or order.prepay_until <= now:
        order.prepay_id = desk.numbers.prepay_id(now)
        order.prepay_until = now + PREPAY_LIVES_FOR
        desk.records.trade_of_prepay[order.prepay_id] = order.out_trade_no
    return _prepay_answer(kind, order)


def find(desk: PayDesk, out_trade_no: str, mchid: str | None) -> Order:
    """The order of this merchant's number.

    Raises:
        Refused: `mchid` is absent or another's, or there is no such order.
    """
    check_merchant(desk, mchid)
    order = desk.records.orders.get(out_trade_no)
    if order is None:
        raise Refused(404, "ORDER_NOT_EXIST", "订单不存在")
    return order


def find_paid(desk: PayDesk, transaction_id: str, mchid: str | None) -> Order:
    """The order of the platform's number.

    Raises:
        Refused: `mchid` is absent or another's, or there is no such payment.
    """
    check_merchant(desk, mchid)
    order = desk.paid_order(transaction_id)
    if order is None:
        raise Refused(404, "ORDER_NOT_EXIST", "订单不存在")
    return order


def check_merchant(desk: PayDesk, mchid: object, *, at: str = "query") -> None:
    """Refuse a merchant number that is absent or not the one that signed.

    Raises:
        Refused: PARAM_ERROR or INVALID_REQUEST.
    """
    if mchid is None or mchid == "":
        raise bad_field("mchid", "不能为空", at=at)
    if mchid != desk.keys.mchid:
        raise invalid_request("商户号与签名的商户号不一致")


def close(desk: PayDesk, out_trade_no: str, body: bytes) -> None:
    """Close an unpaid order; closing it again changes nothing.

    Raises:
        Refused: ORDER_PAID, ORDER_NOT_EXIST, or a parameter.
    """
    check_merchant(desk, fields.read_object(body).get("mchid"), at="body")
    order = find(desk, out_trade_no, desk.keys.mchid)
    if order.state in ("SUCCESS", "REFUND"):
        raise Refused(400, "ORDER_PAID", "该订单已支付，不能关闭")
    order.state = "CLOSED"


def pay(desk: PayDesk, order: Order, *, openid: str, person_id: str, now: datetime) -> None:
    """Take the person's money for an unpaid order and book it with its fee."""
    order.state = "SUCCESS"
    order.transaction_id = desk.numbers.transaction_id(now)
    order.paid_at = now
    order.payer_openid = openid
    desk.records.trade_of_payment[order.transaction_id] = order.out_trade_no
    desk.books.payments.append(
        PaymentBooked(
            rail="jsapi",
            trade_no=order.out_trade_no,
            payment_ref=order.transaction_id,
            appid=order.appid,
            mchid=order.mchid,
            person_id=person_id,
            amount_fen=order.total_fen,
            fee_fen=desk.books.fee_fen("jsapi", order.total_fen),
            state="SUCCESS",
            paid_at=now,
        )
    )


def shown(order: Order) -> dict[str, Any]:
    """The order as a query prints it, and as a payment notification seals it."""
    paid = order.paid_at is not None
    answer: dict[str, Any] = {
        "appid": order.appid,
        "mchid": order.mchid,
        "out_trade_no": order.out_trade_no,
        "trade_state": order.state,
        "trade_state_desc": _STATE_WORDS[order.state],
        "amount": {"total": order.total_fen, "currency": "CNY", "payer_currency": "CNY"},
        "payer": {"openid": order.payer_openid} if paid else {},
        "promotion_detail": [],
    }
    if order.paid_at is not None:
        answer |= {
            "transaction_id": order.transaction_id,
            "trade_type": order.trade_type,
            "bank_type": "OTHERS",
            "attach": order.attach or "",
            "success_time": beijing(order.paid_at),
        }
        answer["amount"]["payer_total"] = order.total_fen
    return answer


def _check_binding(desk: PayDesk, kind: str, asked: dict[str, Any]) -> None:
    check_merchant(desk, asked["mchid"], at="body")
    if asked["appid"] not in desk.appids():
        raise Refused(400, "APPID_MCHID_NOT_MATCH", "appid 与 mchid 不匹配，请检查绑定关系")
    if kind == "jsapi" and desk.person_of(asked["appid"], asked["payer"]["openid"]) is None:
        raise invalid_request("appid 和 openid 不匹配")


def _check_again(order: Order, fingerprint: str, now: datetime) -> None:
    if order.state in ("SUCCESS", "REFUND"):
        raise Refused(400, "ORDER_PAID", "该订单已支付")
    if order.state == "CLOSED":
        raise Refused(400, "ORDER_CLOSED", "该订单已关闭，请更换商户订单号")
    if order.asked != fingerprint:
        raise invalid_request("请求重入时，参数与首次请求时不一致")
    if order.payable_until <= now:
        raise invalid_request("该订单已超过支付有效期，请更换商户订单号")


def _open_order(
    desk: PayDesk, kind: str, asked: dict[str, Any], fingerprint: str, now: datetime
) -> Order:
    order = Order(
        appid=asked["appid"],
        mchid=asked["mchid"],
        out_trade_no=asked["out_trade_no"],
        trade_type=TRADE_TYPES[kind],
        description=asked["description"],
        total_fen=asked["amount"]["total"],
        openid=asked["payer"]["openid"] if kind == "jsapi" else None,
        attach=asked.get("attach"),
        notify_url=asked["notify_url"],
        asked=fingerprint,
        created_at=now,
        payable_until=_payable_until(asked.get("time_expire"), now),
    )
    desk.records.orders[order.out_trade_no] = order
    return order


def _payable_until(time_expire: str | None, now: datetime) -> datetime:
    wanted = fields.read_moment(time_expire) if time_expire else None
    if wanted is None:
        return now + _PAYABLE_DAYS
    return min(max(wanted, now + _PAYABLE_LEAST), now + _PAYABLE_DAYS_MOST)


def _prepay_answer(kind: str, order: Order) -> dict[str, Any]:
    if kind == "native":
        return {"code_url": f"weixin://wxpay/bizpayurl?pr={order.prepay_id[-9:]}"}
    if kind == "h5":
        page = "https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb"
        return {"h5_url": f"{page}?prepay_id={order.prepay_id}&package={order.prepay_id[-10:]}"}
    return {"prepay_id": order.prepay_id}
