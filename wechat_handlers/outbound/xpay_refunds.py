"""Refunds by virtual payment (Android and desktop), in the terms of the business."""

from dataclasses import dataclass
from uuid import UUID

from creator_tools.kernel.fen import Fen
from creator_tools.refunds.ports import Answered, RefundFacts, RefundStatement
from wechat_handlers.outbound.xpay_rail import NO_SUCH_ORDER
from wechat_handlers.statements import fields as pay_fields
from wechat_handlers.statements.xpay_refund import XpayRefundTold
from wechat_handlers.wire.errors import WeChatApiRefused, WireRefused
from wechat_handlers.wire.xpay_client import Env, XpayApi

# The same number again: it was taken before.
REPEATED = 268490004
# Another refund of this order runs, or what is left changed while we asked: later, same number.
LATER = frozenset({268490011, 268490012, 268490014, 268490015, 268490016})
NO_FUNDS = 268490006


@dataclass(frozen=True)
class XpayRefunds:
    """Sends and asks about refunds of one virtual payment account.

    Args:
        surface_id: the mini-program whose token calls, where a refund's order names none.
        account_id: our id of the virtual payment account.
        env: 0 live, 1 sandbox.
    """

    api: XpayApi
    surface_id: UUID
    account_id: UUID
    env: Env

    def refund(self, refund: RefundFacts) -> Answered:
        """Ask the platform to give back; the same number again is the same refund.

        The platform wants to hear what is left of the order by its own count: it is asked first.
        """
        if refund.subject is None:
            return Answered("refused", code="no_buyer")
        surface_id = refund.surface_id or self.surface_id
        try:
            order = self.api.query_order(
                surface_id, env=self.env, openid=refund.subject, out_trade_no=refund.trade_no
            )
            left_fen = pay_fields.fen(order, "left_fee")
            accepted = self.api.refund_order(
                surface_id,
                env=self.env,
                openid=refund.subject,
                out_trade_no=refund.trade_no,
                refund_no=refund.refund_no,
                left_fen=left_fen,
                refund_fen=refund.amount_fen,
            )
            return Answered("told", self._accepted(refund, accepted))
        except WeChatApiRefused as refused:
            return _refused(refused)
        except WireRefused as refused:
            return Answered("unknown", code=refused.code)

    def query(self, refund: RefundFacts) -> Answered:
        """Ask the platform what became of the number."""
        if refund.subject is None:
            # Nobody can ask; that is no proof that nothing went.
            return Answered("unknown", code="no_buyer")
        try:
            order = self.api.query_order(
                refund.surface_id or self.surface_id,
                env=self.env,
                openid=refund.subject,
                out_trade_no=refund.refund_no,
            )
            told = XpayRefundTold.from_order(order, trade_no=refund.trade_no)
        except WeChatApiRefused as refused:
            is_absent = refused.errcode == NO_SUCH_ORDER
            return Answered("absent" if is_absent else "unknown", code=_code(refused))
        except WireRefused as refused:
            return Answered("unknown", code=refused.code)
        return Answered("told", self.statement(told, seen_by="query"))

    def statement(self, told: XpayRefundTold, *, seen_by: str) -> RefundStatement:
        """What the platform said of a refund, in the terms of the business."""
        return RefundStatement(
            account_id=self.account_id,
            rail="xpay_android",
            refund_no=told.refund_no,
            refund_ref=told.refund_ref,
            trade_no=told.trade_no,
            payment_ref=None,
            amount_fen=told.amount_fen,
            says=told.says,
            at=told.succeeded_at,
            seen_by=seen_by,
        )

    def _accepted(self, refund: RefundFacts, accepted: dict[str, object]) -> RefundStatement:
        told = XpayRefundTold(
            refund_no=refund.refund_no,
            refund_ref=pay_fields.text(accepted, "refund_wx_order_id"),
            trade_no=refund.trade_no,
            amount_fen=Fen(refund.amount_fen),
            says="processing",
            succeeded_at=None,
        )
        return self.statement(told, seen_by="refund")


def _refused(refused: WeChatApiRefused) -> Answered:
    code = _code(refused)
    if refused.outcome == "unknown" or refused.errcode == REPEATED:
        return Answered("unknown", code=code)
    if refused.errcode == NO_FUNDS:
        return Answered("no_funds", code=code)
    is_later = refused.retryable or refused.errcode in LATER
    return Answered("not_now" if is_later else "refused", code=code)


def _code(refused: WeChatApiRefused) -> str:
    return f"wechat_{refused.errcode}" if refused.errcode is not None else "no_answer"
