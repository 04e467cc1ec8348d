"""What a mini-program hands over encrypted or signed with a person's session key.

The key changes at WeChat's will whenever the person signs in again, and a stale one looks exactly
like a forgery: broken padding. So every failure here means one thing: sign in again.

Source: https://developers.weixin.qq.com/miniprogram/dev/framework/open-ability/signature.html
"""

import hashlib
import hmac
from typing import Any

from wechatpy.crypto.base import WeChatCipher

from wechat_handlers.wire import strict_base64, strict_json
from wechat_handlers.wire.errors import WireRefused

AES_BLOCK = 16


def open_user_payload(*, session_key: str, iv: str, encrypted: str, appid: str) -> dict[str, Any]:
    """The object that WeChat's client encrypted for this mini-program.

    Raises:
        WireRefused: `undecryptable` (most often a stale session key), `wrong_recipient` when the
            watermark names another mini-program, `malformed`.
    """
    key = strict_base64.decode(session_key, what="session_key")
    vector = strict_base64.decode(iv, what="iv")
    ciphertext = strict_base64.decode(encrypted, what="encryptedData")
    if len(key) != AES_BLOCK or len(vector) != AES_BLOCK:
        raise WireRefused("malformed", "session_key and iv must be 16 bytes")
    if not ciphertext or len(ciphertext) % AES_BLOCK:
        raise WireRefused("malformed", "encryptedData is not whole blocks")
    block = bytes(WeChatCipher(key, vector).decrypt(ciphertext))
    padding = block[-1]
    if not 1 <= padding <= AES_BLOCK or block[-padding:] != bytes([padding]) * padding:
        raise WireRefused("undecryptable", "the session key does not fit")
    try:
        payload = strict_json.parse(block[:-padding].decode("utf-8"))
    except UnicodeDecodeError:
        raise WireRefused("undecryptable", "the session key does not fit") from None
    watermark = payload.get("watermark") if isinstance(payload, dict) else None
    if not isinstance(watermark, dict) or watermark.get("appid") != appid:
        raise WireRefused("wrong_recipient", "encrypted for another mini-program")
    return dict(payload)


def require_raw_signature(*, session_key: str, raw: str, signature: str) -> None:
    """Refuse `rawData` that WeChat's client did not sign with this session key.

    Raises:
        WireRefused: `bad_signature`.
    """
    text = (raw + session_key).encode("utf-8", "replace")
    expected = hashlib.sha1(text, usedforsecurity=False).hexdigest()
    if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")):
        raise WireRefused("bad_signature", "rawData was not signed with this session key")
