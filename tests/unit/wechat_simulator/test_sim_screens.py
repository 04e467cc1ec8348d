"""What the telephone's screens ask: news, letters, friends, codes in pictures, the mini-program."""

import io
import json
from typing import Any

import pytest
from PIL import Image

from wechat_simulator.qrimage import png
from wechat_simulator.routes import Request

CODE = png("https://work.weixin.qq.com/gm/0123456789abcdef")


def shop(environ: dict[str, Any], start: Any) -> list[bytes]:
    """A backend that shows a picture with a code, and tells a mini-program what it was asked."""
    if environ["PATH_INFO"] == "/group.png":
        start("200 OK", [("Content-Type", "image/png")])
        return [CODE]
    start("201 Created", [("Content-Type", "application/json"), ("Set-Cookie", "s=1")])
    names = ("HTTP_AUTHORIZATION", "HTTP_COOKIE", "HTTP_REFERER", "HTTP_USER_AGENT", "QUERY_STRING")
    told = {name: environ.get(name, "") for name in ("REQUEST_METHOD", "PATH_INFO", *names)}
    return [json.dumps(told | {"body": environ["wsgi.input"].read().decode()}).encode()]


@pytest.fixture
def two(desk: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two people, and a backend."""
    desk.hosts["backend.test"] = shop
    desk.mini.callback_url = "http://backend.test/wechat/mini-program"
    return desk.person("林间"), desk.person("小满", device="ios")


def test_the_pulse_changes_when_a_screen_would_and_only_then(desk: Any, two: Any) -> None:
    one, other = two
    asked = f"/phone/pulse?person={one['id']}&person={other['id']}&person=nobody"
    before = desk.json("GET", asked)
    assert desk.json("GET", asked)["marks"] == before["marks"]
    assert set(before["marks"]) == {one["id"], other["id"]}
    desk.control("POST", f"people/{one['id']}/share", {"to": other["id"], "text": "在吗"})
    after = desk.json("GET", asked)
    assert all(after["marks"][one["id"]] != before["marks"][one["id"]] for one in two)
    desk.control(
        "POST",
        f"people/{one['id']}/open",
        {"url": "https://work.weixin.qq.com/gm/0123456789abcdef"},
    )
    joined = desk.json("GET", asked)
    assert joined["marks"][one["id"]] != after["marks"][one["id"]]
    assert joined["marks"][other["id"]] == after["marks"][other["id"]]


def test_letters_come_from_where_one_stopped_reading(desk: Any, two: Any) -> None:
    one, other = two
    for text in ("一", "二", "三"):
        desk.control("POST", f"people/{one['id']}/share", {"to": other["id"], "text": text})
    told = desk.json("GET", f"/phone/letters/{other['id']}?after=1")
    assert [each["text"] for each in told["items"]] == ["二", "三"]
    assert (told["total"], told["following"], told["groups"]) == (3, False, [])
    assert desk.ask("GET", "/phone/letters/nobody").status == 404


def test_a_shared_card_is_in_both_telephones_and_no_account_hears_of_it(
    desk: Any, two: Any
) -> None:
    one, other = two
    card = {"type": "link", "title": "三层灰", "url": "http://backend.test/w", "description": "雾"}
    desk.control("POST", f"people/{one['id']}/share", {"to": other["id"], **card})
    (here,) = desk.json("GET", f"/phone/letters/{one['id']}")["items"]
    (there,) = desk.json("GET", f"/phone/letters/{other['id']}")["items"]
    assert (here["said"], here["with"]) == (True, other["id"])
    assert (there["said"], there["with"]) == (False, one["id"])
    assert {name: there[name] for name in card} == card
    reached = desk.control("GET", f"people/{other['id']}/messages")
    assert [each["title"] for each in reached["friend"]] == ["三层灰"]
    assert desk.backend.seen == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"to": "nobody", "text": "x"},
        {"text": "x"},
        {"type": "voice", "text": "x"},
        {"type": "link", "title": "no address"},
        {"text": 5},
        {"text": "x" * 5001},
        {"text": "x", "sender": "me"},
    ],
)
def test_what_cannot_be_shared_is_refused_with_a_sentence(
    desk: Any, two: Any, wrong: dict[str, Any]
) -> None:
    one, other = two
    given = {"to": other["id"], **wrong} if wrong != {"text": "x"} else {"to": one["id"], **wrong}
    answer = desk.ask("POST", f"/_sim/people/{one['id']}/share", given)
    assert answer.status in {400, 404}
    assert json.loads(answer.body)["message"]
    assert desk.json("GET", f"/phone/letters/{other['id']}")["total"] == 0


def scanned(desk: Any, body: bytes, query: str = "") -> Any:
    answer = desk.simulator.handle(Request("POST", f"/phone/scan{query}", {}, body))
    return json.loads(answer.body)


def test_a_code_is_read_in_a_photograph_and_on_a_page(desk: Any, two: Any) -> None:
    one, _ = two
    photograph = Image.new("RGB", (900, 1200), "#6b5d4a")
    photograph.paste(
        Image.open(io.BytesIO(CODE)).convert("RGB").rotate(9, fillcolor="white"), (80, 300)
    )
    kept = io.BytesIO()
    photograph.save(kept, "JPEG", quality=60)
    link = "https://work.weixin.qq.com/gm/0123456789abcdef"
    assert scanned(desk, kept.getvalue()) == {"found": True, "text": link, "message": ""}
    there = f"?person={one['id']}&url=http%3A%2F%2Fbackend.test%2Fgroup.png"
    assert scanned(desk, b"", there)["text"] == link


@pytest.mark.parametrize("content", [b"", b"no picture", CODE[:200], b"\x89PNG" + bytes(300)])
def test_what_holds_no_code_is_said_kindly(desk: Any, content: bytes) -> None:
    told = scanned(desk, content)
    assert told["found"] is False
    assert "二维码" in told["message"]


def test_the_mini_program_asks_without_cookies_as_itself(desk: Any, two: Any) -> None:
    _, other = two
    answer = desk.simulator.handle(
        Request(
            "POST",
            f"/phone/mini/{other['id']}/api/v1/orders?x=1",
            {"authorization": "Bearer t", "cookie": "s=1", "content-type": "application/json"},
            b"{}",
        )
    )
    told = json.loads(answer.body)
    assert answer.status == 201
    assert "set-cookie" not in {name.lower() for name in answer.headers}
    assert (told["REQUEST_METHOD"], told["PATH_INFO"]) == ("POST", "/api/v1/orders")
    assert (told["QUERY_STRING"], told["body"]) == ("x=1", "{}")
    assert (told["HTTP_AUTHORIZATION"], told["HTTP_COOKIE"]) == ("Bearer t", "")
    assert told["HTTP_REFERER"] == f"https://servicewechat.com/{desk.mini.appid}/0/page-frame.html"
    assert "iPhone" in told["HTTP_USER_AGENT"]


def test_a_mini_program_without_backend_says_so(desk: Any, two: Any) -> None:
    _, other = two
    desk.mini.callback_url = ""
    for person_id in (other["id"], "nobody"):
        answer = desk.ask("GET", f"/phone/mini/{person_id}/api/v1/x")
        assert (answer.status, json.loads(answer.body)["code"]) == (404, "no_backend")
    desk.mini.callback_url = "http://nowhere.test/wechat"
    assert desk.ask("GET", f"/phone/mini/{other['id']}/api/v1/x").status == 502


def test_the_accounts_have_the_names_that_were_given(desk: Any) -> None:
    assert desk.control("GET", "shown")["oa_name"] == "公众号"
    given = {"oa_name": "涓流", "handles": ["linjian"]}
    told = desk.control("PUT", "shown", given)
    assert told == {"oa_name": "涓流", "mini_name": "小程序", "handles": ["linjian"]}
    for wrong in ({"oa_name": ""}, {"mini_name": 5}, {"handles": "x"}, {"handles": [""]}, {"x": 1}):
        assert desk.ask("PUT", "/_sim/shown", wrong).status == 400
