"""Refunds of a paid order: asked once per out_refund_no, settled later, told by notification."""

import json
from datetime import datetime, timedelta
from typing import Any

from wechat_simulator.pay import fields
from wechat_simulator.pay.fields import Address, Text, Whole
from wechat_simulator.pay.model import Order, PayDesk, Refund
from wechat_simulator.pay.numbers import beijing
from wechat_simulator.pay.refusals import Refused, invalid_request

REFUND_SETTLES = "pay-refund-settles"

_REFUNDS_AN_ORDER = 50
_REFUNDABLE_FOR = timedelta(days=365)
_RECEIVED_AT = "支付用户零钱"
_FIELDS: tuple[fields.Field, ...] = (
    Text("transaction_id", 32, required=False),
    Text("out_trade_no", 32, least=6, required=False),
    Text("out_refund_no", 64, pattern=r"[0-9A-Za-z_\-|*@]+"),
    Text("reason", 80, least=0, required=False, in_bytes=True),
    Address("notify_url", most=256, required=False),
    Text("funds_account", 32, required=False, pattern="AVAILABLE|UNSETTLED"),
    Whole("amount.refund"),
    Whole("amount.total"),
    Text("amount.currency", 16, pattern="CNY"),
)


def ask(desk: PayDesk, body: bytes, now: datetime) -> dict[str, Any]:
    """Answer a refund request; the same number with the same parameters is the same refund.

    Raises:
        Refused: a parameter, no such order, or more than was paid.
    """
    asked = fields.read_object(body)
    fields.check_fields(asked, _FIELDS)
    order = _order_of(desk, asked)
    fingerprint = json.dumps(asked, sort_keys=True)
    known = desk.records.refunds.get(asked["out_refund_no"])
    if known is not None:
        if known.asked != fingerprint:
            raise invalid_request("商户退款单号重复，且参数与首次请求时不一致")
        return shown(known)
    _check_amount(desk, order, asked["amount"])
    _check_pace(desk, order, now)
    refund = Refund(
        mchid=order.mchid,
        out_trade_no=order.out_trade_no,
        transaction_id=order.transaction_id or "",
        total_fen=order.total_fen,
        refund_id=desk.numbers.refund_id(now),
        out_refund_no=asked["out_refund_no"],
        refund_fen=asked["amount"]["refund"],
        notify_url=asked.get("notify_url"),
        reason=asked.get("reason"),
        asked=fingerprint,
        created_at=now,
    )
    desk.records.refunds[refund.out_refund_no] = refund
    order.state = "REFUND"
    settles_at = now + timedelta(seconds=desk.settings.refund_delay_s)
    desk.plan(settles_at, REFUND_SETTLES, {"out_refund_no": refund.out_refund_no})
    return shown(refund)


def find(desk: PayDesk, out_refund_no: str) -> Refund:
    """The refund of this merchant's number.

    Raises:
        Refused: RESOURCE_NOT_EXISTS.
    """
    refund = desk.records.refunds.get(out_refund_no)
    if refund is None:
        raise Refused(404, "RESOURCE_NOT_EXISTS", "退款单不存在")
    return refund


def settle(desk: PayDesk, out_refund_no: str, now: datetime) -> Refund | None:
    """Bring a refund to the end its settings name; None when it had ended before."""
    refund = desk.records.refunds[out_refund_no]
    if refund.status != "PROCESSING":
        return None
    refund.status = desk.settings.refund_outcome
    if refund.status == "SUCCESS":
        refund.succeeded_at = now
        desk.books.book_refund(
            payment_ref=refund.transaction_id,
            refund_no=refund.out_refund_no,
            refund_ref=refund.refund_id,
            amount_fen=refund.refund_fen,
            at=now,
        )
    return refund


def shown(refund: Refund) -> dict[str, Any]:
    """The refund as its request and its query print it."""
    answer: dict[str, Any] = {
        "refund_id": refund.refund_id,
        "out_refund_no": refund.out_refund_no,
        "transaction_id": refund.transaction_id,
        "out_trade_no": refund.out_trade_no,
        "channel": "ORIGINAL",
        "user_received_account": _RECEIVED_AT,
        "create_time": beijing(refund.created_at),
        "status": refund.status,
        "funds_account": "AVAILABLE",
        "amount": {
            "total": refund.total_fen,
            "refund": refund.refund_fen,
            "from": [],
            "payer_total": refund.total_fen,
            "payer_refund": refund.refund_fen,
            "settlement_refund": refund.refund_fen,
            "settlement_total": refund.total_fen,
            "discount_refund": 0,
            "currency": "CNY",
        },
        "promotion_detail": [],
    }
    if refund.succeeded_at is not None:
        answer["success_time"] = beijing(refund.succeeded_at)
    return answer


def notified(refund: Refund) -> dict[str, Any]:
    """The refund as its notification seals it: no currency, and the state is refund_status."""
    answer: dict[str, Any] = {
        "mchid": refund.mchid,
        "transaction_id": refund.transaction_id,
        "out_trade_no": refund.out_trade_no,
        "refund_id": refund.refund_id,
        "out_refund_no": refund.out_refund_no,
        "refund_status": refund.status,
        "user_received_account": _RECEIVED_AT,
        "amount": {
            "total": refund.total_fen,
            "refund": refund.refund_fen,
            "payer_total": refund.total_fen,
            "payer_refund": refund.refund_fen,
        },
    }
    if refund.succeeded_at is not None:
        answer["success_time"] = beijing(refund.succeeded_at)
    return answer


def _order_of(desk: PayDesk, asked: dict[str, Any]) -> Order:
    if not asked.get("transaction_id") and not asked.get("out_trade_no"):
        raise Refused(400, "PARAM_ERROR", "transaction_id 和 out_trade_no 不能同时为空")
    if asked.get("transaction_id"):
        order = desk.paid_order(asked["transaction_id"])
        if order is not None and asked.get("out_trade_no") not in (None, "", order.out_trade_no):
            raise invalid_request("transaction_id 与 out_trade_no 不是同一笔订单")
    else:
        order = desk.records.orders.get(asked["out_trade_no"])
    if order is None or order.paid_at is None:
        raise Refused(404, "RESOURCE_NOT_EXISTS", "订单不存在或未支付")
    return order


def _check_amount(desk: PayDesk, order: Order, amount: dict[str, Any]) -> None:
    if amount["total"] != order.total_fen:
        raise invalid_request("订单金额与原订单不一致")
    # A closed refund gave nothing back; one still running already counts.
    going_fen = sum(one.refund_fen for one in desk.refunds_of(order) if one.status != "CLOSED")
    if going_fen + amount["refund"] > order.total_fen:
        raise invalid_request("申请退款金额超过订单可退金额")


def _check_pace(desk: PayDesk, order: Order, now: datetime) -> None:
    if order.paid_at is not None and now - order.paid_at > _REFUNDABLE_FOR:
        raise invalid_request("订单已超过退款期限")
    before = desk.refunds_of(order)
    if len(before) >= _REFUNDS_AN_ORDER:
        raise invalid_request("部分退款次数超过上限")
    gap = timedelta(seconds=desk.settings.refund_gap_s)
    if before and now - before[-1].created_at < gap:
        raise Refused(429, "FREQUENCY_LIMITED", "同一笔订单的退款请求过于频繁，请一分钟后重试")
