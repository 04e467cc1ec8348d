"""The creator's page in a real browser: on a phone and at a desk, in both languages."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect, sync_playwright

from config.settings import process_environment
from creator_tools.works import queries as works
from tests.integration.studio_page.conftest import Author
from tests.integration.studio_page.shop import living
from tests.integration.studio_page.test_desk_sign_in import desk_of, link_of
from tests.integration.studio_page.test_groups_page import opened
from tests.integration.studio_page.test_shares_page import come, people
from tests.served import served

PHONE = {"width": 375, "height": 740}
DESK = {"width": 1280, "height": 860}
SERIOUS = {"serious", "critical"}


@pytest.fixture
def address(author: Author) -> Iterator[str]:
    """The installation behind a real port."""
    with served(author.house.app) as reached:
        yield reached


@contextmanager
def seated(
    author: Author, address: str, chromium: str, size: dict[str, int], locale: str = "zh-CN"
) -> Iterator[tuple[Page, list[str]]]:
    """A browser that holds the creator's session, and what it complains of."""
    kept = author.client.get_cookie("juanliu")
    assert kept is not None
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = browser.new_context(viewport=size, locale=locale, device_scale_factor=2)  # type: ignore[arg-type]
        context.add_cookies([{"name": "juanliu", "value": kept.value, "url": address}])
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page, complaints
        browser.close()


def picture(page: Page, name: str) -> None:
    """Keep a screenshot where somebody asked for them."""
    folder = process_environment().get("SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def findings(page: Page) -> list[str]:
    """What axe finds serious."""
    found: dict[str, Any] = Axe().run(page).response
    return [
        f"{one['id']}: {node['html'][:120]}"
        for one in found["violations"]
        if one["impact"] in SERIOUS
        for node in one["nodes"][:3]
    ]


@pytest.mark.browser
@pytest.mark.parametrize("locale", ["zh-CN", "en"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_every_page_fits_and_is_fit_for_everybody(
    author: Author, address: str, chromium_path: str, size: dict[str, int], locale: str
) -> None:
    column, pages = living(author)
    second = author.column("夜读")
    author.done(pages[0], f"{pages[0]}/columns", what="put_in", column=str(second.id))
    for inviter, visitor in zip(
        people(author, "小兰", ""), people(author, "甲", "乙"), strict=True
    ):
        come(author, visitor, inviter, "card", pages[0])
    desk = desk_of(author.house)
    desk.get("/studio/sign-in")
    shown = {
        "home": "/studio/",
        "works": "/studio/works",
        "work-draft": pages[3],
        "work-published": pages[0],
        "work-new": "/studio/works/new",
        "columns": "/studio/columns",
        "column": f"/studio/columns/{column.id}",
        "column-new": "/studio/columns/new",
        "income": "/studio/income",
        "buyers": "/studio/buyers",
        "shares": "/studio/shares",
        "shares-link": f"/studio/shares?of=column-{column.id}&campaign=spring-2",
        "groups": "/studio/groups",
        "group": opened(author, column),
        "let-in": link_of(author, desk),
        "profile": "/studio/profile",
        "nothing-found": "/studio/works?q=nothing",
    }
    with seated(author, address, chromium_path, size, locale) as (page, complaints):
        for name, path in shown.items():
            page.goto(f"{address}{path}")
            if name == "income":
                page.wait_for_selector("[data-chart] canvas")
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= size["width"], f"{name} is {width} px wide"
            picture(page, f"{name}-{'phone' if size is PHONE else 'desk'}-{locale}")
            assert findings(page) == [], name
    assert complaints == []


@pytest.mark.browser
def test_a_text_is_previewed_cut_and_saved_while_it_is_typed(
    author: Author, address: str, chromium_path: str
) -> None:
    page_path = author.draft(author.column(), text="第一句。第二句。")
    with seated(author, address, chromium_path, PHONE) as (page, complaints):
        page.goto(f"{address}{page_path}")
        page.fill("#f-markdown", "第一句。\n\n第二句。\n\n第三句在后面。")
        expect(page.locator("#preview")).to_contain_text("第三句")
        page.evaluate(
            "t = document.querySelector('#f-markdown'); t.focus();"
            "t.setSelectionRange(t.value.indexOf('第三句'), t.value.indexOf('第三句'))"
        )
        page.click("[data-cut]")
        assert "【试读结束】" in page.input_value("#f-markdown")
        free = ".preview__free .prose"
        expect(page.locator(free)).to_contain_text("第二句")
        assert "第三句" not in page.inner_text(free)
        expect(page.locator("[data-saved]")).to_have_text("已自动保存", timeout=30_000)
        page.fill("#price, #f-price", "9.9")
        page.wait_for_selector("#earned .earnings")
        assert "你得 ¥8.86" in page.inner_text("#earned")
        picture(page, "editor-typing-phone")
    work = author.work(page_path)
    newest = author.read(lambda session: works.newest_revision(session, work))
    assert newest.number >= 2
    assert "第三句" not in newest.preview_html
    assert complaints == []


@pytest.mark.browser
def test_undo_and_a_second_word_are_one_tap_away(
    author: Author, address: str, chromium_path: str
) -> None:
    _, pages = living(author)
    with seated(author, address, chromium_path, PHONE) as (page, complaints):
        page.goto(f"{address}{pages[0]}")
        page.click("button[value=withdraw]")
        page.wait_for_selector("text=已经有人买过")
        picture(page, "confirm-phone")
        assert findings(page) == []
        page.click(".btn_danger")
        page.wait_for_selector(".notice_done")
        assert author.work(pages[0]).state == "withdrawn"
        picture(page, "done-phone")
        assert findings(page) == []
        page.click(".undo button")
        page.wait_for_selector("text=已撤销")
        assert author.work(pages[0]).state == "published"
    assert complaints == []


@pytest.mark.browser
@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_a_desk_is_let_in_while_its_page_waits(
    author: Author, address: str, chromium_path: str, locale: str
) -> None:
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        page = browser.new_page(viewport=DESK, locale=locale)  # type: ignore[arg-type]
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(f"{address}/studio/columns")
        code = page.inner_text(".big-code").split()[-1]
        picture(page, f"sign-in-desk-{locale}")
        assert findings(page) == []
        author.say(f"登录 {code}")
        page.wait_for_url("**/studio/columns")
        page.goto(f"{address}/studio/profile")
        picture(page, f"profile-at-desk-{locale}")
        assert findings(page) == []
        browser.close()
    assert complaints == []


@pytest.mark.browser
def test_a_file_is_put_into_a_work_and_taken_out_again(
    author: Author, address: str, chromium_path: str
) -> None:
    page_path = author.draft(author.column())
    with seated(author, address, chromium_path, PHONE) as (page, complaints):
        page.goto(f"{address}{page_path}")
        lesson = {
            "name": "讲义.txt",
            "mimeType": "text/plain",
            "buffer": "第一课讲义\n".encode() * 40,
        }
        page.set_input_files("[data-media]", lesson)  # type: ignore[arg-type]
        page.wait_for_url("**?done=attached")
        expect(page.locator("text=讲义")).to_be_visible()
        picture(page, "attached-phone")
        assert findings(page) == []
        page.click(".undo button")
        page.wait_for_selector("text=已撤销")
        expect(page.locator("text=还没有附件")).to_be_visible()
    assert complaints == []
