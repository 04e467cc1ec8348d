"""Every fault that the drawer offers, turned by hand: what people do goes on, and goes right."""

import re
from contextlib import closing
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from tests.channel import FREE_SENTENCE, Shelf, open_channel, sell_in_mini_program, violations
from tests.installation import Installation
from tests.journeys.conftest import PATIENCE_MS
from tests.journeys.telephones import Hand, lay_out

LOCKED = "暗部要留到第三区，树皮的纹路才看得见。"
# fault on the dial → what the drawer then lists
PAYMENT_FAULTS = {
    "支付通知来两次": "duplicate",
    "支付通知晚 60 秒": "delay",
    "支付通知丢失": "drop",
    "支付通知被改": "tamper",
}
OTHER_FAULTS = {"聊天消息来两次", "微信慢 3 秒", "全部清除"}


@pytest.fixture(scope="module")
def shelf(house: Installation) -> Shelf:
    """A channel with one paid work, on sale on every rail."""
    made = open_channel(house, locked=LOCKED)
    sell_in_mini_program(house, made)
    return made


@pytest.fixture(autouse=True)
def _no_fault_is_left(house: Installation) -> Any:
    yield
    house.world.control("PUT", "faults", rules=[])


def turn(page: Page, fault: str) -> None:
    """Press a button of the dial, and see that the drawer lists something."""
    drawer = page.get_by_role("complementary")
    drawer.get_by_role("button", name=fault, exact=True).click()
    expect(drawer.locator(".rules code").first).to_be_visible(timeout=PATIENCE_MS)


def at_the_table(house: Installation, page: Page, name: str) -> Hand:
    """One telephone beside the open drawer."""
    person = house.world.person(name, "android")
    page.set_viewport_size({"width": 1100, "height": 900})
    lay_out(page, house, person, more="&drawer")
    return Hand(page, person)


def open_page(fan: Hand, house: Installation, shelf: Shelf) -> None:
    """The work's page."""
    fan.say(f"{house.base_url}/h5/works/{shelf.work_id} ")
    fan.phone.locator(".mine .link").last.click()
    fan.reads(FREE_SENTENCE)


def open_mini(fan: Hand, house: Installation, shelf: Shelf) -> None:
    """The same in the mini-program."""
    house.world.control("PUT", "shown", handles=[shelf.handle])
    fan.to_list()
    fan.phone.locator(".entry", has_text="小程序").first.click()
    for name in (shelf.handle, "城市摄影", "清晨的街道"):
        fan.press(re.compile(name), exact=False)
    fan.sees(FREE_SENTENCE)


def assert_paid_once(house: Installation, fan: Hand) -> None:
    """Once in WeChat's books, once in ours, and nothing is out of order."""
    booked = house.world.control("GET", "books")["payments"]
    assert [one["amount_fen"] for one in booked if one["person_id"] == fan.person["id"]] == [990]
    with closing(house.wiring()) as wiring:
        assert violations(wiring) == []
        with wiring.reading() as session:
            odd = "SELECT count(*) FROM payments WHERE disposition <> 'settled'"
            assert session.execute(text(odd)).scalar_one() == 0


def test_the_dial_offers_no_fault_that_is_not_proven_here(
    house: Installation, shelf: Shelf, telephone: Page
) -> None:
    assert shelf.work_id
    at_the_table(house, telephone, "看一眼")
    drawer = telephone.get_by_role("complementary")
    expect(drawer.get_by_role("button", name="全部清除")).to_be_visible()
    offered = drawer.locator(".dials").nth(1).get_by_role("button").all_inner_texts()
    assert set(offered) == {*PAYMENT_FAULTS, *OTHER_FAULTS}


@pytest.mark.parametrize("fault", PAYMENT_FAULTS)
def test_a_page_opens_whatever_befalls_the_notification(
    house: Installation, shelf: Shelf, telephone: Page, fault: str
) -> None:
    fan = at_the_table(house, telephone, f"网页 {fault}")
    open_page(fan, house, shelf)
    turn(telephone, fault)
    fan.web.get_by_role("button", name=re.compile("9.90")).first.click(timeout=PATIENCE_MS)
    fan.settle("确认支付")
    fan.reads(LOCKED)
    # What was held back comes later, and changes nothing.
    house.world.control("POST", "clock", advance_s=120)
    assert_paid_once(house, fan)


@pytest.mark.parametrize("fault", PAYMENT_FAULTS)
def test_a_mini_program_opens_whatever_befalls_the_delivery(
    house: Installation, shelf: Shelf, telephone: Page, fault: str
) -> None:
    fan = at_the_table(house, telephone, f"小程序 {fault}")
    open_mini(fan, house, shelf)
    turn(telephone, fault)
    fan.press(re.compile("解锁全文"), exact=False)
    fan.settle("确认支付")
    fan.sees(LOCKED)
    house.world.control("POST", "clock", advance_s=120)
    assert_paid_once(house, fan)


def test_a_message_that_comes_twice_is_answered_once(
    house: Installation, shelf: Shelf, telephone: Page
) -> None:
    assert shelf.work_id
    fan = at_the_table(house, telephone, "说两次")
    fan.sees("欢迎关注")
    turn(telephone, "聊天消息来两次")
    fan.say("专栏")
    fan.sees("《城市摄影》")
    telephone.wait_for_timeout(1500)
    expect(fan.phone.locator(".row:not(.mine)", has_text="《城市摄影》")).to_have_count(1)
    expect(telephone.get_by_text("push:message duplicate")).to_have_count(0)


def test_a_slow_wechat_sells_all_the_same(
    house: Installation, shelf: Shelf, telephone: Page
) -> None:
    fan = at_the_table(house, telephone, "慢三秒")
    open_page(fan, house, shelf)
    turn(telephone, "微信慢 3 秒")
    fan.web.get_by_role("button", name=re.compile("9.90")).first.click(timeout=PATIENCE_MS)
    fan.reads("正在下单")
    fan.settle("确认支付")
    fan.reads(LOCKED)
    assert_paid_once(house, fan)
