"""Builds the typed pushes of virtual payment from parsed fields, by Event."""

from wechat_handlers.inbound import xpay_messages as kinds
from wechat_handlers.inbound.common_fields import Builder, CommonFields
from wechat_handlers.inbound.message import Message
from wechat_handlers.wire.field_reader import FieldReader


def _wechat_pay(fields: FieldReader) -> kinds.XpayWeChatPay | None:
    if not fields.has("WeChatPayInfo"):
        return None
    paid = fields.inner("WeChatPayInfo")
    return kinds.XpayWeChatPay(
        mch_order_no=paid.text("MchOrderNo"),
        transaction_id=paid.text("TransactionId"),
        paid_at_epoch_s=paid.epoch_s("PaidTime"),
    )


def _goods(fields: FieldReader) -> kinds.XpayGoods:
    # Amounts have no default: a delivery whose price cannot be read is refused, and comes again.
    return kinds.XpayGoods(
        product_id=fields.text("ProductId"),
        quantity=fields.integer("Quantity"),
        original_price_fen=fields.integer("OrigPrice"),
        actual_price_fen=fields.integer("ActualPrice"),
        attach=fields.raw_text("Attach"),
    )


def _goods_delivered(common: CommonFields, fields: FieldReader) -> Message:
    return kinds.XpayGoodsDelivered(
        **common,
        buyer=fields.text("OpenId"),
        out_trade_no=fields.text("OutTradeNo"),
        env=fields.integer("Env"),
        wechat_pay=_wechat_pay(fields),
        goods=_goods(fields.inner("GoodsInfo")),
    )


def _coin_paid(common: CommonFields, fields: FieldReader) -> Message:
    return kinds.XpayCoinPaid(
        **common,
        buyer=fields.text("OpenId"),
        out_trade_no=fields.text("OutTradeNo"),
        env=fields.integer("Env"),
        wechat_pay=_wechat_pay(fields),
        coins=_goods(fields.inner("CoinInfo")),
    )


def _refunded(common: CommonFields, fields: FieldReader) -> Message:
    return kinds.XpayRefunded(
        **common,
        buyer=fields.text("OpenId"),
        wx_refund_id=fields.text("WxRefundId"),
        mch_refund_id=fields.text("MchRefundId"),
        wx_order_id=fields.text("WxOrderId"),
        out_trade_no=fields.text("MchOrderId"),
        refund_fen=fields.integer("RefundFee"),
        ret_code=fields.integer("RetCode"),
        ret_message=fields.text("RetMsg"),
        started_at_epoch_s=fields.epoch_s("RefundStartTimestamp"),
        succeeded_at_epoch_s=fields.epoch_s("RefundSuccTimestamp"),
        retry_count=fields.integer("RetryTimes", 0),
    )


def _complaint(common: CommonFields, fields: FieldReader) -> Message:
    return kinds.XpayComplaint(
        **common,
        buyer=fields.text("OpenId"),
        wx_order_id=fields.text("WxOrderId"),
        out_trade_no=fields.text("MchOrderId"),
        complained_at_epoch_s=fields.epoch_s("ComplaintTime"),
        request_id=fields.text("RequestId"),
        retry_count=fields.integer("RetryTimes", 0),
    )


def _ios_refund_query(common: CommonFields, fields: FieldReader) -> Message:
    return kinds.XpayIosRefundQuery(
        **common,
        out_trade_no=fields.text("pay_order_id"),
        product_id=fields.text("product_id"),
        channel_bill=fields.text("channel_bill"),
        reason=fields.text("refund_request_reason"),
        provide_status=fields.text("provide_status"),
        asked_at=fields.text("refund_time"),
    )


EVENT_BUILDERS: dict[str, Builder] = {
    "xpay_goods_deliver_notify": _goods_delivered,
    "xpay_coin_pay_notify": _coin_paid,
    "xpay_refund_notify": _refunded,
    "xpay_complaint_notify": _complaint,
    "xpay_subscribe_ios_refund_query_notify": _ios_refund_query,
}
