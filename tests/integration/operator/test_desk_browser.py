"""The desk in a real browser: the chart is drawn, the filter swaps, and no policy is broken."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, sync_playwright

from app.launcher.ports import LOOPBACK, free_port
from tests.integration.insights.books import Books
from tests.integration.operator.conftest import PASSWORD, BareWiring, Desk, desk_app
from tests.served import served

MAY = "?from=2026-05-01&to=2026-05-31"


@pytest.fixture
def address(books: Books) -> Iterator[tuple[str, Desk]]:
    """The desk behind a real port, where forms must come from."""
    port = free_port()
    base_url = f"http://{LOOPBACK}:{port}"
    app = desk_app(BareWiring(books.units, public_base_url=base_url))
    with served(app, port=port):
        yield base_url, Desk(app, books)


@pytest.mark.browser
def test_an_operator_signs_in_looks_at_the_chart_and_cuts_it_anew(
    address: tuple[str, Desk], chromium_path: str
) -> None:
    base_url, desk = address
    for handle in ("mei", "tao"):
        desk.books.sell(desk.books.open_shop(handle))
    code = desk.hire("mei-ops", "owner")
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        page = browser.new_page(locale="zh-CN")
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        _sign_in(page, f"{base_url}/operator/{MAY}", code())
        page.goto(f"{base_url}/operator/{MAY}")
        page.wait_for_selector("[data-chart] canvas")
        page.select_option("select[name=by]", "creator")
        page.click(".desk-filter button")
        page.wait_for_url("**by=creator**")
        page.wait_for_selector("[data-chart] canvas")
        assert page.locator("#report thead th").nth(1).inner_text() == "创作者"
        # The page keeps to the screen before the chart has heard of the new size, and after it.
        page.evaluate(
            "chart = echarts.getInstanceByDom(document.querySelector('[data-chart]'));"
            "chart.late = chart.resize; chart.resize = () => {}"
        )
        page.set_viewport_size({"width": 375, "height": 700})
        page.wait_for_function("innerWidth === 375")
        assert page.evaluate("document.documentElement.scrollWidth") == 375
        page.evaluate("chart.resize = chart.late; dispatchEvent(new Event('resize'))")
        page.wait_for_function("document.querySelector('[data-chart] canvas').clientWidth <= 375")
        assert page.evaluate("document.documentElement.scrollWidth") == 375
        browser.close()
    assert complaints == []


def _sign_in(page: Page, url: str, code: str) -> None:
    page.goto(url)
    page.fill("input[name=login]", "mei-ops")
    page.fill("input[name=password]", PASSWORD)
    page.fill("input[name=totp]", code)
    page.click("form button")
    page.wait_for_selector(".desk-figure")
