"""One running installation for the journeys of each module, so that their sums are their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.launcher.cluster import RUNNER, Cluster
from tests.installation import Installation
from tests.services import TEMPLATE, ServiceAddresses


@pytest.fixture(scope="module")
def house(
    postgres_server: Cluster,
    service_addresses: ServiceAddresses,
    worker_id: str,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Installation]:
    """A simulator and a house that serves and sweeps, over a database of their own."""
    module = request.module.__name__.rpartition(".")[2]
    name = f"juanliu_{worker_id}_{module}"[:60]
    postgres_server.create_database(name, TEMPLATE)
    folder: Path = tmp_path_factory.mktemp("house")
    installed = Installation(
        folder, postgres_server.url(RUNNER, name), service_addresses.valkey_url(15)
    )
    try:
        installed.start_simulator()
        installed.start_house()
        yield installed
    finally:
        installed.stop()
        postgres_server.drop_database(name)
