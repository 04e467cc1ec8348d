"""What a shared link carries: who shares, in which campaign, until when; signed for one object.

A link is read or it is not: altered, expired or cut from another page, it says nothing, and the
page opens as if it had not been there.
"""

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

LINK_LIFE = timedelta(days=30)
CAMPAIGN = re.compile(r"[a-z0-9-]{1,24}")
CARD = "card"
_SIGNATURE_BYTES = 12
_HEAD_BYTES = 16 + 4
_TOKEN_CHARS_MAX = 96


@dataclass(frozen=True)
class Invitation:
    """Who brought a visitor, and in which campaign."""

    inviter_id: UUID
    campaign: str


def sign(
    secret: str, invitation: Invitation, object_type: str, object_id: UUID, now: datetime
) -> str:
    """What a link to this object carries.

    Raises:
        ValueError: the campaign is not one to 24 lower-case letters, digits and hyphens.
    """
    if not CAMPAIGN.fullmatch(invitation.campaign):
        raise ValueError(f"no campaign is called {invitation.campaign!r}")
    expires_at = int(ends_at(now).timestamp())
    head = invitation.inviter_id.bytes + expires_at.to_bytes(4, "big")
    payload = head + invitation.campaign.encode("ascii")
    return _text(_signature(secret, object_type, object_id, payload) + payload)


def ends_at(now: datetime) -> datetime:
    """When a link that is signed now ends: by the day, so that a page loaded twice shares one."""
    return datetime.fromtimestamp(int((now + LINK_LIFE).timestamp()) // 86_400 * 86_400, UTC)


def read(
    secret: str, token: str, object_type: str, object_id: UUID, now: datetime
) -> Invitation | None:
    """What a link that leads to this object carries, or None when it is not to be believed."""
    raw = _bytes(token)
    if raw is None or len(raw) <= _SIGNATURE_BYTES + _HEAD_BYTES:
        return None
    signature, payload = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
    if not hmac.compare_digest(signature, _signature(secret, object_type, object_id, payload)):
        return None
    expires_at = datetime.fromtimestamp(int.from_bytes(payload[16:20], "big"), UTC)
    if now >= expires_at:
        return None
    return Invitation(UUID(bytes=payload[:16]), payload[20:].decode("ascii"))


def _signature(secret: str, object_type: str, object_id: UUID, payload: bytes) -> bytes:
    message = f"share:{object_type}:{object_id}:".encode() + payload
    return hmac.new(secret.encode(), message, hashlib.sha256).digest()[:_SIGNATURE_BYTES]


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _bytes(token: str) -> bytes | None:
    if len(token) > _TOKEN_CHARS_MAX or not token.isascii():
        return None
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    # One spelling each: padding bits that were flipped are another token.
    return raw if _text(raw) == token else None
