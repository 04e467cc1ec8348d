"""From WeChat Pay's words for a refund to ours."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from creator_tools.kernel.fen import Fen
from wechat_handlers.statements import fields as pay_fields


@dataclass(frozen=True, kw_only=True)
class RefundFinished:
    """How a refund ended: `status` is SUCCESS, CLOSED or ABNORMAL.

    Attributes:
        trade_no, payment_ref: of the payment.
        refund_no, refund_ref: our number and WeChat Pay's number for the refund.
        refund_fen, total_fen: what goes back, and what the payment was.
        succeeded_at: UTC; None unless it succeeded.
    """

    trade_no: str
    payment_ref: str
    refund_no: str
    refund_ref: str
    status: str
    refund_fen: Fen
    total_fen: Fen
    mchid: str
    succeeded_at: datetime | None

    @classmethod
    def from_resource(cls, resource: dict[str, Any]) -> Self:
        """Translate an opened refund notification.

        Raises:
            WireRefused: `malformed`: a field is missing or of another type.

        Source: https://pay.weixin.qq.com/doc/v3/merchant/4012791865
        """
        amount = pay_fields.inner(resource, "amount")
        finished = resource.get("success_time") is not None
        return cls(
            trade_no=pay_fields.text(resource, "out_trade_no"),
            payment_ref=pay_fields.text(resource, "transaction_id"),
            refund_no=pay_fields.text(resource, "out_refund_no"),
            refund_ref=pay_fields.text(resource, "refund_id"),
            status=pay_fields.text(resource, "refund_status"),
            refund_fen=Fen(pay_fields.fen(amount, "refund")),
            total_fen=Fen(pay_fields.fen(amount, "total")),
            mchid=pay_fields.text(resource, "mchid"),
            succeeded_at=pay_fields.moment(resource, "success_time") if finished else None,
        )
