"""The answer that carries a file's bytes: whole or in ranges, streamed, never kept by anybody."""

import secrets
import time
from collections.abc import Callable, Iterator
from urllib.parse import quote

import structlog
from flask import Response, request

from app.http.byte_ranges import ByteRange, RangeNotSatisfiable, wanted_ranges
from app.http.needs import MediaBytes
from creator_tools.media import queries as media_queries
from creator_tools.media import rules as media_rules
from creator_tools.media.queries import Rendition
from creator_tools.works.queries import Attached

_log = structlog.get_logger(__name__)
# While one long answer flows, whether it may go on is asked again this often.
ASKED_AGAIN_S = 20.0


def answer_with(
    store: MediaBytes, rendition: Rendition, *, filename: str | None, may_go_on: Callable[[], bool]
) -> Response:
    """Send what the request asks for of a file.

    Args:
        filename: the name to save it under, or None to show it in the page.
        may_go_on: asked now and then while a long answer flows; False cuts it off.
    """
    etag = f'"{rendition.etag}"'
    try:
        ranges = _ranges(rendition.size_bytes, etag)
    except RangeNotSatisfiable:
        refused = Response(status=416)
        refused.headers["Content-Range"] = f"bytes */{rendition.size_bytes}"
        return _dressed(refused, rendition, etag, filename)
    chosen = ranges or [ByteRange(0, rendition.size_bytes - 1)]
    if len(chosen) > 1:
        response = _several(store, rendition, chosen, may_go_on)
    else:
        body = _flow(store, rendition.name, chosen[0], may_go_on)
        response = Response(_unless_head(body), content_type=rendition.mime)
        response.headers["Content-Length"] = str(chosen[0].length)
        if ranges is not None:
            response.headers["Content-Range"] = chosen[0].of(rendition.size_bytes)
    response.status_code = 200 if ranges is None else 206
    return _dressed(response, rendition, etag, filename)


def begins_a_reading(size_bytes: int) -> bool:
    """Whether this request asks for the first byte, so that a player's jumps count once."""
    if request.method != "GET":
        return False
    try:
        ranges = wanted_ranges(request.headers.get("Range"), size_bytes)
    except RangeNotSatisfiable:
        return False
    return ranges is None or any(one.start == 0 for one in ranges)


def name_to_save(attached: Attached, rendition: Rendition) -> str | None:
    """What the file is saved as, or None for what plays in the page and is shown there."""
    if attached.media.kind != "file" and media_queries.plays(attached.media):
        return None
    return media_rules.served_name(attached.title, rendition.ending)


def now_and_then(ask: Callable[[], bool]) -> Callable[[], bool]:
    """The question `ask`, put at most every twenty seconds; yes in between."""
    asked_at = time.monotonic()

    def may_go_on() -> bool:
        nonlocal asked_at
        if time.monotonic() - asked_at < ASKED_AGAIN_S:
            return True
        asked_at = time.monotonic()
        return ask()

    return may_go_on


def _ranges(size_bytes: int, etag: str) -> list[ByteRange] | None:
    # Ranges are for GET alone, and only of the very bytes that the client has parts of.
    if request.method != "GET":
        return None
    condition = request.headers.get("If-Range")
    if condition is not None and condition.strip() != etag:
        return None
    return wanted_ranges(request.headers.get("Range"), size_bytes)


def _several(
    store: MediaBytes,
    rendition: Rendition,
    ranges: list[ByteRange],
    may_go_on: Callable[[], bool],
) -> Response:
    boundary = secrets.token_hex(16)
    heads = [
        (
            f"\r\n--{boundary}\r\nContent-Type: {rendition.mime}\r\n"
            f"Content-Range: {one.of(rendition.size_bytes)}\r\n\r\n"
        ).encode()
        for one in ranges
    ]
    end = f"\r\n--{boundary}--\r\n".encode()

    def parts() -> Iterator[bytes]:
        for head, one in zip(heads, ranges, strict=True):
            yield head
            yield from _flow(store, rendition.name, one, may_go_on)
        yield end

    response = Response(
        _unless_head(parts()), content_type=f"multipart/byteranges; boundary={boundary}"
    )
    length = len(end) + sum(map(len, heads)) + sum(one.length for one in ranges)
    response.headers["Content-Length"] = str(length)
    return response


def _flow(
    store: MediaBytes, name: str, wanted: ByteRange, may_go_on: Callable[[], bool]
) -> Iterator[bytes]:
    for chunk in store.stream(name, wanted.start, wanted.length):
        if not may_go_on():
            # Less than was announced: the client knows that it does not have it all.
            _log.info("media.cut_off")
            return
        yield chunk


def _unless_head(body: Iterator[bytes]) -> Iterator[bytes]:
    return iter(()) if request.method == "HEAD" else body


def _dressed(response: Response, rendition: Rendition, etag: str, filename: str | None) -> Response:
    headers = response.headers
    headers["Accept-Ranges"] = "bytes"
    headers["ETag"] = etag
    headers["Content-Disposition"] = "inline" if filename is None else _attachment(filename)
    return response


def _attachment(filename: str) -> str:
    ending = filename.rpartition(".")[2]
    plain = filename if filename.isascii() and '"' not in filename else f"file.{ending}"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"
