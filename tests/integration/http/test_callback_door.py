"""The door before Flask answers what the view would answer, or lets it."""

import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from prometheus_client import REGISTRY
from werkzeug.test import EnvironBuilder, run_wsgi_app

from app.http.assembly import build_application
from app.http.callback_door import CallbackDoor
from app.wiring.container import Process, open_wiring
from tests.integration.http.conftest import House, settings_for
from wechat_simulator.pushcrypto import seal, sha1_of
from wechat_simulator.simulator import Simulator

OA = "/wechat/official-account"
Push = tuple[str, dict[str, str], bytes]
_numbers = iter(range(1, 10**6))


def push_of(house: House, words: str = "今天天气不错", *, sender: str = "o-1") -> Push:
    """A text message as WeChat sends it: path, query, body."""
    account = house.wiring.accounts.first("oa")
    held, now = account.credentials, str(int(house.wiring.clock.now().timestamp()))
    message = (
        f"<xml><ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[{sender}]]>"
        f"</FromUserName><CreateTime>{now}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
        f"<Content><![CDATA[{words}]]></Content><MsgId>{next(_numbers)}</MsgId></xml>"
    )
    box = seal(message.encode(), account.external_id, held["aes_key"], random.Random(1))
    query = {
        "signature": sha1_of(held["token"], now, "42"),
        "timestamp": now,
        "nonce": "42",
        "openid": sender,
        "encrypt_type": "aes",
        "msg_signature": sha1_of(held["token"], now, "42", box),
    }
    body = (
        f"<xml><ToUserName><![CDATA[gh_1]]></ToUserName><Encrypt><![CDATA[{box}]]></Encrypt></xml>"
    )
    return OA, query, body.encode()


def altered(change: Callable[[str, dict[str, str], bytes], Push]) -> Callable[[House], Push]:
    return lambda house: change(*push_of(house))


def _with(query: dict[str, str], **changes: str) -> dict[str, str]:
    return query | changes


CASES: dict[str, Callable[[House], Push]] = {
    "plain": push_of,
    "forged": altered(lambda path, query, body: (path, _with(query, msg_signature="0" * 40), body)),
    "unsigned": altered(lambda path, query, body: (path, {"timestamp": "1"}, body)),
    "stale": altered(lambda path, query, body: (path, _with(query, timestamp="1"), body)),
    "escaped": altered(lambda path, query, body: (path, _with(query, openid="o 1/ä%"), body)),
    "empty": altered(lambda path, query, body: (path, query, b"")),
    "no_xml": altered(lambda path, query, body: (path, query, b"<xml")),
    "dtd": altered(lambda path, query, body: (path, query, b"<!DOCTYPE x []>" + body)),
    "too_large": altered(lambda path, query, body: (path, query, body + b" " * 65_537)),
    "stranger": altered(
        lambda path, query, body: (f"{path}/{'0' * 8}-0000-7000-8000-{'0' * 12}", query, body)
    ),
    "no_id": altered(lambda path, query, body: (f"{path}/x", query, body)),
    "elsewhere": altered(lambda path, query, body: ("/wechat/else", query, body)),
    "deeper": altered(lambda path, query, body: (f"{path}/a/b", query, body)),
}


def asked(
    application: Any, push: Push, method: str = "POST", **extra: str
) -> tuple[str, Any, bytes]:
    """Status, headers and body of an answer."""
    path, query, body = push
    environ = EnvironBuilder(
        path, method=method, query_string=urlencode(query), data=body, content_type="text/xml"
    ).get_environ()
    answered, status, headers = run_wsgi_app(application, environ | extra, buffered=True)
    return status, headers, b"".join(answered)


def shape(answer: tuple[str, Any, bytes]) -> Any:
    """What must be the same of two answers to the same push: all but chance and time."""
    status, headers, body = answer
    chance = {"X-Request-ID", "Content-Security-Policy", "Content-Length"}
    said = sorted((name, "" if name in chance else text) for name, text in headers)
    if body.startswith(b"<xml><Encrypt>"):
        return status, said, b"sealed"
    # A page of an error names the request.
    return status, said, re.sub(rb"[0-9a-f]{32}", b"id", body)


