"""The keys with which the platform signs: its public key, its certificates, or both at once.

`key_mode` in the settings says what this merchant has. `both` is a merchant on its way from
certificates to the public key: an answer is signed with the key that the request names, a
certificate when it names none, and `public_key_share` of the notifications with the public key. A
certificate's successor is listed ten days before its end and signs from five days before it.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from wechat_simulator.pay import crypto
from wechat_simulator.pay.model import MerchantKeys, PayDesk, PlatformCertificate
from wechat_simulator.pay.numbers import beijing
from wechat_simulator.pay.refusals import Refused

PUBLIC_KEY, CERTIFICATE, BOTH = "public_key", "certificate", "both"
LISTED_BEFORE_END, SIGNS_BEFORE_END = timedelta(days=10), timedelta(days=5)
_ISSUER = ("Tenpay.com", "Tenpay.com Root CA")
_SUBJECT = ("Tenpay.com", "Tenpay.com sign")


@dataclass(frozen=True)
class _Order:
    """What a certificate shall look like; the defaults are an honest one."""

    serial: str
    effective_at: datetime
    expires_at: datetime
    issuer: tuple[str, str] = _ISSUER
    subject: tuple[str, str] = _SUBJECT
    signs_itself: bool = False


def for_answer(desk: PayDesk, named: str, now: datetime) -> MerchantKeys:
    """The keys that sign an answer to a request that names this key, or none."""
    mode = desk.settings.key_mode
    if mode == PUBLIC_KEY or (mode == BOTH and named == desk.keys.platform_key_id):
        return desk.keys
    return _with(desk, _signing(desk, now))


def for_notice(desk: PayDesk, now: datetime) -> MerchantKeys:
    """The keys that sign the next notification."""
    mode = desk.settings.key_mode
    share = desk.settings.public_key_share
    if mode == PUBLIC_KEY or (mode == BOTH and desk.numbers.chance(share)):
        return desk.keys
    return _with(desk, _signing(desk, now))


def check_named(desk: PayDesk, named: str, now: datetime) -> None:
    """Refuse a request that names a key which this merchant does not have.

    Raises:
        Refused: PARAM_ERROR.
    """
    mode = desk.settings.key_mode
    known = set() if mode == CERTIFICATE else {desk.keys.platform_key_id}
    if mode != PUBLIC_KEY:
        known |= {one.serial for one in _in_force(desk, now)}
    if named and named not in known:
        raise Refused(400, "PARAM_ERROR", "Wechatpay-Serial 与微信支付公钥ID或平台证书序列号不一致")


def listed(desk: PayDesk, now: datetime, fault: str) -> dict[str, Any]:
    """The answer of `/v3/certificates`, or what a forger would make of it.

    Raises:
        Refused: 404 for a merchant that has the public key only.
    """
    if desk.settings.key_mode == PUBLIC_KEY:
        sentence = "无可用的平台证书，请在商户平台-API安全申请使用微信支付公钥"
        raise Refused(404, "RESOURCE_NOT_EXISTS", sentence)
    shown = _in_force(desk, now)
    if fault in _FORGERIES:
        forged = _FORGERIES[fault](desk, shown[-1], now)
        shown = [forged]
        desk.signer = _with(desk, forged)
    sealed_with = "0" * 32 if fault == "foreign_apiv3_key" else desk.keys.apiv3_key
    return {"data": [_sealed(desk, one, sealed_with, fault) for one in shown]}


def _sealed(desk: PayDesk, one: PlatformCertificate, apiv3_key: str, fault: str) -> dict[str, Any]:
    nonce = desk.numbers.nonce(12)
    ciphertext = crypto.seal(apiv3_key, nonce, "certificate", one.pem.encode())
    if fault == "tampered_certificate":
        ciphertext = ("A" if ciphertext[0] != "A" else "B") + ciphertext[1:]
    return {
        "serial_no": one.serial,
        "effective_time": beijing(one.effective_at),
        "expire_time": beijing(one.expires_at),
        "encrypt_certificate": {
            "algorithm": "AEAD_AES_256_GCM",
            "nonce": nonce,
            "associated_data": "certificate",
            "ciphertext": ciphertext,
        },
    }


def _in_force(desk: PayDesk, now: datetime) -> list[PlatformCertificate]:
    """Those in force, oldest first; the clock makes the next one when its time has come."""
    held = desk.records.certificates or []
    held = [one for one in held if now < one.expires_at]
    if not held or held[-1].expires_at - now <= LISTED_BEFORE_END:
        life = timedelta(days=desk.settings.certificate_days)
        begins = now - timedelta(minutes=1)
        serial = "5" + desk.numbers.hexadecimal(39).upper()
        held.append(_make(_Order(serial, begins, begins + life)))
    desk.records.certificates = held
    return held


def _signing(desk: PayDesk, now: datetime) -> PlatformCertificate:
    """The oldest that does not end within five days, or else the newest."""
    held = _in_force(desk, now)
    lasting = [one for one in held if one.expires_at - now > SIGNS_BEFORE_END]
    return (lasting or held[-1:])[0]


def _with(desk: PayDesk, one: PlatformCertificate) -> MerchantKeys:
    key = desk.keys.platform_key if desk.is_strangers else _key_of(one.private_pem)
    return replace(desk.keys, platform_key=key, platform_key_id=one.serial)


@lru_cache(maxsize=16)
def _key_of(pem: str) -> rsa.RSAPrivateKey:
    return crypto.read_private_key(pem)


@lru_cache(maxsize=1)
def _authority() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _make(order: _Order) -> PlatformCertificate:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    begins, ends = (at.replace(microsecond=0) for at in (order.effective_at, order.expires_at))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(_name(order.subject))
        .issuer_name(_name(order.issuer))
        .public_key(key.public_key())
        .serial_number(int(order.serial, 16))
        .not_valid_before(begins)
        .not_valid_after(ends)
        .sign(key if order.signs_itself else _authority(), hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
    return PlatformCertificate(order.serial, private.decode(), pem, begins, ends)


def _name(parts: tuple[str, str]) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, parts[0]),
            x509.NameAttribute(NameOID.COMMON_NAME, parts[1]),
        ]
    )


def _other_serial(true: PlatformCertificate) -> str:
    return "6" + true.serial[1:]


def _foreign_ca(_desk: PayDesk, true: PlatformCertificate, _now: datetime) -> PlatformCertificate:
    other, issuer = _other_serial(true), ("Example", "Example Root CA")
    return _make(_Order(other, true.effective_at, true.expires_at, issuer=issuer))


def _merchants(desk: PayDesk, true: PlatformCertificate, _now: datetime) -> PlatformCertificate:
    other, subject = _other_serial(true), ("微信商户系统", desk.keys.mchid)
    return _make(_Order(other, true.effective_at, true.expires_at, subject=subject))


def _expired(_desk: PayDesk, true: PlatformCertificate, now: datetime) -> PlatformCertificate:
    ended = now - timedelta(days=1)
    return _make(_Order(_other_serial(true), ended - timedelta(days=100), ended))


def _self_signed(_desk: PayDesk, true: PlatformCertificate, _now: datetime) -> PlatformCertificate:
    return _make(_Order(true.serial, true.effective_at, true.expires_at, signs_itself=True))


def _reused(_desk: PayDesk, true: PlatformCertificate, _now: datetime) -> PlatformCertificate:
    return _make(_Order(true.serial, true.effective_at, true.expires_at))


# What is wrong with the one certificate that a forger lists, and signs the answer with.
_FORGERIES = {
    "foreign_ca": _foreign_ca,
    "merchant_certificate": _merchants,
    "expired_certificate": _expired,
    "self_signed": _self_signed,
    "reused_serial": _reused,
}
