"""Signatures and sealed boxes of WeChat Pay API v3, written from the wire up.

The merchant signs requests with its own RSA key; the platform signs answers and
notifications with the key named by `Wechatpay-Serial`. What a notification says
is sealed with the merchant's APIv3 key.
"""

import base64
import binascii
import re
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SCHEME = "WECHATPAY2-SHA256-RSA2048"
FRESH_FOR_S = 300

_PAIR = re.compile(r'([a-z_]+)="([^"]*)"')
_PARTS = frozenset({"mchid", "nonce_str", "signature", "timestamp", "serial_no"})


class AuthorizationMalformed(Exception):
    """The Authorization header is absent or not in the five-pair form."""


class BoxDoesNotOpen(Exception):
    """The sealed bytes, the nonce or the associated data were changed, or the key is another."""


@dataclass(frozen=True)
class Authorization:
    """The five values a merchant puts into the Authorization header."""

    mchid: str
    nonce: str
    signature: str
    timestamp: str
    serial_no: str


def parse_authorization(header: str) -> Authorization:
    """Read the header's five pairs, in any order.

    Raises:
        AuthorizationMalformed: another scheme, a pair missing, doubled or unknown.
    """
    scheme, _, rest = header.strip().partition(" ")
    if scheme != SCHEME:
        raise AuthorizationMalformed("another scheme")
    pairs: dict[str, str] = {}
    for piece in rest.split(","):
        found = _PAIR.fullmatch(piece.strip())
        if found is None or found[1] in pairs:
            raise AuthorizationMalformed("a pair is unreadable or doubled")
        pairs[found[1]] = found[2]
    if pairs.keys() != _PARTS or not pairs["timestamp"].isascii():
        raise AuthorizationMalformed("a pair is missing")
    if not pairs["timestamp"].isdigit() or len(pairs["timestamp"]) > 12:
        raise AuthorizationMalformed("the timestamp is not a number")
    return Authorization(
        mchid=pairs["mchid"],
        nonce=pairs["nonce_str"],
        signature=pairs["signature"],
        timestamp=pairs["timestamp"],
        serial_no=pairs["serial_no"],
    )


def request_message(method: str, target: str, timestamp: str, nonce: str, body: bytes) -> bytes:
    """The five lines a request signature covers; `target` is the raw path and query."""
    return f"{method}\n{target}\n{timestamp}\n{nonce}\n".encode() + body + b"\n"


def reply_message(timestamp: str, nonce: str, body: bytes) -> bytes:
    """The three lines an answer's or a notification's signature covers."""
    return f"{timestamp}\n{nonce}\n".encode() + body + b"\n"


def cashier_message(app_id: str, timestamp: str, nonce: str, package: str) -> bytes:
    """The four lines `paySign` covers when a page asks for the pay sheet."""
    return f"{app_id}\n{timestamp}\n{nonce}\n{package}\n".encode()


def sign(key: rsa.RSAPrivateKey, message: bytes) -> str:
    """SHA256-RSA (PKCS #1 v1.5) over `message`, in base64."""
    return base64.b64encode(key.sign(message, padding.PKCS1v15(), hashes.SHA256())).decode()


def is_signed(key: rsa.RSAPublicKey, message: bytes, signature: str) -> bool:
    """Whether `signature` is canonical base64 and holds for `message` under `key`."""
    try:
        raw = base64.b64decode(signature, validate=True)
        if base64.b64encode(raw).decode() != signature:
            return False
        key.verify(raw, message, padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def seal(apiv3_key: str, nonce: str, associated: str, plain: bytes) -> str:
    """AES-GCM with the APIv3 key; base64 of ciphertext and tag."""
    box = AESGCM(apiv3_key.encode()).encrypt(nonce.encode(), plain, associated.encode())
    return base64.b64encode(box).decode()


def unseal(apiv3_key: str, nonce: str, associated: str, sealed: str) -> bytes:
    """The plain bytes of a sealed resource.

    Raises:
        BoxDoesNotOpen: anything in it is not as it was sealed.
    """
    try:
        box = base64.b64decode(sealed, validate=True)
        return AESGCM(apiv3_key.encode()).decrypt(nonce.encode(), box, associated.encode())
    except (InvalidTag, binascii.Error, ValueError) as reason:
        raise BoxDoesNotOpen("the resource does not open") from reason


def open_field(key: rsa.RSAPrivateKey, sealed: str) -> str:
    """The text of a sensitive field (RSAES-OAEP with SHA-1).

    Raises:
        BoxDoesNotOpen: it was sealed for another key, or is no text.
    """
    sha1 = hashes.SHA1()  # noqa: S303 - fixed by the protocol; OAEP needs no collision resistance
    oaep = padding.OAEP(mgf=padding.MGF1(sha1), algorithm=sha1, label=None)
    try:
        return key.decrypt(base64.b64decode(sealed, validate=True), oaep).decode()
    except ValueError as reason:
        raise BoxDoesNotOpen("the field does not open") from reason


def read_private_key(pem: str) -> rsa.RSAPrivateKey:
    """An RSA private key from PEM text.

    Raises:
        ValueError: the text holds no RSA private key.
    """
    key = serialization.load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ValueError("not an RSA private key")  # noqa: TRY004 - one kind of refusal for bad PEM
    return key


def read_public_key(pem: str) -> rsa.RSAPublicKey:
    """An RSA public key from PEM text, bare or inside a certificate.

    Raises:
        ValueError: the text holds no RSA public key.
    """
    key: object
    if "BEGIN CERTIFICATE" in pem:
        key = x509.load_pem_x509_certificate(pem.encode()).public_key()
    else:
        key = serialization.load_pem_public_key(pem.encode())
    if not isinstance(key, rsa.RSAPublicKey):
        raise ValueError("not an RSA public key")  # noqa: TRY004 - one kind of refusal for bad PEM
    return key
