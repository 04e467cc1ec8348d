"""Whoever has paid is one tap from the fan group: on the page and in the message."""

import html
import re
from uuid import UUID

import pytest

from creator_tools.fan_groups import queries as fan_groups
from creator_tools.fan_groups import service as fan_groups_service
from creator_tools.messaging import queries as messaging
from creator_tools.messaging import rules as words
from tests.integration.http.conftest import BASE_URL, House, Scene, asked
from tests.integration.http.test_h5 import JSON, csrf_of

LABEL = "加入《光影课》读者群"


def paid_order(house: House, scene: Scene) -> tuple[UUID, list[str]]:
    """A fan buys the work; gives the order, and the page of the work and of the column."""
    fan = house.fan()
    client = house.signed_in(fan)
    path = f"/h5/works/{scene.work_id}"
    assert LABEL not in client.get(path).text
    headers = {**JSON, "X-CSRF-Token": csrf_of(client, path), "Origin": BASE_URL}
    placed = client.post(f"/h5/products/{scene.work_product_id}/buy", headers=headers)
    body = {"rail": "jsapi", "payment": placed.json["pay"]}
    asked(house.wechat, "POST", f"/_sim/people/{fan['id']}/pay", body)
    house.advance(5)
    house.wiring.payments.ask(UUID(placed.json["order_id"]))
    pages = [client.get(one).text for one in (path, f"/h5/columns/{scene.column_id}")]
    for page in pages:
        if LABEL in page:
            found = re.search(rf'href="([^"]+)">{LABEL}</a>', page)
            assert found is not None
            # One tap: the link leads through the door and not to another page of ours.
            door = client.get(found.group(1))
            assert door.status_code == 200
            assert "https://work.weixin.qq.com/gm/" in door.text
    return UUID(placed.json["order_id"]), pages


def notice_of(house: House, order_id: UUID) -> messaging.PaidNotice:
    with house.wiring.units.reading() as session:
        notice = messaging.paid_notice(session, order_id, house.wiring.clock.now())
    assert notice is not None
    return notice


def test_a_buyer_is_one_tap_from_the_group(house: House, scene: Scene) -> None:
    order_id, pages = paid_order(house, scene)
    for page in pages:
        assert LABEL in page
        assert f'href="/g/{scene.fan_group_code}"' in page
    door = notice_of(house, order_id).door
    assert door == messaging.GroupDoor("光影课", f"/g/{scene.fan_group_code}")


@pytest.mark.parametrize("reason", ["group closed", "ways closed"])
def test_a_group_that_lets_nobody_in_is_not_offered(
    house: House, scene: Scene, reason: str
) -> None:
    with house.wiring.units("studio.act") as uow:
        if reason == "group closed":
            fan_groups_service.set_state(
                uow,
                fan_group_id=scene.fan_group_id,
                creator_id=scene.creator_id,
                state="closed",
            )
        else:
            for way in fan_groups.list_join_ways(uow.session, scene.fan_group_id):
                fan_groups_service.close_join_way(
                    uow, join_way_id=way.id, creator_id=scene.creator_id
                )
    order_id, pages = paid_order(house, scene)
    assert all(LABEL not in page for page in pages)
    assert notice_of(house, order_id).door is None


def test_a_full_group_is_offered_only_to_who_has_a_seat(house: House, scene: Scene) -> None:
    with house.wiring.units("studio.act") as uow:
        for way in fan_groups.list_join_ways(uow.session, scene.fan_group_id):
            way.capacity_count = 1
    order_id, _ = paid_order(house, scene)
    seated = notice_of(house, order_id)
    assert seated.door is not None
    other_id, pages = paid_order(house, scene)
    assert notice_of(house, other_id).door is None
    assert all(LABEL not in page for page in pages)


def test_a_reader_of_a_free_work_is_not_led_to_a_closed_door(house: House, scene: Scene) -> None:
    client = house.signed_in(house.fan())
    for path in (f"/h5/works/{scene.free_work_id}", f"/h5/columns/{scene.column_id}"):
        page = client.get(path)
        assert page.status_code == 200
        assert LABEL not in page.text


def test_the_message_holds_both_links_and_no_markup_of_a_title() -> None:
    plain = words.paid_words("第一课", 990, "https://h.cn/h5/works/1")
    assert "读者群" not in plain
    said = words.paid_words(
        "第一课", 990, "https://h.cn/h5/works/1", ('<b>"光影"', "https://h.cn/g/abc")
    )
    assert '<a href="https://h.cn/g/abc">' in said
    assert "<b>" not in said
    assert html.unescape(said).count("《") == 2
