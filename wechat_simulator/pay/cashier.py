"""The pay sheet of a page (JSAPI): what the person's WeChat checks, and what it then does."""

import re
from datetime import datetime
from typing import Any

from wechat_simulator.entities import Person
from wechat_simulator.outcomes import CANCEL, FAIL, LOST_AFTER, LOST_BEFORE, OUTCOMES, PAY
from wechat_simulator.pay import crypto, notices, orders, transfers
from wechat_simulator.pay.model import Order, PayDesk, Transfer
from wechat_simulator.pay.office import PayOffice, office_of
from wechat_simulator.world import World

FAILED, CANCELLED = -1, -2

_KEYS = ("appId", "timeStamp", "nonceStr", "package", "signType", "paySign")
_PACKAGE = re.compile(r"prepay_id=(wx[0-9A-Za-z]{34})")


class SheetRefused(Exception):
    """WeChat shows no pay sheet; the text is the sentence it shows instead."""


def person_pays(
    world: World, person: Person, payment: dict[str, Any], outcome: str = PAY
) -> dict[str, Any]:
    """Let a person meet the pay sheet of a `jsapi` payment object.

    Returns `{err_msg, err_code, err_desc, trade_no, payment_ref, pushes}`; `err_code` is 0, -1
    for a refusal or failure, -2 for a cancel. With a lost network `err_msg` and `err_code` are
    None: the page's callback is never called. The first push has ended before this returns.

    Raises:
        ValueError: the outcome is none of OUTCOMES.
    """
    if outcome not in OUTCOMES:
        raise ValueError(f"outcome is one of {', '.join(OUTCOMES)}")
    office = office_of(world)
    words = _words(world, payment)
    with world.lock:
        desk, now = office.desk(), office.now()
        try:
            order = _open_sheet(desk, person, payment, now)
        except SheetRefused as refusal:
            return _result(words["fail"], FAILED, str(refusal), None)
        if outcome == CANCEL:
            return _result(words["cancel"], CANCELLED, "用户取消支付", order)
        if outcome == FAIL:
            return _result(words["fail"], FAILED, "支付失败，请更换支付方式", order)
        if outcome == LOST_BEFORE:
            return _result(None, None, "", order)
        _take_money(world, desk, person, order, now)
        notice = notices.of_payment(desk, order, now)
    pushes = [one.shown() for one in office.post(notice)]
    if outcome == LOST_AFTER:
        return _result(None, None, "", order) | {"pushes": pushes}
    return _result(words["pay"], 0, "", order) | {"pushes": pushes}


def person_confirms_transfer(world: World, person: Person, package_info: str) -> dict[str, Any]:
    """Let a person take a transfer that waits for them; `{err_msg, state, pushes}`."""
    office = office_of(world)
    with world.lock:
        desk, now = office.desk(), office.now()
        bill = _waiting_transfer(desk, office, person, package_info)
        if bill is None or not transfers.confirm(desk, bill, person.id, now):
            return {"err_msg": "requestMerchantTransfer:fail", "state": None, "pushes": []}
        notice = notices.of_transfer(desk, bill, now)
        fields = {"bill_no": bill.out_bill_no, "amount_fen": bill.amount_fen}
        world.reached(person.id, "pay", "payment", "transfer", fields)
    pushes = [one.shown() for one in office.post(notice)] if notice is not None else []
    return {"err_msg": "requestMerchantTransfer:ok", "state": bill.state, "pushes": pushes}


def _open_sheet(desk: PayDesk, person: Person, payment: dict[str, Any], now: datetime) -> Order:
    for key in _KEYS:
        if not isinstance(payment.get(key), str) or not payment[key]:
            raise SheetRefused(f"调用支付JSAPI缺少参数：{key}")
    if payment["signType"] != "RSA":
        raise SheetRefused("支付验证签名失败")
    package = _PACKAGE.fullmatch(payment["package"])
    order = desk.prepaid_order(package[1]) if package is not None else None
    message = crypto.cashier_message(
        payment["appId"], payment["timeStamp"], payment["nonceStr"], payment["package"]
    )
    if not crypto.is_signed(desk.keys.merchant_key, message, payment["paySign"]):
        raise SheetRefused("支付验证签名失败")
    if package is None or order is None or order.trade_type != "JSAPI":
        raise SheetRefused("prepay_id 无效")
    if payment["appId"] != order.appid:
        raise SheetRefused("appid 与下单时不一致")
    if desk.person_of(order.appid, order.openid or "") != person.id:
        raise SheetRefused("下单账号与支付账号不一致，请核实后再支付")
    _check_payable(order, package[1], now)
    return order


def _check_payable(order: Order, prepay_id: str, now: datetime) -> None:
    if order.state in ("SUCCESS", "REFUND"):
        raise SheetRefused("该订单已支付")
    if order.state == "CLOSED":
        raise SheetRefused("该订单已关闭")
    lapsed = order.prepay_until is None or order.prepay_until <= now
    if prepay_id != order.prepay_id or lapsed or order.payable_until <= now:
        raise SheetRefused("该订单已过期，请重新下单")


def _take_money(world: World, desk: PayDesk, person: Person, order: Order, now: datetime) -> None:
    orders.pay(desk, order, openid=order.openid or "", person_id=person.id, now=now)
    fields = {
        "title": order.description,
        "trade_no": order.out_trade_no,
        "payment_ref": order.transaction_id,
        "amount_fen": order.total_fen,
    }
    world.reached(person.id, "pay", "payment", "receipt", fields)


def _waiting_transfer(
    desk: PayDesk, office: PayOffice, person: Person, package_info: str
) -> Transfer | None:
    for bill in office.records.transfers.values():
        owner = desk.person_of(bill.appid, bill.openid)
        if bill.package_info == package_info and owner == person.id:
            return bill
    return None


def _words(world: World, payment: dict[str, Any]) -> dict[str, str]:
    """What a page inside WeChat is told, and what a mini-program is told."""
    if payment.get("appId") == world.accounts.mini.appid:
        cancel = "requestPayment:fail cancel"
        return {"pay": "requestPayment:ok", "cancel": cancel, "fail": "requestPayment:fail"}
    bridge = "get_brand_wcpay_request"
    return {"pay": f"{bridge}:ok", "cancel": f"{bridge}:cancel", "fail": f"{bridge}:fail"}


def _result(
    err_msg: str | None, err_code: int | None, err_desc: str, order: Order | None
) -> dict[str, Any]:
    return {
        "err_msg": err_msg,
        "err_code": err_code,
        "err_desc": err_desc,
        "trade_no": order.out_trade_no if order is not None else None,
        "payment_ref": order.transaction_id if order is not None else None,
        "pushes": [],
    }
