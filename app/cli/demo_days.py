"""The demo's month, lived: works come out, fans come, buy, join and read; the clock moves on."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from app.cli.demo_month import DAY_S, FANS, HISTORY_S, JOINERS, MOMENTS, SALES, DemoSale
from app.cli.demo_shelf import Shelf, ShelfBuilder
from app.cli.demo_world import DemoStuck, DemoWorld

_HANDS = 4
_KINDS = {"永久": "column_forever", "包月": "column_term"}
Person = dict[str, Any]


class Month:
    """Thirty days of the channel, as far back as the simulated clock stands."""

    def __init__(
        self, world: DemoWorld, builder: ShelfBuilder, shelves: list[Shelf], fans: dict[str, Person]
    ) -> None:
        self._world = world
        self._builder = builder
        self._shelves = shelves
        self._fans = fans
        self._works: dict[str, UUID] = {}

    def live(self, clock_file: Path | None) -> None:
        """Everything of the month, in order; ends when the clock shows the present."""
        before = -1
        for day, hour in MOMENTS:
            self._move_to(clock_file, day * DAY_S + hour * 3600)
            self._day(before, day)
            before = day
        self._move_to(clock_file, HISTORY_S)
        self._day(before, HISTORY_S // DAY_S)
        self._unfinished()

    def _move_to(self, clock_file: Path | None, second: int) -> None:
        """Let the clock run up to a second of the month, if it is not past that already."""
        due_s = -_offset_s(clock_file) - (HISTORY_S - second)
        if due_s > 0:
            self._world.control("POST", "clock", advance_s=due_s)

    def _day(self, before: int, day: int) -> None:
        for shelf in self._shelves:
            for one in shelf.demo.works:
                if one.day is not None and before < one.day <= day:
                    self._works[one.title] = self._builder.work(shelf, one)
        come = [fan.nickname for fan in FANS if before < fan.day <= day]
        self._at_once(partial(self._follow, nickname) for nickname in come)
        self._at_once(partial(self._sell, one) for one in SALES if before < one.day <= day)

    def _unfinished(self) -> None:
        for shelf in self._shelves:
            for one in shelf.demo.works:
                if one.day is None:
                    self._builder.work(shelf, one)

    def _at_once(self, deeds: Iterable[Callable[[], None]]) -> None:
        with ThreadPoolExecutor(_HANDS) as hands:
            for done in [hands.submit(deed) for deed in deeds]:
                done.result()

    def _follow(self, nickname: str) -> None:
        self._world.again().control("POST", f"people/{self._fans[nickname]['id']}/follow")

    def _sell(self, sale: DemoSale) -> None:
        """Buy, read it, and perhaps join the group; a column's buyer reads its newest work."""
        world, fan = self._world.again(), self._fans[sale.fan]
        kind, _, column_title = sale.what.partition(" ")
        if kind in _KINDS:
            shelf = next(one for one in self._shelves if one.demo.title == column_title)
            path, kind = f"columns/{shelf.column_id}", _KINDS[kind]
        else:
            shelf = next(one for one in self._shelves if sale.what in titles(one))
            path, kind = f"works/{self._works[sale.what]}", "work"
        token = world.sign_in(fan["id"], sale.surface)
        offered = world.api("GET", path, token=token)["products"]
        product_id = next((one["id"] for one in offered if one["kind"] == kind), None)
        if product_id is None:
            raise DemoStuck(f"{sale.what} is not on sale")
        world.buy(fan, sale.surface, product_id)
        world.open(fan["id"], f"/h5/{path}")
        if sale.fan in JOINERS:
            _join(world, fan["id"], token, str(shelf.column_id))


def titles(shelf: Shelf) -> set[str]:
    """The titles of a column's works."""
    return {one.title for one in shelf.demo.works}


def _join(world: DemoWorld, person_id: str, token: str, column_id: str) -> None:
    for group in world.api("GET", f"columns/{column_id}", token=token)["fan_groups"]:
        door = world.api("GET", f"fan-groups/{group['id']}/door", token=token)
        world.control("POST", f"people/{person_id}/open", url=door["url"])


def _offset_s(clock_file: Path | None) -> int:
    """How far the shared clock stands from the wall's, in seconds; 0 without one."""
    if clock_file is None or not clock_file.exists():
        return 0
    return int(clock_file.read_text(encoding="ascii").strip() or 0)
