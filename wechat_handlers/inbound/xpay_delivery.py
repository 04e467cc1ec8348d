"""A delivery push of virtual payment as a statement of money, and the answer it expects."""

import json
from datetime import UTC, datetime

from creator_tools.kernel.fen import Fen
from wechat_handlers.inbound.xpay_messages import XpayGoodsDelivered
from wechat_handlers.statements.xpay import XpayDelivery
from wechat_handlers.wire.envelope import Format
from wechat_handlers.wire.errors import WireRefused
from wechat_handlers.wire.strict_xml import cdata


def delivery_of(message: XpayGoodsDelivered) -> XpayDelivery:
    """Translate a delivery push.

    Raises:
        WireRefused: `malformed`: without our number or buyer, or with an impossible amount.
    """
    paid = message.wechat_pay
    transaction = paid.transaction_id if paid else ""
    _require(message.out_trade_no and message.buyer, "no order or no buyer")
    _require(message.goods.actual_price_fen >= 1, "no price")
    _require(message.goods.quantity >= 1, "no quantity")
    paid_at = paid.paid_at_epoch_s if paid and paid.paid_at_epoch_s else None
    return XpayDelivery(
        rail="xpay_android" if transaction else "xpay_ios",
        trade_no=message.out_trade_no,
        payment_ref=transaction or message.out_trade_no,
        total_fen=Fen(message.goods.actual_price_fen),
        paid_at=datetime.fromtimestamp(paid_at or message.created_at_epoch_s, UTC),
        env=message.env,
        product_id=message.goods.product_id,
        quantity=message.goods.quantity,
        subject=message.buyer,
        attach=message.goods.attach,
    )


def render_xpay_answer(body_format: Format, err_code: int, message: str) -> str:
    """The answer to an xpay push; 0 says delivered, anything else asks for another try.

    In XML the bare `success` says 0: the official sample's tags do not agree with each other.
    """
    if body_format == "json":
        return json.dumps({"ErrCode": err_code, "ErrMsg": message}, ensure_ascii=False)
    if err_code == 0:
        return "success"
    return f"<xml><ErrCode>{err_code}</ErrCode><ErrMsg>{cdata(message)}</ErrMsg></xml>"


def _require(holds: object, reason: str) -> None:
    if not holds:
        raise WireRefused("malformed", reason)
