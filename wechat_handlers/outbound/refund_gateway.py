"""One way to the refunds of all rails: implements `RefundGateway` of the refunds capability."""

from collections.abc import Callable
from uuid import UUID

from creator_tools.refunds.ports import Answered, RefundFacts
from wechat_handlers.outbound.jsapi_refunds import JsapiRefunds
from wechat_handlers.outbound.xpay_refunds import XpayRefunds


class WeChatRefundGateway:
    """Finds who gives back by the merchant account that took the money.

    Args:
        jsapi, xpay: the refunds of a merchant account's id.
    """

    def __init__(
        self, *, jsapi: Callable[[UUID], JsapiRefunds], xpay: Callable[[UUID], XpayRefunds]
    ) -> None:
        self._jsapi = jsapi
        self._xpay = xpay

    def refund(self, refund: RefundFacts) -> Answered:
        """Ask the rail to give back; the same number again is the same refund."""
        if refund.rail == "jsapi":
            return self._jsapi(refund.account_id).refund(refund)
        if refund.rail == "xpay_android":
            return self._xpay(refund.account_id).refund(refund)
        return Answered("refused", code="rail_gives_nothing_back")

    def query(self, refund: RefundFacts) -> Answered:
        """Ask what became of the number."""
        if refund.rail == "jsapi":
            return self._jsapi(refund.account_id).query(refund)
        if refund.rail == "xpay_android":
            return self._xpay(refund.account_id).query(refund)
        return Answered("absent", code="rail_gives_nothing_back")
