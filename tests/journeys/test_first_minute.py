"""The README's first minute, done as it is written, on the demo that ./run shows.

With `--pictures docs/pictures` it also makes the README's pictures and its animation.
"""

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from app.cli.demo_month import DAY_S, FANS, HISTORY_S, SALES
from app.launcher.cluster import RUNNER, Cluster
from tests.channel import until, violations
from tests.installation import REPOSITORY, Installation
from tests.journeys.conftest import PATIENCE_MS
from tests.journeys.telephones import Hand
from tests.services import TEMPLATE, ServiceAddresses

WORK = (
    "河边的第一场雪\n雪落在水里没有声音。岸上的人都不说话。\n\n---试读结束---\n\n"
    "等最后一艘船过去，水面才平。那时候再按快门。"
)
LOCKED = "等最后一艘船过去"
FRAME_PX = (960, 600)
ANIMATION_BYTES_MOST = 1_500_000


@pytest.fixture(scope="module")
def demo(
    postgres_server: Cluster,
    service_addresses: ServiceAddresses,
    worker_id: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Installation, dict[str, Any]]]:
    """A house with the demo in it, and what the seed said."""
    name = f"juanliu_{worker_id}_first_minute"
    postgres_server.create_database(name, TEMPLATE)
    house = Installation(
        tmp_path_factory.mktemp("demo"),
        postgres_server.url(RUNNER, name),
        service_addresses.valkey_url(15),
    )
    house.tree.clock_file.write_text(str(-HISTORY_S))
    try:
        house.start_simulator()
        house.start_house()
        seeded = subprocess.run(
            [sys.executable, "-m", "app.cli", "seed-demo"],
            cwd=REPOSITORY,
            env=house.environment,
            capture_output=True,
            check=True,
            timeout=240,
        )
        yield house, json.loads(seeded.stdout)
    finally:
        house.stop()
        postgres_server.drop_database(name)


class Camera:
    """Keeps the frames of the animation; takes pictures only where a folder was named."""

    def __init__(self, page: Page, folder: str | None) -> None:
        self._page = page
        self._folder = Path(folder) if folder else None
        self._frames: list[tuple[Image.Image, int]] = []

    def frame(self, hold_ms: int = 1200) -> None:
        """One step of the animation."""
        if self._folder is None:
            return
        self._page.wait_for_timeout(500)
        with Image.open(io.BytesIO(self._page.screenshot())) as shot:
            self._frames.append(
                (shot.convert("RGB").resize(FRAME_PX, Image.Resampling.LANCZOS), hold_ms)
            )

    def picture(self, name: str, hand: Hand | None = None) -> None:
        """One picture of the README: the whole table, or one telephone."""
        if self._folder is None:
            return
        self._page.wait_for_timeout(500)
        target = self._folder / f"{name}.png"
        shot = (hand.phone if hand else self._page).screenshot()
        with Image.open(io.BytesIO(shot)) as opened:
            opened.convert("RGB").quantize(128).save(target, optimize=True)

    def develop(self, name: str) -> None:
        """Write the animation."""
        if self._folder is None:
            return
        target = self._folder / f"{name}.webp"
        (first, _), *rest = self._frames
        first.save(
            target,
            save_all=True,
            append_images=[frame for frame, _ in rest],
            duration=[hold_ms for _, hold_ms in self._frames],
            loop=0,
            quality=80,
            method=6,
        )
        assert target.stat().st_size <= ANIMATION_BYTES_MOST


def test_the_demo_is_a_month_that_happened(demo: tuple[Installation, dict[str, Any]]) -> None:
    house, told = demo
    assert [len(one["column_ids"]) for one in told["creators"]] == [2, 3]
    assert len(told["fans"]) == len(FANS)
    # The first fan is a newcomer, who buys in the README's minute alone.
    newcomer = told["fans"][0]["person_id"]
    books = house.world.control("GET", "books")["payments"]
    paid = [one for one in books if one["person_id"] != newcomer]
    assert len(paid) == len(SALES)
    assert {one["rail"] for one in paid} == {"jsapi", "xpay_android", "xpay_ios"}
    days = {one["paid_at"][:10] for one in paid}
    assert len(days) >= 9
    now = house.world.control("GET", "clock")["now"]
    assert house.tree.clock_file.read_text() == "0"
    with closing(house.wiring()) as wiring:
        assert violations(wiring) == []
        since = now - wiring.units.clock.now().timestamp()
    assert abs(since) < DAY_S / 24


