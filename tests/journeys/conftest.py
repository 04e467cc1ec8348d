"""One running installation for the journeys of each module, so that their sums are their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import ConsoleMessage, Page, sync_playwright

from app.launcher.cluster import RUNNER, Cluster
from tests.installation import Installation
from tests.services import TEMPLATE, ServiceAddresses

PATIENCE_MS = 60_000
_REFUSED = "responded with a status of 403"
_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


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


@pytest.fixture
def telephone(chromium_path: str) -> Iterator[Page]:
    """A page, first of its browser, that fails the test when a console there complains.

    A form that is refused to whoever may not is no complaint.
    """
    complaints: list[str] = []

    def hear(said: ConsoleMessage) -> None:
        if said.type == "error" and _REFUSED not in said.text:
            complaints.append(said.text)

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium_path, args=_FLAGS)
        context = browser.new_context(viewport={"width": 1000, "height": 900}, locale="zh-CN")
        context.set_default_timeout(PATIENCE_MS)
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        context.on("console", hear)
        yield context.new_page()
        browser.close()
    assert complaints == []
