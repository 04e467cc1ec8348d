"""Every page inside WeChat in a real browser: both languages, light and dark, 375 px wide.

A page fails when it is wider than the screen, when its console complains (a broken policy does),
when it asks another host, or when axe finds something serious. `SCREENSHOTS=folder` keeps what
was seen, for eyes.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from app.launcher.ports import LOOPBACK
from config.settings import process_environment
from creator_tools.catalogue import service as catalogue
from creator_tools.columns import queries as columns
from creator_tools.columns import service as columns_service
from creator_tools.creators import service as creators
from creator_tools.works import queries as works
from tests.factories import make_published_work
from tests.integration.http.conftest import ANDROID, BROWSER, IPHONE, House, Scene
from tests.integration.http.test_route_table import buy
from tests.served import served

SCREEN = {"width": 375, "height": 720}
LONG_TITLE = "清晨六点的街道：不用三脚架，怎样在暗部留住树皮的纹路与第一班公交车的灯（上）"
BYTES_MAX = 150_000
_FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
_FLAGS = ["--no-sandbox", "--disable-gpu"]
_BODY = "".join(
    f"<p>第 {n} 段。天刚亮的时候街上没有人，路灯还开着。{'光落在墙上。' * 12}</p>"
    for n in range(40)
)


@dataclass
class Site:
    """The house behind a real port, with what stands on its pages."""

    house: House
    scene: Scene
    address: str
    order_id: UUID
    fan: dict[str, Any]

    def pages(self) -> dict[str, str]:
        """Every page that a buyer sees."""
        scene = self.scene
        return {
            "browse": "/h5/",
            "creator": f"/h5/creators/{scene.handle}",
            "column": f"/h5/columns/{scene.column_id}",
            "column-older": f"/h5/columns/{scene.column_id}?after={scene.free_work_id}",
            "work-open": f"/h5/works/{scene.work_id}",
            "work-locked": f"/h5/works/{self.locked_id()}",
            "search-empty": "/h5/search",
            "search-hits": "/h5/search?q=街",
            "search-nothing": "/h5/search?q=没有这样的东西",
            "me": "/h5/me",
            "orders": "/h5/orders",
            "order": f"/h5/orders/{self.order_id}",
            "receipt": f"/h5/orders/{self.order_id}/receipt",
            "settings": "/h5/settings",
            "group": f"/g/{scene.fan_group_code}",
            "lost": "/h5/works/nothing",
        }

    def locked_id(self) -> UUID:
        """The newest work, which the buyer has not bought."""
        with self.house.wiring.units.reading() as session:
            return works.list_published(session, self.scene.column_id, limit=1)[0].id


@pytest.fixture
def site(house: House, scene: Scene) -> Iterator[Site]:
    """The scene filled as a channel is after some months, with one buyer."""
    fill(house, scene)
    fan = house.fan()
    order_id = buy(house, scene, fan)
    with served(house.app) as address:
        yield Site(house, scene, address, order_id, fan)


def fill(house: House, scene: Scene) -> None:
    """Long titles, an introduction, four prices and more works than one page holds."""
    with house.wiring.units("studio.act") as uow:
        creators.introduce(
            uow,
            creator_id=scene.creator_id,
            introduction="十年街头摄影，拍清晨，也拍没有人的时候。\n每周写一篇，讲清楚一张照片是怎么来的。",
        )
        columns_service.introduce(
            uow,
            column_id=scene.column_id,
            creator_id=scene.creator_id,
            introduction="一条街拍一年：怎么看光，怎么等人，怎么在暗部留住纹路。",
        )
        for days in (30, 365):
            catalogue.set_price(
                uow,
                creator_id=scene.creator_id,
                kind="column_term",
                column_id=scene.column_id,
                term_days=days,
                price_fen=1900 if days == 30 else 19900,
            )
        column = columns.get(uow.session, scene.column_id)
        for number in range(34):
            work = make_published_work(
                uow,
                column,
                title=LONG_TITLE if number == 33 else f"第 {number + 2} 课：街角的光",
                preview_html="<p>天刚亮的时候街上没有人。</p>",
                body_html="<p>天刚亮的时候街上没有人。</p><p>付费的部分。</p>",
            )
            work.published_at = uow.now() + timedelta(minutes=number)


@dataclass
class Seen:
    """What a page asked for and said while it was loaded."""

    complaints: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)
    transferred_bytes: int = 0

    def watch(self, page: Page) -> None:
        """Listen to this page; a refusal that was asked for is no complaint."""
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on(
            "console",
            lambda said: (
                self.complaints.append(said.text)
                if said.type in ("error", "warning") and "status of 4" not in said.text
                else None
            ),
        )
        page.on("request", lambda asked: self.hosts.add(urlsplit(asked.url).hostname or ""))


@pytest.fixture
def browser(chromium_path: str) -> Iterator[Browser]:
    """A browser for one test."""
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=chromium_path, args=_FLAGS)
        yield opened
        opened.close()


@contextmanager
def visiting(
    browser: Browser, site: Site, *, locale: str, scheme: str = "light", agent: str = ANDROID,
    signed_in: bool = True,
) -> Iterator[BrowserContext]:  # fmt: skip
    """A telephone's browser, signed in as the buyer or as nobody."""
    context = browser.new_context(
        viewport={**SCREEN}, locale=locale, color_scheme=scheme, user_agent=agent,
        device_scale_factor=2, has_touch=True, is_mobile=True,
    )  # fmt: skip
    context.set_default_timeout(20_000)
    if signed_in:
        kept = site.house.signed_in(site.fan).get_cookie("juanliu")
        assert kept is not None
        context.add_cookies([{"name": "juanliu", "value": kept.value, "url": site.address}])
    yield context
    context.close()


