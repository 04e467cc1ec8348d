"""Our own scripts and styles: compressed once, and kept by browsers for as long as they stay so.

`static('h5/h5.css')` in a template gives an address with the hash of the file in it. Whoever asks
by that hash may keep the answer for ever; whoever asks without it, or by an older one, gets the
file of today and must ask again.
"""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, request
from werkzeug.exceptions import NotFound
from werkzeug.security import safe_join

FOLDER = Path(__file__).parent / "static"
FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
VERSION = "v"
_HASH_CHARS = 12
# What is a picture already is not made smaller by another compression.
_COMPRESSED_TYPES = ("text/", "application/json", "image/svg+xml")
_KEPT_MAX = 256


@dataclass(frozen=True)
class StaticFile:
    """One file of ours as it is sent."""

    content: bytes
    compressed: bytes | None
    content_type: str
    version: str


def install(app: Flask) -> None:
    """Serve the folder `static`, and let templates name what is in it."""
    app.view_functions["static"] = send
    app.jinja_env.globals["static"] = address_of


def address_of(name: str) -> str:
    """The address of one of our files, with the hash of what is in it.

    Raises:
        NotFound: there is no such file; a page that names it is a mistake of ours.
    """
    return f"/static/{name}?{VERSION}={_load(name).version}"


def send(filename: str) -> Response:
    """Send one of our files, compressed for who takes that."""
    found = _load(filename)
    takes_gzip = request.accept_encodings.quality("gzip") > 0
    is_small = found.compressed is not None and takes_gzip
    body = found.compressed if is_small and found.compressed is not None else found.content
    response = Response(body, content_type=found.content_type)
    response.set_etag(f"{found.version}-gz" if is_small else found.version)
    if is_small:
        response.headers["Content-Encoding"] = "gzip"
    if found.compressed is not None:
        response.vary.add("Accept-Encoding")
    is_of_today = request.args.get(VERSION) == found.version
    response.headers["Cache-Control"] = FOR_EVER if is_of_today else ASK_AGAIN
    response.make_conditional(request)
    return response


@lru_cache(maxsize=_KEPT_MAX)
def _load(name: str) -> StaticFile:
    path = safe_join(str(FOLDER), name)
    if path is None or "\x00" in name:
        raise NotFound
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        # Not there, a folder, or a name that no file system takes.
        raise NotFound from error
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    is_text = kind.startswith(_COMPRESSED_TYPES)
    return StaticFile(
        content,
        gzip.compress(content, 9, mtime=0) if is_text else None,
        f"{kind}; charset=utf-8" if is_text else kind,
        hashlib.sha256(content).hexdigest()[:_HASH_CHARS],
    )
