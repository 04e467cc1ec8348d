"""Envelopes for tests, sealed by hand so that they share no line with what opens them."""

import base64
import hashlib
import json
from typing import Any, Literal

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from wechat_handlers.wire.envelope import MessageKeys

NOW = 1_800_000_000
KEYS = MessageKeys(
    token="tokenOfTests",
    aes_key="abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
    aes_key_previous=None,
    recipient="wx0123456789abcdef",
)
TEXT_XML = (
    "<xml><ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[o-fan]]></FromUserName>"
    "<CreateTime>1800000000</CreateTime><MsgType><![CDATA[text]]></MsgType>"
    "<Content><![CDATA[你好]]></Content><MsgId>23456789012345678</MsgId></xml>"
)

Sealed = tuple[dict[str, list[str]], bytes]


def signature(*parts: str) -> str:
    """SHA-1 over the sorted parts."""
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


def encrypt(block: bytes, aes_key: str = KEYS.aes_key) -> str:
    """AES-CBC over whole blocks, as Base64."""
    key = base64.b64decode(aes_key + "=")
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(block) + encryptor.finalize()).decode()


def block_of(
    message: bytes, recipient: str = KEYS.recipient, padding: bytes | None = None
) -> bytes:
    """Random, length, message, recipient, padding."""
    content = b"r" * 16 + len(message).to_bytes(4, "big") + message + recipient.encode()
    if padding is None:
        count = 32 - len(content) % 32
        padding = bytes([count]) * count
    return content + padding


def envelope(
    encrypted: str,
    *,
    timestamp: str = str(NOW),
    nonce: str = "1320562132",
    body_format: Literal["xml", "json"] = "xml",
    token: str = KEYS.token,
    extra: dict[str, Any] | None = None,
) -> Sealed:
    """Query and body that carry `encrypted`."""
    query = {
        "signature": [signature(token, timestamp, nonce)],
        "timestamp": [timestamp],
        "nonce": [nonce],
        "openid": ["o-fan"],
        "encrypt_type": ["aes"],
        "msg_signature": [signature(token, timestamp, nonce, encrypted)],
    }
    if body_format == "json":
        body = json.dumps({"ToUserName": "gh_1", "Encrypt": encrypted, **(extra or {})}).encode()
    else:
        body = (
            "<xml><ToUserName><![CDATA[gh_1]]></ToUserName>"
            f"<Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
        ).encode()
    return query, body


def sealed(message: str = TEXT_XML, **arguments: Any) -> Sealed:
    """Query and body of a faultless delivery of `message`."""
    return envelope(encrypt(block_of(message.encode())), **arguments)
