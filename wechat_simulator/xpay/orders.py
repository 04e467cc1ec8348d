"""Orders of virtual goods after the pay sheet: shown, delivered, given back."""

import json
import re
from datetime import datetime, timedelta
from typing import Any

from wechat_simulator.xpay.model import (
    LIVE,
    SETTLES_AFTER,
    OrderType,
    Status,
    VirtualOrder,
    XpayDesk,
)
from wechat_simulator.xpay.refusals import (
    LEFT_FEE,
    OPENID,
    REFUND_RUNNING,
    REPEATED,
    ApiRefused,
    bad_parameter,
)

REFUND_SETTLES = "xpay-refund-settles"

_REFUND_NO = re.compile(r"[0-9A-Za-z_-]{8,32}")
_DELIVERABLE = (Status.PAID, Status.DELIVERING)


def find(desk: XpayDesk, env: int, asked: dict[str, Any]) -> VirtualOrder:
    """The order a call names by either number.

    Raises:
        ApiRefused: no number, no such order, or another person's.
    """
    order = desk.order(env, asked.get("order_id"), asked.get("wx_order_id"))
    if order is None:
        raise bad_parameter("order_id or wx_order_id: order not found")
    if "openid" in asked and asked["openid"] != order.openid:
        raise ApiRefused(OPENID, "openid error")
    return order


def shown(desk: XpayDesk, order: VirtualOrder, now: datetime) -> dict[str, Any]:
    """The order as query_order prints it."""
    settled_at = order.paid_at + SETTLES_AFTER[order.rail] if order.paid_at else None
    settled = settled_at is not None and settled_at <= now and order.refund_of is None
    fee_fen = desk.books.fee_fen(order.rail, order.fee_fen) if settled else 0
    return {
        "order_id": order.order_id,
        "create_time": _unix(order.created_at),
        "update_time": _unix(order.updated_at),
        "status": int(order.status),
        "biz_type": 1,
        "order_fee": order.orig_price_fen * order.quantity,
        "coupon_fee": (order.orig_price_fen - order.price_fen) * order.quantity,
        "paid_fee": order.fee_fen if order.paid_at is not None else 0,
        "order_type": int(order.order_type),
        "refund_fee": order.refunded_fen,
        "paid_time": _unix(order.paid_at),
        "provide_time": _unix(order.provided_at),
        "biz_meta": order.biz_meta,
        "env_type": order.env + 1,
        "token": "",
        "left_fee": order.left_fen,
        "wx_order_id": order.wx_order_id,
        "channel_order_id": order.channel_order_id,
        "wxpay_order_id": order.wxpay_order_id or "",
        "sett_time": _unix(settled_at) if settled else 0,
        "sett_state": 2 if settled else 0,
        "platform_fee_fen": fee_fen,
        "cps_fee_fen": 0,
    }


def delivering(order: VirtualOrder, now: datetime) -> None:
    """The delivery push is on its way."""
    if order.status == Status.PAID:
        order.status, order.updated_at = Status.DELIVERING, now


def delivered(order: VirtualOrder, now: datetime) -> bool:
    """The merchant said delivered; False when there is nothing to deliver."""
    if order.status not in _DELIVERABLE:
        return order.status == Status.DELIVERED
    order.status, order.provided_at, order.updated_at = Status.DELIVERED, now, now
    return True