@pytest.fixture
def behind(house: House) -> Any:
    """The application as it is behind the door."""
    door = house.app.wsgi_app
    assert isinstance(door, CallbackDoor)
    return door._app


@pytest.mark.parametrize("case", CASES)
def test_the_door_answers_what_the_view_answers(house: House, behind: Any, case: str) -> None:
    push = CASES[case](house)
    if case != "stale":
        assert shape(asked(house.app, push)) == shape(asked(behind, push))
    else:
        assert asked(house.app, push)[0] == asked(behind, push)[0] == "403 FORBIDDEN"


def counts() -> dict[tuple[str, ...], float]:
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for metric in REGISTRY.collect()
        if metric.name.startswith(("juanliu_callbacks", "juanliu_http"))
        for sample in metric.samples
        if not sample.name.endswith("_created")
    }


@pytest.mark.parametrize("case", ["plain", "forged", "stranger", "elsewhere"])
def test_the_door_counts_as_the_view_counts(house: House, behind: Any, case: str) -> None:
    grown = []
    for application in (house.app, behind):
        push = CASES[case](house)
        before, shown_before = counts(), _shown(house)
        asked(application, push)
        after, shown_after = counts(), _shown(house)
        grown.append(
            (
                {key: n - before.get(key, 0) for key, n in after.items() if n != before.get(key)},
                sorted(set(shown_after) - set(shown_before)) != [],
                _requests(shown_after) - _requests(shown_before),
            )
        )
    assert grown[0] == grown[1]


def _shown(house: House) -> list[str]:
    page = house.client().get("/metrics").text
    return [line for line in page.splitlines() if line.startswith("juanliu_http_requests_total")]


def _requests(lines: list[str]) -> float:
    return sum(float(line.rpartition(" ")[2]) for line in lines if 'route="/metrics"' not in line)


def test_an_account_of_its_own_address_is_answered_there(house: House, behind: Any) -> None:
    path, query, body = push_of(house)
    own = (f"{path}/{house.wiring.accounts.first('oa').id}", query, body)
    assert shape(asked(house.app, own)) == shape(asked(behind, own))
    assert asked(house.app, own)[0] == "200 OK"


def test_a_body_that_ends_early_is_answered_as_before(house: House, behind: Any) -> None:
    push = push_of(house)
    longer = {"CONTENT_LENGTH": str(len(push[2]) + 5)}
    assert asked(house.app, push, **longer)[0] == asked(behind, push, **longer)[0]


def test_the_console_still_gets_its_echo(house: House) -> None:
    path, query, _ = push_of(house)
    # A plain echo is not covered by the signature of a sealed message.
    status, _, body = asked(house.app, (path, query | {"echostr": "12345"}, b""), method="GET")
    assert (status, body) == ("403 FORBIDDEN", b"refused")
    plain = {name: query[name] for name in ("signature", "timestamp", "nonce")}
    status, _, body = asked(house.app, (path, plain | {"echostr": "12345"}, b""), method="GET")
    assert (status, body) == ("200 OK", b"12345")


def test_the_callers_request_id_is_believed_from_a_proxy_alone(
    wechat: Simulator, clean_database: str, valkey_url: str, tmp_path: Path
) -> None:
    settings = settings_for(
        wechat, tmp_path, clean_database, valkey_url, TRUSTED_PROXIES="10.1.0.0/16"
    )
    wiring = open_wiring(settings, Process("tests"))
    house = House(wiring, build_application(wiring), wechat, tmp_path / "clock")
    for address, is_believed in (
        ("10.1.0.5", True),
        ("127.0.0.1", False),
        ("203.0.113.9", False),
    ):
        _, headers, _ = asked(
            house.app,
            push_of(house),
            REMOTE_ADDR=address,
            HTTP_X_REQUEST_ID="abcdefgh-12345678",
        )
        assert (dict(headers)["X-Request-ID"] == "abcdefgh-12345678") is is_believed, address
    wiring.close()


def test_a_bug_behind_the_door_is_an_error_page_and_one_count(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> bytes:
        raise KeyError("a bug of ours")

    monkeypatch.setattr(house.wiring.callbacks, "answer", broken)
    status, _, body = asked(house.app, push_of(house))
    assert status == "500 INTERNAL SERVER ERROR"
    assert b"KeyError" not in body
