"""The server APIs: tokens, windows, logins, menus, text checks, with WeChat's own codes."""

import hashlib
import hmac
import json
import re
from typing import Any
from urllib.parse import quote

import pytest

from wechat_simulator.api.media import keep
from wechat_simulator.routes import Request


def stable(desk: Any, **more: Any) -> Any:
    body = {
        "grant_type": "client_credential",
        "appid": desk.oa.appid,
        "secret": desk.oa.secret,
        **more,
    }
    return desk.json("POST", "/cgi-bin/stable_token", body)


def use(desk: Any, token: str) -> int:
    answer = desk.json("GET", f"/cgi-bin/getcallbackip?access_token={token}")
    code: int = answer.get("errcode", 0)
    return code


def test_a_new_classic_token_leaves_the_old_one_five_minutes(desk: Any) -> None:
    old, new = desk.token(), desk.token()
    assert old != new
    desk.clock.advance(299)
    assert (use(desk, old), use(desk, new)) == (0, 0)
    desk.clock.advance(2)
    assert (use(desk, old), use(desk, new)) == (40001, 0)
    desk.clock.advance(7200)
    assert use(desk, new) == 42001


def test_the_stable_token_stays_renews_and_can_be_forced(desk: Any) -> None:
    first = stable(desk)
    desk.token()
    desk.clock.advance(100)
    again = stable(desk)
    assert again["access_token"] == first["access_token"]
    assert again["expires_in"] == 7100
    forced = stable(desk, force_refresh=True)
    assert forced["access_token"] != first["access_token"]
    assert (use(desk, first["access_token"]), use(desk, forced["access_token"])) == (40001, 0)
    desk.clock.advance(29)
    assert stable(desk, force_refresh=True)["access_token"] == forced["access_token"]
    desk.clock.advance(7200 - 29 - 299)
    renewed = stable(desk)
    assert renewed["access_token"] != forced["access_token"]
    assert (use(desk, forced["access_token"]), use(desk, renewed["access_token"])) == (0, 0)


def test_forcing_is_limited_to_twenty_a_day(desk: Any) -> None:
    values = []
    for _ in range(22):
        desk.clock.advance(31)
        values.append(stable(desk, force_refresh=True)["access_token"])
    assert len(set(values)) == 21


@pytest.mark.parametrize(
    ("change", "errcode"),
    [
        ({"grant_type": "x"}, 40002),
        ({"appid": "wx0000000000000000"}, 40013),
        ({"appid": ""}, 41002),
        ({"secret": "no"}, 40125),
        ({"secret": ""}, 41004),
        ({"force_refresh": "yes"}, 47001),
    ],
)
def test_wrong_credentials_have_their_codes(
    desk: Any, change: dict[str, Any], errcode: int
) -> None:
    answer = stable(desk, **change)
    assert answer["errcode"] == errcode
    assert re.search(r" rid: [0-9a-f]+-[0-9a-f]{8}-[0-9a-f]{8}$", answer["errmsg"])


def test_missing_unknown_and_misdirected_calls(desk: Any) -> None:
    assert desk.json("GET", "/cgi-bin/menu/get")["errcode"] == 41001
    assert use(desk, "short") == 40014
    assert use(desk, "x" * 100) == 40001
    assert desk.json("GET", "/cgi-bin/stable_token")["errcode"] == 43002
    assert desk.json("POST", "/cgi-bin/token", {})["errcode"] == 43001
    assert desk.api("GET", "/cgi-bin/menu/get", kind="mini")["errcode"] == 48001
    token = desk.token()
    for body, errcode in ((b"", 44002), (b"{", 47001), (b"[]", 47001), (b"\xff", 47001)):
        request = Request("POST", f"/cgi-bin/menu/create?access_token={token}", {}, body)
        assert json.loads(desk.simulator.handle(request).body)["errcode"] == errcode


def test_the_quota_of_tokens_is_the_beijing_day(desk: Any) -> None:
    desk.token()
    desk.world.things.quotas.update(dict.fromkeys(desk.world.things.quotas, 1999))
    desk.token()
    refused = desk.json(
        "GET",
        "/cgi-bin/token?grant_type=client_credential"
        f"&appid={desk.oa.appid}&secret={desk.oa.secret}",
    )
    assert refused["errcode"] == 45009
    desk.clock.advance(86400)
    assert desk.token()


