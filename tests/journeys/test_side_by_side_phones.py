"""Creator and fan at one table: said here, seen there; every way to pay, and what goes wrong."""

import re
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from sqlalchemy import text

from tests.channel import (
    FREE_SENTENCE,
    Shelf,
    article,
    become_creator,
    open_channel,
    sell_in_mini_program,
    until,
    violations,
)
from tests.installation import Installation
from tests.journeys.conftest import PATIENCE_MS
from tests.journeys.telephones import Hand, lay_out

LOCKED = "暗部要留到第三区，树皮的纹路才看得见。"
NEWS = "傍晚的河面"
NEWS_LOCKED = "等最后一艘船过去，水才会平。"


@pytest.fixture(scope="module")
def shelf(house: Installation) -> Shelf:
    """A channel with one paid work, on sale on every rail."""
    made = open_channel(house, locked=LOCKED)
    sell_in_mini_program(house, made)
    return made


def paid_by(house: Installation, person: dict[str, Any]) -> list[tuple[str, int]]:
    """What WeChat's books say that somebody paid."""
    booked = house.world.control("GET", "books")["payments"]
    return [(one["rail"], one["amount_fen"]) for one in booked if one["person_id"] == person["id"]]


def work_of(house: Installation, shelf: Shelf) -> str:
    """The work's page."""
    return f"{house.base_url}/h5/works/{shelf.work_id}"


def buy_from_page(hand: Hand) -> None:
    """Press the price on the page."""
    hand.web.get_by_role("button", name=re.compile("9.90")).first.click(timeout=PATIENCE_MS)


def test_a_creator_publishes_shares_and_sees_a_friend_pay_and_read(
    house: Installation, shelf: Shelf, telephone: Page
) -> None:
    friend = house.world.person("朋友", "android")
    lay_out(telephone, house, shelf.creator, friend)
    creator, fan = Hand(telephone, shelf.creator), Hand(telephone, friend)
    creator.say(article(NEWS, NEWS_LOCKED))
    creator.sees("已存草稿")
    creator.say("发布 9.9")
    creator.sees(f"《{NEWS}》已通过审核并发布")
    creator.press("打开", exact=False)
    creator.reads(NEWS_LOCKED)
    creator.send_page_to(friend)
    # It arrives while the fan looks at another conversation.
    fan.to_list()
    expect(
        fan.phone.locator(".entry", has_text=shelf.creator["nickname"]).locator(".dot")
    ).to_have_text("1")
    fan.open_card(shelf.creator, NEWS)
    fan.reads(FREE_SENTENCE)
    expect(fan.web.get_by_text(NEWS_LOCKED)).to_have_count(0)
    buy_from_page(fan)
    expect(fan.phone.get_by_role("dialog").locator(".amount")).to_have_text("¥9.90")
    fan.settle("确认支付")
    fan.reads(NEWS_LOCKED)
    assert paid_by(house, friend) == [("jsapi", 990)]
    fan.leave_page()
    fan.to_list()
    # The receipt, and the account's own word, are new in the list.
    expect(fan.phone.locator(".entry", has_text="微信支付").locator(".dot")).to_have_text("1")
    with closing(house.wiring()) as wiring:
        assert violations(wiring) == []


def test_a_cancelled_and_a_failed_payment_take_nothing_and_may_be_tried_again(
    house: Installation, shelf: Shelf, telephone: Page
) -> None:
    person = house.world.person("犹豫", "android")
    lay_out(telephone, house, person)
    fan = Hand(telephone, person)
    fan.say(f"{work_of(house, shelf)} ")
    fan.phone.locator(".mine .link").last.click()
    fan.reads(FREE_SENTENCE)
    for outcome, told in (("取消支付", "已取消"), ("模拟支付失败", "没有查到这笔付款")):
        buy_from_page(fan)
        fan.settle(outcome)
        fan.reads(told)
        assert paid_by(house, person) == []
        expect(fan.web.get_by_text(LOCKED)).to_have_count(0)
    buy_from_page(fan)
    fan.settle("确认支付")
    fan.reads(LOCKED)
    assert paid_by(house, person) == [("jsapi", 990)]


RAILS = {"xpay_android": "android", "xpay_ios": "ios"}


