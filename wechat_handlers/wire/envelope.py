"""The envelope of WeChat's message callbacks: opened here, and sealed again for the reply.

Safe mode only. In plain mode the query's `signature` covers token, timestamp and nonce but never
the body, so whoever has seen one callback address could speak for any follower.

Order of work: size, parameters, declarations, signature, decryption, padding, length, recipient,
text, freshness. The signature is checked before the cipher is touched, so there is no padding
oracle.

Source: https://developers.weixin.qq.com/doc/oplatform/Third-party_Platforms/2.0/api/Before_Develop/Technical_Plan.html
"""

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from wechat_handlers.wire import message_crypto, strict_base64, strict_json, strict_xml
from wechat_handlers.wire.errors import WireRefused

Format = Literal["xml", "json"]
KeyName = Literal["current", "previous"]
Query = Mapping[str, Sequence[str]]

BODY_BYTES_MAX = 64 * 1024

# The signature is taken over the sorted parts *joined without a separator*. If a nonce could be
# 64 characters long, the first 48 bytes of ciphertext could be moved into it under the same
# signature, and a chat message could be cut into another one. 40 characters cannot hold them.
_NONCE = re.compile(r"[!-~]{1,40}\Z")
_TIMESTAMP = re.compile(r"[0-9]{1,10}\Z")
# `echostr` is not covered by `signature`: only characters that mean nothing anywhere go back.
_ECHO = re.compile(r"[A-Za-z0-9_.~+/=-]{1,256}\Z")
# An encrypted echo is opened for the asker, so it must not look like a message.
_SEALED_ECHO = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
# The envelope as WeChat writes it, and nothing else: what does not fit is read by the XML parser.
_USUAL_ENVELOPE = re.compile(
    rb"<xml>[ \t\r\n]*<ToUserName><!\[CDATA\[[A-Za-z0-9_-]{0,64}\]\]></ToUserName>[ \t\r\n]*"
    rb"<Encrypt><!\[CDATA\[([A-Za-z0-9+/=]+)\]\]></Encrypt>[ \t\r\n]*</xml>[ \t\r\n]*"
)
_PLAIN_FIELDS = frozenset({"FromUserName", "MsgType", "Content", "Event"})


@dataclass(frozen=True, kw_only=True)
class MessageKeys:
    """One account's keys for callbacks; `recipient` is its appid (a CorpID for WeCom)."""

    token: str = field(repr=False)
    aes_key: str = field(repr=False)
    aes_key_previous: str | None = field(default=None, repr=False)
    recipient: str

    def named(self, name: KeyName) -> bytes:
        """The AES key called `name`.

        Raises:
            ValueError: there is none, or it is not a key.
        """
        text = self.aes_key if name == "current" else self.aes_key_previous
        if text is None:
            raise ValueError("no previous key is configured")
        return message_crypto.decode_aes_key(text)


@dataclass(frozen=True, kw_only=True)
class OpenedMessage:
    """What was in the envelope, and what the reply needs to know of it."""

    plaintext: str = field(repr=False)
    format: Format
    key_used: KeyName
    timestamp: int
    nonce: str


def verify_url(keys: MessageKeys, query: Query) -> str:
    """The text to answer to WeChat's check of our address (GET), byte for byte.

    Official Accounts and mini-programs send a plain `echostr` under `signature`; WeCom sends an
    encrypted one under `msg_signature`.

    Raises:
        WireRefused: the asker does not know our token.
    """
    timestamp, nonce = _timestamp_and_nonce(query)
    echo = _single(query, "echostr")
    if "msg_signature" in query:
        claimed = _single(query, "msg_signature")
        message_crypto.require_signature(claimed, keys.token, timestamp, nonce, echo)
        text, _ = _decrypt(keys, echo)
        allowed = _SEALED_ECHO
    else:
        claimed = _single(query, "signature")
        message_crypto.require_signature(claimed, keys.token, timestamp, nonce)
        text, allowed = echo, _ECHO
    if allowed.match(text) is None:
        raise WireRefused("malformed", "echostr holds characters that are not echoed")
    return text


def open_message(
    keys: MessageKeys,
    query: Query,
    body: bytes,
    *,
    now_epoch_s: int,
    freshness_s: int | None,
) -> OpenedMessage:
    """Verify and decrypt one callback.

    Args:
        query: every parameter with all its values, so that a repeated one can be seen.
        body: the raw bytes.
        now_epoch_s: the present, in seconds since 1970.
        freshness_s: how old or early the envelope may be; None leaves it to `check_freshness`,
            for accounts that also receive deliveries which may be retried for hours.

    Raises:
        WireRefused: it is not from WeChat, not for us, not whole, or not new.
    """
    if len(body) > BODY_BYTES_MAX:
        raise WireRefused("too_large", "body exceeds 64 KB")
    claimed, timestamp, nonce = _safe_mode_parameters(query)
    sealed, body_format = _sealed_text(body)
    message_crypto.require_signature(claimed, keys.token, timestamp, nonce, sealed)
    plaintext, key_used = _decrypt(keys, sealed)
    opened = OpenedMessage(
        plaintext=plaintext,
        format=body_format,
        key_used=key_used,
        timestamp=int(timestamp),
        nonce=nonce,
    )
    if freshness_s is not None:
        check_freshness(opened, now_epoch_s, freshness_s)
    return opened