def custom(desk: Any, openid: str, text: str = "您好", kind: str = "oa") -> int:
    body = {"touser": openid, "msgtype": "text", "text": {"content": text}}
    code: int = desk.api("POST", "/cgi-bin/message/custom/send", body, kind=kind)["errcode"]
    return code


def test_customer_service_windows(desk: Any) -> None:
    person = desk.person()
    openid = person["oa_openid"]
    assert custom(desk, openid) == 45015
    desk.control("POST", f"people/{person['id']}/send", {"text": "在吗"})
    assert [custom(desk, openid) for _ in range(6)] == [0, 0, 0, 0, 0, 45047]
    desk.control("POST", f"people/{person['id']}/send", {"text": "还在吗"})
    assert custom(desk, openid) == 0
    desk.clock.advance(48 * 3600 + 1)
    assert custom(desk, openid) == 45015
    desk.control("POST", f"people/{person['id']}/follow")
    assert [custom(desk, openid) for _ in range(4)] == [0, 0, 0, 45047]
    desk.clock.advance(61)
    assert custom(desk, openid) == 45015
    desk.control("POST", f"people/{person['id']}/unfollow")
    assert custom(desk, openid) == 43004
    assert custom(desk, "oNobody") == 40003
    assert custom(desk, person["mini_openid"]) == 40003
    inbox = desk.control("GET", f"people/{person['id']}/messages")["oa"]
    assert sum(one["via"] == "custom" for one in inbox) == 9


def test_the_service_window_of_the_mini_program(desk: Any) -> None:
    person = desk.person()
    desk.control("POST", f"people/{person['id']}/enter")
    openid = person["mini_openid"]
    assert [custom(desk, openid, kind="mini") for _ in range(3)] == [0, 0, 45047]


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({"msgtype": "text", "text": {"content": ""}}, 44004),
        ({"msgtype": "text", "text": {"content": "好" * 683}}, 45002),
        ({"msgtype": "text", "text": "x"}, 47001),
        ({"msgtype": "fax", "fax": {}}, 40008),
        ({"msgtype": ["text"]}, 47001),
        ({"msgtype": "image", "image": {"media_id": "nope"}}, 40007),
        ({"msgtype": "image", "image": {"media_id": {}}}, 40007),
        ({"msgtype": "news", "news": {"articles": []}}, 44003),
        ({"msgtype": "news", "news": {"articles": [{}, {}]}}, 45008),
    ],
)
def test_bad_customer_service_messages(desk: Any, body: dict[str, Any], errcode: int) -> None:
    person = desk.person()
    desk.control("POST", f"people/{person['id']}/send", {"text": "在吗"})
    body = {"touser": person["oa_openid"], **body}
    assert desk.api("POST", "/cgi-bin/message/custom/send", body)["errcode"] == errcode


def test_escaped_text_is_shown_as_it_came_and_refused_in_menus(desk: Any) -> None:
    person = desk.person()
    desk.control("POST", f"people/{person['id']}/send", {"text": "在吗"})
    body = {"touser": person["oa_openid"], "msgtype": "text", "text": {"content": "好"}}
    path = f"/cgi-bin/message/custom/send?access_token={desk.token()}"
    desk.simulator.handle(Request("POST", path, {}, json.dumps(body).encode()))
    inbox = desk.control("GET", f"people/{person['id']}/messages")["oa"]
    assert inbox[-1]["text"] == "\\u597d"
    menu = {"button": [{"type": "click", "name": "好", "key": "K"}]}
    path = f"/cgi-bin/menu/create?access_token={desk.token()}"
    answer = desk.simulator.handle(Request("POST", path, {}, json.dumps(menu).encode()))
    assert json.loads(answer.body)["errcode"] == 40033


