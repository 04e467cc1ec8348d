"""A text that is no draft yet survives a closed tab and a lost network, and makes no drafts."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from creator_tools.works import queries as works
from tests.integration.studio_page.conftest import Author
from tests.integration.studio_page.test_studio_browser import (
    PHONE,
    address,  # noqa: F401 - a fixture is found by its name
    findings,
    picture,
)

NEW = "/studio/works/new"
KEPT = "已存在这台设备上"

pytestmark = pytest.mark.browser


@contextmanager
def browsing(author: Author, address: str, chromium: str) -> Iterator[BrowserContext]:  # noqa: F811
    """A browser that stays open while its tabs come and go."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = browser.new_context(viewport=PHONE, locale="zh-CN", device_scale_factor=2)  # type: ignore[arg-type]
        sit_down(context, author, address)
        yield context
        browser.close()


def sit_down(context: BrowserContext, author: Author, address: str) -> None:  # noqa: F811
    kept = author.client.get_cookie("juanliu")
    assert kept is not None
    context.add_cookies([{"name": "juanliu", "value": kept.value, "url": address}])


def tab(context: BrowserContext, address: str) -> Page:  # noqa: F811
    page = context.new_page()
    page.goto(f"{address}{NEW}")
    return page


def write(page: Page, title: str, text: str) -> None:
    page.fill("#f-title", title)
    page.fill("#f-markdown", text)
    expect(page.locator("[data-saved]")).to_contain_text(KEPT)


def offered(page: Page) -> list[str]:
    """The titles of the texts that the page offers to go on with."""
    shown = page.locator("[data-kept] .row__main").all_inner_texts()
    assert page.locator("[data-kept]").is_visible() == bool(shown)
    return [said.splitlines()[0] for said in shown]


def go_on(page: Page, title: str) -> None:
    page.locator("[data-kept] .row", has_text=title).get_by_role("button", name="接着写").click()


def save(page: Page) -> None:
    page.get_by_role("button", name="存为草稿").click()


def drafts(author: Author) -> list[str]:
    found = author.read(lambda session: works.list_of_creator(session, author.creator_id))
    return [work.title for work in found]


def test_a_closed_tab_loses_nothing_and_makes_no_draft(
    author: Author,
    address: str,  # noqa: F811
    chromium_path: str,
) -> None:
    second = author.column("夜读")
    author.column("城市摄影")
    with browsing(author, address, chromium_path) as context:
        page = tab(context, address)
        assert offered(page) == []
        page.select_option("#f-column", str(second.id))
        write(page, "清晨的街道", "天刚亮的时候街上没有人。")
        page.close()
        assert drafts(author) == []
        page = tab(context, address)
        assert offered(page) == ["清晨的街道"]
        assert page.input_value("#f-title") == ""
        picture(page, "new-text-offered")
        assert findings(page) == []
        go_on(page, "清晨的街道")
        assert page.input_value("#f-markdown") == "天刚亮的时候街上没有人。"
        assert page.input_value("#f-column") == str(second.id)
        assert offered(page) == []
        save(page)
        page.wait_for_url(re.compile(r"/studio/works/[0-9a-f-]{36}\?done=drafted"))
        assert drafts(author) == ["清晨的街道"]
        # It is a draft now: the device keeps it no more.
        assert offered(tab(context, address)) == []


def test_a_lost_network_keeps_the_text_and_saves_it_once(
    author: Author,
    address: str,  # noqa: F811
    chromium_path: str,
) -> None:
    author.column()
    with browsing(author, address, chromium_path) as context:
        page = tab(context, address)
        write(page, "清晨的街道", "天刚亮的时候街上没有人。")
        context.set_offline(True)
        save(page)
        expect(page.locator("[data-saved]")).to_contain_text("没有连上网络")
        picture(page, "new-text-offline")
        page.close()
        context.set_offline(False)
        page = tab(context, address)
        go_on(page, "清晨的街道")
        # The answer is lost, the draft is made: sending the same again makes no second one.
        page.route("**/studio/works", lambda route: (route.fetch(), route.abort()))
        save(page)
        expect(page.locator("[data-saved]")).to_contain_text("没有连上网络")
        assert drafts(author) == ["清晨的街道"]
        page.close()
        page = tab(context, address)
        go_on(page, "清晨的街道")
        save(page)
        page.wait_for_url(re.compile(r"done=drafted"))
        assert drafts(author) == ["清晨的街道"]


def test_two_tabs_keep_a_text_each_and_neither_writes_over_the_other(
    author: Author,
    address: str,  # noqa: F811
    chromium_path: str,
) -> None:
    author.column()
    with browsing(author, address, chromium_path) as context:
        one, other = tab(context, address), tab(context, address)
        write(one, "甲", "甲的正文。")
        write(other, "乙", "乙的正文。")
        # What is being written in a tab is not offered in the next one.
        assert offered(tab(context, address)) == []
        one.close()
        other.close()
        page = tab(context, address)
        assert sorted(offered(page)) == ["乙", "甲"]
        late = tab(context, address)
        write(page, "丙", "丙的正文。")
        go_on(page, "甲")
        assert page.input_value("#f-markdown") == "甲的正文。"
        assert sorted(offered(page)) == ["丙", "乙"]
        # A tab that still offers it learns that it is taken.
        go_on(late, "甲")
        expect(late.locator("[data-saved]")).to_contain_text("另一个窗口")
        assert late.input_value("#f-title") == ""
        late.locator("[data-kept] .row", has_text="乙").get_by_role("button", name="丢掉").click()
        assert offered(late) == ["丙"]
        assert drafts(author) == []


def test_a_refused_text_stands_there_with_its_reason_and_is_offered_nowhere_else(
    author: Author,
    address: str,  # noqa: F811
    chromium_path: str,
) -> None:
    author.column()
    with browsing(author, address, chromium_path) as context:
        page = tab(context, address)
        write(page, "长" * 65, "天刚亮的时候街上没有人。")
        save(page)
        expect(page.locator("#f-title-error")).to_contain_text("64")
        assert page.input_value("#f-markdown") == "天刚亮的时候街上没有人。"
        assert offered(page) == []
        page.fill("#f-title", "清晨的街道")
        save(page)
        page.wait_for_url(re.compile(r"done=drafted"))
        assert drafts(author) == ["清晨的街道"]
        assert offered(tab(context, address)) == []


def test_another_creator_at_the_same_browser_is_offered_nothing(
    author: Author,
    rival: Author,
    address: str,  # noqa: F811
    chromium_path: str,
) -> None:
    author.column()
    rival.column()
    with browsing(author, address, chromium_path) as context:
        page = tab(context, address)
        write(page, "清晨的街道", "天刚亮的时候街上没有人。")
        page.close()
        sit_down(context, rival, address)
        assert offered(tab(context, address)) == []
        sit_down(context, author, address)
        assert offered(tab(context, address)) == ["清晨的街道"]
