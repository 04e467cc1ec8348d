"""The cipher and the signature of message callbacks (消息加解密).

wechatpy's AES-CBC cipher is sound and used here; its key is expanded once and kept. Its decryption
is not: it trusts the last byte as padding, the length field as given, a lenient Base64, and lets
four kinds of exception out. So opening is written anew, strictly; and so are padding and signature,
one line each, since every message needs them twice.
"""

import hashlib
import hmac
import re
from functools import lru_cache
from typing import Final

from wechatpy.crypto.base import WeChatCipher

from wechat_handlers.wire import strict_base64
from wechat_handlers.wire.errors import WireRefused

RANDOM_LENGTH: Final = 16
LENGTH_LENGTH: Final = 4
AES_BLOCK: Final = 16
PADDING_MAX: Final = 32

_SHA1_HEX = re.compile(r"[0-9a-f]{40}\Z")
_AES_KEY = re.compile(r"[A-Za-z0-9+/]{43}\Z")
# More accounts than one process serves; the keys are in its memory anyway.
_KEYS_KEPT = 64
_PADDINGS: Final = tuple(bytes([count]) * count for count in range(PADDING_MAX + 1))


@lru_cache(_KEYS_KEPT)
def decode_aes_key(encoding_aes_key: str) -> bytes:
    """The 32 bytes behind an EncodingAESKey of 43 characters.

    43 characters carry 258 bits; the two lowest bits of the last one mean nothing, and WeChat
    draws them at random. So this is the one place where Base64 is read leniently on purpose.

    Raises:
        ValueError: not such a key; a fault of our configuration, never of a sender.
    """
    if _AES_KEY.match(encoding_aes_key) is None:
        raise ValueError("EncodingAESKey must be 43 characters of base64")
    index = _ALPHABET.index(encoding_aes_key[-1]) & ~0b11
    return strict_base64.decode(
        encoding_aes_key[:-1] + _ALPHABET[index] + "=", what="EncodingAESKey"
    )


_ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def sign(*parts: str) -> str:
    """SHA-1 over the sorted parts, lower-case hex; WeChat's choice of hash, not ours."""
    return hashlib.sha1(b"".join(sorted(part.encode() for part in parts))).hexdigest()  # noqa: S324 - theirs


def require_signature(claimed: str, *parts: str) -> None:
    """Compare `claimed` with the signature of `parts` in constant time.

    Raises:
        WireRefused: `bad_signature`.
    """
    if _SHA1_HEX.match(claimed) is None or not hmac.compare_digest(claimed, sign(*parts)):
        raise WireRefused("bad_signature", "signature does not match")


def seal(key: bytes, *, random16: bytes, message: bytes, recipient: str) -> bytes:
    """Encrypt `message` for `recipient`; the caller supplies the 16 random bytes."""
    if len(random16) != RANDOM_LENGTH:
        raise ValueError("random16 must be 16 bytes")
    length = len(message).to_bytes(LENGTH_LENGTH, "big")
    block = random16 + length + message + recipient.encode("utf-8")
    padding = _PADDINGS[PADDING_MAX - len(block) % PADDING_MAX]
    return bytes(_cipher(key).encrypt(block + padding))


def open_sealed(key: bytes, ciphertext: bytes, recipient: str) -> bytes:
    """Decrypt one message that must be for `recipient`.

    Raises:
        WireRefused: `undecryptable` when padding or length are not exactly right (a wrong key
            looks like that), `wrong_recipient` when it was meant for another account.
    """
    if not ciphertext or len(ciphertext) % AES_BLOCK:
        raise WireRefused("malformed", "ciphertext is not whole blocks")
    content = _without_padding(bytes(_cipher(key).decrypt(ciphertext)))
    start = RANDOM_LENGTH + LENGTH_LENGTH
    length = int.from_bytes(content[RANDOM_LENGTH:start], "big")
    end = start + length
    if len(content) < start or end > len(content):
        raise WireRefused("undecryptable", "length field is wrong")
    if not hmac.compare_digest(content[end:], recipient.encode("utf-8")):
        raise WireRefused("wrong_recipient", "sealed for another account")
    return content[start:end]


@lru_cache(_KEYS_KEPT)
def _cipher(key: bytes) -> WeChatCipher:
    return WeChatCipher(key)


def _without_padding(block: bytes) -> bytes:
    padding = block[-1]
    if not 1 <= padding <= PADDING_MAX or padding > len(block):
        raise WireRefused("undecryptable", "padding out of range")
    if not block.endswith(_PADDINGS[padding]):
        raise WireRefused("undecryptable", "padding is not uniform")
    return block[:-padding]
