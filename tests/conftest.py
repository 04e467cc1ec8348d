"""Fixtures of the whole suite: real services, a clean database, and no way to the internet."""

import ipaddress
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import expect
from psycopg import sql

from app.launcher.cluster import MIGRATOR, OWNER, RUNNER, Cluster
from config.settings import process_environment
from tests.services import TEMPLATE, ServiceAddresses, Services

# A loaded machine is slow, not wrong. A merge is judged on the same examples twice; new ones are
# looked for with `./test --hypothesis-profile=explore`.
hypothesis_settings.register_profile("suite", deadline=None, derandomize=True)
hypothesis_settings.register_profile("explore", deadline=None, max_examples=1000)
hypothesis_settings.load_profile("suite")
expect.set_options(timeout=60_000)

_SERVICES = pytest.StashKey[Services]()
_ADDRESSES = "juanliu_services"
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_COUNT_PREFIX = "count: "
_NO_SERVICES = ("tests/unit", "tests/architecture")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--pictures FOLDER`: the browser's journeys make the README's pictures there."""
    parser.addoption("--pictures", metavar="FOLDER", help="make the README's pictures here")


# --- services: started by the one process that outlives all others --------------------------


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell one xdist worker where the services are; the first one has them started."""
    if _needs_services(node.config):
        node.workerinput[_ADDRESSES] = _started(node.config).addresses.to_mapping()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the services where they were started."""
    services = config.stash.get(_SERVICES, None)
    if services is not None:
        services.stop()
        del config.stash[_SERVICES]


@pytest.fixture(scope="session")
def service_addresses(request: pytest.FixtureRequest) -> ServiceAddresses:
    """Where PostgreSQL and Valkey of this run are."""
    handed_over = getattr(request.config, "workerinput", {}).get(_ADDRESSES)
    if handed_over is not None:
        addresses = ServiceAddresses(**handed_over)
    else:
        addresses = _started(request.config).addresses
    if addresses.fault:
        pytest.fail(f"the services of the suite did not start: {addresses.fault}", pytrace=False)
    return addresses


def _started(config: pytest.Config) -> Services:
    services = config.stash.get(_SERVICES, None)
    if services is None:
        services = config.stash[_SERVICES] = Services()
        services.start()
    return services


def _needs_services(config: pytest.Config) -> bool:
    asked = [Path(argument.split("::")[0]) for argument in config.args]
    return not all(
        any(path.resolve().is_relative_to(config.rootpath / folder) for folder in _NO_SERVICES)
        for path in asked
    )


# --- PostgreSQL -------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def postgres_server(service_addresses: ServiceAddresses) -> Cluster:
    """The PostgreSQL cluster of this run."""
    return service_addresses.cluster


@pytest.fixture(scope="session")
def database_name(postgres_server: Cluster, worker_id: str) -> Iterator[str]:
    """This process's own migrated database."""
    name = f"juanliu_{worker_id}"
    postgres_server.create_database(name, TEMPLATE)
    yield name
    postgres_server.drop_database(name)


@pytest.fixture(scope="session")
def database_url(postgres_server: Cluster, database_name: str) -> str:
    """The database as the running program reaches it: it cannot rewrite facts."""
    return postgres_server.url(RUNNER, database_name)


@pytest.fixture(scope="session")
def migrator_database_url(postgres_server: Cluster, database_name: str) -> str:
    """The same database as its owner, who may change the schema."""
    return postgres_server.url(MIGRATOR, database_name)


@pytest.fixture(scope="session")
def superuser_database_url(postgres_server: Cluster, database_name: str) -> str:
    """The same database as the owner of the cluster, who may do anything: for tampering."""
    return postgres_server.url(OWNER, database_name)


@pytest.fixture
def new_database(postgres_server: Cluster, worker_id: str) -> Iterator[Callable[..., str]]:
    """Make further databases: `new_database(migrated=True)` gives the name of a fresh one."""
    made: list[str] = []

    def make(*, migrated: bool = True) -> str:
        name = f"juanliu_{worker_id}_further_{len(made)}"
        postgres_server.create_database(name, TEMPLATE if migrated else "template0")
        made.append(name)
        return name

    yield make
    for name in made:
        postgres_server.drop_database(name)


@pytest.fixture(scope="session")
def _emptying(postgres_server: Cluster, database_name: str) -> sql.Composed:
    """One statement list that empties every table, facts too."""
    with postgres_server.connect(database_name) as connection:
        tables = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' "
            "AND tablename <> 'alembic_version' ORDER BY tablename"
        ).fetchall()
    deletes = [sql.SQL("DELETE FROM {}").format(sql.Identifier(name)) for (name,) in tables]
    # In this role neither the guards of the facts nor foreign keys are asked; only the
    # owner of the cluster may take it. Deleting few rows is far faster than truncating.
    guards_off = sql.SQL("SET session_replication_role = replica")
    in_time = sql.SQL("SET lock_timeout = '10s'")
    return sql.SQL("; ").join([guards_off, in_time, *deletes])


@pytest.fixture
def clean_database(
    postgres_server: Cluster, database_name: str, database_url: str, _emptying: sql.Composed
) -> str:
    """Empty this process's database before the test; gives `database_url`.

    What a failed test left behind stays for a look until the next one begins.
    """
    with postgres_server.connect(database_name) as connection:
        try:
            connection.execute(_emptying)
        except psycopg.errors.LockNotAvailable:
            pytest.fail("a test before left a transaction open", pytrace=False)
    return database_url


# --- Valkey -----------------------------------------------------------------------------------


@pytest.fixture
def valkey_url(service_addresses: ServiceAddresses, worker_id: str) -> str:
    """An empty Valkey database of this process's own."""
    number = 0 if worker_id == "master" else int(worker_id.removeprefix("gw")) + 1
    url = service_addresses.valkey_url(number)
    with redis.Redis.from_url(url) as client:
        client.flushdb()
    return url


# --- no way out -------------------------------------------------------------------------------


class OutsideReached(Exception):
    """A test tried to leave this machine."""


@pytest.fixture(scope="session", autouse=True)
def _loopback_only() -> Iterator[None]:
    """Refuse every connection that leaves loopback, whoever opens it in this process."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex"):
            patch.setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))
        yield


def _guarded(connect: Callable[[socket.socket, Any], Any]) -> Callable[[socket.socket, Any], Any]:
    def connect_inside(self: socket.socket, address: Any) -> Any:
        if self.family in {socket.AF_INET, socket.AF_INET6} and not _is_inside(address[0]):
            raise OutsideReached(f"{address[0]}:{address[1]}")
        return connect(self, address)

    return connect_inside


def _is_inside(host: str) -> bool:
    if host in {"", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(host.split("%", maxsplit=1)[0]).is_loopback
    except ValueError:
        return False


# --- a browser --------------------------------------------------------------------------------


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a browser, so that `-m browser` finds it without anyone's care."""
    for item in items:
        if "chromium_path" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The machine's own Chromium; without one the test is skipped, or fails where it must run."""
    environment = process_environment()
    asked = environment.get("CHROMIUM", "")
    found = asked or next(filter(None, map(shutil.which, _BROWSERS)), None)
    if found:
        return found
    told = "no Chromium here: install one (Debian: apt-get install chromium) or set CHROMIUM"
    if environment.get("BROWSER_TESTS") == "required":
        pytest.fail(told, pytrace=False)
    pytest.skip(told)


# --- ffmpeg -----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def ffmpeg_path() -> str:
    """The machine's own ffmpeg; without one the test is skipped, or fails where it must run."""
    found = shutil.which("ffmpeg") if shutil.which("ffprobe") else None
    if found:
        return found
    told = "no ffmpeg here: install one (Debian: apt-get install ffmpeg) to look into media"
    if process_environment().get("FFMPEG_TESTS") == "required":
        pytest.fail(told, pytrace=False)
    pytest.skip(told)


# --- counts -----------------------------------------------------------------------------------


@pytest.fixture
def report_count(record_property: Callable[[str, object], None]) -> Callable[[str, int], None]:
    """Tell how much a heavy proof has tried: `report_count("bit flips refused", 10_752)`."""

    def report(what: str, count: int) -> None:
        record_property(_COUNT_PREFIX + what, count)

    return report


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the counts of the heavy proofs."""
    counts = [
        (report.nodeid.split("::")[-1], name.removeprefix(_COUNT_PREFIX), value)
        for outcome in ("passed", "failed")
        for report in terminalreporter.stats.get(outcome, [])
        for name, value in report.user_properties
        if name.startswith(_COUNT_PREFIX)
    ]
    if counts:
        terminalreporter.section("counts")
    for test, what, count in sorted(counts):
        terminalreporter.write_line(f"{count:>9}  {what}  ({test})")
