"""The job of a fan and of a creator, with thumbs: the telephone in a real browser."""

from contextlib import closing

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from tests.channel import FREE_SENTENCE, Shelf, open_channel, violations
from tests.installation import Installation
from tests.journeys.conftest import PATIENCE_MS

LOCKED = "暗部要留到第三区，树皮的纹路才看得见。"


@pytest.fixture(scope="module")
def shelf(house: Installation) -> Shelf:
    """A channel with one paid work."""
    return open_channel(house, locked=LOCKED)


def page_inside(telephone: Page) -> FrameLocator:
    """The page of ours that the telephone shows."""
    return telephone.frame_locator("iframe")


def type_in(telephone: Page, words: str) -> None:
    """Send one message."""
    telephone.get_by_placeholder("输入消息").fill(words)
    telephone.get_by_role("button", name="发送").click()


def test_a_fan_finds_pays_and_reads_and_enters_the_group(
    house: Installation, shelf: Shelf, telephone: Page
) -> None:
    fan = house.world.person("拇指", "android")
    telephone.goto(f"{house.simulator_url}/phone?person={fan['id']}")
    expect(telephone.get_by_text("欢迎关注")).to_be_visible(timeout=PATIENCE_MS)
    type_in(telephone, "搜索 清晨")
    expect(telephone.get_by_text("清晨的街道").last).to_be_visible(timeout=PATIENCE_MS)
    type_in(telephone, "1")
    telephone.get_by_role("button", name="打开", exact=True).last.click()
    shown = page_inside(telephone)
    expect(shown.get_by_text("天刚亮的时候街上没有人")).to_be_visible(timeout=PATIENCE_MS)
    expect(shown.get_by_text(LOCKED)).to_have_count(0)
    shown.get_by_role("button", name="¥9.90 解锁全文").click()
    telephone.get_by_role("button", name="确认支付").click()
    expect(page_inside(telephone).get_by_text(LOCKED)).to_be_visible(timeout=PATIENCE_MS)

    sold = house.world.control("GET", "books")["payments"]
    assert [one["amount_fen"] for one in sold if one["person_id"] == fan["id"]] == [990]
    with closing(house.wiring()) as wiring:
        assert violations(wiring) == []


def test_an_iphone_sees_no_price_and_no_button(house: Installation, shelf: Shelf) -> None:
    fan = house.world.person("苹果", "ios")
    opened = house.world.control(
        "POST", f"people/{fan['id']}/open", url=f"{house.base_url}/h5/works/{shelf.work_id}"
    )
    assert opened["status"] == 200
    assert FREE_SENTENCE in opened["html"]
    assert "9.90" not in opened["html"]
    assert "data-buy" not in opened["html"]
    assert LOCKED not in opened["html"]


def test_a_creator_publishes_with_thumbs(
    house: Installation, shelf: Shelf, telephone: Page
) -> None:
    telephone.goto(f"{house.simulator_url}/phone?person={shelf.creator['id']}")
    type_in(
        telephone,
        "黄昏的屋顶\n太阳落到烟囱后面。风停了。\n\n---试读结束---\n\n这里要付费才看得到。",
    )
    # The chat remembers an earlier work, which was priced and published in the same words.
    draft = telephone.get_by_text("已存草稿《黄昏的屋顶》").last
    expect(draft).to_be_visible(timeout=PATIENCE_MS)
    type_in(telephone, "发布 6")
    published = telephone.get_by_text("《黄昏的屋顶》已通过审核并发布").last
    expect(published).to_be_visible(timeout=PATIENCE_MS)
