"""An unwanted body is read to its end, and not for ever."""

import io
from collections.abc import Iterable
from typing import Any

from werkzeug.test import EnvironBuilder, run_wsgi_app

from app.http.request_body import UNWANTED_BYTES_MAX, ReadingToTheEnd
from tests.integration.http.conftest import House


def deaf(_environ: Any, start_response: Any) -> Iterable[bytes]:
    start_response("415 Unsupported Media Type", [])
    return [b"no"]


def left_of(size: int) -> int:
    body = io.BytesIO(b"x" * size)
    environ = EnvironBuilder(method="POST", input_stream=body, content_length=size).get_environ()
    run_wsgi_app(ReadingToTheEnd(deaf), environ)
    return size - body.tell()


def test_what_a_door_does_not_want_is_read_and_dropped() -> None:
    assert left_of(0) == 0
    assert left_of(300_000) == 0
    assert left_of(UNWANTED_BYTES_MAX + 100_000) > 0


def test_the_whole_application_reads_what_it_refuses(house: House) -> None:
    body = io.BytesIO(b"[" * 300_000)
    answer = house.client().post("/api/v1/quotes", input_stream=body, content_length=300_000)
    assert answer.status_code in {401, 415}
    assert body.tell() == 300_000


def test_without_a_body_the_connection_is_left_alone() -> None:
    class Connection(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise AssertionError("this would wait for the next request")

    environ = EnvironBuilder(method="GET").get_environ()
    environ.pop("CONTENT_LENGTH", None)
    environ["wsgi.input"] = Connection()
    assert run_wsgi_app(ReadingToTheEnd(deaf), environ)[1] == "415 Unsupported Media Type"
