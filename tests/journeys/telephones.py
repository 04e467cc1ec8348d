"""Thumbs for the telephones: what a person does with one of several that lie side by side."""

import re
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import FrameLocator, Locator, Page, expect

from tests.installation import Installation
from tests.journeys.conftest import PATIENCE_MS


def lay_out(page: Page, house: Installation, *people: dict[str, Any], more: str = "") -> None:
    """Open the table with these people's telephones on it."""
    query = "&".join(f"person={one['id']}" for one in people)
    page.goto(f"{house.simulator_url}/phone?{query}{more}")


@dataclass
class Hand:
    """One person with their telephone."""

    page: Page
    person: dict[str, Any]

    @property
    def phone(self) -> Locator:
        """The telephone itself."""
        return self.page.locator(f'.phone[data-person="{self.person["id"]}"]')

    @property
    def web(self) -> FrameLocator:
        """The page that it shows."""
        return self.phone.frame_locator("iframe >> nth=-1")

    def press(self, name: str | re.Pattern[str], *, exact: bool = True) -> None:
        """Press the last button of this name."""
        self.phone.get_by_role("button", name=name, exact=exact).last.click(timeout=PATIENCE_MS)

    def say(self, words: str) -> None:
        """Send one message."""
        self.phone.get_by_placeholder("输入消息").fill(words)
        self.press("发送")

    def sees(self, words: str) -> None:
        """Wait until the words are there."""
        expect(self.phone.get_by_text(words).last).to_be_visible(timeout=PATIENCE_MS)

    def reads(self, words: str) -> None:
        """Wait until the page shows the words."""
        expect(self.web.get_by_text(words).last).to_be_visible(timeout=PATIENCE_MS)

    def settle(self, outcome: str) -> None:
        """Answer the pay sheet: 确认支付, 取消支付 or 模拟支付失败."""
        self.phone.get_by_role("dialog").get_by_role("button", name=outcome).click(
            timeout=PATIENCE_MS
        )

    def leave_page(self) -> None:
        """Close the page or the mini-program."""
        self.press("关闭")

    def to_list(self) -> None:
        """From a chat back to the list of conversations."""
        self.press("返回")

    def send_page_to(self, friend: dict[str, Any]) -> None:
        """Share the page that is shown."""
        self.press("更多")
        self.press("发给朋友")
        self.press(re.compile(friend["nickname"]), exact=False)
        self.sees("已发送")

    def open_card(self, friend: dict[str, Any], title: str) -> None:
        """Go to the friend's conversation and open the card with this title."""
        self.phone.locator(".entry", has_text=friend["nickname"]).click(timeout=PATIENCE_MS)
        self.phone.locator(".card", has_text=title).last.click(timeout=PATIENCE_MS)
