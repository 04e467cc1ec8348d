"""A refund push of virtual payment as a statement of money."""

from datetime import UTC, datetime

from creator_tools.kernel.fen import Fen
from wechat_handlers.inbound.xpay_messages import XpayRefunded
from wechat_handlers.statements.xpay_refund import XpayRefundTold
from wechat_handlers.wire.errors import WireRefused


def refund_of(told: XpayRefunded) -> XpayRefundTold:
    """Translate a refund push.

    The number is ours where we began it; of one that Apple granted, or somebody in the console,
    the platform's own stands in for it. A code other than 0 means that nothing went.

    Raises:
        WireRefused: `malformed`: without an order, a number or a sum.
    """
    if not told.out_trade_no or not told.wx_refund_id or told.refund_fen < 1:
        raise WireRefused("malformed", "a refund of no order, without a number or a sum")
    is_done = told.ret_code == 0
    at_s = told.succeeded_at_epoch_s or told.created_at_epoch_s
    return XpayRefundTold(
        refund_no=told.mch_refund_id or told.wx_refund_id,
        refund_ref=told.wx_refund_id,
        trade_no=told.out_trade_no,
        amount_fen=Fen(told.refund_fen),
        says="succeeded" if is_done else "closed",
        succeeded_at=datetime.fromtimestamp(at_s, UTC) if is_done else None,
    )
