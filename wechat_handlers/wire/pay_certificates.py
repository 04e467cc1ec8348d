"""The platform certificates of WeChat Pay: ask for them, open them, believe them or not.

The answer is signed with one of the certificates that it brings, so it is opened first and
verified afterwards. What makes it believable is that only WeChat Pay and we hold the APIv3 key it
is sealed with; the rest (who issued it to whom, its serial number, its term) catches mix-ups.
wechatpayv3 empties its store before it asks, asks once more for every unknown serial number, and
reads `PUB_KEY_ID_…` as a hexadecimal number; none of it is used.

Source: https://pay.weixin.qq.com/doc/v3/merchant/4012551764
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509.oid import NameOID

from creator_tools.kernel.platform_certificates import Certificate
from wechat_handlers.wire import strict_json
from wechat_handlers.wire.error_sentences import pay_refusal
from wechat_handlers.wire.errors import NoCertificates, WireRefused
from wechat_handlers.wire.pay_client import PayClient, code_of
from wechat_handlers.wire.pay_gate import opened, verify_signed
from wechat_handlers.wire.pay_keys import PayKeys

PATH = "/v3/certificates"
CALL = "pay.certificates"
COUNT_MAX = 20
KEY_BITS_MIN = 2048
# Merchants' own certificates come from the same issuer, but are issued to the merchant.
ISSUER, SUBJECT = ("Tenpay.com", "Tenpay.com Root CA"), ("Tenpay.com", "Tenpay.com sign")

_SERIAL = re.compile(r"[0-9A-F]{40}\Z")


def fetch(client: PayClient, keys: PayKeys, now: datetime) -> list[Certificate]:
    """The platform certificates that WeChat Pay offers now; those that are over are left out.

    Raises:
        NoCertificates: this merchant has the public key only.
        PayApiRefused: no answer, or a refusal.
        WireRefused: the answer, or a certificate in it, cannot be believed; nothing of it is.
    """
    status, headers, content = client.raw(CALL, "GET", PATH, b"")
    if not 200 <= status < 300:
        code = code_of(content)
        if status == 404 and code.replace("_", "") == "RESOURCENOTEXISTS":
            raise NoCertificates
        raise pay_refusal(CALL, code, status)
    return read_answer(keys, headers, content, now)


def read_answer(
    keys: PayKeys, headers: Sequence[tuple[str, str]], content: bytes, now: datetime
) -> list[Certificate]:
    """The certificates of an answer, proven; see `fetch`."""
    try:
        answer = strict_json.parse(content.decode("utf-8"))
    except UnicodeDecodeError:
        raise WireRefused("malformed", "not UTF-8") from None
    told = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(told, list) or not 0 < len(told) <= COUNT_MAX:
        raise WireRefused("malformed", "no list of certificates")
    found = [_opened(keys, one) for one in told]
    if len({one.serial_no for one in found}) != len(found):
        raise WireRefused("malformed", "a serial number comes twice")
    # What is inside comes first: a serial number that we hold must not hide what was sent.
    verify_signed(
        replace(keys, certificates=(*found, *keys.certificates)),
        headers,
        content,
        now_epoch_s=int(now.timestamp()),
    )
    return [one for one in found if now < one.expires_at]


def _opened(keys: PayKeys, told: Any) -> Certificate:
    sealed = told.get("encrypt_certificate") if isinstance(told, dict) else None
    serial = told.get("serial_no") if isinstance(told, dict) else None
    if not isinstance(sealed, dict) or not isinstance(serial, str) or not _SERIAL.match(serial):
        raise WireRefused("malformed", "a certificate without its parts")
    try:
        pem = opened(keys, sealed).decode("ascii")
        certificate = x509.load_pem_x509_certificate(pem.encode("ascii"))
        _require_platform(certificate, serial)
    except ValueError:
        raise WireRefused("malformed", "not a certificate") from None
    return Certificate(
        serial_no=serial,
        pem=pem,
        effective_at=certificate.not_valid_before_utc,
        expires_at=certificate.not_valid_after_utc,
    )


def _require_platform(certificate: x509.Certificate, serial: str) -> None:
    """Refuse a certificate that is not the platform's, or not the one it is said to be."""
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey) or key.key_size < KEY_BITS_MIN:
        raise WireRefused("malformed", "the certificate holds no RSA key of 2048 bits")
    if certificate.serial_number != int(serial, 16):
        raise WireRefused("malformed", "the certificate has another serial number")
    if _name(certificate.issuer) != ISSUER or _signed_itself(certificate):
        raise WireRefused("wrong_recipient", "another issuer's certificate")
    if _name(certificate.subject) != SUBJECT:
        raise WireRefused("wrong_recipient", "a certificate that is not the platform's")


def _name(name: x509.Name) -> tuple[str, str]:
    """Organisation and common name; empty where there is not exactly one."""
    found = [
        name.get_attributes_for_oid(oid) for oid in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME)
    ]
    organisation, common = (str(one[0].value) if len(one) == 1 else "" for one in found)
    return organisation, common


def _signed_itself(certificate: x509.Certificate) -> bool:
    key = certificate.public_key()
    assert isinstance(key, RSAPublicKey), "looked at before"
    hashed, padding = (
        certificate.signature_hash_algorithm,
        certificate.signature_algorithm_parameters,
    )
    if hashed is None or not isinstance(padding, PKCS1v15 | PSS):
        return False  # an RSA key cannot have made that signature
    try:
        key.verify(certificate.signature, certificate.tbs_certificate_bytes, padding, hashed)
    except InvalidSignature:
        return False
    return True
