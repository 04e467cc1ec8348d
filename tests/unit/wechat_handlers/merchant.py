"""A merchant and the WeChat Pay that talks to it, with keys made for the tests."""

import base64
import json
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from wechat_handlers.wire.pay_keys import PayKeys

NOW = 1_800_000_000
APIV3_KEY = "0123456789abcdef0123456789ABCDEF"
OLD_APIV3_KEY = "fedcba9876543210FEDCBA9876543210"
PUBLIC_KEY_ID = "PUB_KEY_ID_0114232134912410000000000000"
MCHID = "1900007291"
Headers = list[tuple[str, str]]

TRANSACTION: dict[str, Any] = {
    "appid": "wxd678efh567hg6787",
    "mchid": MCHID,
    "out_trade_no": "T20270115000001",
    "transaction_id": "4200001234202701150000000001",
    "trade_type": "JSAPI",
    "trade_state": "SUCCESS",
    "trade_state_desc": "支付成功",
    "bank_type": "OTHERS",
    "attach": "",
    "success_time": "2027-01-15T16:00:00+08:00",
    "payer": {"openid": "o-buyer"},
    "scene_info": {"device_id": "013467007045764"},
    "promotion_detail": [
        {"coupon_id": "109519", "scope": "GLOBAL", "type": "CASH", "amount": 100, "name": "减一元"}
    ],
    "amount": {"total": 990, "payer_total": 890, "currency": "CNY", "payer_currency": "CNY"},
}


@cache
def rsa_key(_name: str) -> rsa.RSAPrivateKey:
    """One key per name for the whole run; making them is slow."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def private_pem(name: str) -> str:
    """The key as PKCS#8."""
    return rsa_key(name).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def public_pem(name: str) -> str:
    """The public half."""
    public = rsa_key(name).public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def pay_keys() -> PayKeys:
    """What the merchant holds."""
    return PayKeys(
        mchid=MCHID,
        serial_no="408B07E79B8269FEC3D5D3E6AB8ED163A6A380DB",
        private_key_pem=private_pem("merchant"),
        apiv3_key=APIV3_KEY,
        apiv3_key_previous=OLD_APIV3_KEY,
        public_key_id=PUBLIC_KEY_ID,
        public_key_pem=public_pem("wechat"),
    )


def signed_headers(
    body: bytes,
    *,
    timestamp: str = str(NOW),
    nonce: str = "EcZ9Cmy4Xyx1i6RlJQzL",
    key: str = "wechat",
    serial: str = PUBLIC_KEY_ID,
) -> Headers:
    """WeChat Pay's headers over `body`."""
    message = f"{timestamp}\n{nonce}\n".encode() + body + b"\n"
    signature = rsa_key(key).sign(message, padding.PKCS1v15(), SHA256())
    return [
        ("Content-Type", "application/json"),
        ("Wechatpay-Timestamp", timestamp),
        ("Wechatpay-Nonce", nonce),
        ("Wechatpay-Signature", base64.b64encode(signature).decode()),
        ("Wechatpay-Serial", serial),
        ("Wechatpay-Signature-Type", "WECHATPAY2-SHA256-RSA2048"),
    ]


def notification(
    resource: Any = TRANSACTION,
    *,
    event_type: str = "TRANSACTION.SUCCESS",
    apiv3_key: str = APIV3_KEY,
    original_type: str = "transaction",
    nonce: str = "katvtHDDPxkw",
    raw: bytes | None = None,
) -> bytes:
    """The body of a notification, sealed."""
    plain = json.dumps(resource, ensure_ascii=False).encode() if raw is None else raw
    sealed = AESGCM(apiv3_key.encode()).encrypt(nonce.encode(), plain, original_type.encode())
    return json.dumps(
        {
            "id": "EV-2018022511223320873",
            "create_time": "2027-01-15T16:00:01+08:00",
            "resource_type": "encrypt-resource",
            "event_type": event_type,
            "summary": "支付成功",
            "resource": {
                "original_type": original_type,
                "algorithm": "AEAD_AES_256_GCM",
                "ciphertext": base64.b64encode(sealed).decode(),
                "associated_data": original_type,
                "nonce": nonce,
            },
        }
    ).encode()
