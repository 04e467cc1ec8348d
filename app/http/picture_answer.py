"""The answer that carries a picture by the hash of its bytes; each door decides who may see it."""

import re

from flask import Response

from app.http.errors import NothingHere
from app.http.needs import Pictures

_SHA256 = re.compile(r"[0-9a-f]{64}")


def known_hash(text: str) -> str:
    """The hash in an address.

    Raises:
        NothingHere: it is none, so nothing can have it.
    """
    if not _SHA256.fullmatch(text):
        raise NothingHere
    return text


def send(pictures: Pictures, sha256: str, mime: str | None) -> Response:
    """Send a picture, to be shown in the page.

    Args:
        mime: what it is, or None when there is none under this hash for whoever asks.

    Raises:
        NothingHere: there is none, or its bytes are not there.
    """
    if mime is None:
        raise NothingHere
    return inline(stored(pictures, sha256), mime)


def stored(pictures: Pictures, sha256: str) -> bytes:
    """The bytes under a hash.

    Raises:
        NothingHere: they are not there.
    """
    content = pictures.get(sha256)
    if content is None:
        raise NothingHere
    return content


def inline(content: bytes, mime: str) -> Response:
    """A picture that is shown in the page and not saved."""
    response = Response(content, content_type=mime)
    response.headers["Content-Disposition"] = "inline"
    return response
