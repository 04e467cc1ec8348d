"""From virtual payment's words for a refund to ours."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, Self

from creator_tools.kernel.fen import Fen
from wechat_handlers.statements import fields as pay_fields
from wechat_handlers.wire.errors import WireRefused
from wechat_handlers.wire.field_reader import FieldReader

# Of a refund in the query's answer; its number is asked about like an order's.
_SAYS: dict[int, Literal["processing", "succeeded", "closed"]] = {
    0: "processing",
    1: "processing",
    2: "processing",
    3: "processing",
    5: "succeeded",
    7: "closed",
    8: "succeeded",
}
_REFUND_TYPES = frozenset({1, 8})


@dataclass(frozen=True, kw_only=True)
class XpayRefundTold:
    """How far a refund of virtual payment has come.

    Attributes:
        refund_no: our number, or the platform's where we never asked; refund_ref: the platform's.
        trade_no: our number of the order that was paid.
        says: "closed" where the platform says that it failed; then nothing went.
    """

    refund_no: str
    refund_ref: str
    trade_no: str
    amount_fen: Fen
    says: Literal["processing", "succeeded", "closed"]
    succeeded_at: datetime | None

    @classmethod
    def from_order(cls, order: dict[str, Any], *, trade_no: str) -> Self:
        """Translate the `order` of a query about a refund's number.

        Args:
            trade_no: of the order that was paid; the answer does not repeat it.

        Raises:
            WireRefused: `malformed`, or not a refund at all.
        """
        fields = FieldReader(order)
        says = _SAYS.get(fields.integer("status"))
        if says is None or fields.integer("order_type") not in _REFUND_TYPES:
            raise WireRefused("malformed", "no refund, or in a state that refunds have not")
        at_s = fields.integer("paid_time", 0)
        is_done = says == "succeeded" and at_s > 0
        return cls(
            refund_no=pay_fields.text(order, "order_id"),
            refund_ref=pay_fields.text(order, "wx_order_id"),
            trade_no=trade_no,
            amount_fen=Fen(pay_fields.fen(order, "order_fee")),
            says=says,
            succeeded_at=datetime.fromtimestamp(at_s, UTC) if is_done else None,
        )
