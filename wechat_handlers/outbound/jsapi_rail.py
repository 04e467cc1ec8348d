"""WeChat Pay in the pages of an Official Account, as a rail of ours."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from creator_tools.kernel.business_day import BEIJING
from creator_tools.kernel.clock import Clock
from creator_tools.kernel.rng import Rng
from creator_tools.orders.errors import PaymentRefused, PaymentUnavailable
from creator_tools.orders.ports import OrderFacts, PaymentStatement, Prepared, Queried
from wechat_handlers.statements.payment import PAID_STATES, PaymentSucceeded
from wechat_handlers.wire.errors import PayApiRefused, WireRefused
from wechat_handlers.wire.pay_client import PayClient

# The order lives 30 minutes with us; WeChat Pay lifts anything nearer than a minute anyway.
_EXPIRY_MARGIN = timedelta(minutes=1)


@dataclass(frozen=True)
class JsapiRail:
    """Prepares, asks about and closes payments of one Official Account at one merchant.

    Args:
        client: of the merchant.
        appid: of the Official Account whose pages pay.
        account_id, payee_account_id: our ids of the two.
        notify_url: where the notification shall go.
    """

    client: PayClient
    appid: str
    account_id: UUID
    payee_account_id: UUID
    notify_url: str
    clock: Clock
    rng: Rng

    def prepare(self, order: OrderFacts, *, subject: str) -> Prepared:
        """Get a prepay id for the order and sign the pay sheet.

        Raises:
            PaymentRefused, PaymentUnavailable: WeChat Pay said no, or nothing.
        """
        expires_at = (order.expires_at + _EXPIRY_MARGIN).astimezone(BEIJING)
        try:
            prepay_id = self.client.jsapi_prepay(
                appid=self.appid,
                openid=subject,
                out_trade_no=order.trade_no,
                description=order.title,
                total_fen=order.amount_fen,
                notify_url=self.notify_url,
                time_expire=expires_at.isoformat(timespec="seconds"),
            )
        except PayApiRefused as refused:
            if refused.retryable or refused.outcome == "unknown":
                raise PaymentUnavailable(rail="jsapi", reason=refused.code) from refused
            raise PaymentRefused(rail="jsapi", reason=refused.code) from refused
        pay = self.client.jsapi_pay_parameters(
            appid=self.appid,
            prepay_id=prepay_id,
            timestamp=int(self.clock.now().timestamp()),
            nonce=f"{self.rng.getrandbits(128):032x}",
        )
        return Prepared(prepay_id, dict(pay))

    def query(self, order: OrderFacts) -> Queried:
        """Ask WeChat Pay what became of the order's number."""
        try:
            answer = self.client.query(order.trade_no)
            if answer.get("trade_state") in PAID_STATES:
                paid = PaymentSucceeded.from_resource(answer)
                return Queried("paid", self.statement(paid, seen_by="query"))
        except PayApiRefused as refused:
            is_absent = refused.code.replace("_", "") in {"ORDERNOTEXIST", "RESOURCENOTEXISTS"}
            return Queried("absent" if is_absent else "unknown")
        except WireRefused:
            return Queried("unknown")
        return Queried("closed" if answer.get("trade_state") == "CLOSED" else "open")

    def close(self, order: OrderFacts) -> bool:
        """Close the number; False when WeChat Pay does not confirm it."""
        try:
            self.client.close(order.trade_no)
        except PayApiRefused as refused:
            return refused.code.replace("_", "") in {"ORDERCLOSED", "ORDERNOTEXIST"}
        return True

    def statement(self, paid: PaymentSucceeded, *, seen_by: str) -> PaymentStatement:
        """What WeChat Pay said of a payment, in the terms of the business.

        A payment of another appid keeps its own account out of ours, so that it can open nothing.
        """
        is_ours = paid.appid == self.appid
        return PaymentStatement(
            account_id=self.account_id if is_ours else self.payee_account_id,
            payee_account_id=self.payee_account_id,
            rail="jsapi",
            trade_no=paid.trade_no,
            payment_ref=paid.payment_ref,
            fact_key=paid.payment_ref,
            amount_fen=paid.total_fen,
            currency=paid.currency,
            paid_at=paid.paid_at,
            seen_by=seen_by,
            facts={"trade_type": paid.trade_type, "payer_total_fen": paid.payer_total_fen},
            payer_subject=paid.subject or None,
        )
