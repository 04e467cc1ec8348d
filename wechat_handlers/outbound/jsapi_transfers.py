"""Transfers to people by WeChat Pay, in the terms of the business."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from creator_tools.payouts.ports import Answered, PayoutFacts, TransferSays, TransferStatement
from wechat_handlers.statements.transfer import TransferTold
from wechat_handlers.wire import pay_transfers
from wechat_handlers.wire.errors import PayApiRefused, WireRefused
from wechat_handlers.wire.pay_client import PayClient

_SAYS: dict[str, TransferSays] = {
    "ACCEPTED": "accepted",
    "PROCESSING": "accepted",
    "WAIT_USER_CONFIRM": "waiting",
    "TRANSFERING": "accepted",
    "SUCCESS": "succeeded",
    "FAIL": "failed",
    "CANCELING": "accepted",
    "CANCELLED": "cancelled",
}
# Without underscores, as the platform spells them either way.
_ABSENT = frozenset({"RESOURCENOTEXISTS", "NOTFOUND"})
# Scene 1005, pay for work; the platform wants these two facts, by these names.
_SCENE = "1005"
_REPORTS = (("岗位类型", "内容创作者"), ("报酬说明", "专栏收入"))
_REMARK = "专栏收入"


@dataclass(frozen=True)
class JsapiTransfers:
    """Sends, asks about and takes back transfers at one merchant.

    Args:
        client: of the merchant.
        mchid: how WeChat Pay calls it; account_id: how we do.
        appid_of: what the platform calls an Official Account of ours.
        notify_url: where the notification shall go.
    """

    client: PayClient
    mchid: str
    account_id: UUID
    appid_of: Callable[[UUID], str]
    notify_url: str

    def transfer(self, payout: PayoutFacts) -> Answered:
        """Ask WeChat Pay to pay; the same number again is the same transfer."""
        if payout.subject is None:
            return Answered("refused", code="receiver_unknown")
        subject = payout.subject

        def send() -> dict[str, Any]:
            return pay_transfers.transfer(
                self.client,
                appid=self.appid_of(payout.surface_id),
                out_bill_no=payout.bill_no,
                openid=subject,
                amount_fen=payout.amount_fen,
                remark=_REMARK,
                scene_id=_SCENE,
                reports=_REPORTS,
                notify_url=self.notify_url,
            )

        return self._answered(lambda: TransferTold.from_answer(send()))

    def query(self, payout: PayoutFacts) -> Answered:
        """Ask WeChat Pay what became of the number."""
        return self._answered(
            lambda: TransferTold.from_resource(
                pay_transfers.query_transfer(self.client, payout.bill_no), mchid=self.mchid
            ),
            is_query=True,
        )

    def cancel(self, payout: PayoutFacts) -> Answered:
        """Take it back before the receiver has confirmed."""
        return self._answered(
            lambda: TransferTold.from_answer(
                pay_transfers.cancel_transfer(self.client, payout.bill_no)
            )
        )

    def statement(self, told: TransferTold) -> TransferStatement:
        """What WeChat Pay said of a transfer, in the terms of the business."""
        return TransferStatement(
            account_id=self.account_id,
            bill_no=told.bill_no,
            transfer_ref=told.transfer_ref,
            says=_SAYS[told.status],
            amount_fen=told.amount_fen,
            at=told.at,
            code=told.code,
            package=told.package,
            subject=told.subject,
        )

    def _answered(self, ask: Callable[[], TransferTold], *, is_query: bool = False) -> Answered:
        try:
            told = ask()
        except PayApiRefused as refused:
            return _refused(refused, is_query=is_query)
        except WireRefused as refused:
            return Answered("unknown", code=refused.code)
        return Answered("told", self.statement(told))


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
