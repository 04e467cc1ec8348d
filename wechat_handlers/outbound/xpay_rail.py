"""Virtual payment in the mini-program, Android and iOS, as rails of ours."""

from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from creator_tools.orders.errors import NotSellableHere, SessionKeyStale
from creator_tools.orders.ports import OrderFacts, PaymentStatement, Prepared, Queried
from wechat_handlers.statements.xpay import DELIVERED_STATUSES, XpayDelivery
from wechat_handlers.wire import xpay_sign
from wechat_handlers.wire.errors import WeChatApiRefused, WireRefused
from wechat_handlers.wire.xpay_client import XpayApi

# There is no code of its own for an order that was never paid for; it is a wrong parameter.
NO_SUCH_ORDER = 268490002


@dataclass(frozen=True)
class XpayRail:
    """Prepares and asks about payments of one mini-program's virtual payment.

    Args:
        account_id, payee_account_id: our ids of the mini-program and of its virtual payment.
        env: 0 live, 1 sandbox; decides which AppKey signs.
    """

    api: XpayApi
    account_id: UUID
    payee_account_id: UUID
    offer_id: str
    app_key: str = field(repr=False)
    env: Literal[0, 1]

    def prepare(self, order: OrderFacts, *, session_key: str | None) -> Prepared:
        """Build the sign data once and sign it twice; the client passes it on untouched.

        Raises:
            SessionKeyStale: there is no current session key to sign with.
            NotSellableHere: no good of this price is published.
        """
        if session_key is None:
            raise SessionKeyStale
        if order.goods_id is None:
            raise NotSellableHere(reason="no_live_tier")
        sign_data = xpay_sign.build_sign_data(
            offer_id=self.offer_id,
            product_id=order.goods_id,
            goods_price_fen=order.amount_fen,
            out_trade_no=order.trade_no,
            attach=f"order:{order.trade_no}",
            env=self.env,
        )
        return Prepared(
            None,
            {
                "mode": xpay_sign.GOODS_MODE,
                "signData": sign_data,
                "paySig": xpay_sign.pay_sig(self.app_key, xpay_sign.CLIENT_URI, sign_data),
                "signature": xpay_sign.user_signature(session_key, sign_data),
            },
        )

    def query(self, order: OrderFacts, *, subject: str) -> Queried:
        """Ask the platform what became of the order's number."""
        try:
            answer = self.api.query_order(
                self.account_id, env=self.env, openid=subject, out_trade_no=order.trade_no
            )
            delivery = XpayDelivery.from_order(answer, subject=subject)
            if delivery is None:
                return Queried("closed" if answer.get("status") in {6, "6"} else "open")
            is_delivered = answer.get("status") in DELIVERED_STATUSES
            return Queried("paid", self.statement(delivery, seen_by="query"), is_delivered)
        except WeChatApiRefused as refused:
            # A refused signature or a stale openid says nothing about the money.
            return Queried("absent" if refused.errcode == NO_SUCH_ORDER else "unknown")
        except WireRefused:
            return Queried("unknown")

    def statement(self, delivery: XpayDelivery, *, seen_by: str) -> PaymentStatement:
        """What the platform said of a payment, in the terms of the business.

        Raises:
            WireRefused: it is of the other environment, where no money of ours moves.
        """
        if delivery.env != self.env:
            raise WireRefused("wrong_recipient", "a payment of the other environment")
        return PaymentStatement(
            account_id=self.account_id,
            payee_account_id=self.payee_account_id,
            rail=delivery.rail,
            trade_no=delivery.trade_no,
            payment_ref=delivery.payment_ref,
            fact_key=delivery.trade_no,
            amount_fen=delivery.total_fen,
            currency="CNY",
            paid_at=delivery.paid_at,
            seen_by=seen_by,
            facts={
                "env": delivery.env,
                "product_id": delivery.product_id,
                "quantity": delivery.quantity,
            },
            # A query's answer does not say what was bought, nor by whom.
            goods_id=None if seen_by == "query" else delivery.product_id,
            quantity=delivery.quantity,
            payer_subject=None if seen_by == "query" else delivery.subject,
        )
