"""The suite's own PostgreSQL and Valkey, started once and shared by all its processes.

`fsync` is off and everything lies in a temporary folder. The database is migrated once
into a template; each process of the suite works in a copy of it.
"""

import secrets
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from app.launcher.binaries import ServerProgramMissing, postgres_programs, valkey_program
from app.launcher.children import ChildWouldNotStart
from app.launcher.cluster import MIGRATION_URL, MIGRATOR, Cluster, Passwords
from app.launcher.ports import LOOPBACK, free_port
from app.launcher.postgres import PostgresServer
from app.launcher.valkey import ValkeyServer
from config.settings import process_environment

REPOSITORY = Path(__file__).resolve().parents[1]
TEMPLATE = "juanliu_template"


@dataclass(frozen=True, slots=True)
class ServiceAddresses:
    """Where the servers of this run are, or `fault`: why there are none."""

    postgres_port: int = 0
    valkey_port: int = 0
    password: str = ""
    fault: str = ""

    @property
    def cluster(self) -> Cluster:
        """The PostgreSQL cluster of this run."""
        return Cluster(
            self.postgres_port, Passwords(self.password, self.password + "m", self.password + "r")
        )

    def valkey_url(self, database: int) -> str:
        """The address of one numbered Valkey database."""
        return f"redis://:{self.password}@{LOOPBACK}:{self.valkey_port}/{database}"

    def to_mapping(self) -> dict[str, str | int]:
        """A form that travels between the processes of the suite."""
        return asdict(self)


class Services:
    """The servers of one run; start once, stop once.

    Args:
        durable: whether a commit waits for the disk, as in production; figures of commits need it.
    """

    def __init__(self, *, durable: bool = False) -> None:
        self._durable = durable
        self.addresses = ServiceAddresses(fault="not started")
        self._folder = Path(tempfile.mkdtemp(prefix="juanliu-tests-"))
        self._folder.chmod(0o711)  # the unprivileged server must reach its own folder inside
        self._postgres: PostgresServer | None = None
        self._valkey: ValkeyServer | None = None

    def start(self) -> None:
        """Start both and migrate the template; a fault is kept for the tests that need them."""
        try:
            self._start()
        except (ServerProgramMissing, ChildWouldNotStart, MigrationFailed) as fault:
            self.stop()
            self.addresses = ServiceAddresses(fault=str(fault))

    def stop(self) -> None:
        """Stop both and remove every file of theirs."""
        if self._valkey is not None:
            self._valkey.stop()
        if self._postgres is not None:
            self._postgres.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _start(self) -> None:
        addresses = ServiceAddresses(
            postgres_port=free_port(), valkey_port=free_port(), password=secrets.token_hex(16)
        )
        self._postgres = PostgresServer(
            postgres_programs(),
            self._folder / "postgres",
            port=addresses.postgres_port,
            passwords=addresses.cluster.passwords,
            durable=self._durable,
            max_connections=200,
        )
        self._valkey = ValkeyServer(
            valkey_program(),
            self._folder / "valkey",
            port=addresses.valkey_port,
            password=addresses.password,
            durable=False,
        )
        self._valkey.start()
        self._postgres.start()
        self._valkey.wait_until_ready()
        self._postgres.wait_until_ready()
        addresses.cluster.ensure_roles()
        addresses.cluster.create_database(TEMPLATE)
        migrate(addresses.cluster.url(MIGRATOR, TEMPLATE))
        self.addresses = addresses


class MigrationFailed(Exception):
    """The migrations did not run to their end; the text holds their last words."""


def migrate(database_url: str) -> None:
    """Bring one database to the newest schema, or raise `MigrationFailed`."""
    ended = subprocess.run(
        [sys.executable, "-m", "app.launcher.migrate"],
        env={**process_environment(), MIGRATION_URL: database_url},
        cwd=REPOSITORY,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if ended.returncode != 0:
        raise MigrationFailed(ended.stderr[-3000:])