def open_in_mini_program(hand: Hand, shelf: Shelf) -> None:
    """From the chat to the work, as a stranger finds it who knows the creator's handle."""
    hand.to_list()
    hand.phone.locator(".entry", has_text="小程序").first.click()
    hand.press(re.compile(shelf.handle), exact=False)
    hand.press(re.compile("城市摄影"), exact=False)
    hand.press(re.compile("清晨的街道"), exact=False)
    hand.sees(FREE_SENTENCE)
    expect(hand.phone.get_by_text(LOCKED)).to_have_count(0)


def answer_sheet(hand: Hand, outcome: str) -> None:
    """Unlock, look at the sum, and answer the sheet of virtual payment."""
    hand.press(re.compile("解锁全文"), exact=False)
    expect(hand.phone.get_by_role("dialog").locator(".amount")).to_have_text("¥9.90")
    hand.settle(outcome)


def test_both_virtual_rails_are_paid_in_the_mini_program_after_a_change_of_mind(
    house: Installation, shelf: Shelf, telephone: Page
) -> None:
    people = {rail: house.world.person(f"买家 {device}", device) for rail, device in RAILS.items()}
    house.world.control("PUT", "shown", handles=[shelf.handle])
    lay_out(telephone, house, *people.values())
    for rail, person in people.items():
        fan = Hand(telephone, person)
        open_in_mini_program(fan, shelf)
        answer_sheet(fan, "取消支付")
        fan.sees("已取消支付")
        assert paid_by(house, person) == []
        answer_sheet(fan, "确认支付")
        fan.sees(LOCKED)
        assert paid_by(house, person) == [(rail, 990)]
        fan.press("已购")
        fan.press(re.compile("清晨的街道"), exact=False)
        fan.sees(LOCKED)


def test_a_virtual_payment_that_fails_takes_and_opens_nothing(
    house: Installation, shelf: Shelf, telephone: Page
) -> None:
    people = [house.world.person(f"没成 {device}", device) for device in RAILS.values()]
    house.world.control("PUT", "shown", handles=[shelf.handle])
    lay_out(telephone, house, *people)
    for person in people:
        fan = Hand(telephone, person)
        open_in_mini_program(fan, shelf)
        answer_sheet(fan, "模拟支付失败")
        fan.sees("支付失败")
        assert paid_by(house, person) == []
        expect(fan.phone.get_by_text(LOCKED)).to_have_count(0)


def test_a_picture_a_voice_and_a_video_are_made_on_the_spot_and_answered(
    house: Installation, shelf: Shelf, telephone: Page
) -> None:
    # A creator of their own: a picture waits for the text that comes next, in whichever proof.
    painter = become_creator(house, "画画的人", "街角速写 兴趣 绘画 每周1篇 共12篇")
    reader = house.world.person("会说话", "android")
    lay_out(telephone, house, painter, reader)
    creator, fan = Hand(telephone, painter), Hand(telephone, reader)
    creator.press("更多消息")
    creator.press("图片", exact=False)
    creator.press("用自带的示例")
    expect(creator.phone.locator(".mine .picture img").last).to_be_visible(timeout=PATIENCE_MS)
    creator.sees("图片已")
    fan.press("更多消息")
    fan.press("语音")
    fan.press("用自带的示例")
    fan.phone.get_by_role("dialog").get_by_role("textbox").fill("专栏")
    fan.press("好")
    fan.sees("识别：专栏")
    fan.sees("《城市摄影》")
    fan.press("视频")
    fan.press("用自带的示例")
    video = fan.phone.locator(".mine video")
    expect(video).to_be_visible(timeout=PATIENCE_MS)
    # It is a real film, which the browser can play.
    telephone.wait_for_function("document.querySelector('.mine video').readyState >= 1")
    sent = house.world.control("GET", f"people/{reader['id']}/messages?all=1")["items"]
    assert {"voice", "video"} <= {one["type"] for one in sent}


