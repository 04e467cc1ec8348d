"""A small application that shows what the server hands on; served by `test_serving`."""

import json
import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_PIECES, _PIECE = 2_000, b"x" * 65_536


def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    """What arrived, as JSON; or a slow answer; or a long stream that tells when it is closed."""
    start_response("200 OK", [("Content-Type", "application/json")])
    match environ["PATH_INFO"]:
        case "/slow":
            time.sleep(1.0)
            return [b'"slow"']
        case "/stream":
            return _stream(Path(environ["QUERY_STRING"]))
        case _:
            told = {name: text for name, text in environ.items() if name.startswith("HTTP_")}
            told["worker"] = str(os.getpid())
            return [json.dumps(told).encode()]


def _stream(closed: Path) -> Iterator[bytes]:
    sent_count = 0
    try:
        while sent_count < _PIECES:
            time.sleep(0.005)
            yield _PIECE
            sent_count += 1
    finally:
        closed.write_text(str(sent_count))