@pytest.mark.parametrize(
    ("buttons", "errcode"),
    [
        ([], 40016),
        ([{"type": "click", "name": "a", "key": "k"}] * 4, 40016),
        (["x"], 40015),
        ([{"type": "click", "name": "六个汉字太长", "key": "k"}], 40018),
        ([{"type": "nope", "name": "a"}], 40017),
        ([{"type": {}, "name": "a"}], 40017),
        ([{"type": "click", "name": "a", "key": "k" * 129}], 40019),
        ([{"type": "view", "name": "a", "url": "http://" + "x" * 1024}], 40020),
        ([{"type": "view", "name": "a", "url": "javascript:1"}], 40055),
        ([{"name": "a", "sub_button": [{}] * 6}], 40023),
        ([{"name": "a", "sub_button": ["x"]}], 40024),
        ([{"name": "a", "sub_button": [{"name": "好" * 21, "type": "click"}]}], 40025),
    ],
)
def test_menus_are_measured(desk: Any, buttons: list[Any], errcode: int) -> None:
    assert desk.api("POST", "/cgi-bin/menu/create", {"button": buttons})["errcode"] == errcode
    assert desk.api("GET", "/cgi-bin/menu/get")["errcode"] == 46003


def session(desk: Any, code: str) -> Any:
    return desk.json(
        "GET",
        f"/sns/jscode2session?appid={desk.mini.appid}&secret={desk.mini.secret}"
        f"&js_code={code}&grant_type=authorization_code",
    )


def check(desk: Any, person: dict[str, Any], key: str) -> int:
    signature = hmac.new(key.encode(), b"", hashlib.sha256).hexdigest()
    path = f"/wxa/checksession?openid={person['mini_openid']}&sig_method=hmac_sha256"
    code: int = desk.api("GET", f"{path}&signature={signature}", kind="mini")["errcode"]
    return code


def test_login_codes_are_good_once_and_a_newer_login_stales_the_key(desk: Any) -> None:
    person = desk.person()
    login = f"people/{person['id']}/login"
    code = desk.control("POST", login, {"app": "mini"})["code"]
    first = session(desk, code)
    assert "errcode" not in first
    assert first["openid"] == person["mini_openid"]
    assert first["unionid"] == person["unionid"]
    assert session(desk, code)["errcode"] == 40163
    assert session(desk, "nope")["errcode"] == 40029
    assert check(desk, person, first["session_key"]) == 0
    late = desk.control("POST", login)["code"]
    assert check(desk, person, first["session_key"]) == 87009
    desk.clock.advance(301)
    assert session(desk, late)["errcode"] == 40029


def oauth(desk: Any, code: str) -> Any:
    return desk.json(
        "GET",
        f"/sns/oauth2/access_token?appid={desk.oa.appid}&secret={desk.oa.secret}"
        f"&code={code}&grant_type=authorization_code",
    )


def authorize(desk: Any, person: dict[str, Any], scope: str, *, tap: bool = False) -> Any:
    landing = quote("http://backend.test/h5/back?x=1", safe="")
    url = (
        f"https://open.weixin.qq.com/connect/oauth2/authorize?appid={desk.oa.appid}"
        f"&redirect_uri={landing}&response_type=code&scope={scope}&state=abc#wechat_redirect"
    )
    seen: list[str] = []

    def page(environ: dict[str, Any], start: Any) -> list[bytes]:
        seen.append(environ["QUERY_STRING"])
        seen.append(environ["HTTP_USER_AGENT"])
        start("200 OK", [("Content-Type", "text/html")])
        return [b"<p>landed</p>"]

    desk.hosts["backend.test"] = page
    opened = desk.control("POST", f"people/{person['id']}/open", {"url": url, "tap": tap})
    assert opened["status"] == 200
    assert opened["html"] == "<p>landed</p>"
    assert "MicroMessenger" in seen[1]
    code = re.search(r"x=1&code=([^&]+)&state=abc$", seen[0])
    assert code is not None
    return oauth(desk, code[1])


