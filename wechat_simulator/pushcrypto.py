"""Signatures and encryption of the message push, written from the published description."""

import base64
import binascii
import hashlib
import hmac
import random

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32


class BoxDoesNotOpen(Exception):
    """A ciphertext that cannot be opened; the text says at which step."""


def sha1_of(*parts: str) -> str:
    """The SHA-1 of the sorted and joined parts, lower-case hexadecimal."""
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


def same(one: str, other: str) -> bool:
    """Whether two texts are equal, in constant time."""
    return hmac.compare_digest(one.encode(), other.encode())


def aes_key(encoding_key: str) -> bytes:
    """The 32 bytes of a 43-character key; the last character's two spare bits are ignored."""
    return base64.b64decode(encoding_key + "=")


def seal(message: bytes, appid: str, encoding_key: str, rng: random.Random) -> str:
    """Encrypt a push or reply for `appid`; base64."""
    key = aes_key(encoding_key)
    block = rng.randbytes(16) + len(message).to_bytes(4, "big") + message + appid.encode()
    pad = BLOCK - len(block) % BLOCK
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    sealed = encryptor.update(block + bytes([pad]) * pad) + encryptor.finalize()
    return base64.b64encode(sealed).decode()


def open_box(sealed: str, appid: str, encoding_key: str) -> bytes:
    """Decrypt what was encrypted for `appid`.

    Raises:
        BoxDoesNotOpen: not base64, not whole blocks, wrong padding, length or appid.
    """
    key = aes_key(encoding_key)
    try:
        content = base64.b64decode(sealed, validate=True)
    except (ValueError, binascii.Error) as error:
        raise BoxDoesNotOpen("the ciphertext is not base64") from error
    if not content or len(content) % 16:
        raise BoxDoesNotOpen("the ciphertext is not whole blocks")
    decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
    block = decryptor.update(content) + decryptor.finalize()
    pad = block[-1]
    if not 1 <= pad <= BLOCK or block[-pad:] != bytes([pad]) * pad:
        raise BoxDoesNotOpen("the padding is wrong")
    block = block[16:-pad]
    length = int.from_bytes(block[:4], "big")
    if len(block) < 4 + length:
        raise BoxDoesNotOpen("the length is wrong")
    if not same(block[4 + length :].decode("utf-8", "replace"), appid):
        raise BoxDoesNotOpen("the appid is another one")
    return block[4 : 4 + length]