def test_the_drawer_moves_the_time_and_a_push_that_comes_twice_pays_once(
    house: Installation, shelf: Shelf, telephone: Page
) -> None:
    person = house.world.person("两次", "android")
    lay_out(telephone, house, person, more="&drawer")
    drawer = telephone.get_by_role("complementary")
    before = house.world.control("GET", "clock")["now"]
    drawer.get_by_role("button", name="+1 小时").click()
    until(lambda: house.world.control("GET", "clock")["now"] - before > 3_600, "an hour passes")
    drawer.get_by_role("button", name="支付通知来两次").click()
    expect(drawer.get_by_text("push:payment duplicate")).to_be_visible(timeout=PATIENCE_MS)
    fan = Hand(telephone, person)
    fan.say(f"{work_of(house, shelf)} ")
    fan.phone.locator(".mine .link").last.click()
    buy_from_page(fan)
    fan.settle("确认支付")
    fan.reads(LOCKED)
    expect(drawer.get_by_text("push:payment duplicate")).to_have_count(0, timeout=PATIENCE_MS)
    expect(drawer.get_by_role("row", name=re.compile("两次.*JSAPI.*9.90"))).to_have_count(1)
    drawer.get_by_role("button", name="全部清除").click()
    expect(drawer.get_by_text("没有故障")).to_be_visible(timeout=PATIENCE_MS)
    token = house.world.sign_in(person["id"], "oa")
    held = house.world.api("GET", "me/entitlements", token=token)["items"]
    assert [one["object_id"] for one in held] == [shelf.work_id]
    with closing(house.wiring()) as wiring:
        assert violations(wiring) == []
        with wiring.reading() as session:
            unsettled = session.execute(
                text("SELECT count(*) FROM payments WHERE disposition <> 'settled'")
            ).scalar_one()
    assert unsettled == 0


def test_the_telephone_speaks_english_and_asks_for_pages_in_it(
    house: Installation, shelf: Shelf, telephone: Page
) -> None:
    reader = house.world.person("Ann", "android")
    lay_out(telephone, house, reader, more="&lang=en")
    expect(telephone.get_by_role("heading", name="WeChat simulator")).to_be_visible()
    phone = telephone.locator(".phone")
    phone.get_by_placeholder("Message").fill(f"{work_of(house, shelf)} ")
    phone.get_by_role("button", name="Send").click()
    phone.locator(".mine .link").last.click()
    page = phone.frame_locator("iframe").locator("html")
    expect(page).to_have_attribute("lang", "en", timeout=PATIENCE_MS)
    telephone.get_by_role("button", name="中文").click()
    expect(telephone.get_by_role("heading", name="微信模拟器")).to_be_visible()


def to_person(hand: Hand) -> None:
    """The choice of who holds it."""
    hand.to_list()
    hand.press("换人")


def to_mini(hand: Hand) -> None:
    """The mini-program's first page."""
    hand.to_list()
    hand.phone.locator(".entry", has_text="小程序").first.click()


SCREENS: dict[str, Callable[[Hand], None]] = {
    "chat": lambda hand: hand.press("更多消息"),
    "list": Hand.to_list,
    "person": to_person,
    "mini": to_mini,
    "sheet": lambda hand: hand.press("更多"),
}


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("screen", SCREENS)
def test_no_screen_has_a_serious_fault_for_those_who_cannot_see_it(
    house: Installation, shelf: Shelf, telephone: Page, screen: str, width: int
) -> None:
    reader = house.world.person("看不见", "android")
    telephone.set_viewport_size({"width": width, "height": 800})
    lay_out(telephone, house, reader, more="&drawer" if width > 1000 else "")
    hand = Hand(telephone, reader)
    hand.sees("欢迎关注")
    SCREENS[screen](hand)
    telephone.wait_for_timeout(400)
    found = Axe().run(telephone).response["violations"]
    serious = [one for one in found if one["impact"] in {"serious", "critical"}]
    assert [(one["id"], [node["html"] for node in one["nodes"]][:3]) for one in serious] == []
    wide = telephone.evaluate("document.documentElement.scrollWidth")
    assert wide <= width


def test_what_the_house_serves_holds_nothing_of_the_simulator(
    house: Installation, shelf: Shelf
) -> None:
    for path in (f"/h5/works/{shelf.work_id}", "/h5/", f"/h5/columns/{shelf.column_id}"):
        page = requests.get(f"{house.base_url}{path}", timeout=15)
        assert page.status_code == 200
        for trace in ("__wechatPage", "/phone/", "模拟器"):
            assert trace not in page.text
    assert requests.get(f"{house.base_url}/phone", timeout=15).status_code == 404
