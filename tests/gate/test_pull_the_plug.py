"""Kill -9 at every fail-point: nothing that was acknowledged is lost, nothing happens twice.

A dry run tells which fail-points each scenario reaches, and how often. Then every one of them
kills the house once per seed, in the middle of its scenario; a new house answers whoever knocks
next. After each seed everything must come to rest, no invariant be broken, WeChat's books and
ours agree to the fen, and whatever was acknowledged be in the database.
"""

import base64
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from uuid import UUID

import pytest

from app.launcher.cluster import RUNNER, Cluster
from creator_tools.catalogue import queries as catalogue_queries
from creator_tools.kernel import failpoints
from creator_tools.operators import service as operators
from tests.channel import (
    Shelf,
    become_creator,
    book_differences,
    open_channel,
    publish,
    sell_in_mini_program,
    until,
)
from tests.channel import violations as broken_invariants
from tests.gate.conftest import Install
from tests.gate.outside import Outside
from tests.gate.plug_losses import come_to_rest, look_for_losses, look_for_repetitions
from tests.gate.plug_stories import PASSWORD, SCENARIOS, Scene
from tests.installation import Installation

pytestmark = [pytest.mark.gate, pytest.mark.timeout(1800)]

SEEDS = (1, 2, 3, 4, 5)


# --- the house that dies --------------------------------------------------------------------


class Electrician:
    """Puts a new house where one has died."""

    def __init__(self, house: Installation) -> None:
        self._house = house
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="electrician")
        self._kills_before_count = len(house.killed_by())
        self.deaths_count = 0

    def __enter__(self) -> Self:
        self._house.start_house()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._house.kill_house()

    def kills(self) -> list[str]:
        """The fail-points at which the plug was pulled in this watch, in order."""
        return self._house.killed_by()[self._kills_before_count :]

    def was_killed_at(self, point: str, kills_count: int, within_s: float = 1.0) -> bool:
        """Whether one of the kills after the first so many was at this point.

        What was promised may still be on its way to the point, so it is waited for; and so is
        the new house, which must hear of the next point that is armed.
        """
        deadline = time.monotonic() + within_s
        while len(self.kills()) == kills_count and time.monotonic() < deadline:
            time.sleep(0.01)
        until(self._is_a_new_house_there, "a new house stands where one was killed")
        return point in self.kills()[kills_count:]

    def _is_a_new_house_there(self) -> bool:
        return self.deaths_count >= len(self.kills()) and self._house.is_house_alive()

    def _watch(self) -> None:
        while not self._stop.wait(0.005):
            if not self._house.is_house_alive():
                self.deaths_count += 1
                self._house.start_house()


@dataclass
class Tally:
    """What a proof has to show."""

    kills: Counter[str] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)
    other_deaths_count: int = 0
    violations: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    acknowledged_count: int = 0


# --- the proof ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Prepared:
    """An installation with a channel, whose database is the mould of every run."""

    house: Installation
    cluster: Cluster
    mould: str
    shelf: Shelf
    painter: dict[str, Any]
    operator_key: bytes
    free_product_id: str


@pytest.fixture(scope="module")
def prepared(install: Install, postgres_server: Cluster) -> Prepared:
    """The channel, made once."""
    house = install()
    house.keep_door, house.sweep_period_s = True, 0.1
    house.start_house()
    shelf = open_channel(house, locked="锁住的一句")
    sell_in_mini_program(house, shelf)
    free = publish(house, shelf.creator, title="送给大家", locked="其余也不要钱", price="免费")
    painter = become_creator(house, "画画的人", "水彩小品 兴趣 水彩 不定期")
    with closing(house.wiring()) as wiring, wiring.units("operators.create") as uow:
        _, secret = operators.create(uow, login="owner", password=PASSWORD, roles=["owner"])
        product = catalogue_queries.find_of_work(uow.session, UUID(free))
    assert product is not None
    house.kill_house()
    mould = house.environment["DATABASE_URL"].rpartition("/")[2]
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    return Prepared(house, postgres_server, mould, shelf, painter, key, str(product.id))


@contextmanager
def scene_of(prepared: Prepared, seed: int) -> Iterator[Scene]:
    """A world of its own: a copy of the database, people whom nobody has seen."""
    house, name = prepared.house, f"{prepared.mould}_{seed}"[-60:]
    prepared.cluster.create_database(name, prepared.mould)
    kept = house.environment["DATABASE_URL"]
    house.environment["DATABASE_URL"] = prepared.cluster.url(RUNNER, name)
    outside = Outside(house, f"s{seed}x")
    try:
        chance = random.Random(seed)
        key, free = prepared.operator_key, prepared.free_product_id
        yield Scene(house, outside, prepared.shelf, prepared.painter, key, free, chance)
    finally:
        outside.close()
        house.environment["DATABASE_URL"] = kept
        prepared.cluster.drop_database(name)