def check_freshness(opened: OpenedMessage, now_epoch_s: int, window_s: int) -> None:
    """Refuse an envelope stamped more than `window_s` before or after now.

    Raises:
        WireRefused: `stale_timestamp`.
    """
    if abs(now_epoch_s - opened.timestamp) > window_s:
        raise WireRefused("stale_timestamp", "timestamp is outside the window")


def seal_reply(
    keys: MessageKeys,
    opened: OpenedMessage,
    plaintext: str,
    *,
    timestamp: int,
    nonce: str,
    random16: bytes,
) -> bytes:
    """Encrypt a passive reply with the key, and in the format, of the message it answers.

    Right after a key change WeChat still uses the old key for a while, and expects it back.
    """
    sealed = base64.b64encode(
        message_crypto.seal(
            keys.named(opened.key_used),
            random16=random16,
            message=plaintext.encode("utf-8"),
            recipient=keys.recipient,
        )
    ).decode("ascii")
    signature = message_crypto.sign(keys.token, str(timestamp), nonce, sealed)
    if opened.format == "json":
        answer = {
            "Encrypt": sealed,
            "MsgSignature": signature,
            "TimeStamp": timestamp,
            "Nonce": nonce,
        }
        return json.dumps(answer, ensure_ascii=False).encode("utf-8")
    # Base64, hexadecimal digits and digits cannot leave a CDATA section.
    return (
        f"<xml><Encrypt><![CDATA[{sealed}]]></Encrypt>"
        f"<MsgSignature><![CDATA[{signature}]]></MsgSignature>"
        f"<TimeStamp>{timestamp}</TimeStamp><Nonce>{strict_xml.cdata(nonce)}</Nonce></xml>"
    ).encode()


def _single(query: Query, name: str) -> str:
    values = query.get(name, ())
    if len(values) != 1:
        code: Literal["missing_parameter", "duplicate_parameter"] = (
            "duplicate_parameter" if values else "missing_parameter"
        )
        raise WireRefused(code, name)
    return values[0]


def _timestamp_and_nonce(query: Query) -> tuple[str, str]:
    timestamp, nonce = _single(query, "timestamp"), _single(query, "nonce")
    if _TIMESTAMP.match(timestamp) is None or _NONCE.match(nonce) is None:
        raise WireRefused("malformed", "timestamp or nonce is not in WeChat's form")
    return timestamp, nonce


def _safe_mode_parameters(query: Query) -> tuple[str, str, str]:
    if "encrypt_type" in query and _single(query, "encrypt_type") != "aes":
        raise WireRefused("plain_mode_refused", "encrypt_type is not aes")
    if "msg_signature" not in query:
        raise WireRefused("plain_mode_refused", "no msg_signature")
    for name in ("signature", "openid"):
        if len(query.get(name, ())) > 1:
            raise WireRefused("duplicate_parameter", name)
    return _single(query, "msg_signature"), *_timestamp_and_nonce(query)


def _sealed_text(body: bytes) -> tuple[str, Format]:
    usual = _USUAL_ENVELOPE.fullmatch(body)
    if usual is not None:
        return usual.group(1).decode("ascii"), "xml"
    try:
        text = body.decode("utf-8-sig")  # some encoders cannot help a byte-order mark
    except UnicodeDecodeError:
        raise WireRefused("malformed", "body is not UTF-8") from None
    body_format: Format = "json" if text.lstrip(" \t\r\n").startswith("{") else "xml"
    envelope: Any = strict_json.parse(text) if body_format == "json" else strict_xml.parse(text)
    if not _PLAIN_FIELDS.isdisjoint(envelope):
        raise WireRefused("plain_mode_refused", "plain fields beside or instead of Encrypt")
    sealed = envelope.get("Encrypt")
    if isinstance(sealed, list):
        raise WireRefused("duplicate_key", "Encrypt appears twice")
    if not isinstance(sealed, str):
        raise WireRefused("malformed", "no Encrypt")
    return sealed.strip(" \t\r\n"), body_format


def _decrypt(keys: MessageKeys, sealed: str) -> tuple[str, KeyName]:
    ciphertext = strict_base64.decode(sealed, what="Encrypt")
    try:
        opened = message_crypto.open_sealed(keys.named("current"), ciphertext, keys.recipient)
        name: KeyName = "current"
    except WireRefused as refusal:
        # Opened with a wrong key, a block is noise: mostly "undecryptable", once in a blue moon
        # it even looks like somebody else's message. So the older key is asked either way.
        if keys.aes_key_previous is None or refusal.code == "malformed":
            raise
        opened = message_crypto.open_sealed(keys.named("previous"), ciphertext, keys.recipient)
        name = "previous"
    try:
        return opened.decode("utf-8"), name
    except UnicodeDecodeError:
        raise WireRefused("malformed", "message is not UTF-8") from None
