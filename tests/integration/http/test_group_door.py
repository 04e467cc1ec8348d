"""The door `/g/<code>`: a code to scan, a button to tap, the queue; and what each form does."""

import io
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image

from creator_tools.fan_groups import queries, service
from creator_tools.fan_groups.rules import GroupTerms, code_in
from creator_tools.people import service as people
from tests.integration.http.conftest import BASE_URL, House, Scene, asked
from tests.integration.operator.conftest import form_token

CODE = "https://weixin.qq.com/g/AQYAAdoor{}"
ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def club(house: House, scene: Scene) -> Scene:
    """The group, open to everybody, with one code for one person and nothing else."""
    with house.wiring.units("studio.act") as uow:
        for way in queries.list_join_ways(uow.session, scene.fan_group_id):
            service.close_join_way(uow, join_way_id=way.id, creator_id=scene.creator_id)
        service.set_gate(
            uow, fan_group_id=scene.fan_group_id, creator_id=scene.creator_id, gate="free"
        )
    add_code(house, scene, "a")
    return scene


def add_code(house: House, scene: Scene, name: str) -> None:
    with house.wiring.units("studio.act") as uow:
        service.add_code(
            uow,
            fan_group_id=scene.fan_group_id,
            creator_id=scene.creator_id,
            said=CODE.format(name),
            terms=GroupTerms(code_capacity=1),
        )


def post(client: FlaskClient, page: Any, scene: Scene, verb: str) -> Any:
    return client.post(
        f"/g/{scene.fan_group_code}/{verb}",
        data={"csrf_token": form_token(page)},
        headers={"Origin": BASE_URL},
    )


def test_a_code_is_shown_to_whoever_has_the_seat_and_to_nobody_else(
    house: House, club: Scene
) -> None:
    path = f"/g/{club.fan_group_code}"
    client, other = (house.signed_in(house.fan()) for _ in range(2))
    assert client.get(f"{path}/code.png").status_code == 404
    page = client.get(path)
    assert page.status_code == 200
    assert "长按识别二维码" in page.text
    assert "还有 7 天" in page.text or "还有 6 天" in page.text
    # What the code says stands in the picture alone.
    assert CODE.format("a") not in page.text
    picture = client.get(f"{path}/code.png")
    assert picture.mimetype == "image/png"
    assert picture.headers["Cache-Control"] == "no-store"
    assert code_in(picture.data) == CODE.format("a")
    assert Image.open(io.BytesIO(picture.data)).width >= 280
    for stranger in (other, house.client()):
        assert stranger.get(f"{path}/code.png").status_code == 404
    in_english = client.get(path, headers=ENGLISH).text
    assert "Press and hold" in in_english
    assert "长按" not in in_english


def test_the_second_waits_is_told_the_position_and_gets_the_next_code(
    house: House, club: Scene
) -> None:
    path = f"/g/{club.fan_group_code}"
    first, second = (house.signed_in(house.fan()) for _ in range(2))
    seated = first.get(path)
    waiting = second.get(path)
    assert waiting.status_code == 200
    assert "第 1 位" in waiting.text
    assert "number 1" in second.get(path, headers=ENGLISH).text
    assert post(first, seated, club, "joined").status_code == 303
    assert "已经记下" in first.get(path).text
    add_code(house, club, "b")
    house.wiring.sweep.step("groups")
    assert "长按识别二维码" in second.get(path).text
    assert code_in(second.get(f"{path}/code.png").data) == CODE.format("b")
    # The first one's code gave way to the new one; they are in, and say so no more.
    inside = first.get(path)
    assert "您已经在群里了" in inside.text
    assert post(first, inside, club, "again").status_code == 303
    assert "第 1 位" in first.get(path).text