def test_every_invitation_and_every_door_of_the_demo_is_still_good(
    demo: tuple[Installation, dict[str, Any]],
) -> None:
    """What was made at the month's beginning must not have run out at its end."""
    house, told = demo
    for one in told["creators"]:
        newcomer = house.world.person("新来的", "android")
        said = house.world.say(newcomer["id"], f"成为创作者 {one['invitation_code']}")
        assert "欢迎成为创作者" in said
    names = {one["id"]: one["nickname"] for one in house.world.control("GET", "people")["items"]}
    (owner,) = [fan["person_id"] for fan in told["fans"] if names[fan["person_id"]] == "小满"]
    token = house.world.sign_in(owner, "mini")
    column_id = told["creators"][0]["column_ids"][1]
    (group,) = house.world.api("GET", f"columns/{column_id}", token=token)["fan_groups"]
    assert house.world.api("GET", f"fan-groups/{group['id']}/door", token=token)["url"]


def test_the_first_minute_goes_as_the_readme_says(
    demo: tuple[Installation, dict[str, Any]], telephone: Page, request: pytest.FixtureRequest
) -> None:
    house, told = demo
    telephone.set_viewport_size({"width": 1280, "height": 800})
    camera = Camera(telephone, request.config.getoption("--pictures"))
    people = {one["id"]: one for one in house.world.control("GET", "people")["items"]}
    creator = Hand(telephone, people[told["creators"][0]["person_id"]])
    fan = Hand(telephone, people[told["fans"][0]["person_id"]])

    telephone.goto(f"{house.simulator_url}/phone")
    creator.sees("最近 30 天收入")
    fan.sees("欢迎关注")
    camera.frame(1500)
    _publish(creator, camera)
    _share(creator, fan, camera)
    _buy(creator, fan, camera)
    _see_the_sale(telephone, creator, fan, camera)
    camera.develop("first-minute")

    books = house.world.control("GET", "books")["payments"]
    assert [one["amount_fen"] for one in books if one["person_id"] == fan.person["id"]] == [990]
    until(lambda: LOCKED in _read(house, fan.person["id"]), "it stays open for who paid")
    with closing(house.wiring()) as wiring:
        assert violations(wiring) == []


def _publish(creator: Hand, camera: Camera) -> None:
    creator.say(WORK)
    creator.sees("已存草稿")
    expect(creator.phone.locator(".mine .bubble").last).to_contain_text("\n---试读结束---\n")
    camera.frame()
    creator.say("发布 9.9")
    creator.sees("《河边的第一场雪》已通过审核并发布")
    camera.frame(1600)
    camera.picture("phone-creator", creator)


def _share(creator: Hand, fan: Hand, camera: Camera) -> None:
    creator.press("打开", exact=False)
    creator.reads(LOCKED)
    camera.frame()
    creator.press("更多")
    camera.frame(900)
    creator.press("发给朋友")
    camera.frame(900)
    creator.phone.get_by_role("dialog").get_by_text(fan.person["nickname"]).click()
    creator.sees("已发送")
    creator.leave_page()


def _buy(creator: Hand, fan: Hand, camera: Camera) -> None:
    fan.to_list()
    dot = fan.phone.locator(".entry", has_text=creator.person["nickname"]).locator(".dot")
    expect(dot).to_have_text("1", timeout=PATIENCE_MS)
    camera.frame()
    fan.open_card(creator.person, "河边的第一场雪")
    fan.reads("雪落在水里没有声音")
    expect(fan.web.get_by_text(LOCKED)).to_have_count(0)
    camera.frame()
    camera.picture("h5-locked", fan)
    fan.web.get_by_role("button", name="9.90").first.click()
    expect(fan.phone.get_by_role("dialog").locator(".amount")).to_have_text("¥9.90")
    camera.frame()
    camera.picture("pay-sheet", fan)
    fan.settle("确认支付")
    fan.reads(LOCKED)
    camera.frame(1600)
    camera.picture("h5-unlocked", fan)


def _see_the_sale(table: Page, creator: Hand, fan: Hand, camera: Camera) -> None:
    creator.say("今日收入")
    told = creator.phone.locator(".bubble", has_text="今日收入（截至")
    expect(told).to_be_visible(timeout=PATIENCE_MS)
    table.get_by_role("button", name="时钟和故障").click()
    row = table.get_by_role("complementary").get_by_role("row")
    expect(row.filter(has_text=fan.person["nickname"])).to_have_count(1, timeout=PATIENCE_MS)
    camera.frame(2500)
    camera.picture("phone-drawer")


def _read(house: Installation, person_id: str) -> str:
    """The text of the first thing that a person owns, through the API."""
    token = house.world.sign_in(person_id, "oa")
    held = house.world.api("GET", "me/entitlements", token=token)["items"]
    html: str = house.world.api("GET", f"works/{held[0]['object_id']}", token=token)["html"]
    return html
