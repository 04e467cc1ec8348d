"""One small universe: a house and a WeChat in one process, over a database of its own.

Time is one number that the scenario moves; chance is one seed. Nothing sleeps, no socket is
opened but the database's, no thread decides anything.
"""

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from app.http.assembly import build_application
from app.launcher.cluster import RUNNER, Cluster
from app.launcher.credentials import DemoSecrets, make_secrets
from app.launcher.environment import (
    Addresses,
    child_environment,
    simulator_accounts,
    write_key_files,
)
from app.launcher.state import Tree
from app.wiring import callbacks
from app.wiring.container import Process, Wiring, open_wiring
from config.settings import Settings, process_environment
from creator_tools.kernel.rng import seeded_rng
from tests.installation import REPOSITORY
from tests.services import TEMPLATE
from tests.year.network import Network, connected
from tests.year.post import Post
from wechat_simulator.clock import ManualClock
from wechat_simulator.simulator import Simulator
from wechat_simulator.transport import Answer, WsgiTransport
from wechat_simulator.world import World

HOUSE, WECHAT = "127.0.0.1:2", "127.0.0.1:3"
# 08:00 in Beijing on a day from which a year crosses a year's end and every month's.
BEGAN_AT = datetime(2026, 6, 1, tzinfo=UTC)


class HouseClock:
    """The universe's time as the house sees it; a fault may set it wrong by some seconds."""

    def __init__(self, time: ManualClock) -> None:
        self._time = time
        self.wrong_by = timedelta()

    def now(self) -> datetime:
        """The present moment, aware, UTC."""
        return datetime.fromtimestamp(self._time.now(), UTC) + self.wrong_by


class Universe:
    """Everything of one run; made by `open_universe`."""

    def __init__(self, seed: int, database_url: str, folder: Path, fault_rate: float) -> None:
        self.seed = seed
        self.time = ManualClock(BEGAN_AT.timestamp())
        self.clock = HouseClock(self.time)
        self.chance = random.Random(f"scenario {seed}")
        applications: dict[str, Any] = {}
        self.doors = WsgiTransport(applications)
        self.world = World(seed=seed, clock=self.time, transport=self.doors)
        self.simulator = Simulator(self.world)
        self.network = Network(self.simulator, random.Random(f"network {seed}"), fault_rate)
        self.post = Post(self.world, random.Random(f"post {seed}"))
        environment = _environment(folder, database_url)
        self.control("PUT", "accounts", **_accounts())
        self.wiring: Wiring = open_wiring(
            Settings.from_env(environment),
            Process("year", pool_size=2),
            clock=self.clock,
            rng=seeded_rng(seed),
        )
        applications[HOUSE] = build_application(self.wiring)

    def control(self, method: str, path: str, **given: Any) -> Any:
        """One control call of the simulator.

        Raises:
            AssertionError: it was refused; the scenario asked for something impossible.
        """
        answer = self.simulator.call(method, f"/_sim/{path}", given or None)
        assert answer.status == 200, (method, path, answer.status, answer.body[:300])
        return json.loads(answer.body)

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        """One request at the house's doors, as anybody sends it."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.doors.send(method, f"http://{HOUSE}{path}", named, body, 60)

    def wait(self, seconds: int) -> None:
        """Let time pass; the platforms keep their promises on the way, each at its own time."""
        self.world.scheduler.advance(seconds)

    def sweep(self) -> None:
        """Let the house do what is due."""
        self.wiring.sweep.step()
        self.wiring.sweep._beat()


@cache
def _secrets() -> DemoSecrets:
    """Keys are slow to make, and no run depends on what they are."""
    return make_secrets()


def _accounts() -> dict[str, Any]:
    accounts = simulator_accounts(_secrets(), f"http://{HOUSE}")
    accounts["merchant"]["platform_private_key_pem"] = _secrets().platform_private_key_pem
    return accounts


def _environment(folder: Path, database_url: str) -> dict[str, str]:
    tree = Tree(REPOSITORY, folder)
    folder.mkdir(parents=True, exist_ok=True)
    write_key_files(tree, _secrets())
    tree.clock_file.write_text("0")
    # There is no broker: whatever a hint would have hurried, the sweep finds.
    addresses = Addresses(
        f"http://{HOUSE}", f"http://{WECHAT}", database_url, "redis://127.0.0.1:1/0"
    )
    return child_environment(process_environment(), tree, _secrets(), addresses)


@contextmanager
def open_universe(
    cluster: Cluster, name: str, folder: Path, *, seed: int, fault_rate: float
) -> Iterator[Universe]:
    """A universe over a new database of this name, which is dropped afterwards."""
    # A chat message gets its answer in the same breath however slow the machine is.
    callbacks.ANSWER_BUDGET_MS, callbacks.KEEP_BUDGET_MS = 60_000, 60_000
    cluster.create_database(name, TEMPLATE)
    try:
        universe = Universe(seed, cluster.url(RUNNER, name), folder, fault_rate)
        with connected(WECHAT, universe.network):
            try:
                yield universe
            finally:
                universe.wiring.close()
    finally:
        cluster.drop_database(name)
