"""The gate before everything that WeChat Pay says: notifications and answers.

wechatpayv3 is kept behind it and never sees a notification, for what it does there: it checks no
freshness, verifies decoded text instead of bytes, lets flipped padding bits pass, raises bare
exceptions on odd headers, and makes one outbound call for every forged serial number, which would
turn us into an amplifier. So the verification is done here, with `cryptography`.

Order of work: size, headers, serial, time, signature over the raw bytes, decryption, shape,
merchant. No outbound call is ever made.

Source: https://pay.weixin.qq.com/doc/v3/merchant/4012791861
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wechat_handlers.wire import strict_base64, strict_json
from wechat_handlers.wire.errors import WireRefused
from wechat_handlers.wire.pay_keys import PayKeys, is_signed_with

BODY_BYTES_MAX = 64 * 1024
CLOCK_TOLERANCE_S = 300
GCM_NONCE_BYTES = 12
SIGNATURE_TYPE = "WECHATPAY2-SHA256-RSA2048"
PROBE_PREFIX = "WECHATPAY/SIGNTEST/"

_REQUIRED = (
    "wechatpay-timestamp",
    "wechatpay-nonce",
    "wechatpay-serial",
    "wechatpay-signature",
)
_TIMESTAMP = re.compile(r"[1-9][0-9]{0,9}\Z")
# No comma: servers join a repeated header with one, and then two were sent.
_NONCE = re.compile(r"[!-+\--~]{1,128}\Z")
# Events whose resource names the merchant; complaints and authorisations do not.
_NAMES_THE_MERCHANT = ("TRANSACTION.", "REFUND.", "MCHTRANSFER.BILL")
_MERCHANT_FIELDS = ("mchid", "mch_id", "combine_mchid", "sp_mchid")


@dataclass(frozen=True, kw_only=True)
class PayNotification:
    """One notification, verified, opened, and about our merchant.

    `notification_id` is WeChat's id of the notice, not of the fact; a retry may carry another.
    """

    notification_id: str
    event_type: str
    original_type: str
    create_time: str
    resource: dict[str, Any] = field(repr=False)


def open_notification(
    keys: PayKeys,
    headers: Iterable[tuple[str, str]],
    body: bytes,
    *,
    now_epoch_s: int,
) -> PayNotification:
    """Verify and open one notification.

    Args:
        headers: all of them as pairs, so that a repeated one can be seen.
        body: the raw bytes; a decoded and re-encoded body does not verify.
        now_epoch_s: the present, in seconds since 1970.

    Raises:
        WireRefused: it is not WeChat Pay's, not for us, not whole, or not new. `probe` is WeChat
            testing that we refuse: answer it like any refusal, and count it apart.
    """
    verify_signed(keys, headers, body, now_epoch_s=now_epoch_s)
    envelope = _object(strict_json.parse(_utf8(body)), "body")
    if _text(envelope, "resource_type") != "encrypt-resource":
        raise WireRefused("malformed", "unknown resource_type")
    sealed = _object(envelope.get("resource"), "resource")
    event_type = _text(envelope, "event_type")
    resource = _object(strict_json.parse(_utf8(opened(keys, sealed))), "opened resource")
    _require_our_merchant(keys, event_type, resource)
    return PayNotification(
        notification_id=_text(envelope, "id"),
        event_type=event_type,
        original_type=_text(sealed, "original_type", default=""),
        create_time=_text(envelope, "create_time"),
        resource=resource,
    )


def verify_signed(
    keys: PayKeys,
    headers: Iterable[tuple[str, str]],
    body: bytes,
    *,
    now_epoch_s: int,
) -> None:
    """Refuse headers and body that no key of WeChat Pay's signed within the last five minutes.

    The key is the one that the serial number names, public key or certificate; an unknown one is
    refused and asks for nothing, because anybody can send one.

    Raises:
        WireRefused: as in `open_notification`.
    """
    if len(body) > BODY_BYTES_MAX:
        raise WireRefused("too_large", "body exceeds 64 KB")
    signed = _signature_headers(headers)
    timestamp, nonce = signed["wechatpay-timestamp"], signed["wechatpay-nonce"]
    if signed["wechatpay-signature"].startswith(PROBE_PREFIX):
        raise WireRefused("probe", "WeChat tests that a wrong signature is refused")
    pem = keys.pem_of(signed["wechatpay-serial"], now_epoch_s)
    if _TIMESTAMP.match(timestamp) is None or _NONCE.match(nonce) is None:
        raise WireRefused("malformed", "timestamp or nonce is not in WeChat Pay's form")
    if abs(now_epoch_s - int(timestamp)) > CLOCK_TOLERANCE_S:
        raise WireRefused("stale_timestamp", "timestamp is outside five minutes")
    signature = strict_base64.decode(
        signed["wechatpay-signature"], what="signature", code="bad_signature"
    )
    message = f"{timestamp}\n{nonce}\n".encode("ascii") + body + b"\n"
    if not is_signed_with(pem, message, signature):
        raise WireRefused("bad_signature", "signature does not match")


def _signature_headers(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for raw_name, value in headers:
        name = raw_name.lower()
        if not name.startswith("wechatpay-"):
            continue
        if name in found:
            raise WireRefused("duplicate_header", name[:40])
        found[name] = value
    for name in _REQUIRED:
        if not found.get(name):
            raise WireRefused("missing_header", name)
    if found.get("wechatpay-signature-type", SIGNATURE_TYPE) != SIGNATURE_TYPE:
        raise WireRefused("bad_signature", "unknown signature type")
    return found


def opened(keys: PayKeys, sealed: dict[str, Any]) -> bytes:
    """The plain bytes of something that was sealed with the APIv3 key, now or before.

    Raises:
        WireRefused: `malformed` or `undecryptable`.
    """
    if _text(sealed, "algorithm") != "AEAD_AES_256_GCM":
        raise WireRefused("malformed", "unknown algorithm")
    nonce = _text(sealed, "nonce").encode("utf-8")
    if len(nonce) != GCM_NONCE_BYTES:
        raise WireRefused("malformed", "nonce is not 12 bytes")
    ciphertext = strict_base64.decode(_text(sealed, "ciphertext"), what="ciphertext")
    aad = _text(sealed, "associated_data", default="").encode("utf-8")
    for key in keys.apiv3_keys():
        try:
            return AESGCM(key).decrypt(nonce, ciphertext, aad)
        except (InvalidTag, ValueError):
            continue
    raise WireRefused("undecryptable", "no APIv3 key opens the resource")


def _require_our_merchant(keys: PayKeys, event_type: str, resource: dict[str, Any]) -> None:
    named = [resource[name] for name in _MERCHANT_FIELDS if name in resource]
    if not named and event_type.startswith(_NAMES_THE_MERCHANT):
        raise WireRefused("malformed", "the resource names no merchant")
    if any(merchant != keys.mchid for merchant in named):
        raise WireRefused("wrong_recipient", "meant for another merchant")


def _utf8(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise WireRefused("malformed", "not UTF-8") from None


def _object(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise WireRefused("malformed", f"{what} is not an object")
    return value


def _text(members: dict[str, Any], name: str, default: str | None = None) -> str:
    value = members.get(name)
    if value is None and default is not None:
        return default
    if not isinstance(value, str):
        raise WireRefused("malformed", f"{name} is not text")
    return value