def test_web_authorisation_by_the_persons_own_browser(desk: Any) -> None:
    person = desk.person(device="ios")
    silent = authorize(desk, person, "snsapi_base")
    assert silent["openid"] == person["oa_openid"]
    assert "unionid" not in silent
    told = authorize(desk, person, "snsapi_userinfo", tap=True)
    assert told["unionid"] == person["unionid"]
    path = f"/sns/userinfo?access_token={told['access_token']}&openid={told['openid']}"
    assert desk.json("GET", path)["nickname"] == "小明"
    path = f"/sns/userinfo?access_token={silent['access_token']}&openid={silent['openid']}"
    assert desk.json("GET", path)["errcode"] == 48001
    refresh = (
        f"/sns/oauth2/refresh_token?appid={desk.oa.appid}&grant_type=refresh_token"
        f"&refresh_token={silent['refresh_token']}"
    )
    assert desk.json("GET", refresh)["openid"] == person["oa_openid"]


def test_the_snapshot_page_gives_a_virtual_person(desk: Any) -> None:
    person = desk.person()
    snapshot = authorize(desk, person, "snsapi_userinfo")
    assert snapshot["is_snapshotuser"] == 1
    assert snapshot["openid"] != person["oa_openid"]
    path = f"/sns/userinfo?access_token={snapshot['access_token']}&openid={snapshot['openid']}"
    assert desk.json("GET", path)["errcode"] == 48001


def test_a_foreign_redirect_or_browser_gets_no_code(desk: Any) -> None:
    path = f"/connect/oauth2/authorize?appid={desk.oa.appid}&response_type=code&scope=snsapi_base"
    foreign = desk.ask("GET", f"{path}&redirect_uri=http%3A%2F%2Fevil.test%2F")
    assert foreign.status == 200
    assert "10003" in foreign.body.decode()
    own = desk.ask("GET", f"{path}&redirect_uri=http%3A%2F%2Fbackend.test%2F")
    assert "请在微信客户端打开链接" in own.body.decode()


def test_text_checks(desk: Any) -> None:
    person = desk.person()
    desk.control("POST", f"people/{person['id']}/login")

    def judge(content: str, **more: Any) -> Any:
        body = {"version": 2, "scene": 3, "openid": person["mini_openid"], "content": content}
        return desk.api("POST", "/wxa/msg_sec_check", {**body, **more}, kind="mini")

    assert judge("今天写一篇关于泥土的文章")["result"] == {"suggest": "pass", "label": 100}
    assert judge("这只股票稳赚不赔")["result"] == {"suggest": "risky", "label": 20008}
    assert judge("有内幕消息")["result"]["suggest"] == "review"
    assert judge("好" * 2501)["errcode"] == 45002
    assert judge("x", openid="oNobody")["errcode"] == 40003
    assert judge("x", scene=[1])["errcode"] == 40097
    desk.clock.advance(7201)
    assert judge("x")["errcode"] == 61010


def test_phone_number_codes_links_and_pictures(desk: Any) -> None:
    person = desk.person()
    code = desk.control("POST", f"people/{person['id']}/phone")["code"]
    path = "/wxa/business/getuserphonenumber"
    told = desk.api("POST", path, {"code": code}, kind="mini")
    assert re.fullmatch(r"1\d{10}", told["phone_info"]["phoneNumber"])
    assert desk.api("POST", path, {"code": code}, kind="mini")["errcode"] == 40029
    link = desk.api("POST", "/wxa/generate_urllink", {"path": "pages/x"}, kind="mini")
    assert link["url_link"].startswith("https://wxaurl.cn/")
    path = f"/wxa/getwxacodeunlimit?access_token={desk.token('mini')}"
    assert desk.ask("POST", path, {"scene": "a=1"}).body.startswith(b"\x89PNG")
    assert desk.json("POST", path, {"scene": "汉"})["errcode"] == 40129


