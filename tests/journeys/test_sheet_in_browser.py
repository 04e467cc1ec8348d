"""The pay sheet under thumbs: a network that is lost in it, two taps, two tabs, the way back."""

import re
from contextlib import closing
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.channel import FREE_SENTENCE, Shelf, open_channel, sell_in_mini_program, violations
from tests.installation import Installation
from tests.journeys.conftest import PATIENCE_MS
from tests.journeys.telephones import Hand, lay_out

LOCKED = "暗部要留到第三区，树皮的纹路才看得见。"
BEFORE, AFTER = "断网：还没付", "断网：已付款"
DEVICES = {"xpay_android": "android", "xpay_ios": "ios"}
LOST_PUSHES = [
    {"route": route, "fault": "drop", "times": 50} for route in ("push:payment", "push:xpay")
]


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


def orders_of(house: Installation, person: dict[str, Any]) -> int:
    """How many orders they have, by their own page."""
    opened = house.world.control(
        "POST", f"people/{person['id']}/open", url=f"{house.base_url}/h5/orders"
    )
    return len(set(re.findall(r"/h5/orders/([0-9a-f-]{36})", opened["html"])))


def before_the_work(
    house: Installation, shelf: Shelf, page: Page, name: str
) -> tuple[Hand, dict[str, Any]]:
    """A fan with the paid work open on their telephone."""
    person = house.world.person(name, "android")
    lay_out(page, house, person)
    fan = Hand(page, person)
    fan.say(f"{house.base_url}/h5/works/{shelf.work_id} ")
    fan.phone.locator(".mine .link").last.click()
    fan.reads(FREE_SENTENCE)
    return fan, person


def before_the_work_in_mini(house: Installation, shelf: Shelf, page: Page, rail: str) -> Hand:
    """The same in the mini-program."""
    person = house.world.person(f"小程序 {rail}", DEVICES[rail])
    house.world.control("PUT", "shown", handles=[shelf.handle])
    lay_out(page, house, person)
    fan = Hand(page, person)
    fan.to_list()
    fan.phone.locator(".entry", has_text="小程序").first.click()
    for name in (shelf.handle, "城市摄影", "清晨的街道"):
        fan.press(re.compile(name), exact=False)
    fan.sees(FREE_SENTENCE)
    return fan


def tap_price(fan: Hand) -> None:
    """Press the price on the page."""
    fan.web.get_by_role("button", name=re.compile("9.90")).first.click(timeout=PATIENCE_MS)


def test_a_page_that_heard_nothing_says_so_and_lets_people_try_again(
    house: Installation, shelf: Shelf, telephone: Page
) -> None:
    fan, person = before_the_work(house, shelf, telephone, "断在前")
    tap_price(fan)
    fan.settle(BEFORE)
    fan.sees("付款没有发出")
    fan.reads("还没有收到支付结果")
    assert paid_by(house, person) == []
    tap_price(fan)
    fan.settle("确认支付")
    fan.reads(LOCKED)
    assert (paid_by(house, person), orders_of(house, person)) == ([("jsapi", 990)], 1)


def test_a_page_that_heard_nothing_opens_what_was_paid(
    house: Installation, shelf: Shelf, telephone: Page
) -> None:
    fan, person = before_the_work(house, shelf, telephone, "断在后")
    tap_price(fan)
    fan.settle(AFTER)
    fan.reads(LOCKED)
    assert (paid_by(house, person), orders_of(house, person)) == ([("jsapi", 990)], 1)


def test_a_sheet_that_says_failed_of_a_paid_order_is_not_believed(
    house: Installation, shelf: Shelf, telephone: Page
) -> None:
    """The money is taken and nobody was told; the second sheet says "failed", since it is paid."""
    fan, person = before_the_work(house, shelf, telephone, "说没成")
    house.world.control("PUT", "faults", rules=LOST_PUSHES)
    try:
        tap_price(fan)
        expect(fan.phone.get_by_role("dialog").locator(".amount")).to_have_text("¥9.90")
        # The same sheet is open on another telephone of theirs, and paid there.
        table = telephone.context.new_page()
        lay_out(table, house, person)
        other = Hand(table, person)
        other.phone.locator(".mine .link").last.click()
        other.reads(FREE_SENTENCE)
        tap_price(other)
        other.settle(AFTER)
        fan.settle("确认支付")
        fan.sees("该订单已支付")
    finally:
        house.world.control("PUT", "faults", rules=[])
    fan.reads(LOCKED)
    other.reads(LOCKED)
    table.close()
    assert (paid_by(house, person), orders_of(house, person)) == ([("jsapi", 990)], 1)
    with closing(house.wiring()) as wiring:
        assert violations(wiring) == []


