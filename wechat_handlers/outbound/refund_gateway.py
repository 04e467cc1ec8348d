"""One way to the refunds of all rails: implements `RefundGateway` of the refunds capability."""

from collections.abc import Callable
from uuid import UUID

from creator_tools.refunds.ports import Answered, RefundFacts
from wechat_handlers.outbound.jsapi_refunds import JsapiRefunds


class WeChatRefundGateway:
    """Finds who gives back by the merchant account that took the money.

    Args:
        jsapi: the refunds of a merchant account's id.
    """

    def __init__(self, *, jsapi: Callable[[UUID], JsapiRefunds]) -> None:
        self._jsapi = jsapi

    def refund(self, refund: RefundFacts) -> Answered:
        """Ask the rail to give back; the same number again is the same refund."""
        if refund.rail == "jsapi":
            return self._jsapi(refund.account_id).refund(refund)
        return Answered("refused", code="rail_gives_nothing_back")

    def query(self, refund: RefundFacts) -> Answered:
        """Ask what became of the number."""
        if refund.rail == "jsapi":
            return self._jsapi(refund.account_id).query(refund)
        return Answered("absent", code="rail_gives_nothing_back")
