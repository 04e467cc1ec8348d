"""The telephone: its page, and a backend's pages led through the proxy."""

import hashlib
from importlib import resources
from typing import Any

import pytest

from wechat_simulator.phone import routes
from wechat_simulator.phone.rewriting import page, proxied, real_address
from wechat_simulator.routes import Request, Response

HOME = "http://backend.test/h5/a?x=1"


def shop(environ: dict[str, Any], start: Any) -> list[bytes]:
    path = environ["PATH_INFO"]
    cookie = environ.get("HTTP_COOKIE", "")
    if path == "/h5/login":
        start("302 Found", [("Location", "/h5/a?x=1"), ("Set-Cookie", "s=1; Path=/; HttpOnly")])
        return [b""]
    if path == "/static/app.js":
        start("200 OK", [("Content-Type", "text/javascript")])
        return [b"1"]
    headers = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
        ("X-Frame-Options", "DENY"),
    ]
    start("200 OK", headers)
    sent = f"{environ['REQUEST_METHOD']} {path} {cookie} {environ.get('HTTP_ORIGIN', '')} "
    sent += f"[{environ['HTTP_ACCEPT_LANGUAGE']}] "
    body = environ["wsgi.input"].read().decode()
    links = '<a href="/h5/b?y=1&amp;z=2#part">b</a><form action="pay"></form>'
    script = '<script src="/static/app.js"></script><a href="#top">t</a>'
    text = f"<html><head><title>t</title></head><body>{sent}{body}{links}{script}</body></html>"
    return [text.encode()]


def led(desk: Any, method: str, path: str, body: bytes = b"", **headers: str) -> Response:
    answer: Response = desk.simulator.handle(Request(method, path, headers, body))
    return answer


@pytest.fixture
def person(desk: Any) -> dict[str, Any]:
    """Somebody, and a shop at backend.test."""
    desk.hosts["backend.test"] = shop
    made: dict[str, Any] = desk.person()
    return made


def test_the_page_and_its_files_are_served(desk: Any) -> None:
    assert b'lang="zh-CN"' in led(desk, "GET", "/phone?person=p1").body
    for name in routes.FILES:
        assert led(desk, "GET", f"/phone/files/{name}").status == 200
    assert led(desk, "GET", "/phone/files/..%2froutes.py").status == 404
    folder = resources.files(routes.__package__).joinpath("files")
    assert {one.name for one in folder.iterdir()} == {*routes.FILES, "phone.html"}


def test_pages_stay_in_the_proxy_with_cookies_and_without_framing_rules(
    desk: Any, person: dict[str, Any]
) -> None:
    root = f"/phone/proxy/{person['id']}/http/backend.test"
    login = led(desk, "GET", f"{root}/h5/login")
    assert login.status == 302
    assert login.headers["Location"] == f"{root}/h5/a?x=1"
    assert login.cookies == []
    shown = led(desk, "GET", f"{root}/h5/a?x=1")
    text = shown.body.decode()
    lowered = {name.lower() for name in shown.headers}
    assert not lowered & {"content-security-policy", "x-frame-options", "set-cookie"}
    assert "GET /h5/a s=1" in text
    assert f'href="{root}/h5/b?y=1&amp;z=2#part"' in text
    assert f'action="{root}/h5/pay"' in text
    assert f'src="{root}/static/app.js"' in text
    assert 'href="#top"' in text
    assert text.index("inside.js") < text.index("<title>")
    posted = led(
        desk,
        "POST",
        f"{root}/h5/pay",
        b"a=1",
        referer=f"http://127.0.0.1{root}/h5/a?x=1",
        origin="http://127.0.0.1",
    )
    assert "POST /h5/pay s=1 http://backend.test [zh-CN,zh;q=0.9] a=1" in posted.body.decode()


def test_a_page_is_asked_for_in_the_telephones_language(desk: Any, person: dict[str, Any]) -> None:
    root = f"/phone/proxy/{person['id']}/http/backend.test"
    english = led(desk, "GET", f"{root}/h5/a", cookie="a=1; phone-language=en")
    assert "[en,zh-CN;q=0.5]" in english.body.decode()
    browsers = led(desk, "GET", f"{root}/h5/a", **{"accept-language": "fr"})
    assert "[zh-CN,zh;q=0.9]" in browsers.body.decode()


def test_a_stray_address_of_a_page_goes_where_the_page_came_from(
    desk: Any, person: dict[str, Any]
) -> None:
    referer = f"http://127.0.0.1:1/phone/proxy/{person['id']}/http/backend.test/h5/a"
    assert led(desk, "GET", "/static/app.js", referer=referer).body == b"1"
    assert led(desk, "GET", "/static/app.js").status == 404


def test_broken_addresses_are_told_kindly(desk: Any, person: dict[str, Any]) -> None:
    for rest in ("", "nobody/http/x/", f"{person['id']}/ftp/x/", f"{person['id']}/http"):
        answer = led(desk, "GET", f"/phone/proxy/{rest}")
        assert answer.status == 404
        assert "请从聊天里重新打开" in answer.body.decode()
    gone = led(desk, "GET", f"/phone/proxy/{person['id']}/http/nowhere.test/<x>")
    assert gone.status == 502


def test_addresses_go_there_and_back() -> None:
    there = proxied("p1", HOME)
    assert there == "/phone/proxy/p1/http/backend.test/h5/a?x=1"
    assert real_address(f"http://127.0.0.1{there}") == HOME
    assert real_address("http://127.0.0.1/other") == ""
    assert proxied("p1", "javascript:alert(1)") == "javascript:alert(1)"
    hostile = page(b"<p>x", "http://backend.test/</script><script>alert(1)", "p1").decode()
    assert "</script><script>alert" not in hostile


def test_the_sdk_signature_is_checked_for_the_true_address(desk: Any) -> None:
    ticket = desk.api("GET", "/cgi-bin/ticket/getticket?type=jsapi")["ticket"]
    text = f"jsapi_ticket={ticket}&noncestr=n&timestamp=5&url={HOME}"
    told = {
        "appId": desk.oa.appid,
        "nonceStr": "n",
        "timestamp": 5,
        "signature": hashlib.sha1(text.encode()).hexdigest(),
        "url": f"{HOME}#part",
    }
    assert desk.json("POST", "/phone/jssdk", told)["ok"]
    assert not desk.json("POST", "/phone/jssdk", {**told, "url": f"{HOME}2"})["ok"]
    assert not desk.json("POST", "/phone/jssdk", {})["ok"]
    assert desk.json("POST", "/phone/sheet", {"package": "prepay_id=none"}) == {"known": False}