def test_two_tabs_that_pay_one_work_pay_once_and_both_open(
    house: Installation, shelf: Shelf, telephone: Page
) -> None:
    fan, person = before_the_work(house, shelf, telephone, "两页")
    table = telephone.context.new_page()
    lay_out(table, house, person)
    other = Hand(table, person)
    other.phone.locator(".mine .link").last.click()
    other.reads(FREE_SENTENCE)
    for hand in (fan, other):
        tap_price(hand)
        expect(hand.phone.get_by_role("dialog").locator(".amount")).to_have_text("¥9.90")
    other.settle("确认支付")
    other.reads(LOCKED)
    fan.settle("确认支付")
    fan.sees("该订单已支付")
    fan.reads(LOCKED)
    table.close()
    assert (paid_by(house, person), orders_of(house, person)) == ([("jsapi", 990)], 1)


def test_two_taps_make_one_order_and_one_sheet(
    house: Installation, shelf: Shelf, telephone: Page
) -> None:
    fan, person = before_the_work(house, shelf, telephone, "手抖")
    fan.web.get_by_role("button", name=re.compile("9.90")).first.dblclick(timeout=PATIENCE_MS)
    expect(fan.phone.get_by_role("dialog")).to_have_count(1, timeout=PATIENCE_MS)
    fan.settle("确认支付")
    fan.reads(LOCKED)
    expect(fan.phone.get_by_role("dialog")).to_have_count(0)
    assert (paid_by(house, person), orders_of(house, person)) == ([("jsapi", 990)], 1)


def test_the_way_back_after_paying_finds_everything_open(
    house: Installation, shelf: Shelf, telephone: Page
) -> None:
    fan, person = before_the_work(house, shelf, telephone, "往回走")
    fan.web.get_by_role("link", name="城市摄影").click()
    fan.reads("每周")
    fan.web.get_by_role("link", name=re.compile("清晨的街道")).first.click()
    fan.reads(FREE_SENTENCE)
    tap_price(fan)
    fan.settle("确认支付")
    fan.reads(LOCKED)
    for _ in range(2):
        fan.press("返回")
    # The page as it was before paying is shown as it is now, and sells nothing any more.
    fan.reads(LOCKED)
    expect(fan.web.get_by_role("button", name=re.compile("9.90"))).to_have_count(0)
    assert paid_by(house, person) == [("jsapi", 990)]


@pytest.mark.parametrize("rail", DEVICES)
def test_a_mini_program_that_heard_nothing_tells_the_truth_and_tries_again(
    house: Installation, shelf: Shelf, telephone: Page, rail: str
) -> None:
    fan = before_the_work_in_mini(house, shelf, telephone, rail)
    fan.press(re.compile("解锁全文"), exact=False)
    fan.settle(BEFORE)
    fan.sees("没有查到这笔付款")
    assert paid_by(house, fan.person) == []
    expect(fan.phone.get_by_text(LOCKED)).to_have_count(0)
    fan.press(re.compile("解锁全文"), exact=False)
    fan.settle(AFTER)
    fan.sees(LOCKED)
    assert paid_by(house, fan.person) == [(rail, 990)]


@pytest.mark.parametrize("rail", DEVICES)
def test_a_mini_program_and_a_house_that_heard_nothing_do_not_sell_twice(
    house: Installation, shelf: Shelf, telephone: Page, rail: str
) -> None:
    fan = before_the_work_in_mini(house, shelf, telephone, rail)
    house.world.control("PUT", "faults", rules=LOST_PUSHES)
    try:
        fan.phone.get_by_role("button", name=re.compile("解锁全文")).dblclick()
        expect(fan.phone.get_by_role("dialog")).to_have_count(1)
        fan.settle(AFTER)
        fan.press("关闭")
        fan.phone.locator(".entry", has_text="小程序").first.click()
        for name in (shelf.handle, "城市摄影", "清晨的街道"):
            fan.press(re.compile(name), exact=False)
        fan.sees(FREE_SENTENCE)
        if fan.phone.get_by_role("button", name=re.compile("解锁全文")).count():
            fan.press(re.compile("解锁全文"), exact=False)
        fan.sees(LOCKED)
    finally:
        house.world.control("PUT", "faults", rules=[])
    expect(fan.phone.get_by_role("dialog")).to_have_count(0)
    assert paid_by(house, fan.person) == [(rail, 990)]
