"""What leaves in a log line, and what does not."""

import io
import json
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import structlog

from config.logging import (
    HarmlessLine,
    bind_request,
    configure_logging,
    forget_secrets,
    pseudonym,
    redact_text,
    register_secret,
    unbind_request,
)

OPENID = "oLVPpjqs9BhvzwPj5A-vTYAX3GLc"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """The log of one test, configured as in production."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    configure_logging()
    stream = io.StringIO()
    handler = root.handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(stream)
    yield stream
    unbind_request()
    forget_secrets()
    structlog.reset_defaults()
    root.handlers[:] = before
    root.setLevel(level)


def only_line(stream: io.StringIO) -> dict[str, object]:
    (line,) = stream.getvalue().splitlines()
    parsed: dict[str, object] = json.loads(line)
    return parsed


def test_a_line_is_json_in_utc_with_the_request_id(lines: io.StringIO) -> None:
    bind_request("req-1", route="/healthz")
    structlog.get_logger("app.http").info("收到消息", total_fen=990)
    line = only_line(lines)
    assert line["event"] == "收到消息"
    assert line["request_id"] == "req-1"
    assert line["total_fen"] == 990
    assert line["level"] == "info"
    assert line["logger"] == "app.http"
    assert str(line["at"]).endswith("Z")
    assert "收到消息" in lines.getvalue()


def test_a_request_id_does_not_outlive_its_request(lines: io.StringIO) -> None:
    bind_request("req-1")
    unbind_request()
    structlog.get_logger().info("later")
    assert "request_id" not in only_line(lines)


def test_a_harmless_line_has_the_form_of_all_lines(lines: io.StringIO) -> None:
    line = HarmlessLine(
        "http", "request", varies=("request_id", "took_ms"), route="/100%", code=None
    )
    line.tell(request_id='a"1', took_ms=0.5)
    told = only_line(lines)
    assert str(told.pop("at")).endswith("Z")
    assert told == {
        "code": None,
        "event": "request",
        "level": "info",
        "logger": "http",
        "request_id": 'a"1',
        "route": "/100%",
        "took_ms": 0.5,
    }


def test_no_line_is_lost_when_many_tell_at_once(lines: io.StringIO) -> None:
    line = HarmlessLine("http", "request", varies=("number",))
    with ThreadPoolExecutor(16) as threads:
        list(threads.map(lambda number: line.tell(number=number), range(2000)))
    told = [json.loads(each)["number"] for each in lines.getvalue().splitlines()]
    assert sorted(told) == list(range(2000))


@pytest.mark.parametrize(
    "key",
    ["token", "access_token", "secret", "openid", "buyer_phone", "session_key", "Authorization"],
)
def test_a_key_that_names_a_secret_is_emptied_at_any_depth(lines: io.StringIO, key: str) -> None:
    structlog.get_logger().info("x", **{key: "value-1"}, body={"list": [{key: "value-2"}]})
    assert "value-" not in lines.getvalue()
    assert only_line(lines)[key] == "***"


def test_patterns_are_emptied_in_texts_of_other_libraries_too(lines: io.StringIO) -> None:
    logging.getLogger("urllib3").warning("GET /x?access_token=abcDEF&openid=%s", OPENID)
    text = lines.getvalue()
    assert OPENID not in text
    assert "abcDEF" not in text
    assert only_line(lines)["level"] == "warning"


def test_a_traceback_is_redacted(lines: io.StringIO) -> None:
    register_secret("hunter2-hunter2")
    try:
        raise ValueError(f"hunter2-hunter2 of {OPENID} at 13800138000")
    except ValueError:
        structlog.get_logger().exception("failed")
    text = lines.getvalue()
    assert "Traceback" in text
    for leak in ("hunter2", OPENID, "13800138000"):
        assert leak not in text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"from {OPENID}.", "from ***."),
        ("call +8613800138000 now", "call *** now"),
        ("order 4200000113800138000113", "order 4200000113800138000113"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer ***"),
        ("postgresql://app:pw@127.0.0.1/x", "postgresql://***@127.0.0.1/x"),
        ("js_code=0a1b2c&x=1", "js_code=***&x=1"),
        ("total_fen=990 code ok", "total_fen=990 code ok"),
    ],
)
def test_what_looks_personal_goes_and_the_rest_stays(text: str, shown: str) -> None:
    assert redact_text(text) == shown


def test_a_phone_number_as_a_number_is_emptied(lines: io.StringIO) -> None:
    structlog.get_logger().info("x", number=13800138000, total_fen=990)
    line = only_line(lines)
    assert line["number"] == "***"
    assert line["total_fen"] == 990


def test_a_short_value_is_not_registered() -> None:
    register_secret("an")
    assert redact_text("an order") == "an order"


def test_a_pseudonym_is_stable_and_is_not_the_subject() -> None:
    assert pseudonym(OPENID) == pseudonym(OPENID)
    assert pseudonym(OPENID) != pseudonym(OPENID + "x")
    assert OPENID not in pseudonym(OPENID)
