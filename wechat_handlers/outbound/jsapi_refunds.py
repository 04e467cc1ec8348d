"""Refunds by WeChat Pay, in the terms of the business."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from creator_tools.refunds.ports import Answered, RailSays, RefundFacts, RefundStatement
from wechat_handlers.statements.refund import RefundFinished
from wechat_handlers.wire.errors import PayApiRefused, WireRefused
from wechat_handlers.wire.pay_client import PayClient

_SAYS: dict[str, RailSays] = {
    "PROCESSING": "processing",
    "SUCCESS": "succeeded",
    "ABNORMAL": "abnormal",
    "CLOSED": "closed",
}
# Without underscores, as the platform spells them either way.
_ABSENT = frozenset({"RESOURCENOTEXISTS", "NOTFOUND"})


@dataclass(frozen=True)
class JsapiRefunds:
    """Sends and asks about refunds at one merchant.

    Args:
        client: of the merchant.
        mchid: how WeChat Pay calls it; account_id: how we do.
        notify_url: where the notification shall go.
    """

    client: PayClient
    mchid: str
    account_id: UUID
    notify_url: str

    def refund(self, refund: RefundFacts) -> Answered:
        """Ask WeChat Pay to give back; the same number again is the same refund."""
        if refund.payment_ref is None:
            return Answered("refused", code="no_payment_ref")
        reference = refund.payment_ref
        return self._answered(
            "refund",
            lambda: self.client.refund(
                transaction_id=reference,
                out_refund_no=refund.refund_no,
                refund_fen=refund.amount_fen,
                total_fen=refund.total_fen,
                reason=refund.words,
                notify_url=self.notify_url,
            ),
        )

    def query(self, refund: RefundFacts) -> Answered:
        """Ask WeChat Pay what became of the number."""
        return self._answered("query", lambda: self.client.query_refund(refund.refund_no))

    def statement(self, told: RefundFinished, *, seen_by: str) -> RefundStatement:
        """What WeChat Pay said of a refund, in the terms of the business."""
        return RefundStatement(
            account_id=self.account_id,
            rail="jsapi",
            refund_no=told.refund_no,
            refund_ref=told.refund_ref,
            trade_no=told.trade_no,
            payment_ref=told.payment_ref,
            amount_fen=told.refund_fen,
            says=_SAYS[told.status],
            at=told.succeeded_at,
            seen_by=seen_by,
        )

    def _answered(self, seen_by: str, call: Callable[[], dict[str, Any]]) -> Answered:
        try:
            told = RefundFinished.from_answer(call(), mchid=self.mchid)
        except PayApiRefused as refused:
            return _refused(refused, is_query=seen_by == "query")
        except WireRefused as refused:
            return Answered("unknown", code=refused.code)
        return Answered("told", self.statement(told, seen_by=seen_by))


def _refused(refused: PayApiRefused, *, is_query: bool) -> Answered:
    plain = refused.code.replace("_", "")
    if refused.outcome == "unknown":
        return Answered("unknown", code=refused.code)
    if is_query:
        # A refused question says nothing about the money, unless it says that there is none.
        return Answered("absent" if plain in _ABSENT else "unknown", code=refused.code)
    if plain == "NOTENOUGH":
        return Answered("no_funds", code=refused.code)
    return Answered("not_now" if refused.retryable else "refused", code=refused.code)
