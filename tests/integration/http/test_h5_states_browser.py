"""Empty, refused and unusual: each page of a channel on a bad day, in a real browser."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import pytest
from playwright.sync_api import Browser

from app.launcher.ports import LOOPBACK
from creator_tools.fan_groups import service as fan_groups
from creator_tools.works import service as works
from tests.factories import make_column, make_creator, make_fan_group
from tests.integration.http.conftest import House, Scene
from tests.integration.http.test_h5 import csrf_of
from tests.integration.http.test_h5_browser import (
    SCREEN,
    Seen,
    Site,
    browser,  # noqa: F401 - fixtures are found by their names
    keep,
    serious,
    site,  # noqa: F401
    visiting,
)
from tests.integration.http.test_h5_states import pause_creator, set_column


@dataclass(frozen=True)
class BadDay:
    """What somebody may meet who is not where all is well."""

    newcomer_pages: dict[str, str]
    buyer_pages: dict[str, str]


def _begin(house: House, scene: Scene) -> BadDay:
    """A creator without columns, a column without works, groups that let nobody in, an order."""
    with house.wiring.units("studio.act") as uow:
        lonely = make_creator(uow, name="还没开始的人")
        bare = make_column(uow, creator_id=scene.creator_id, title="还没有作品的专栏")
        shut, full = make_fan_group(uow, bare), make_fan_group(uow, bare, capacities=())
        for group in (shut, full):
            fan_groups.set_gate(
                uow, fan_group_id=group.id, creator_id=scene.creator_id, gate="free"
            )
        fan_groups.set_state(uow, fan_group_id=shut.id, creator_id=scene.creator_id, state="closed")
        follow = make_fan_group(uow, bare)
        fan_groups.set_gate(
            uow, fan_group_id=follow.id, creator_id=scene.creator_id, gate="follower"
        )
    return BadDay(
        {
            "creator-without-columns": f"/h5/creators/{lonely.handle}",
            "column-without-works": f"/h5/columns/{bare.id}",
            "group-closed": f"/g/{shut.code}",
            "group-full": f"/g/{full.code}",
            "group-for-followers": f"/g/{follow.code}",
            "group-for-readers": f"/g/{scene.fan_group_code}",
            "me-empty": "/h5/me",
            "orders-empty": "/h5/orders",
            "search-nothing": "/h5/search?q=没有这样的东西",
            "link-expired": f"/h5/works/{scene.work_id}?from=AAAAexpired",
            "order-of-nobody": f"/h5/orders/{UUID(int=1)}",
            "lost": "/h5/nowhere",
        },
        {"work-withdrawn": f"/h5/works/{scene.work_id}"},
    )


def _look(
    site: Site,  # noqa: F811
    browser: Browser,  # noqa: F811
    locale: str,
    pages: dict[str, str],
    who: Callable[[], Site],
) -> list[str]:
    wrong: list[str] = []
    with visiting(browser, who(), locale=locale) as context:
        for name, path in pages.items():
            page, seen = context.new_page(), Seen()
            seen.watch(page)
            page.goto(site.address + path)
            keep(page, f"{name}-{locale[:2]}")
            width = page.evaluate("document.documentElement.scrollWidth")
            wrong += [f"{name} is {width} px wide"] if width > SCREEN["width"] else []
            wrong += [f"{name} says {one}" for one in seen.complaints if "status of 5" not in one]
            wrong += [f"{name} asks {one}" for one in seen.hosts - {LOOPBACK}]
            wrong += [f"{name}: {one}" for one in serious(page)]
            page.close()
    return wrong


@pytest.mark.browser
@pytest.mark.timeout(300)
@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
def test_every_page_on_a_bad_day_can_be_read_by_everybody(
    site: Site,  # noqa: F811
    browser: Browser,  # noqa: F811
    locale: str,
) -> None:
    house, scene = site.house, site.scene
    day = _begin(house, scene)
    newcomer = house.fan()

    def other() -> Site:
        return Site(house, scene, site.address, site.order_id, newcomer)

    wrong = _look(site, browser, locale, day.newcomer_pages, other)
    client = house.signed_in(newcomer)
    token = csrf_of(client, f"/h5/works/{site.locked_id()}")
    placed = client.post(f"/h5/products/{scene.column_product_id}/buy", data={"csrf_token": token})
    pending = {"order-pending": placed.location}
    wrong += _look(site, browser, locale, pending, other)
    with house.wiring.units("studio.act") as uow:
        works.withdraw(uow, work_id=scene.work_id, creator_id=scene.creator_id)
    wrong += _look(site, browser, locale, day.buyer_pages, lambda: site)
    column = {"column-paused": f"/h5/columns/{scene.column_id}"}
    set_column(house, scene, "paused")
    wrong += _look(site, browser, locale, column, other)
    set_column(house, scene, "closed")
    work = {"work-of-closed": f"/h5/works/{site.locked_id()}"}
    wrong += _look(site, browser, locale, {"column-closed": column["column-paused"]} | work, other)
    set_column(house, scene, "open")
    pause_creator(house, scene)
    paused = {
        "creator-paused": f"/h5/creators/{scene.handle}",
        "creator-paused-column": column["column-paused"],
        "creator-paused-work": f"/h5/works/{site.locked_id()}",
        "browse-empty": "/h5/",
    }
    wrong += _look(site, browser, locale, paused, other)
    assert not wrong, "\n" + "\n".join(wrong)
