"""People: following, menu taps, all kinds of messages, and what cannot be."""

import json
from typing import Any

import pytest

from wechat_simulator.routes import Request

MENU = {
    "button": [
        {"type": "click", "name": "今日", "key": "TODAY"},
        {
            "name": "更多",
            "sub_button": [
                {"type": "view", "name": "专栏", "url": "http://backend.test/h5/columns"},
                {"type": "scancode_waitmsg", "name": "扫一扫", "key": "SCAN"},
                {"type": "location_select", "name": "位置", "key": "WHERE"},
                {"type": "pic_weixin", "name": "相册", "key": "PICS"},
            ],
        },
    ]
}


def events(desk: Any) -> list[tuple[str, str]]:
    return [(one["Event"], one.get("EventKey", "")) for one in desk.backend.seen]


def test_follow_by_qr_then_scan_then_unfollow(desk: Any) -> None:
    made = desk.api(
        "POST",
        "/cgi-bin/qrcode/create",
        {
            "action_name": "QR_STR_SCENE",
            "expire_seconds": 600,
            "action_info": {"scene": {"scene_str": "column-7"}},
        },
    )
    person = desk.person()
    for call in ("follow", "follow", "unfollow"):
        desk.control("POST", f"people/{person['id']}/{call}", {"scene": "column-7"})
    assert events(desk) == [
        ("subscribe", "qrscene_column-7"),
        ("SCAN", "column-7"),
        ("unsubscribe", ""),
    ]
    assert desk.backend.seen[0]["Ticket"] == made["ticket"]
    assert desk.backend.seen[1]["Ticket"] == made["ticket"]
    assert "MsgId" not in desk.backend.seen[0]
    info = desk.api("GET", f"/cgi-bin/user/info?openid={person['oa_openid']}")
    assert info == {
        "subscribe": 0,
        "openid": person["oa_openid"],
        "unionid": person["unionid"],
    }


def test_a_plain_follow_has_an_empty_key(desk: Any) -> None:
    person = desk.person()
    desk.control("POST", f"people/{person['id']}/follow")
    desk.control("POST", f"people/{person['id']}/follow")
    assert events(desk) == [("subscribe", "")]
    info = desk.api("GET", f"/cgi-bin/user/info?openid={person['oa_openid']}")
    assert info["subscribe"] == 1
    assert info["subscribe_scene"] == "ADD_SCENE_SEARCH"
    assert "nickname" not in info


def test_menu_taps(desk: Any) -> None:
    assert desk.api("POST", "/cgi-bin/menu/create", MENU)["errcode"] == 0
    person = desk.person()
    path = f"people/{person['id']}/tap"
    for key in ("TODAY", "http://backend.test/h5/columns", "SCAN", "WHERE", "PICS"):
        answer = desk.control("POST", path, {"key": key})
        assert answer["status"] == 200
    assert events(desk) == [
        ("CLICK", "TODAY"),
        ("VIEW", "http://backend.test/h5/columns"),
        ("scancode_waitmsg", "SCAN"),
        ("location_select", "WHERE"),
        ("pic_weixin", "PICS"),
    ]
    assert desk.backend.seen[2]["ScanCodeInfo"]["ScanType"] == "qrcode"
    assert desk.backend.seen[4]["SendPicsInfo"]["Count"] == "1"
    missing = desk.ask("POST", f"/_sim/{path}", {"key": "NOPE"})
    assert missing.status == 404
    assert "TODAY" in missing.body.decode()


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"type": "image"}, {"PicUrl", "MediaId"}),
        ({"type": "voice", "recognition": "你好"}, {"MediaId", "Format", "Recognition"}),
        ({"type": "video"}, {"MediaId", "ThumbMediaId"}),
        ({"type": "shortvideo"}, {"MediaId", "ThumbMediaId"}),
        ({"type": "location"}, {"Location_X", "Location_Y", "Scale", "Label"}),
        ({"type": "link", "title": "t", "url": "http://x"}, {"Title", "Description", "Url"}),
        ({"type": "file"}, {"Title", "FileKey", "FileMd5", "FileTotalLen"}),
        ({"type": "text", "text": "😀", "bizmsgmenuid": "3"}, {"Content", "bizmsgmenuid"}),
    ],
)
def test_every_kind_of_message(desk: Any, given: dict[str, Any], wanted: set[str]) -> None:
    person = desk.person()
    desk.control("POST", f"people/{person['id']}/send", given)
    seen = desk.backend.seen[0]
    assert seen["MsgType"] == given["type"]
    assert wanted <= set(seen)


