"""The keys of one merchant, and the RSA operations of WeChat Pay v3.

Signatures are RSASSA-PKCS1-v1_5 with SHA-256, sealed fields RSAES-OAEP with SHA-1. WeChat Pay signs
with a public key of its own (`PUB_KEY_ID_…`) or with a platform certificate (40 hexadecimal
digits); while a merchant changes from one to the other, both come at once, and the serial number
says which.

Source: https://pay.weixin.qq.com/doc/v3/merchant/4012068829
"""

import base64
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from creator_tools.kernel.platform_certificates import Certificate
from wechat_handlers.wire.errors import WireRefused


@dataclass(frozen=True, kw_only=True)
class PayKeys:
    """What a merchant holds: WeChat Pay's public key, its certificates, or both.

    Attributes:
        mchid: the merchant's number.
        serial_no: of the merchant's API certificate, as upper-case hex.
        private_key_pem: signs our requests and the pay sheet.
        apiv3_key, apiv3_key_previous: 32 bytes as ASCII; the previous one still opens what was
            on its way when it was changed.
        public_key_id, public_key_pem: WeChat Pay's public key, `PUB_KEY_ID_…`; None for a
            merchant that has certificates only.
        certificates: WeChat Pay's, the newest first; those that are over may be among them.
    """

    mchid: str
    serial_no: str
    private_key_pem: str = field(repr=False)
    apiv3_key: str = field(repr=False)
    apiv3_key_previous: str | None = field(default=None, repr=False)
    public_key_id: str | None = None
    public_key_pem: str | None = field(default=None, repr=False)
    certificates: tuple[Certificate, ...] = ()

    def apiv3_keys(self) -> list[bytes]:
        """The current key first."""
        keys = [self.apiv3_key, self.apiv3_key_previous]
        return [key.encode("ascii") for key in keys if key]

    def named_at(self, at: datetime) -> tuple[str, str] | None:
        """The key that we name in a request and seal fields for: its serial number and its PEM.

        The public key, where we have it: it has no end. Else the newest certificate in force.
        """
        if self.public_key_id and self.public_key_pem:
            return self.public_key_id, self.public_key_pem
        good = (one for one in self.certificates if one.is_good_at(at))
        newest = max(good, key=lambda one: one.effective_at, default=None)
        return None if newest is None else (newest.serial_no, newest.pem)

    def pem_of(self, serial: str, now_epoch_s: int) -> str:
        """The key that a signature names.

        Raises:
            WireRefused: `unknown_serial`, or `expired_certificate` before its term or after it.
        """
        if self.public_key_pem is not None and serial == self.public_key_id:
            return self.public_key_pem
        for one in self.certificates:
            if one.serial_no == serial:
                if one.is_good_at(datetime.fromtimestamp(now_epoch_s, UTC)):
                    return one.pem
                raise WireRefused("expired_certificate", "signed outside the certificate's term")
        raise WireRefused("unknown_serial", "signed with a key we do not hold")


def sign(keys: PayKeys, *lines: str) -> str:
    """Base64 of the merchant's signature over the lines, each ended with a line feed."""
    signature = _private_key(keys.private_key_pem).sign(signed_text(*lines), PKCS1v15(), SHA256())
    return base64.b64encode(signature).decode("ascii")


def signed_text(*lines: str) -> bytes:
    """What is signed: every line ended with a line feed, the last and an empty one too."""
    return "".join(f"{line}\n" for line in lines).encode("utf-8")


def is_signed_with(pem: str, message: bytes, signature: bytes) -> bool:
    """Whether the key of `pem`, bare or in a certificate, signed exactly these bytes."""
    try:
        _public_key(pem).verify(signature, message, PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True


def seal_field(pem: str, text: str) -> str:
    """A sensitive field of a request, sealed so that only WeChat Pay opens it; Base64.

    Args:
        pem: of the key that the request names; see `PayKeys.named_at`.
    """
    sha1 = SHA1()  # noqa: S303 - fixed by the protocol; OAEP needs no collision resistance
    sealed = _public_key(pem).encrypt(
        text.encode("utf-8"), OAEP(mgf=MGF1(sha1), algorithm=sha1, label=None)
    )
    return base64.b64encode(sealed).decode("ascii")


def bare_pem(pem: str) -> str:
    """The public key alone, of one that may stand in a certificate."""
    form = PublicFormat.SubjectPublicKeyInfo
    return _public_key(pem).public_bytes(Encoding.PEM, form).decode("ascii")


@lru_cache(maxsize=32)
def _private_key(pem: str) -> RSAPrivateKey:
    key = load_pem_private_key(pem.encode("ascii"), password=None)
    if not isinstance(key, RSAPrivateKey):
        raise TypeError("the merchant's private key is not RSA")
    return key


@lru_cache(maxsize=32)
def _public_key(pem: str) -> RSAPublicKey:
    raw = pem.encode("ascii")
    is_bare = "BEGIN CERTIFICATE" not in pem
    key = load_pem_public_key(raw) if is_bare else x509.load_pem_x509_certificate(raw).public_key()
    if not isinstance(key, RSAPublicKey):
        raise TypeError("WeChat Pay's public key is not RSA")
    return key
