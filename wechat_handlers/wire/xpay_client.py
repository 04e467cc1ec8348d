"""Server calls of virtual payment (虚拟支付).

Every body is spelt once; `pay_sig` is taken over that spelling and the path, and the same bytes
are sent.

Source: https://developers.weixin.qq.com/miniprogram/dev/platform-capabilities/business-capabilities/virtual-payment.html
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from wechat_handlers.wire.api_client import WeChatApi
from wechat_handlers.wire.api_transport import json_body
from wechat_handlers.wire.error_sentences import api_refusal
from wechat_handlers.wire.xpay_sign import pay_sig

Env = Literal[0, 1]


@dataclass(frozen=True, kw_only=True)
class GoodsItem:
    """One thing that may be sold: a price tier. `price_fen` cannot be changed once published."""

    product_id: str
    name: str
    price_fen: int
    remark: str
    picture_url: str


class XpayApi:
    """The calls, made with the mini-program's token.

    Args:
        api: carries them.
        app_key: gives the AppKey of an account for an `env`: 0 live, 1 sandbox.
    """

    def __init__(self, *, api: WeChatApi, app_key: Callable[[UUID, Env], str]) -> None:
        self._api = api
        self._app_key = app_key

    def query_order(
        self, account_id: UUID, *, env: Env, openid: str, out_trade_no: str
    ) -> dict[str, Any]:
        """What the platform knows of our order: `status`, `paid_fee`, `order_type` and so on."""
        body = {"openid": openid, "env": env, "order_id": out_trade_no}
        answer = self._post(account_id, "xpay.query", "/xpay/query_order", body, env)
        order = answer.get("order")
        if not isinstance(order, dict) or order.get("order_id") != out_trade_no:
            raise api_refusal("xpay.query", None)
        return order

    def notify_provide_goods(self, account_id: UUID, *, env: Env, out_trade_no: str) -> None:
        """Say that an order was delivered, when its push never reached us."""
        body = {"order_id": out_trade_no, "env": env}
        self._post(account_id, "xpay.provide", "/xpay/notify_provide_goods", body, env)

    def start_upload_goods(self, account_id: UUID, *, env: Env, item: GoodsItem) -> None:
        """Begin to upload one item; ask `query_upload_goods` how it went."""
        upload = {
            "id": item.product_id,
            "name": item.name,
            "price": item.price_fen,
            "remark": item.remark,
            "item_url": item.picture_url,
        }
        body = {"upload_item": [upload], "env": env}
        self._post(account_id, "xpay.goods", "/xpay/start_upload_goods", body, env)

    def query_upload_goods(self, account_id: UUID, *, env: Env) -> dict[str, Any]:
        """How the upload went: `status` 0 none, 1 running, 2 failed, 3 done."""
        return self._post(account_id, "xpay.goods", "/xpay/query_upload_goods", {"env": env}, env)

    def start_publish_goods(
        self, account_id: UUID, *, env: Env, product_ids: Sequence[str]
    ) -> None:
        """Begin to publish; buyers can buy ten to thirty minutes after it is done."""
        body = {"publish_item": [{"id": product_id} for product_id in product_ids], "env": env}
        self._post(account_id, "xpay.goods", "/xpay/start_publish_goods", body, env)

    def query_publish_goods(self, account_id: UUID, *, env: Env) -> dict[str, Any]:
        """How the publication went: `status` 0 none, 1 running, 2 failed, 3 done."""
        return self._post(account_id, "xpay.goods", "/xpay/query_publish_goods", {"env": env}, env)

    def refund_order(
        self,
        account_id: UUID,
        *,
        env: Env,
        openid: str,
        out_trade_no: str,
        refund_no: str,
        left_fen: int,
        refund_fen: int,
        reason: str = "0",
        requested_by: str = "1",
    ) -> dict[str, Any]:
        """Ask for a refund; that it was accepted says nothing of its end. Not for iOS orders.

        Args:
            refund_no: ours; a retry must use the same one.
            left_fen: what is left of the order by the platform's count.
            reason: "0" to "5"; requested_by: "1" staff, "2" buyer, "3" other.
        """
        body = {
            "openid": openid,
            "order_id": out_trade_no,
            "refund_order_id": refund_no,
            "left_fee": left_fen,
            "refund_fee": refund_fen,
            "biz_meta": "",
            "refund_reason": reason,
            "req_from": requested_by,
            "env": env,
        }
        return self._post(account_id, "xpay.refund", "/xpay/refund_order", body, env)

    def _post(
        self, account_id: UUID, name: str, path: str, members: Mapping[str, Any], env: Env
    ) -> dict[str, Any]:
        body = json_body(members)
        signature = pay_sig(self._app_key(account_id, env), path, body.decode("utf-8"))
        return self._api.post(account_id, name, path, body, {"pay_sig": signature})