def test_what_a_person_sends_can_be_fetched(desk: Any) -> None:
    person = desk.person()
    content = {"type": "image", "content_base64": "AAEC"}
    desk.control("POST", f"people/{person['id']}/send", content)
    media_id = desk.backend.seen[0]["MediaId"]
    path = f"/cgi-bin/media/get?media_id={media_id}&access_token={desk.token()}"
    fetched = desk.ask("GET", path)
    assert fetched.body == b"\x00\x01\x02"
    assert fetched.headers["Content-Type"] == "image/png"
    desk.clock.advance(3 * 86400 + 1)
    gone = desk.json("GET", f"/cgi-bin/media/get?media_id={media_id}&access_token={desk.token()}")
    assert gone["errcode"] == 40007


@pytest.mark.parametrize(
    ("path", "given", "status"),
    [
        ("people", {}, 400),
        ("people", {"nickname": ""}, 400),
        ("people", {"nickname": "x" * 65}, 400),
        ("people", {"nickname": "a\x00b"}, 400),
        ("people", {"nickname": 5}, 400),
        ("people", {"nickname": "x", "device": "nokia"}, 400),
        ("people", {"nickname": "x", "device": ["ios"]}, 400),
        ("people", {"nickname": "x", "id": "p1"}, 400),
        ("people/nobody/follow", {}, 404),
        ("people/%2e%2e/send", {"text": "x"}, 404),
        ("people/{id}/follow", {"scene": ["x"]}, 400),
        ("people/{id}/send", {"type": "text"}, 400),
        ("people/{id}/send", {"type": "text", "text": "\ud83d"}, 400),
        ("people/{id}/send", {"type": "fax", "text": "x"}, 400),
        ("people/{id}/send", {"type": ["text"]}, 400),
        ("people/{id}/send", {"app": "web", "text": "x"}, 400),
        ("people/{id}/send", {"app": {}, "text": "x"}, 400),
        ("people/{id}/send", {"type": "image", "content_base64": "%%"}, 400),
        ("people/{id}/send", {"type": "image", "content_base64": 5}, 400),
        ("people/{id}/send", {"type": "location", "latitude": 1e9}, 400),
        ("people/{id}/send", {"type": "event", "event": "X", "fields": {"Event": "Y"}}, 400),
        ("people/{id}/send", {"type": "miniprogrampage", "title": "x"}, 400),
        ("people/{id}/tap", {"key": None}, 404),
        ("people/{id}/tap", {"key": {"a": 1}}, 404),
        ("people/{id}/login", {"app": "web"}, 400),
        ("people/{id}/open", {"url": "ftp://x"}, 400),
        ("people/{id}/open", {}, 400),
        ("people/{id}/open", {"url": "http://nowhere.test/"}, 502),
        ("people/{id}/pay", {"rail": "cash", "payment": {}}, 400),
        ("people/{id}/pay", {"rail": "jsapi", "payment": []}, 400),
        ("people/{id}/pay", {"rail": "jsapi", "payment": {}, "outcome": "steal"}, 400),
        ("people/{id}/consent", {"template_id": ""}, 400),
        ("clock", {"advance_s": -1}, 400),
        ("clock", {"advance_s": "1"}, 400),
        ("clock", {"advance_s": 10**12}, 400),
        ("reset", {"seed": "x"}, 400),
    ],
)
def test_bad_input_is_refused_with_a_code(
    desk: Any, path: str, given: dict[str, Any], status: int
) -> None:
    person = desk.person()
    answer = desk.simulator.handle(request_of(path.replace("{id}", person["id"]), given))
    assert answer.status == status, answer.body
    assert set(json.loads(answer.body)) == {"code", "message"}


def request_of(path: str, given: Any) -> Request:
    return Request("POST", f"/_sim/{path}", {}, json.dumps(given).encode())


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b"[" * 100_000, b'"x"'])
def test_a_body_that_is_no_object_is_refused(desk: Any, body: bytes) -> None:
    answer = desk.simulator.handle(Request("POST", "/_sim/people", {}, body))
    assert answer.status == 400


def test_the_same_seed_makes_the_same_people(desk: Any) -> None:
    desk.control("POST", "reset", {"seed": 5})
    first = [desk.person(str(number)) for number in range(5)]
    secret = desk.control("GET", "accounts")["oa"]["secret"]
    desk.control("POST", "reset", {"seed": 5})
    assert [desk.person(str(number)) for number in range(5)] == first
    assert desk.control("GET", "accounts")["oa"]["secret"] == secret
    desk.control("POST", "reset", {"seed": 6})
    assert desk.person("0") != first[0]