def keep(page: Page, name: str) -> None:
    """Keep a picture of the page where somebody asked for pictures."""
    folder = process_environment().get("SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{folder}/{name}.png", full_page=False)


def until(page: Page, condition: str) -> None:
    """Wait for a condition; by asking, since the page's policy lets nobody evaluate inside it."""
    for _ in range(200):
        try:
            if page.evaluate(condition):
                return
        except PlaywrightError as moved_on:
            # The page went on to the next one while it was asked.
            if "context was destroyed" not in str(moved_on):
                raise
        page.wait_for_timeout(50)
    raise AssertionError(condition)


def serious(page: Page) -> list[str]:
    """What axe finds serious or critical."""
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {node['html'][:160]}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


@pytest.mark.browser
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("locale", "scheme"),
    [("zh-CN", "light"), ("en-GB", "light"), ("zh-CN", "dark"), ("en-GB", "dark")],
)
def test_every_page_fits_complains_of_nothing_and_can_be_read_by_everybody(
    site: Site, browser: Browser, locale: str, scheme: str
) -> None:
    wrong: list[str] = []
    with visiting(browser, site, locale=locale, scheme=scheme) as context:
        for name, path in site.pages().items():
            page, seen = context.new_page(), Seen()
            seen.watch(page)
            page.goto(site.address + path)
            keep(page, f"{name}-{locale[:2]}-{scheme}")
            width = page.evaluate("document.documentElement.scrollWidth")
            wrong += [f"{name} is {width} px wide"] if width > SCREEN["width"] else []
            wrong += [f"{name} says {one}" for one in seen.complaints]
            wrong += [f"{name} asks {one}" for one in seen.hosts - {LOOPBACK}]
            wrong += [f"{name}: {one}" for one in serious(page)]
            page.close()
    assert not wrong, "\n" + "\n".join(wrong)


