"""A code read by a long press, a card of the mini-program, a creator who is paused meanwhile."""

import hashlib
import re
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from creator_tools.creators import service as creators
from creator_tools.fan_groups import queries as fan_groups
from creator_tools.fan_groups import service as fan_groups_service
from creator_tools.fan_groups.rules import draw_code
from creator_tools.people import queries as people
from tests.channel import FREE_SENTENCE, Shelf, open_channel, sell_in_mini_program
from tests.installation import Installation
from tests.journeys.conftest import PATIENCE_MS
from tests.journeys.telephones import Hand, lay_out

LOCKED = "暗部要留到第三区，树皮的纹路才看得见。"
GROUP = "abcdef0123456789"
GROUP_CODE = f"https://weixin.qq.com/g/{GROUP}"
HOLD_MS = 800


@pytest.fixture(scope="module")
def shelf(house: Installation) -> Shelf:
    """A channel with one paid work, on sale on every rail."""
    made = open_channel(house, locked=LOCKED)
    sell_in_mini_program(house, made)
    return made


def close_other_ways(house: Installation, shelf: Shelf) -> str:
    """Leave the group open to everybody and without a way in; gives its address."""
    with closing(house.wiring()) as wiring, wiring.units("studio.act") as uow:
        group = fan_groups.get(uow.session, shelf.fan_group_id)
        for way in fan_groups.list_join_ways(uow.session, group.id):
            fan_groups_service.close_join_way(uow, join_way_id=way.id, creator_id=shelf.creator_id)
        fan_groups_service.set_gate(
            uow, fan_group_id=group.id, creator_id=shelf.creator_id, gate="free"
        )
        return f"{house.base_url}/g/{group.code}"


def test_a_long_press_on_a_code_opens_what_the_code_says(
    house: Installation, shelf: Shelf, telephone: Page, tmp_path: Path
) -> None:
    picture = tmp_path / "group.png"
    picture.write_bytes(draw_code(GROUP_CODE))
    door = close_other_ways(house, shelf)
    newcomer = house.world.person("进群的人", "android")
    lay_out(telephone, house, shelf.creator, newcomer)
    creator, fan = Hand(telephone, shelf.creator), Hand(telephone, newcomer)
    creator.press("更多消息")
    creator.press("图片", exact=False)
    with telephone.expect_file_chooser() as chooser:
        creator.press("选一个文件")
    chooser.value.set_files(picture)
    creator.sees("有了新的群二维码")
    fan.say(f"{door} ")
    fan.phone.locator(".mine .link").last.click()
    fan.reads("长按识别二维码进群")
    fan.web.get_by_role("img", name="群二维码").hover()
    telephone.mouse.down()
    telephone.wait_for_timeout(HOLD_MS)
    telephone.mouse.up()
    fan.press("识别图中的二维码")
    fan.reads("你已加入群聊")
    joined = house.world.control("GET", f"people/{newcomer['id']}/messages")["groups"]
    assert [one["code"] for one in joined] == [hashlib.sha256(GROUP.encode()).hexdigest()[:32]]


def open_work_in_mini(hand: Hand, shelf: Shelf) -> None:
    """From the list of conversations to the work in the mini-program."""
    hand.to_list()
    hand.phone.locator(".entry", has_text="小程序").first.click()
    for name in (shelf.handle, "城市摄影", "清晨的街道"):
        hand.press(re.compile(name), exact=False)
    hand.sees(FREE_SENTENCE)


def send_on(hand: Hand, friend: dict[str, Any]) -> None:
    """Send the mini-program's page to a friend."""
    hand.press("发给朋友")
    hand.phone.get_by_role("dialog").get_by_text(friend["nickname"], exact=True).click()
    hand.sees("已发送")


def visits(house: Installation) -> list[tuple[str, str, str]]:
    """Who was brought by whom, by which campaign, in order; people by their openid's person."""
    with closing(house.wiring()) as wiring, wiring.reading() as session:
        found = session.execute(
            text(
                "SELECT inviter_id, visitor_id, campaign FROM share_visits"
                " WHERE object_type = 'work' ORDER BY visited_at"
            )
        )
        return [(str(row[0]), str(row[1]), row[2]) for row in found]


def person_of(house: Installation, person: dict[str, Any]) -> str:
    """Who this is in the house."""
    with closing(house.wiring()) as wiring, wiring.reading() as session:
        account_id = wiring.accounts.first("mini").id
        return str(people.find_person(session, account_id, person["mini_openid"]))


def test_a_card_of_the_mini_program_opens_at_a_friend_and_names_who_sent_it(
    house: Installation, shelf: Shelf, telephone: Page
) -> None:
    names = ("发卡人", "收卡人", "路过的人")
    sharer, friend, third = (house.world.person(name, "android") for name in names)
    house.world.control("PUT", "shown", handles=[shelf.handle])
    lay_out(telephone, house, sharer, friend, third)
    hands = [Hand(telephone, one) for one in (sharer, friend, third)]
    open_work_in_mini(hands[0], shelf)
    send_on(hands[0], friend)
    hands[1].to_list()
    hands[1].open_card(sharer, "清晨的街道")
    hands[1].sees(FREE_SENTENCE)
    expect(hands[1].phone.get_by_text(LOCKED)).to_have_count(0)
    # A card that was received and passed on names who passed it on.
    send_on(hands[1], third)
    hands[2].to_list()
    hands[2].open_card(friend, "清晨的街道")
    hands[2].sees(FREE_SENTENCE)
    telephone.wait_for_timeout(500)
    first, second, last = (person_of(house, one) for one in (sharer, friend, third))
    assert visits(house) == [(first, second, "card"), (second, last, "card")]
    hands[2].press(re.compile("解锁全文"), exact=False)
    hands[2].settle("确认支付")
    hands[2].sees(LOCKED)


def test_a_creator_who_is_paused_meanwhile_is_told_and_loses_nothing(
    house: Installation, shelf: Shelf, telephone: Page
) -> None:
    reader = house.world.person("读者", "android")
    lay_out(telephone, house, shelf.creator, reader)
    creator, fan = Hand(telephone, shelf.creator), Hand(telephone, reader)
    creator.say(f"{house.base_url}/studio/profile ")
    creator.phone.locator(".mine .link").last.click()
    words = creator.web.get_by_label("简介")
    expect(words).to_be_visible(timeout=PATIENCE_MS)
    with closing(house.wiring()) as wiring, wiring.units("studio.act") as uow:
        creators.set_state(uow, creator_id=shelf.creator_id, state="paused")
    try:
        words.fill("写到一半的介绍")
        creator.web.get_by_role("button", name="改简介").click()
        creator.reads("你的创作者身份已被暂停，内容和收入都还在")
        expect(creator.web.get_by_label("简介")).to_have_value("写到一半的介绍")
        creator.leave_page()
        creator.say("定价 1 3")
        creator.sees("你的创作者身份已被暂停")
        # Who comes now is told why nothing is sold.
        fan.say(f"{house.base_url}/h5/works/{shelf.work_id} ")
        fan.phone.locator(".mine .link").last.click()
        fan.reads("暂时不接受新读者")
        expect(fan.web.get_by_role("button", name=re.compile("9.90"))).to_have_count(0)
    finally:
        with closing(house.wiring()) as wiring, wiring.units("studio.act") as uow:
            creators.set_state(uow, creator_id=shelf.creator_id, state="active")
    creator.say("我的作品")
    creator.sees("清晨的街道")
