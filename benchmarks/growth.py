"""What a payment and a paid read cost with ten times as many works, fans and orders.

Two houses on one server, one with ten times the rows of the other; rounds take turns, so that a
busy machine is busy for both. Allowed is a factor of 1.2.
"""

import statistics
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from app.launcher.cluster import RUNNER
from app.wiring.container import Wiring
from benchmarks.ground import DATABASE, Ground, PendingOrder, laid
from benchmarks.machine import load_1m
from benchmarks.mass import lay_history, lay_orders, tidy
from benchmarks.payments import sell_first
from benchmarks.pushes import payment_request
from creator_tools.access import queries as access
from creator_tools.people import queries as people
from tests.installation import Installation

LARGE = "juanliu_figures_large"
ORDERS, WORKS, TIMES = 1_000, 100, 10
ROUNDS, PER_ROUND, READS = 12, 20, 60


@dataclass
class _House:
    """One of the two: what it does, and how long each round took."""

    wiring: Wiring
    ground: Ground
    orders: list[PendingOrder]
    took_us: dict[str, list[float]] = field(default_factory=dict)
    cpu_us: dict[str, list[float]] = field(default_factory=dict)

    def timed(self, name: str, count: int, act: Callable[[], None]) -> None:
        """Do `act`, which does `count` of its kind."""
        cpu_began, began = time.process_time(), time.perf_counter()
        act()
        self.took_us.setdefault(name, []).append((time.perf_counter() - began) / count * 1e6)
        spent = (time.process_time() - cpu_began) / count * 1e6
        self.cpu_us.setdefault(name, []).append(spent)


def measured(rounds: int = ROUNDS) -> dict[str, Any]:
    """The figures of one run."""
    before = load_1m()
    with laid(1) as ground:
        orders = lay_orders(ground, PER_ROUND * (rounds + 1))
        sell_first(ground)
        lay_history(ground, DATABASE, orders=ORDERS, works=WORKS)
        for engine in (ground.wiring.engine, ground.wiring.batch_engine):
            engine.dispose()
        ground.cluster.create_database(LARGE, DATABASE)
        lay_history_again(ground)
        for database in (DATABASE, LARGE):
            tidy(ground, database)
        large = Installation(
            ground.house.folder / "large",
            ground.cluster.url(RUNNER, LARGE),
            ground.house.broker_url,
            secrets=ground.house.secrets,
        )
        with closing(large.wiring()) as wiring:
            houses = [_House(ground.wiring, ground, orders), _House(wiring, ground, orders)]
            for turn in range(rounds + 1):
                for house in houses:
                    _play(house, turn)
            return _figures(houses, before)


def lay_history_again(ground: Ground) -> None:
    """Nine times more of everything in the large house."""
    more = TIMES - 1
    lay_history(ground, LARGE, orders=ORDERS * more, works=WORKS * more, called="more")


def _play(house: _House, turn: int) -> None:
    kept, wiring = house.ground.house.secrets, house.wiring
    at = int(wiring.clock.now().timestamp())
    mine = house.orders[turn * PER_ROUND : (turn + 1) * PER_ROUND]
    signed = [
        payment_request(kept, order, number=turn * PER_ROUND + n + 1, at=at)
        for n, order in enumerate(mine)
    ]

    def pay() -> None:
        for headers, body in signed:
            wiring.payments.take_in("payment", list(headers.items()), body)

    house.timed("a payment settled", len(signed), pay)
    oa_id = wiring.accounts.first("oa").id
    with wiring.reading() as session:
        person_id = people.find_person(session, oa_id, mine[0].subject)

    def read() -> None:
        for _ in range(READS):
            with wiring.reading() as session:
                opened = access.open_work(
                    session,
                    work_id=house.ground.work_id,
                    person_id=person_id,
                    now=wiring.clock.now(),
                )
            assert opened is not None, "it is published"
            assert opened.unlocked, "it was just paid"

    house.timed("a paid work read", READS, read)


def _figures(houses: list[_House], before: float) -> dict[str, Any]:
    small, large = houses
    shown = []
    for name in small.took_us:
        # The first round warms up.
        each = [
            {
                "us": statistics.median(house.took_us[name][1:]),
                "least_us": min(house.took_us[name][1:]),
                "cpu_us": statistics.median(house.cpu_us[name][1:]),
            }
            for house in houses
        ]
        shown.append(
            {
                "name": name,
                "ratios": {key: round(each[1][key] / each[0][key], 2) for key in each[0]},
                "small": {key: round(value) for key, value in each[0].items()},
                "large": {key: round(value) for key, value in each[1].items()},
            }
        )
    return {
        "load_1m": [before, load_1m()],
        "rows": {
            "orders and fans": [ORDERS, ORDERS * TIMES],
            "works": [WORKS, WORKS * TIMES],
            "rounds": len(large.took_us["a payment settled"]) - 1,
        },
        "growth": shown,
    }
