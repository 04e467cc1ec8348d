"""Fan groups: a join link makes a member; the wide internet stays outside."""

from pathlib import Path
from typing import Any

import pytest

from wechat_simulator.clock import ManualClock
from wechat_simulator.routes import Request, Response
from wechat_simulator.world import World

CODE = "0123456789abcdef0123456789abcdef"
LINK = f"https://work.weixin.qq.com/gm/{CODE}"


def sends_to(location: str) -> Any:
    def door(environ: dict[str, Any], start: Any) -> list[bytes]:
        del environ
        start("302 Found", [("Location", location)])
        return [b""]

    return door


def opened(desk: Any, person: dict[str, Any], url: str = LINK) -> dict[str, Any]:
    told: dict[str, Any] = desk.control("POST", f"people/{person['id']}/open", {"url": url})
    return told


def groups(desk: Any, person: dict[str, Any]) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = desk.control("GET", f"people/{person['id']}/messages")["groups"]
    return told


def test_a_door_that_redirects_to_a_link_makes_a_member_once(desk: Any) -> None:
    desk.hosts["backend.test"] = sends_to(LINK)
    person = desk.person("小<明>")
    for _ in range(2):
        page = opened(desk, person, "http://backend.test/g/abc")
        assert (page["status"], page["url"]) == (200, LINK)
        assert "你已加入群聊" in page["html"]
        assert "群成员（1）" in page["html"]
        assert "小&lt;明&gt;" in page["html"]
    (mine,) = groups(desk, person)
    assert (mine["code"], mine["url"]) == (CODE, LINK)
    (known,) = desk.control("GET", "groups")["items"]
    assert known["members"] == [person["id"]]


def test_the_telephones_proxy_shows_the_group(desk: Any) -> None:
    person = desk.person()
    target = f"/phone/proxy/{person['id']}/https/work.weixin.qq.com/gm/{CODE}"
    page: Response = desk.simulator.handle(Request("GET", target, {}, b""))
    assert page.status == 200
    assert "你已加入群聊" in page.body.decode()
    assert len(groups(desk, person)) == 1


def test_a_full_group_a_stranger_and_a_broken_link_make_no_member(desk: Any) -> None:
    first, late = desk.person("先"), desk.person("后")
    desk.control("PUT", f"groups/{CODE}", {"name": "咖啡群", "capacity": 1})
    assert "咖啡群" in opened(desk, first)["html"]
    assert "人数已满" in opened(desk, late)["html"]
    assert groups(desk, late) == []
    stranger: Response = desk.simulator.handle(
        Request("GET", f"/gm/{CODE}", {}, b"", host="work.weixin.qq.com")
    )
    assert "请在微信客户端打开链接" in stranger.body.decode()
    assert opened(desk, late, "https://work.weixin.qq.com/gm/xyz")["status"] == 404
    (known,) = desk.control("GET", "groups")["items"]
    assert known["members"] == [first["id"]]


@pytest.mark.parametrize(
    "content",
    [{"name": ""}, {"name": "长" * 41}, {"capacity": 0}, {"capacity": True}, {"color": 1}],
)
def test_what_a_group_cannot_be_is_refused(desk: Any, content: dict[str, Any]) -> None:
    assert desk.ask("PUT", f"/_sim/groups/{CODE}", content).status == 400
    assert desk.ask("PUT", "/_sim/groups/xyz", {"name": "群"}).status == 400
    assert desk.control("GET", "groups")["items"] == []


def test_a_member_is_still_one_after_a_restart(desk: Any, tmp_path: Path) -> None:
    person = desk.person()
    opened(desk, person)
    desk.world.save(tmp_path / "state")
    other = World(seed=1, clock=ManualClock())
    other.load(tmp_path / "state")
    assert other.things.groups == desk.world.things.groups
    assert person["id"] in other.things.groups[CODE].members


@pytest.mark.parametrize(
    "url",
    [
        "https://www.example.com/",
        "http://8.8.8.8/x",
        "https://work.weixin.qq.com.evil.com/gm/012345",
        "https://mp.weixin.qq.com@evil.com/",
    ],
)
def test_the_wide_internet_is_outside(desk: Any, url: str) -> None:
    desk.hosts["www.example.com"] = sends_to(LINK)
    person = desk.person()
    for page in (opened(desk, person, url), _by_proxy(desk, person, url)):
        assert page["status"] == 403
        assert "模拟器里打不开外部网址" in page["html"]
    assert groups(desk, person) == []


def _by_proxy(desk: Any, person: dict[str, Any], url: str) -> dict[str, Any]:
    target = f"/phone/proxy/{person['id']}/{url.replace('://', '/')}"
    answer: Response = desk.simulator.handle(Request("GET", target, {}, b""))
    return {"status": answer.status, "html": answer.body.decode()}
