"""Installations for the heavy proofs: each over a database of its own, with or without a broker."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.launcher.cluster import RUNNER, Cluster
from app.launcher.ports import free_port
from app.launcher.state import Tree
from tests.gate.launched import Launch, Launched, copy_checkout
from tests.installation import Installation
from tests.services import TEMPLATE, ServiceAddresses

# The attacks on the till lie beside their test; when one fails, it should say what it saw.
pytest.register_assert_rewrite("tests.gate.paywall")

Install = Callable[..., Installation]


@pytest.fixture(scope="module")
def install(
    postgres_server: Cluster,
    service_addresses: ServiceAddresses,
    worker_id: str,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Install]:
    """Make an installation; its simulator runs, its house is for the test to start."""
    made: list[tuple[Installation, str]] = []
    module = request.module.__name__.rpartition(".")[2]

    def make(*, with_broker: bool = True) -> Installation:
        name = f"juanliu_{worker_id}_{module}_{len(made)}"[-60:]
        postgres_server.create_database(name, TEMPLATE)
        broker = service_addresses.valkey_url(14)
        if not with_broker:
            broker = f"redis://127.0.0.1:{free_port()}/0"
        folder = tmp_path_factory.mktemp("installation")
        house = Installation(folder, postgres_server.url(RUNNER, name), broker)
        made.append((house, name))
        house.start_simulator()
        return house

    yield make
    for house, name in made:
        house.stop()
        postgres_server.drop_database(name)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of every file that belongs to the project, in an awkward folder."""
    folder = tmp_path_factory.mktemp("涓流 copy")
    copy_checkout(folder)
    yield folder
    Tree.of(folder).forget()


@pytest.fixture
def launch(checkout: Path) -> Iterator[Launch]:
    """Start launchers in the copy; whatever a test leaves is ended."""
    launched: list[Launched] = []

    def start(*arguments: str) -> Launched:
        launched.append(Launched(checkout, *arguments))
        return launched[-1]

    yield start
    for one in launched:
        if one.process.poll() is None:
            one.end_with(signal.SIGTERM)