def ask_refund(desk: XpayDesk, env: int, asked: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Accept a refund of a WeChat Pay order; it settles later.

    Raises:
        ApiRefused: a parameter, an Apple order, another refund running, or a wrong left_fee.
    """
    order = find(desk, env, asked)
    number = asked.get("refund_order_id")
    if not isinstance(number, str) or not _REFUND_NO.fullmatch(number):
        raise bad_parameter("refund_order_id")
    fingerprint = json.dumps(asked, sort_keys=True)
    known = desk.records.orders.get((env, number))
    if known is not None:
        return _same_refund(order, known, fingerprint)
    _check_refund(desk, order, asked)
    refund = VirtualOrder(
        order_id=number,
        env=env,
        openid=order.openid,
        person_id=order.person_id,
        rail=order.rail,
        order_type=OrderType.REFUND,
        wx_order_id=f"VR{desk.numbers.channel_order_id(now)}",
        channel_order_id=desk.numbers.channel_order_id(now),
        asked=fingerprint,
        product_id=order.product_id,
        quantity=1,
        orig_price_fen=asked["refund_fee"],
        price_fen=asked["refund_fee"],
        attach="",
        created_at=now,
        updated_at=now,
        refund_of=order.order_id,
        biz_meta=asked["biz_meta"],
    )
    desk.keep(refund)
    settles_at = now + timedelta(seconds=desk.settings.refund_delay_s)
    desk.plan(settles_at, REFUND_SETTLES, {"env": env, "order_id": number})
    return _refund_answer(order, refund)


def settle_refund(desk: XpayDesk, env: int, order_id: str, now: datetime) -> VirtualOrder | None:
    """The money goes back; None when it had gone before."""
    refund = desk.records.orders[env, order_id]
    if refund.status != Status.CREATED or refund.refund_of is None:
        return None
    refund.status, refund.paid_at, refund.updated_at = Status.REFUNDED, now, now
    refund.wxpay_order_id = desk.numbers.refund_id(now)
    _give_back(desk, desk.records.orders[env, refund.refund_of], refund, now)
    return refund


def refund_by_apple(desk: XpayDesk, order: VirtualOrder, now: datetime) -> VirtualOrder:
    """Apple gives the person the whole price back; the merchant is told afterwards.

    Raises:
        ApiRefused: the order is not a paid Apple order, or went back before.
    """
    if order.order_type != OrderType.IOS_PAY or order.left_fen <= 0:
        raise bad_parameter("order_id: not a paid Apple order")
    wx_order_id = f"VR{desk.numbers.channel_order_id(now)}"
    refund = VirtualOrder(
        order_id=wx_order_id,
        env=order.env,
        openid=order.openid,
        person_id=order.person_id,
        rail=order.rail,
        order_type=OrderType.IOS_REFUND,
        wx_order_id=wx_order_id,
        channel_order_id=order.channel_order_id,
        asked="",
        product_id=order.product_id,
        quantity=1,
        orig_price_fen=order.left_fen,
        price_fen=order.left_fen,
        attach="",
        created_at=now,
        updated_at=now,
        status=Status.USER_REFUNDED,
        paid_at=now,
        refund_of=order.order_id,
    )
    desk.keep(refund)
    _give_back(desk, order, refund, now)
    return refund


def _give_back(desk: XpayDesk, order: VirtualOrder, refund: VirtualOrder, now: datetime) -> None:
    order.refunded_fen += refund.fee_fen
    order.updated_at = now
    order.status = (
        Status.USER_REFUNDED if order.order_type == OrderType.IOS_PAY else Status.REFUNDED
    )
    if order.env == LIVE:
        desk.books.book_refund(
            payment_ref=order.payment_ref,
            refund_no=refund.order_id,
            refund_ref=refund.wx_order_id,
            amount_fen=refund.fee_fen,
            at=now,
        )


def _same_refund(order: VirtualOrder, known: VirtualOrder, fingerprint: str) -> dict[str, Any]:
    if known.asked != fingerprint or known.refund_of != order.order_id:
        raise bad_parameter("refund_order_id: used with other parameters")
    if known.status != Status.CREATED:
        raise ApiRefused(REPEATED, "duplicate operation")
    return _refund_answer(order, known)


def _check_refund(desk: XpayDesk, order: VirtualOrder, asked: dict[str, Any]) -> None:
    if order.order_type != OrderType.PAY or order.paid_at is None:
        raise bad_parameter("order_id: order not refundable by merchant")
    for name, allowed in (("refund_reason", "012345"), ("req_from", "123")):
        choice = asked.get(name)
        if not isinstance(choice, str) or len(choice) != 1 or choice not in allowed:
            raise bad_parameter(name)
    meta = asked.setdefault("biz_meta", "")
    if not isinstance(meta, str) or len(meta) > 1024:
        raise bad_parameter("biz_meta")
    for name in ("left_fee", "refund_fee"):
        if not isinstance(asked.get(name), int) or isinstance(asked[name], bool):
            raise bad_parameter(name)
    if any(
        (one.env, one.refund_of) == (order.env, order.order_id) and one.status == Status.CREATED
        for one in desk.records.orders.values()
    ):
        raise ApiRefused(REFUND_RUNNING, "refund in progress")
    if asked["left_fee"] != order.left_fen:
        raise ApiRefused(LEFT_FEE, "left_fee mismatch")
    if not 0 < asked["refund_fee"] <= order.left_fen:
        raise bad_parameter("refund_fee")


def _refund_answer(order: VirtualOrder, refund: VirtualOrder) -> dict[str, Any]:
    return {
        "refund_order_id": refund.order_id,
        "refund_wx_order_id": refund.wx_order_id,
        "pay_order_id": order.order_id,
        "pay_wx_order_id": order.wx_order_id,
    }


def _unix(at: datetime | None) -> int:
    return int(at.timestamp()) if at is not None else 0
