"""The door of a group in a real browser: each of its states, in both languages, light and dark."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from app.launcher.ports import LOOPBACK
from creator_tools.fan_groups import queries, service
from creator_tools.fan_groups.rules import GroupTerms
from creator_tools.kernel.unit_of_work import UnitOfWork
from tests.integration.http.conftest import ANDROID, House
from tests.integration.http.test_h5_browser import (
    SCREEN,
    Seen,
    Site,
    browser,
    keep,
    serious,
    site,
    visiting,
)

__all__ = ["browser", "site"]
CODE = "https://weixin.qq.com/g/AQYAAdoor{}"


class Door:
    """The group of the scene, changed as a test wants it."""

    def __init__(self, site: Site) -> None:
        self.site, self.scene = site, site.scene
        self.path = f"{site.address}/g/{site.scene.fan_group_code}"

    def change(self, work: Callable[[UnitOfWork], object]) -> None:
        with self.site.house.wiring.units("studio.act") as uow:
            work(uow)

    def gate(self, gate: str) -> None:
        own = {"fan_group_id": self.scene.fan_group_id, "creator_id": self.scene.creator_id}
        self.change(lambda uow: service.set_gate(uow, gate=gate, **own))

    def close_ways(self) -> None:
        def close(uow: UnitOfWork) -> None:
            for way in queries.list_join_ways(uow.session, self.scene.fan_group_id):
                service.close_join_way(uow, join_way_id=way.id, creator_id=self.scene.creator_id)

        self.change(close)

    def give_code(self, name: str, capacity: int = 200) -> None:
        self.change(
            lambda uow: service.add_code(
                uow,
                fan_group_id=self.scene.fan_group_id,
                creator_id=self.scene.creator_id,
                said=CODE.format(name),
                terms=GroupTerms(code_capacity=capacity),
            )
        )

    def set_state(self, state: str) -> None:
        own = {"fan_group_id": self.scene.fan_group_id, "creator_id": self.scene.creator_id}
        self.change(lambda uow: service.set_state(uow, state=state, **own))


@pytest.fixture
def door(site: Site) -> Door:
    return Door(site)


class Eyes:
    """Looks at a page as a person on a telephone does, and as axe does."""

    def __init__(self, page: Page, mark: str) -> None:
        self.page, self.mark = page, mark
        self.seen, self.wrong = Seen(), list[str]()
        self.seen.watch(page)

    def look(self, name: str, *words: str) -> None:
        keep(self.page, f"door-{name}-{self.mark}")
        text = self.page.inner_text("body")
        width = self.page.evaluate("document.documentElement.scrollWidth")
        self.wrong += [f"{name} lacks {word}" for word in words if word not in text]
        self.wrong += [f"{name} is {width} px wide"] if width > SCREEN["width"] else []
        # A closed group answers 503, and the browser notes the status of what it was asked for.
        said = [one for one in self.seen.complaints if "status of 503" not in one]
        self.wrong += [f"{name} says {one}" for one in said]
        self.wrong += [f"{name} asks {one}" for one in self.seen.hosts - {LOOPBACK}]
        self.wrong += [f"{name}: {one}" for one in serious(self.page)]
        self.seen.complaints.clear()


@contextmanager
def somebody(
    browser: Browser,
    door: Door,
    locale: str,
    scheme: str,
) -> Iterator[BrowserContext]:
    """Another fan than the buyer."""
    with visiting(browser, door.site, locale=locale, scheme=scheme, signed_in=False) as context:
        house: House = door.site.house
        kept = house.signed_in(house.fan(), ANDROID).get_cookie("juanliu")
        assert kept is not None
        context.add_cookies([{"name": "juanliu", "value": kept.value, "url": door.site.address}])
        yield context


WORDS = {
    "zh-CN": {
        "shut": ("买下这个专栏",),
        "link": ("进入粉丝群", "我已进群"),
        "code": ("长按识别二维码进群", "天有效", "我已进群"),
        "noted": ("已经记下",),
        "queued": ("第 1 位",),
        "inside": ("已经在群里", "重新进群"),
        "closed": ("不接受新成员",),
    },
    "en-GB": {
        "shut": ("buy the column",),
        "link": ("Enter the group", "I am in"),
        "code": ("Press and hold", "more days", "I am in"),
        "noted": ("Noted",),
        "queued": ("number 1",),
        "inside": ("in the group already", "join again"),
        "closed": ("takes nobody in",),
    },
}


@pytest.mark.browser
@pytest.mark.timeout(300)
@pytest.mark.parametrize(("locale", "scheme"), [("zh-CN", "light"), ("en-GB", "dark")])
def test_every_state_of_the_door_is_told_and_can_be_read_by_everybody(
    door: Door,
    browser: Browser,
    locale: str,
    scheme: str,
) -> None:
    words, wrong = WORDS[locale], list[str]()
    with (
        visiting(browser, door.site, locale=locale, scheme=scheme) as buyer,
        somebody(browser, door, locale, scheme) as other,
    ):
        mine = Eyes(buyer.new_page(), f"{locale[:2]}-{scheme}")
        theirs = Eyes(other.new_page(), f"{locale[:2]}-{scheme}")
        theirs.page.goto(door.path)
        theirs.look("shut", *words["shut"])
        mine.page.goto(door.path)
        mine.look("link", *words["link"])
        door.gate("free")
        door.close_ways()
        door.give_code("a", capacity=1)
        mine.page.goto(door.path)
        mine.look("code", *words["code"])
        code = mine.page.locator("img.door__code")
        box = code.bounding_box()
        assert box is not None
        assert box["width"] >= 200
        assert mine.page.evaluate("document.querySelector('.door__code').naturalWidth") >= 280
        theirs.page.goto(door.path)
        theirs.look("queued", *words["queued"])
        mine.page.get_by_role("button", name=words["link"][1]).click()
        mine.page.wait_for_url(door.path)
        mine.look("noted", *words["noted"])
        door.give_code("b", capacity=1)
        door.site.house.wiring.sweep.step("groups")
        theirs.page.reload()
        theirs.look("promoted", *words["code"])
        mine.page.reload()
        mine.look("inside", *words["inside"])
        door.set_state("closed")
        mine.page.reload()
        mine.look("closed", *words["closed"])
        wrong += mine.wrong + theirs.wrong
    assert not wrong, "\n" + "\n".join(wrong)
