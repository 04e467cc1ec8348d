"""Pushes of virtual payment (虚拟支付). Prices are fen; `env` 0 is live, 1 the sandbox.

Source: https://developers.weixin.qq.com/miniprogram/dev/platform-capabilities/business-capabilities/virtual-payment.html
"""

from dataclasses import dataclass, field

from wechat_handlers.inbound.message import Message


@dataclass(frozen=True, kw_only=True)
class XpayWeChatPay:
    """The WeChat Pay payment beneath; Apple's payments have none."""

    mch_order_no: str
    transaction_id: str
    paid_at_epoch_s: int


@dataclass(frozen=True, kw_only=True)
class XpayGoods:
    """What was bought, prices in fen."""

    product_id: str
    quantity: int
    original_price_fen: int
    actual_price_fen: int
    attach: str


@dataclass(frozen=True, kw_only=True)
class XpayGoodsDelivered(Message):
    """Money came for goods: answering 0 tells WeChat that they were delivered. `env` 0 is live."""

    buyer: str = field(repr=False)
    out_trade_no: str
    env: int
    wechat_pay: XpayWeChatPay | None
    goods: XpayGoods


@dataclass(frozen=True, kw_only=True)
class XpayCoinPaid(Message):
    """Money came for coins."""

    buyer: str = field(repr=False)
    out_trade_no: str
    env: int
    wechat_pay: XpayWeChatPay | None
    coins: XpayGoods


@dataclass(frozen=True, kw_only=True)
class XpayRefunded(Message):
    """A refund ended; `ret_code` 0 is success. Also sent for refunds that we never asked for."""

    buyer: str = field(repr=False)
    wx_refund_id: str
    mch_refund_id: str
    wx_order_id: str
    out_trade_no: str
    refund_fen: int
    ret_code: int
    ret_message: str
    started_at_epoch_s: int
    succeeded_at_epoch_s: int
    retry_count: int


@dataclass(frozen=True, kw_only=True)
class XpayComplaint(Message):
    """A buyer complained."""

    buyer: str = field(repr=False)
    wx_order_id: str
    out_trade_no: str
    complained_at_epoch_s: int
    request_id: str
    retry_count: int


@dataclass(frozen=True, kw_only=True)
class XpayIosRefundQuery(Message):
    """Apple asks what was delivered before it decides a refund; answer within three seconds."""

    out_trade_no: str
    product_id: str
    channel_bill: str
    reason: str
    provide_status: str
    asked_at: str
