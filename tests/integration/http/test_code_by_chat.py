"""A code goes the whole way: from the keeper's telephone through the chat to a fan's page."""

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from creator_tools.fan_groups import queries, service
from creator_tools.fan_groups.rules import code_in, draw_code
from creator_tools.people import queries as people
from tests.integration.http.conftest import House, Scene, asked
from tests.served import served

CODE = "https://weixin.qq.com/g/AQYAAbychat"


@pytest.fixture
def reached(house: House) -> Iterator[House]:
    """The house behind a port that the simulator pushes to."""
    with served(house.app) as address:
        callback = f"{address}/wechat/official-account"
        asked(house.wechat, "PUT", "/_sim/accounts", {"oa": {"callback_url": callback}})
        yield house
        asked(house.wechat, "PUT", "/_sim/accounts", {"oa": {"callback_url": ""}})


def send_picture(house: House, keeper: dict[str, Any], picture: bytes) -> str:
    """Send a picture by chat; what the keeper reads at last."""
    body = {"type": "image", "content_base64": base64.b64encode(picture).decode()}
    asked(house.wechat, "POST", f"/_sim/people/{keeper['id']}/send", body)
    for _ in range(3):
        house.wiring.sweep.step("inbox")
        house.wiring.sweep.step("effects")
    told = asked(house.wechat, "GET", f"/_sim/people/{keeper['id']}/messages")
    return str([one["text"] for one in told["oa"] if one.get("text")][-1])


def test_a_keeper_sends_a_picture_and_fans_are_shown_its_code(reached: House, scene: Scene) -> None:
    keeper = reached.fan()
    asked(reached.wechat, "POST", f"/_sim/people/{keeper['id']}/follow", {})
    account_id = reached.wiring.accounts.first("oa").id
    with reached.wiring.units("studio.act") as uow:
        for way in queries.list_join_ways(uow.session, scene.fan_group_id):
            service.close_join_way(uow, join_way_id=way.id, creator_id=scene.creator_id)
        service.set_gate(
            uow, fan_group_id=scene.fan_group_id, creator_id=scene.creator_id, gate="free"
        )
        service.name_keeper(
            uow,
            fan_group_id=scene.fan_group_id,
            creator_id=scene.creator_id,
            person_id=people.find_person(uow.session, account_id, keeper["oa_openid"]),
        )
    refused = send_picture(reached, keeper, draw_code("wxp://f2f0Zb2SPpaymentcode"))
    assert "收款码" in refused
    taken = send_picture(reached, keeper, draw_code(CODE))
    assert "有了新的群二维码" in taken
    assert f"/g/{scene.fan_group_code}" in taken
    visitor = reached.signed_in(reached.fan())
    assert "长按识别二维码" in visitor.get(f"/g/{scene.fan_group_code}").text
    assert code_in(visitor.get(f"/g/{scene.fan_group_code}/code.png").data) == CODE
