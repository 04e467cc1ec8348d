"""Signed short links to the bytes of one attachment, for one person, for ten minutes.

A link is a promise about who asked, not a permission: the gate is asked again at every request.
"""

import base64
import binascii
import hashlib
import hmac
import struct
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.http.needs import HttpWiring

LIFETIME = timedelta(minutes=10)
WHOLE, POSTER = "whole", "poster"
_FORMS = (WHOLE, POSTER)
_NOBODY = UUID(int=0)
_BODY = struct.Struct(">BB16s16sQ")
_VERSION = 1
_TOKEN_CHARS = 100  # 42 bytes of body and 32 of signature, in base64 without padding: 99
_NO_LINK = "not a link of ours"


class LinkRefused(Exception):
    """Not a link of ours, or not any more."""


@dataclass(frozen=True)
class MediaLink:
    """What a link speaks of; `person_id` None is a visitor whom nobody knows."""

    attachment_id: UUID
    person_id: UUID | None
    form: str
    expires_at: datetime


def sign(
    secret_key: str, attachment_id: UUID, person_id: UUID | None, form: str, now: datetime
) -> str:
    """A token that opens one form of an attachment for one person until it expires."""
    expires_s = int((now + LIFETIME).timestamp())
    person = (person_id or _NOBODY).bytes
    body = _BODY.pack(_VERSION, _FORMS.index(form), attachment_id.bytes, person, expires_s)
    signed = body + _signature(secret_key, body)
    return base64.urlsafe_b64encode(signed).rstrip(b"=").decode("ascii")


def path_to(
    wiring: HttpWiring, attachment_id: UUID, person_id: UUID | None, form: str = WHOLE
) -> str:
    """The path of a fresh link, for a person who may have the bytes now."""
    now = wiring.units.clock.now()
    return f"/media/files/{sign(wiring.secret_key, attachment_id, person_id, form, now)}"


def read(secret_key: str, token: str, now: datetime) -> MediaLink:
    """What a token says, if it is ours and alive.

    Raises:
        LinkRefused: malformed, not canonical, forged or expired.
    """
    signed = _decoded(token)
    body, signature = signed[: _BODY.size], signed[_BODY.size :]
    if len(body) != _BODY.size or not hmac.compare_digest(signature, _signature(secret_key, body)):
        raise LinkRefused(_NO_LINK)
    version, form, attachment, person, expires_s = _BODY.unpack(body)
    if version != _VERSION or form >= len(_FORMS):
        raise LinkRefused(_NO_LINK)
    expires_at = datetime.fromtimestamp(expires_s, tz=now.tzinfo)
    if expires_at <= now:
        raise LinkRefused("too old")
    person_id = UUID(bytes=person)
    return MediaLink(
        UUID(bytes=attachment),
        None if person_id == _NOBODY else person_id,
        _FORMS[form],
        expires_at,
    )


def _decoded(token: str) -> bytes:
    if len(token) > _TOKEN_CHARS or not token.isascii():
        raise LinkRefused(_NO_LINK)
    padded = token + "=" * (-len(token) % 4)
    try:
        signed = base64.b64decode(padded, altchars=b"-_", validate=True)
    except binascii.Error as fault:
        raise LinkRefused(_NO_LINK) from fault
    # One address per link: what decodes to the same bytes in another spelling is another address.
    if base64.urlsafe_b64encode(signed).rstrip(b"=").decode("ascii") != token:
        raise LinkRefused(_NO_LINK)
    return signed


def _signature(secret_key: str, body: bytes) -> bytes:
    key = hmac.new(secret_key.encode(), b"media links", hashlib.sha256).digest()
    return hmac.new(key, body, hashlib.sha256).digest()
