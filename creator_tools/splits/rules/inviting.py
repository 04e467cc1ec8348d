"""The link by which somebody joins an agreement: signed for it, and good for seven days."""

import base64
import binascii
import hashlib
import hmac
from datetime import datetime, timedelta
from uuid import UUID

INVITATION_LIFE = timedelta(days=7)
_SIGNATURE_BYTES = 12
_RAW_BYTES = 16 + 4 + _SIGNATURE_BYTES
_CODE_CHARS_MAX = 64


def sign_invitation(secret: str, agreement_id: UUID, now: datetime) -> str:
    """The code of a link that lets whoever opens it join this agreement."""
    until = int((now + INVITATION_LIFE).timestamp())
    head = agreement_id.bytes + until.to_bytes(4, "big")
    return base64.urlsafe_b64encode(head + _signature(secret, head)).rstrip(b"=").decode("ascii")


def read_invitation(secret: str, code: str, now: datetime) -> UUID | None:
    """The agreement that a code lets one join, or None when it is not to be believed."""
    if len(code) > _CODE_CHARS_MAX or not code.isascii():
        return None
    try:
        raw = base64.b64decode(code + "=" * (-len(code) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    # One spelling each: padding bits that were flipped are another code.
    if len(raw) != _RAW_BYTES or base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != code:
        return None
    head, signature = raw[:-_SIGNATURE_BYTES], raw[-_SIGNATURE_BYTES:]
    if not hmac.compare_digest(signature, _signature(secret, head)):
        return None
    if now.timestamp() >= int.from_bytes(head[16:], "big"):
        return None
    return UUID(bytes=head[:16])


def _signature(secret: str, head: bytes) -> bytes:
    said = b"split-invitation:" + head
    return hmac.new(secret.encode(), said, hashlib.sha256).digest()[:_SIGNATURE_BYTES]
