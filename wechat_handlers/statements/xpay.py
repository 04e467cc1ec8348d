"""From virtual payment's words for a payment to ours."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, Self

from creator_tools.kernel.fen import Fen
from wechat_handlers.statements import fields as pay_fields
from wechat_handlers.wire.errors import WireRefused
from wechat_handlers.wire.field_reader import FieldReader

XpayRail = Literal["xpay_android", "xpay_ios"]

# Of an order in the query's answer: paid, delivering, delivered.
PAID_STATUSES = frozenset({2, 3, 4})
# The platform knows that the goods were delivered; nothing is left to tell it.
DELIVERED_STATUSES = frozenset({4, "4"})
IOS_ORDER_TYPES = frozenset({7, 8})
# The query says 1 live, 2 sandbox, where everything else says 0 and 1.
_ENV_OF_TYPE = {1: 0, 2: 1}


@dataclass(frozen=True, kw_only=True)
class XpayDelivery:
    """A payment by virtual payment; nothing in here was compared with an order yet.

    Attributes:
        rail: by the fact that WeChat Pay took part, never by what the client said.
        trade_no: our number for the order.
        payment_ref: WeChat Pay's number; Apple's payments have none that both the push and the
            query carry, so there it is our own number, of which each pays once.
        total_fen: what the goods cost the buyer.
        env: 0 live, 1 sandbox.
        product_id: empty from a query, whose answer does not say.
        subject: the buyer, within the mini-program.
    """

    rail: XpayRail
    trade_no: str
    payment_ref: str
    total_fen: Fen
    paid_at: datetime
    env: int
    product_id: str
    quantity: int
    subject: str = field(repr=False)
    attach: str = field(repr=False)

    @classmethod
    def from_order(cls, order: dict[str, Any], *, subject: str) -> Self | None:
        """Translate the `order` of a query's answer; None while it is not paid.

        Args:
            subject: whom the query was about; the answer does not repeat it.

        Raises:
            WireRefused: `malformed`.
        """
        fields = FieldReader(order)
        if fields.integer("status") not in PAID_STATUSES:
            return None
        transaction = fields.text("wxpay_order_id")
        is_ios = fields.integer("order_type", 0) in IOS_ORDER_TYPES or not transaction
        trade_no = pay_fields.text(order, "order_id")
        env = _ENV_OF_TYPE.get(fields.integer("env_type", 1))
        if env is None:
            raise WireRefused("malformed", "env_type is neither live nor sandbox")
        return cls(
            rail="xpay_ios" if is_ios else "xpay_android",
            trade_no=trade_no,
            payment_ref=trade_no if is_ios else transaction,
            total_fen=Fen(pay_fields.fen(order, "paid_fee")),
            paid_at=datetime.fromtimestamp(fields.epoch_s("paid_time"), UTC),
            env=env,
            product_id="",
            quantity=1,
            subject=subject,
            attach=fields.text("biz_meta"),
        )
