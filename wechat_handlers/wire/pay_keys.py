"""The keys of one merchant, and the two RSA operations of WeChat Pay v3 (RSASSA-PKCS1-v1_5)."""

import base64
from dataclasses import dataclass, field
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key


@dataclass(frozen=True, kw_only=True)
class PayKeys:
    """What a merchant holds in public-key mode.

    Attributes:
        mchid: the merchant's number.
        serial_no: of the merchant's API certificate, as upper-case hex.
        private_key_pem: signs our requests and the pay sheet.
        apiv3_key, apiv3_key_previous: 32 bytes as ASCII; the previous one still opens what was
            on its way when it was changed.
        public_key_id, public_key_pem: WeChat Pay's public key, `PUB_KEY_ID_…`.
    """

    mchid: str
    serial_no: str
    private_key_pem: str = field(repr=False)
    apiv3_key: str = field(repr=False)
    apiv3_key_previous: str | None = field(default=None, repr=False)
    public_key_id: str
    public_key_pem: str = field(repr=False)

    def apiv3_keys(self) -> list[bytes]:
        """The current key first."""
        keys = [self.apiv3_key, self.apiv3_key_previous]
        return [key.encode("ascii") for key in keys if key]


def sign(keys: PayKeys, *lines: str) -> str:
    """Base64 of the merchant's signature over the lines, each ended with a line feed."""
    signature = _private_key(keys.private_key_pem).sign(signed_text(*lines), PKCS1v15(), SHA256())
    return base64.b64encode(signature).decode("ascii")


def signed_text(*lines: str) -> bytes:
    """What is signed: every line ended with a line feed, the last and an empty one too."""
    return "".join(f"{line}\n" for line in lines).encode("utf-8")


def is_signed_by_wechat(keys: PayKeys, message: bytes, signature: bytes) -> bool:
    """Whether WeChat Pay's key made `signature` over exactly these bytes."""
    try:
        _public_key(keys.public_key_pem).verify(signature, message, PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True


@lru_cache(maxsize=32)
def _private_key(pem: str) -> RSAPrivateKey:
    key = load_pem_private_key(pem.encode("ascii"), password=None)
    if not isinstance(key, RSAPrivateKey):
        raise TypeError("the merchant's private key is not RSA")
    return key


@lru_cache(maxsize=32)
def _public_key(pem: str) -> RSAPublicKey:
    key = load_pem_public_key(pem.encode("ascii"))
    if not isinstance(key, RSAPublicKey):
        raise TypeError("WeChat Pay's public key is not RSA")
    return key