def test_the_ticket_is_kept_and_templates_need_consent(desk: Any) -> None:
    first = desk.api("GET", "/cgi-bin/ticket/getticket?type=jsapi")
    assert desk.api("GET", "/cgi-bin/ticket/getticket?type=jsapi")["ticket"] == first["ticket"]
    person = desk.person()
    body = {
        "touser": person["mini_openid"],
        "template_id": "T1",
        "data": {"thing1": {"value": "更新了"}},
    }
    path = "/cgi-bin/message/subscribe/send"
    assert desk.api("POST", path, body, kind="mini")["errcode"] == 43101
    consent = f"people/{person['id']}/consent"
    assert desk.control("POST", consent, {"template_id": "T1"}) == {"left": 1}
    long = {**body, "data": {"thing1": {"value": "字" * 21}}}
    assert desk.api("POST", path, long, kind="mini")["errcode"] == 47003
    assert desk.api("POST", path, body, kind="mini")["errcode"] == 0
    assert desk.api("POST", path, body, kind="mini")["errcode"] == 43101
    desk.control("POST", f"people/{person['id']}/follow")
    body["touser"] = person["oa_openid"]
    sent = desk.api("POST", "/cgi-bin/message/template/send", body)
    desk.control("POST", "clock", {"advance_s": 1})
    finished = desk.backend.seen[-1]
    assert finished["Event"] == "TEMPLATESENDJOBFINISH"
    assert finished["MsgID"] == str(sent["msgid"])


def test_drafts_are_published_later(desk: Any) -> None:

    thumb = keep(desk.world, desk.oa.appid, "thumb", "t.jpg", "image/jpeg", b"x", float("inf"))
    article = {"title": "一篇", "content": "<p>内容</p>", "thumb_media_id": thumb.media_id}
    draft = desk.api("POST", "/cgi-bin/draft/add", {"articles": [article]})
    job = desk.api("POST", "/cgi-bin/freepublish/submit", {"media_id": draft["media_id"]})
    asked = {"publish_id": job["publish_id"]}
    assert desk.api("POST", "/cgi-bin/freepublish/get", asked)["publish_status"] == 1
    desk.control("POST", "clock", {"advance_s": 5})
    assert desk.api("POST", "/cgi-bin/freepublish/get", asked)["publish_status"] == 0
    assert desk.backend.seen[-1]["Event"] == "PUBLISHJOBFINISH"
    bad = {"articles": [{**article, "thumb_media_id": {}}]}
    assert desk.api("POST", "/cgi-bin/draft/add", bad)["errcode"] == 40007


def test_tags(desk: Any) -> None:
    person = desk.person()
    desk.control("POST", f"people/{person['id']}/follow")
    made = desk.api("POST", "/cgi-bin/tags/create", {"tag": {"name": "读者"}})["tag"]
    body = {"openid_list": [person["oa_openid"]], "tagid": made["id"]}
    assert desk.api("POST", "/cgi-bin/tags/members/batchtagging", body)["errcode"] == 0
    info = desk.api("GET", f"/cgi-bin/user/info?openid={person['oa_openid']}")
    assert info["tagid_list"] == [made["id"]]
    assert desk.api("GET", "/cgi-bin/tags/get")["tags"][0]["count"] == 1
    assert desk.api("POST", "/cgi-bin/tags/create", {"tag": "x"})["errcode"] == 45157
    assert desk.api("POST", "/cgi-bin/tags/delete", {"tag": {"id": {}}})["errcode"] == 45159


@pytest.mark.parametrize(
    ("fault", "more", "errcode"),
    [("errcode", {"errcode": -1}, -1), ("expired_token", {}, 42001)],
)
def test_ordered_faults_of_a_route(
    desk: Any, fault: str, more: dict[str, Any], errcode: int
) -> None:
    rule = {"route": "GET /cgi-bin/getcallbackip", "fault": fault, "times": 1, **more}
    desk.control("PUT", "faults", {"rules": [rule]})
    token = desk.token()
    assert use(desk, token) == errcode
    assert use(desk, token) == 0


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"route": "x", "fault": "drop"},
        {"route": "GET /x", "fault": "explode"},
        {"route": "GET /x", "fault": ["drop"]},
        {"route": "GET /x", "fault": "reorder"},
        {"route": "push:message", "fault": "errcode"},
        {"route": "GET /x", "fault": "drop", "times": "many"},
        {"route": "GET /x", "fault": "drop", "colour": "red"},
        "drop",
    ],
)
def test_meaningless_fault_rules_are_refused(desk: Any, rule: Any) -> None:
    answer = desk.ask("PUT", "/_sim/faults", {"rules": [rule]})
    assert answer.status == 400
    assert json.loads(answer.body)["code"] == "faults"