def reached_by_scenario(prepared: Prepared, folder: Path) -> dict[str, dict[str, int]]:
    """A dry run: which fail-points each scenario reaches, and how often."""
    reached: dict[str, dict[str, int]] = {}
    seen = folder / "seen"
    prepared.house.seen_file = seen
    with scene_of(prepared, 0) as scene, Electrician(prepared.house) as electrician:
        for name, play in SCENARIOS.items():
            come_to_rest(scene)  # what the one before left to do is not this one's
            seen.write_text("")
            play(scene)
            reached[name] = dict(Counter(seen.read_text().split()))
        come_to_rest(scene)
        assert electrician.deaths_count == 0
    prepared.house.seen_file = None
    return reached


def plan_of(
    reached: dict[str, dict[str, int]], chance: random.Random
) -> list[tuple[str, list[tuple[str, int]]]]:
    """Every reached point once, with the tries to reach it again (scenario, hit); shuffled."""
    plan = []
    for point in sorted({point for points in reached.values() for point in points}):
        where = sorted(name for name, points in reached.items() if point in points)
        first = chance.choice(where)
        # What the sweep does over and over is hit early, so that the scenario is not over.
        tries = [(first, chance.randint(1, min(reached[first][point], 3)))]
        others = [name for _, name in sorted((-reached[name][point], name) for name in where)]
        plan.append((point, tries + [(name, 1) for name in others[:3]]))
    chance.shuffle(plan)
    return plan


def run_seed(prepared: Prepared, reached: dict[str, dict[str, int]], seed: int) -> Tally:
    """Play every scenario of the plan while its point kills the house; then look."""
    tally = Tally()
    with scene_of(prepared, seed) as scene, Electrician(prepared.house) as electrician:
        for point, tries in plan_of(reached, scene.chance):
            for scenario, hit in tries:
                kills_count = len(electrician.kills())
                prepared.house.arm(point, hit)
                SCENARIOS[scenario](scene)
                if electrician.was_killed_at(point, kills_count):
                    tally.kills[point] += 1
                    break
            else:
                tally.missed.append(point)
        prepared.house.disarm()
        come_to_rest(scene)
        tally.other_deaths_count = electrician.deaths_count - len(electrician.kills())
        with closing(prepared.house.wiring()) as wiring:
            people_here = {one["id"] for one in scene.outside.people}
            tally.violations = broken_invariants(wiring)
            tally.violations += book_differences(prepared.house, wiring, people_here)
            tally.lost = look_for_losses(scene, wiring)
            tally.twice = look_for_repetitions(scene, wiring)
        said = scene.outside.acknowledged
        tally.acknowledged_count = said.pushes_count + said.answers_count
    return tally


def test_no_kill_loses_or_doubles_anything(
    prepared: Prepared, tmp_path: Path, report_count: Callable[[str, int], None]
) -> None:
    reached = reached_by_scenario(prepared, tmp_path)
    points = {point for found in reached.values() for point in found}
    began = time.monotonic()
    tallies = [run_seed(prepared, reached, seed) for seed in SEEDS]
    hit = {point for tally in tallies for point in tally.kills}
    report_count("fail-points listed", len(failpoints.all_names()))
    report_count("fail-points reached", len(points))
    report_count("fail-points that killed", len(hit))
    report_count("kills", sum(sum(tally.kills.values()) for tally in tallies))
    report_count("kills that did not happen", sum(len(tally.missed) for tally in tallies))
    report_count("deaths of anything else", sum(tally.other_deaths_count for tally in tallies))
    report_count("seconds", round(time.monotonic() - began))
    report_count("acknowledged", sum(tally.acknowledged_count for tally in tallies))
    report_count("violations", sum(len(tally.violations) for tally in tallies))
    report_count("acknowledged but lost", sum(len(tally.lost) for tally in tallies))
    report_count("happened twice", sum(len(tally.twice) for tally in tallies))
    assert [tally.other_deaths_count for tally in tallies] == [0 for _ in SEEDS]
    assert [tally.violations for tally in tallies] == [[] for _ in SEEDS]
    assert [tally.lost for tally in tallies] == [[] for _ in SEEDS]
    assert [tally.twice for tally in tallies] == [[] for _ in SEEDS]
    assert sorted(points - hit) == [], [tally.missed for tally in tallies]
    assert len(points) >= 40
