"""Base64 that has one spelling per value.

The usual decoders skip foreign characters and ignore the unused low bits of the last character,
so several texts open to the same bytes and a flipped bit goes unnoticed. Here a text is accepted
only if encoding the result gives the same text again.
"""

import base64
import binascii

from wechat_handlers.wire.errors import RefusalCode, WireRefused


def decode(text: str, *, what: str, code: RefusalCode = "malformed") -> bytes:
    """The bytes of `text`.

    Raises:
        WireRefused: not Base64, or not in its canonical spelling.
    """
    try:
        raw = text.encode("ascii")
        value = base64.b64decode(raw, validate=True)
    except (UnicodeEncodeError, binascii.Error, ValueError):
        raise WireRefused(code, f"{what} is not base64") from None
    if base64.b64encode(value) != raw:
        raise WireRefused(code, f"{what} is not canonical base64")
    return value
