"""What the platform tells the mini-program's message address about virtual orders."""

from datetime import datetime
from typing import Any

from wechat_simulator.xpay.model import OrderType, VirtualOrder, XpayDesk


def goods_delivery(desk: XpayDesk, order: VirtualOrder) -> dict[str, Any]:
    """`xpay_goods_deliver_notify`: the money is in, please deliver.

    `WeChatPayInfo` is there only when WeChat Pay carried the money.
    """
    told: dict[str, Any] = {
        "Event": "xpay_goods_deliver_notify",
        "OpenId": order.openid,
        "OutTradeNo": order.order_id,
        "Env": order.env,
    }
    if order.order_type == OrderType.PAY:
        told["WeChatPayInfo"] = {
            "MchOrderNo": order.channel_order_id,
            "TransactionId": order.wxpay_order_id,
            "PaidTime": _unix(order.paid_at),
        }
    told["GoodsInfo"] = {
        "ProductId": order.product_id,
        "Quantity": order.quantity,
        "OrigPrice": order.orig_price_fen,
        "ActualPrice": order.price_fen,
        "Attach": order.attach,
    }
    return told


def refund(desk: XpayDesk, back: VirtualOrder) -> dict[str, Any]:
    """`xpay_refund_notify`: the money went back, whoever asked for it."""
    order = desk.records.orders[back.env, back.refund_of or ""]
    return {
        "Event": "xpay_refund_notify",
        "OpenId": back.openid,
        "WxRefundId": back.wx_order_id,
        "MchRefundId": back.order_id if back.order_type == OrderType.REFUND else "",
        "WxOrderId": order.wx_order_id,
        "MchOrderId": order.order_id,
        "RefundFee": back.fee_fen,
        "RetCode": 0,
        "RetMsg": "Success",
        "RefundStartTimestamp": _unix(back.created_at),
        "RefundSuccTimestamp": _unix(back.paid_at),
        "WxpayRefundTransactionId": back.wxpay_order_id or "",
    }


def _unix(at: datetime | None) -> int:
    return int(at.timestamp()) if at is not None else 0