def test_the_profile_offers_the_group_while_it_would_let_the_person_in(
    house: House, club: Scene
) -> None:
    profile, link = f"/h5/creators/{club.handle}", f'href="/g/{club.fan_group_code}"'
    first, second = (house.signed_in(house.fan()) for _ in range(2))
    for visitor in (first, second, house.client()):
        assert link in visitor.get(profile).text
    first.get(f"/g/{club.fan_group_code}")
    assert link in first.get(profile).text
    assert link not in second.get(profile).text
    add_code(house, club, "b")
    assert link in second.get(profile).text
    with house.wiring.units("studio.act") as uow:
        service.set_gate(
            uow, fan_group_id=club.fan_group_id, creator_id=club.creator_id, gate="buyer"
        )
    for visitor in (first, second, house.client()):
        assert link not in visitor.get(profile).text


def test_whoever_leaves_makes_room_at_once(house: House, club: Scene) -> None:
    path = f"/g/{club.fan_group_code}"
    first, second = (house.signed_in(house.fan()) for _ in range(2))
    seated = first.get(path)
    second.get(path)
    left = post(first, seated, club, "leave")
    assert left.location == f"/h5/columns/{club.column_id}"
    assert first.get(f"{path}/code.png").status_code == 404
    assert "长按识别二维码" in second.get(path).text


@pytest.mark.parametrize("verb", ["joined", "again", "leave"])
def test_a_form_of_a_stranger_or_from_elsewhere_changes_nothing(
    house: House, club: Scene, verb: str
) -> None:
    path = f"/g/{club.fan_group_code}"
    client = house.signed_in(house.fan())
    client.get(path)
    assert client.post(f"{path}/{verb}").status_code == 403
    assert house.client().post(f"{path}/{verb}").status_code == 403
    unknown = house.signed_in(house.fan())
    token = form_token(unknown.get("/h5/settings"))
    nowhere = unknown.post(f"/g/nosuchgr/{verb}", data={"csrf_token": token})
    assert nowhere.status_code == 404
    # Nothing to confirm, nothing to leave: the page says how things stand.
    nothing = unknown.post(f"{path}/{verb}", data={"csrf_token": token})
    assert nothing.status_code == 303
    assert "长按识别二维码" in client.get(path).text


def test_the_api_says_that_the_caller_waits_and_where(house: House, club: Scene) -> None:
    path = f"/api/v1/fan-groups/{club.fan_group_id}/door"
    first, second = (house.bearer(house.fan()) for _ in range(2))
    client = house.client()
    assert client.get(path, headers=first).json == {"url": CODE.format("a")}
    refused = client.get(path, headers=second)
    assert refused.status_code == 503
    assert refused.json["code"] == "seat_awaited"
    assert "第 1 位" in refused.json["detail"]
    house.advance(24 * 3600)
    house.wiring.sweep.step("groups")
    assert client.get(path, headers=second).json == {"url": CODE.format("a")}


def test_a_seat_that_came_free_is_told_where_the_platform_allows_it(
    house: House, club: Scene
) -> None:
    path = f"/g/{club.fan_group_code}"
    fans = [house.fan() for _ in range(3)]
    visitors = [house.signed_in(fan) for fan in fans]
    for visitor in visitors:
        visitor.get(path)
    talker, silent = fans[1], fans[2]
    writes(house, talker)
    for name in ("b", "c"):
        add_code(house, club, name)
    house.wiring.sweep.step("groups")
    house.wiring.sweep.step("effects")
    assert any("有空位了" in said and path in said for said in heard(house, talker))
    assert heard(house, silent) == []
    assert "长按识别二维码" in visitors[2].get(path).text


def writes(house: House, fan: dict[str, Any]) -> None:
    """The person follows and writes; the push itself has nowhere to go here."""
    for path, body in (("follow", {}), ("send", {"type": "text", "text": "你好"})):
        asked(house.wechat, "POST", f"/_sim/people/{fan['id']}/{path}", body)
    with house.wiring.units("people.sign_in") as uow:
        account_id = house.wiring.accounts.first("oa").id
        known = people.recognise(uow, account_id=account_id, subject=fan["oa_openid"])
        people.note_message(uow, identity_id=known.identity_id, at=uow.now())


def heard(house: House, fan: dict[str, Any]) -> list[str]:
    told = asked(house.wechat, "GET", f"/_sim/people/{fan['id']}/messages")
    return [one["text"] for one in told["oa"] if one.get("text")]
