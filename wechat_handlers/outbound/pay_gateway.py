"""One way to all rails: implements `PaymentGateway` of the orders capability."""

from collections.abc import Callable
from uuid import UUID

from creator_tools.orders.ports import OrderFacts, Prepared, Queried
from wechat_handlers.outbound.jsapi_rail import JsapiRail
from wechat_handlers.outbound.xpay_rail import XpayRail


class WeChatPayGateway:
    """Finds the rail of an order by the accounts it was placed on.

    Args:
        jsapi: the rail of an Official Account's id.
        xpay: the rail of a mini-program's id.
    """

    def __init__(
        self, *, jsapi: Callable[[UUID], JsapiRail], xpay: Callable[[UUID], XpayRail]
    ) -> None:
        self._jsapi = jsapi
        self._xpay = xpay

    def prepare(self, order: OrderFacts, *, subject: str, session_key: str | None) -> Prepared:
        """Ask the rail to take this payment; the same order again is harmless.

        Raises:
            PaymentRefused, PaymentUnavailable, SessionKeyStale, NotSellableHere: see errors.
        """
        if order.rail == "jsapi":
            return self._jsapi(order.account_id).prepare(order, subject=subject)
        return self._xpay(order.account_id).prepare(order, session_key=session_key)

    def query(self, order: OrderFacts, *, subject: str) -> Queried:
        """Ask what became of the number; `unknown` when the rail does not answer."""
        if order.rail == "jsapi":
            return self._jsapi(order.account_id).query(order)
        return self._xpay(order.account_id).query(order, subject=subject)

    def close(self, order: OrderFacts) -> bool:
        """Make the number unpayable; virtual payment has no close, its numbers just lapse."""
        if order.rail == "jsapi":
            return self._jsapi(order.account_id).close(order)
        return True
