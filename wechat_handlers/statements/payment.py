"""From WeChat Pay's words for a payment to ours."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from creator_tools.kernel.fen import Fen
from wechat_handlers.statements import fields as pay_fields

# REFUND means that it was paid and that a refund was begun since.
PAID_STATES = frozenset({"SUCCESS", "REFUND"})


@dataclass(frozen=True, kw_only=True)
class PaymentSucceeded:
    """A payment, as its rail states it; nothing in here was compared with an order yet.

    Attributes:
        trade_no: our number for the order.
        payment_ref: WeChat Pay's number for the payment.
        total_fen: the whole price. The payer may have paid less, when a coupon paid part.
        paid_at: UTC.
        appid, mchid, currency: to be compared with what was ordered.
        subject: the payer, within `appid`; empty where the resource has none.
    """

    trade_no: str
    payment_ref: str
    total_fen: Fen
    payer_total_fen: Fen
    paid_at: datetime
    appid: str
    mchid: str
    currency: str
    trade_state: str
    trade_type: str
    subject: str = field(repr=False)
    attach: str = field(repr=False)

    @classmethod
    def from_resource(cls, resource: dict[str, Any]) -> Self:
        """Translate an opened notification, or the answer to a query of a paid order.

        Raises:
            WireRefused: `malformed`: a field is missing or of another type.

        Source: https://pay.weixin.qq.com/doc/v3/merchant/4012791861
        """
        amount = pay_fields.inner(resource, "amount")
        total = pay_fields.fen(amount, "total")
        payer = pay_fields.inner(resource, "payer") if resource.get("payer") is not None else {}
        return cls(
            trade_no=pay_fields.text(resource, "out_trade_no"),
            payment_ref=pay_fields.text(resource, "transaction_id"),
            total_fen=Fen(total),
            payer_total_fen=Fen(pay_fields.fen(amount, "payer_total", default=total)),
            paid_at=pay_fields.moment(resource, "success_time"),
            appid=pay_fields.text(resource, "appid"),
            mchid=pay_fields.text(resource, "mchid"),
            currency=pay_fields.text(amount, "currency", default="CNY"),
            trade_state=pay_fields.text(resource, "trade_state"),
            trade_type=pay_fields.text(resource, "trade_type", default=""),
            subject=pay_fields.text(payer, "openid", default=""),
            attach=pay_fields.text(resource, "attach", default=""),
        )
