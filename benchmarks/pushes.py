"""What WeChat would send: sealed chat messages and signed payment notifications, made ahead."""

import base64
import hashlib
import json
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import urlencode

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from werkzeug.test import EnvironBuilder

from app.launcher.credentials import DemoSecrets
from benchmarks.ground import PRICE_FEN, PendingOrder

_BLOCK = 32


class Keys(NamedTuple):
    """What seals the messages of an Official Account."""

    token: str
    aes_key: str
    appid: str


def keys_of(kept: DemoSecrets) -> Keys:
    """The keys of an installation's own account."""
    return Keys(kept.oa.token, kept.oa.aes_key, kept.oa.appid)


def sender_name(sender: int) -> str:
    """What the account calls the person who sends."""
    return f"o-figures-chat-{sender}"


def chat_request(
    keys: Keys, *, number: int, at: int, text: str, sender: int = 0
) -> tuple[str, bytes]:
    """Address and body of one text message in safe mode; `number` makes it a new one."""
    said = (
        f"<xml><ToUserName><![CDATA[gh_figures]]></ToUserName>"
        f"<FromUserName><![CDATA[{sender_name(sender)}]]></FromUserName><CreateTime>{at}</CreateTime>"
        f"<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{text}]]></Content>"
        f"<MsgId>{7_000_000_000_000 + number}</MsgId></xml>"
    )
    sealed = _sealed(keys.aes_key, keys.appid, said.encode())
    nonce, stamp = f"n{number}", str(at)
    query = {
        "signature": _sha1(keys.token, stamp, nonce),
        "timestamp": stamp,
        "nonce": nonce,
        "encrypt_type": "aes",
        "msg_signature": _sha1(keys.token, stamp, nonce, sealed),
    }
    body = (
        "<xml><ToUserName><![CDATA[gh_figures]]></ToUserName>"
        f"<Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
    )
    return f"/wechat/official-account?{urlencode(query)}", body.encode()


def payment_request(
    kept: DemoSecrets, order: PendingOrder, *, number: int, at: int
) -> tuple[dict[str, str], bytes]:
    """Headers and body of the notification that `order` was paid."""
    resource = payment_resource(kept, order, number=number, at=datetime.fromtimestamp(at, UTC))
    return signed_notification(kept, "TRANSACTION.SUCCESS", resource, number=number, at=at)


def payment_resource(
    kept: DemoSecrets, order: PendingOrder, *, number: int, at: datetime
) -> dict[str, Any]:
    """What a notification says inside: that `order` was paid."""
    return {
        "appid": kept.oa.appid,
        "mchid": kept.mchid,
        "out_trade_no": order.trade_no,
        "transaction_id": f"42000000{number:020d}",
        "trade_type": "JSAPI",
        "trade_state": "SUCCESS",
        "success_time": at.isoformat(timespec="seconds"),
        "payer": {"openid": order.subject},
        "amount": {"total": PRICE_FEN, "payer_total": PRICE_FEN, "currency": "CNY"},
    }


def signed_notification(
    kept: DemoSecrets, event_type: str, resource: dict[str, Any], *, number: int, at: int
) -> tuple[dict[str, str], bytes]:
    """Headers and body of a notification of WeChat Pay, sealed and signed."""
    kind = "refund" if event_type.startswith("REFUND") else "transaction"
    nonce = f"{number:012d}"
    sealed = AESGCM(kept.apiv3_key.encode()).encrypt(
        nonce.encode(), json.dumps(resource).encode(), kind.encode()
    )
    body = json.dumps(
        {
            "id": f"figures-{number}",
            "create_time": datetime.fromtimestamp(at, UTC).isoformat(),
            "resource_type": "encrypt-resource",
            "event_type": event_type,
            "resource": {
                "original_type": kind,
                "algorithm": "AEAD_AES_256_GCM",
                "ciphertext": base64.b64encode(sealed).decode(),
                "associated_data": kind,
                "nonce": nonce,
            },
        }
    ).encode()
    signed = _platform_key(kept.platform_private_key_pem).sign(
        f"{at}\n{nonce}\n".encode() + body + b"\n", padding.PKCS1v15(), hashes.SHA256()
    )
    headers = {
        "Wechatpay-Timestamp": str(at),
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Serial": kept.public_key_id,
        "Wechatpay-Signature": base64.b64encode(signed).decode(),
        "Wechatpay-Signature-Type": "WECHATPAY2-SHA256-RSA2048",
    }
    return headers, body


@cache
def _platform_key(pem: str) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(pem.encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey), "the platform signs with RSA"
    return key


def environ_of(
    path: str, body: bytes, headers: dict[str, str] | None = None, *, content_type: str
) -> dict[str, Any]:
    """A WSGI request, made before any clock starts."""
    builder = EnvironBuilder(
        path,
        method="POST",
        data=body,
        headers=list((headers or {}).items()),
        content_type=content_type,
    )
    try:
        return dict(builder.get_environ())
    finally:
        builder.close()


def _sha1(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


def _sealed(aes_key: str, appid: str, message: bytes) -> str:
    key = base64.b64decode(aes_key + "=")
    content = b"0" * 16 + len(message).to_bytes(4, "big") + message + appid.encode()
    count = _BLOCK - len(content) % _BLOCK
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    block = content + bytes([count]) * count
    return base64.b64encode(encryptor.update(block) + encryptor.finalize()).decode()