@pytest.mark.browser
@pytest.mark.timeout(300)
def test_who_comes_from_elsewhere_sees_the_free_part_and_a_code_to_scan(
    site: Site, browser: Browser
) -> None:
    wrong: list[str] = []
    with visiting(browser, site, locale="en-GB", agent=BROWSER, signed_in=False) as context:
        page, seen = context.new_page(), Seen()
        seen.watch(page)
        for name in ("creator", "column", "work-locked", "me", "settings"):
            page.goto(site.address + site.pages()[name])
            if name not in ("settings",):
                assert page.locator("svg.qr").is_visible(), name
            page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
            keep(page, f"outside-{name}-en")
            wrong += [f"{name}: {one}" for one in [*serious(page), *seen.complaints]]
    assert not wrong, "\n" + "\n".join(wrong)


@pytest.mark.browser
@pytest.mark.timeout(300)
def test_an_iphone_sees_no_price_on_any_page(site: Site, browser: Browser) -> None:
    with visiting(browser, site, locale="zh-CN", agent=IPHONE) as context:
        page = context.new_page()
        for name, path in site.pages().items():
            page.goto(site.address + path)
            keep(page, f"iphone-{name}")
            text = page.inner_text("body")
            assert "¥" not in text, name
            assert page.locator("[data-buy]").count() == 0, name


@pytest.mark.browser
def test_a_work_comes_cold_in_few_bytes_and_from_one_host(
    site: Site, browser: Browser, report_count: Callable[[str, int], None]
) -> None:
    painted = []
    # The first is also the house's first: its templates and files are read then.
    for _ in range(4):
        with visiting(browser, site, locale="zh-CN") as context:
            page, seen = context.new_page(), Seen()
            seen.watch(page)
            wire = context.new_cdp_session(page)
            wire.send("Network.enable")
            sizes: list[float] = []
            wire.on("Network.loadingFinished", lambda done: sizes.append(done["encodedDataLength"]))  # noqa: B023 - heard while this page is open
            page.goto(site.address + site.pages()["work-open"], wait_until="networkidle")
            assert seen.hosts == {LOOPBACK}
            assert len(sizes) > 3
            assert sum(sizes) <= BYTES_MAX, sizes
            cold_bytes = int(sum(sizes))
            painted.append(page.evaluate(_FIRST_PAINT))
            sizes.clear()
            page.goto(site.address + site.pages()["work-locked"], wait_until="networkidle")
            # Styles and scripts are kept: the second page costs itself and what it alone has.
            assert sum(sizes) <= 30_000, sizes
    report_count("bytes of a work's page, cold", cold_bytes)
    # Told, not judged: how long it takes is the machine's, how much it is is ours.
    report_count("first paint of a work's page, cold, ms", int(sorted(painted[1:])[1]))


@pytest.mark.browser
def test_the_place_where_somebody_stopped_is_kept_on_this_device(
    site: Site, browser: Browser
) -> None:
    with site.house.wiring.units("studio.act") as uow:
        column = columns.get(uow.session, site.scene.column_id)
        work = make_published_work(uow, column, title="长文", body_html=_BODY, is_free=True)
    with visiting(browser, site, locale="zh-CN") as context:
        page = context.new_page()
        page.goto(f"{site.address}/h5/works/{work.id}")
        assert not page.locator("[data-place-note]").is_visible()
        page.evaluate("document.querySelector('.body').children[12].scrollIntoView()")
        until(page, "(localStorage.getItem('juanliu.place') || '').includes(':1')")
        page.goto(f"{site.address}/h5/")
        page.goto(f"{site.address}/h5/works/{work.id}")
        assert page.locator("[data-place-note]").is_visible()
        keep(page, "place")
        assert page.evaluate("window.scrollY") > 500
        page.locator("[data-place-top]").click()
        until(page, "window.scrollY === 0")


@pytest.mark.browser
def test_a_language_is_chosen_on_the_settings_page(site: Site, browser: Browser) -> None:
    with visiting(browser, site, locale="zh-CN") as context:
        page = context.new_page()
        page.goto(f"{site.address}/h5/settings")
        page.get_by_text("English").click()
        page.get_by_role("button", name="保存语言").click()
        page.get_by_role("heading", name="Settings").wait_for()
        page.goto(f"{site.address}/h5/me")
        assert page.evaluate("document.documentElement.lang") == "en"
