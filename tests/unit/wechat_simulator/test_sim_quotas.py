"""Quotas: counted by Beijing's day and by the minute, told, and set back ten times a month."""

from typing import Any

PATH = "/cgi-bin/openapi/quota/get"


def told(desk: Any, path: str) -> Any:
    return desk.api("POST", PATH, {"cgi_path": path})


def test_what_is_used_is_told_and_set_back(desk: Any) -> None:
    before = told(desk, "/cgi-bin/user/get")["quota"]
    assert before == {"daily_limit": 500, "used": 0, "remain": 500}
    for _ in range(3):
        desk.api("GET", "/cgi-bin/user/get")
    assert told(desk, "/cgi-bin/user/get")["quota"] == {
        "daily_limit": 500,
        "used": 3,
        "remain": 497,
    }
    assert desk.api("POST", "/cgi-bin/clear_quota", {"appid": desk.oa.appid})["errcode"] == 0
    assert told(desk, "/cgi-bin/user/get")["quota"]["used"] == 0
    assert told(desk, "/cgi-bin/nothing")["errcode"] == 76021


def test_the_quota_of_one_account_is_not_the_others(desk: Any) -> None:
    content = {"cgi_path": "/cgi-bin/media/get"}
    desk.api("GET", "/cgi-bin/media/get?media_id=none")
    assert desk.api("POST", PATH, content)["quota"]["used"] == 1
    assert desk.api("POST", PATH, content, "mini")["quota"]["used"] == 0


def test_setting_back_ends_after_ten_times_a_month(desk: Any) -> None:
    ask = {"appid": desk.oa.appid}
    token = desk.token()
    target = f"/cgi-bin/clear_quota?access_token={token}"
    codes = [desk.json("POST", target, ask)["errcode"] for _ in range(11)]
    assert codes == [0] * 10 + [48006]
    desk.clock.advance(32 * 86400)
    assert desk.api("POST", "/cgi-bin/clear_quota", ask)["errcode"] == 0


def test_the_minute_is_over_after_a_minute(desk: Any) -> None:
    asked = {
        "grant_type": "client_credential",
        "appid": desk.oa.appid,
        "secret": desk.oa.secret,
    }
    assert "access_token" in desk.json("POST", "/cgi-bin/stable_token", asked)
    limit = told(desk, "/cgi-bin/stable_token")["rate_limit"]
    assert limit == {"call_count": 10_000, "refresh_second": 60}
    (name,) = [name for name in desk.world.things.quotas if "stable_token minute" in name]
    desk.world.things.quotas[name] = 10_000
    refused = desk.json("POST", "/cgi-bin/stable_token", asked)
    assert refused["errcode"] == 45011
    desk.clock.advance(60)
    assert "access_token" in desk.json("POST", "/cgi-bin/stable_token", asked)
    assert len([name for name in desk.world.things.quotas if "stable_token minute" in name]) == 1
