"""One run of the whole channel: everything up in order, READY, everything down.

Slow starters are begun early and waited for late; nothing begins before what it needs
answers. Whatever ends the run (a signal, a fault, a child's death) takes one way down.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.cli.demo_month import HISTORY_S
from app.cli.running import settings_text
from app.launcher import processes
from app.launcher.binaries import postgres_programs, valkey_program
from app.launcher.children import signals_held
from app.launcher.cluster import MIGRATION_URL, MIGRATOR, RUNNER, Passwords
from app.launcher.credentials import DemoSecrets, keep_secrets
from app.launcher.environment import (
    Addresses,
    bare_environment,
    child_environment,
    simulator_accounts,
    write_key_files,
)
from app.launcher.family import Family
from app.launcher.ports import LOOPBACK, next_free
from app.launcher.postgres import PostgresServer
from app.launcher.speech import say
from app.launcher.state import Tree, schema_mark, write_privately
from app.launcher.valkey import ValkeyServer
from app.launcher.web_calls import put_json, wait_until_answering

DATABASE = "juanliu"
_WATCH_S = 0.3
_STEP_WITHIN_S = 120.0


@dataclass(frozen=True, slots=True)
class Ports:
    """The loopback ports of this run."""

    web: int
    simulator: int
    postgres: int
    valkey: int

    @classmethod
    def choose(cls, outer: Mapping[str, str]) -> "Ports":
        """Take the usual ports, or those asked for, or the next free ones."""
        web = next_free(_asked(outer, "PORT", 8080))
        simulator = next_free(_asked(outer, "SIMULATOR_PORT", 8090), {web})
        postgres = next_free(55432, {web, simulator})
        return cls(web, simulator, postgres, next_free(56379, {web, simulator, postgres}))


class System:
    """The channel on this machine."""

    def __init__(self, tree: Tree, outer: Mapping[str, str]) -> None:
        self._tree = tree
        self._outer = outer
        self._secrets: DemoSecrets = keep_secrets(tree.secrets_file)
        self._ports = Ports.choose(outer)
        self._family = Family(tree)
        self._postgres: PostgresServer | None = None
        self._valkey: ValkeyServer | None = None
        self.addresses = Addresses(
            base_url=f"http://{LOOPBACK}:{self._ports.web}",
            simulator_url=f"http://{LOOPBACK}:{self._ports.simulator}",
            database_url=outer.get("DATABASE_URL", ""),
            broker_url=outer.get("BROKER_URL", ""),
        )

    def start(self) -> None:
        """Bring everything up; raises what stopped it, and then `stop` is still due."""
        write_key_files(self._tree, self._secrets)
        self._set_clock()
        bare = bare_environment(self._outer)
        simulator = self._family.start(
            processes.simulator_order(self._tree, self._ports.simulator, bare)
        )
        self._start_services()
        self._migrate(bare)
        wait_until_answering(simulator, f"{self.addresses.simulator_url}/_sim/accounts", 30.0)
        accounts = simulator_accounts(self._secrets, self.addresses.base_url)
        platform = {"platform_private_key_pem": self._secrets.platform_private_key_pem}
        merchant = {**accounts["merchant"], **platform}
        put_json(
            f"{self.addresses.simulator_url}/_sim/accounts", {**accounts, "merchant": merchant}
        )
        environment = child_environment(self._outer, self._tree, self._secrets, self.addresses)
        write_privately(self._tree.settings_file, settings_text(environment))
        say("正在启动网站和后台任务", "starting web and worker")
        web = self._family.start(processes.web_order(self._tree, self._ports.web, environment))
        self._family.start(processes.worker_order(self._tree, environment))
        wait_until_answering(web, f"{self.addresses.base_url}/readyz", 60.0)
        self._seed(environment)
        self._family.refuse_deaths()

    def demo(self, pid: int) -> dict[str, Any]:
        """What `.local/demo.json` says about this run."""
        told = json.loads(self._tree.seed_file.read_text(encoding="utf-8"))
        return {
            "base_url": self.addresses.base_url,
            "simulator_url": self.addresses.simulator_url,
            "phone_url": self.phone_url,
            "pid": pid,
            "accounts": simulator_accounts(self._secrets, self.addresses.base_url),
            "operators": told.get("operators", []),
            "creators": told.get("creators", []),
            "fans": told.get("fans", []),
        }

    @property
    def phone_url(self) -> str:
        """The telephone in the browser."""
        return f"{self.addresses.simulator_url}/phone"

    def pids(self) -> dict[str, int]:
        """Name and pid of each process."""
        return self._family.pids()

    def watch(self) -> None:
        """Return never; raises `ChildDied` when a child ends."""
        while True:
            self._family.refuse_deaths()
            time.sleep(_WATCH_S)

    def stop(self) -> None:
        """Take everything down in reverse order."""
        self._family.stop()

    def _set_clock(self) -> None:
        """Let the clock begin where the demo's month does, or leave it where it stands."""
        if self._tree.seed_file.exists():
            self._tree.clock_file.touch(exist_ok=True)
        else:
            self._tree.clock_file.write_text(str(-HISTORY_S), encoding="ascii")

    def _start_services(self) -> None:
        folder = self._tree.folder
        if not self.addresses.broker_url:
            self._valkey = ValkeyServer(
                valkey_program(),
                folder / "valkey",
                port=self._ports.valkey,
                password=self._secrets.valkey_password,
            )
            with signals_held():
                self._family.adopt(self._valkey.start())
        if not self.addresses.database_url:
            say("正在启动 PostgreSQL", "starting PostgreSQL")
            self._postgres = PostgresServer(
                postgres_programs(),
                folder / "postgres",
                port=self._ports.postgres,
                passwords=Passwords(
                    self._secrets.postgres_owner,
                    self._secrets.postgres_migrator,
                    self._secrets.postgres_runner,
                ),
            )
            with signals_held():
                self._family.adopt(self._postgres.start())
            self._postgres.wait_until_ready()
        if self._valkey is not None:
            self._valkey.wait_until_ready()

    def _migrate(self, bare: Mapping[str, str]) -> None:
        mark = schema_mark(self._tree.checkout)
        known = ""
        if self._postgres is not None:
            cluster = self._postgres.cluster
            known = _text_of(self._tree.schema_file)
            cluster.ensure_roles()
            if not cluster.has_database(DATABASE):
                cluster.create_database(DATABASE)
                known = ""
            migration_url = cluster.url(MIGRATOR, DATABASE)
            database_url = cluster.url(RUNNER, DATABASE)
        else:
            database_url = self.addresses.database_url
            migration_url = self._outer.get(MIGRATION_URL, database_url)
        broker_url = self._valkey.url() if self._valkey else self.addresses.broker_url
        self.addresses = self.addresses.with_services(database_url, broker_url)
        if known == mark:  # our own database, and no migration has come since
            return
        say("正在更新数据库结构", "bringing the schema up to date")
        self._family.run_to_end(
            processes.migration_order(self._tree, bare, migration_url), _STEP_WITHIN_S
        )
        if self._postgres is not None:
            self._tree.schema_file.write_text(mark, encoding="ascii")

    def _seed(self, environment: Mapping[str, str]) -> None:
        if self._tree.seed_file.exists():
            return
        say("正在准备演示内容", "filling the demo")
        output = self._tree.seeding_file
        output.unlink(missing_ok=True)
        output.touch(mode=0o600)
        self._family.run_to_end(
            processes.seed_order(self._tree, environment, output), _STEP_WITHIN_S
        )
        told = json.loads(output.read_text(encoding="utf-8"))
        write_privately(self._tree.seed_file, json.dumps(told, ensure_ascii=False))
        output.unlink()


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except OSError:
        return ""


def _asked(outer: Mapping[str, str], name: str, usual: int) -> int:
    text = outer.get(name, "")
    return int(text) if text.isdecimal() and 0 < int(text) < 65536 else usual
