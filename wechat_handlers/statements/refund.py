"""From WeChat Pay's words for a refund to ours."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from creator_tools.kernel.fen import Fen
from wechat_handlers.statements import fields as pay_fields
from wechat_handlers.wire.errors import WireRefused

REFUND_STATES = frozenset({"PROCESSING", "SUCCESS", "CLOSED", "ABNORMAL"})


@dataclass(frozen=True, kw_only=True)
class RefundFinished:
    """How far a refund has come: `status` is PROCESSING, SUCCESS, CLOSED or ABNORMAL.

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
        status = pay_fields.text(resource, "refund_status")
        return cls._read(resource, status, pay_fields.text(resource, "mchid"))

    @classmethod
    def from_answer(cls, answer: dict[str, Any], *, mchid: str) -> Self:
        """Translate the answer to a request or a query, whose state may be PROCESSING yet.

        Args:
            mchid: whom was asked; the answer does not repeat it, and calls the state `status`.

        Raises:
            WireRefused: `malformed`.

        Source: https://pay.weixin.qq.com/doc/v3/merchant/4012791862
        """
        return cls._read(answer, pay_fields.text(answer, "status"), mchid)

    @classmethod
    def _read(cls, resource: dict[str, Any], status: str, mchid: str) -> Self:
        if status not in REFUND_STATES:
            raise WireRefused("malformed", "the state of a refund is none of its four")
        amount = pay_fields.inner(resource, "amount")
        finished = resource.get("success_time") is not None
        return cls(
            trade_no=pay_fields.text(resource, "out_trade_no"),
            payment_ref=pay_fields.text(resource, "transaction_id"),
            refund_no=pay_fields.text(resource, "out_refund_no"),
            refund_ref=pay_fields.text(resource, "refund_id"),
            status=status,
            refund_fen=Fen(pay_fields.fen(amount, "refund")),
            total_fen=Fen(pay_fields.fen(amount, "total")),
            mchid=mchid,
            succeeded_at=pay_fields.moment(resource, "success_time") if finished else None,
        )
