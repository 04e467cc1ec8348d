"""The two signatures of virtual payment (虚拟支付), and the string that they cover.

The published client library is not used: it fails on answers with one field more or less, while
the signatures are two lines. Both are over the exact string that is sent, so that string is built
once, on the server, and passed through untouched.

Source: https://developers.weixin.qq.com/miniprogram/dev/platform-capabilities/business-capabilities/virtual-payment.html
"""

import hashlib
import hmac
import json
import re
from typing import Literal

CLIENT_URI = "requestVirtualPayment"
GOODS_MODE = "short_series_goods"
COIN_MODE = "short_series_coin"

_TRADE_NO = re.compile(r"[0-9A-Za-z\-|*@][0-9A-Za-z_\-|*@]{7,31}\Z")


def pay_sig(app_key: str, uri: str, body: str) -> str:
    """Proof that the merchant made `body`: HMAC-SHA256 under the AppKey, lower-case hex.

    Args:
        app_key: the live or the sandbox AppKey, by `env`.
        uri: the path without query, or `CLIENT_URI` for what the mini-program hands over.
        body: the exact text sent.
    """
    return _hmac(app_key, f"{uri}&{body}")


def user_signature(session_key: str, body: str) -> str:
    """Proof that the person is signed in. The session key is used as text, not decoded."""
    return _hmac(session_key, body)


def build_sign_data(
    *,
    offer_id: str,
    product_id: str,
    goods_price_fen: int,
    out_trade_no: str,
    attach: str,
    env: Literal[0, 1],
    quantity: int = 1,
) -> str:
    """The `signData` of one purchase of goods.

    `offerId` must be text and the numbers must be integers, or WeChat answers -15016; and no
    further member may be added.

    Raises:
        ValueError: a value that WeChat would refuse.
    """
    if _TRADE_NO.match(out_trade_no) is None:
        raise ValueError("out_trade_no must be 8 to 32 of 0-9 A-Z a-z _ - | * @, not starting _")
    if goods_price_fen <= 0 or quantity <= 0:
        raise ValueError("price and quantity must be positive")
    members = {
        "offerId": str(offer_id),
        "buyQuantity": int(quantity),
        "env": int(env),
        "currencyType": "CNY",
        "productId": product_id,
        "goodsPrice": int(goods_price_fen),
        "outTradeNo": out_trade_no,
        "attach": attach,
    }
    return json.dumps(members, ensure_ascii=False, separators=(",", ":"))


def _hmac(key: str, message: str) -> str:
    return hmac.new(key.encode("utf-8"), message.encode("utf-8"), hashlib.sha256).hexdigest()
