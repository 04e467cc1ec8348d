"""What a door that stands before Flask reads of a request, where it is plain enough to be read."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


def length_of(environ: "WSGIEnvironment", most: int) -> int | None:
    """The declared length of the body; None when there is none or it is more than `most`."""
    text = environ.get("CONTENT_LENGTH") or ""
    if not (text.isascii() and text.isdigit()) or "HTTP_TRANSFER_ENCODING" in environ:
        return None
    length = int(text)
    return length if length <= most else None


def body_of(environ: "WSGIEnvironment", length: int) -> bytes:
    """The body, or what came of it before the client went away."""
    body = b""
    try:
        while len(body) < length and (more := environ["wsgi.input"].read(length - len(body))):
            body += more
    except OSError:
        pass
    return body
