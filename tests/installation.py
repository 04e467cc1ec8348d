"""A whole installation for journeys and proofs: our house, the simulator, a database of its own.

The house is one forked process that serves and sweeps (see `house_process`); the simulator is a
process of its own that the tests drive through its control API, as scripts from outside do.
"""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.cli.demo_world import DemoWorld
from app.launcher.credentials import DemoSecrets, make_secrets
from app.launcher.environment import (
    Addresses,
    child_environment,
    simulator_accounts,
    write_key_files,
)
from app.launcher.ports import free_port
from app.launcher.state import Tree
from app.wiring.container import Process, Wiring, open_wiring
from config.settings import Settings, process_environment

REPOSITORY = Path(__file__).resolve().parents[1]
START_PATIENCE_S = 120.0


@dataclass
class Installation:
    """Addresses, secrets and processes of one installation."""

    folder: Path
    database_url: str
    broker_url: str
    secrets: DemoSecrets = field(default_factory=make_secrets)
    web_port: int = field(default_factory=free_port)
    simulator_port: int = field(default_factory=free_port)
    keep_door: bool = False
    sweep_period_s: float | None = None
    seen_file: Path | None = None
    house_pid: int | None = None
    _simulator: subprocess.Popen[bytes] | None = None
    _zygote: subprocess.Popen[str] | None = None

    def __post_init__(self) -> None:
        self.tree = Tree(REPOSITORY, self.folder)
        self.log_file = self.folder / "house.log"
        self.base_url = f"http://127.0.0.1:{self.web_port}"
        self.simulator_url = f"http://127.0.0.1:{self.simulator_port}"
        self.folder.mkdir(parents=True, exist_ok=True)
        write_key_files(self.tree, self.secrets)
        self.tree.clock_file.write_text("0")
        self.tree.simulator_file.parent.mkdir(exist_ok=True)
        addresses = Addresses(self.base_url, self.simulator_url, self.database_url, self.broker_url)
        outer: Mapping[str, str] = process_environment()
        self.environment = child_environment(outer, self.tree, self.secrets, addresses)
        self.world = DemoWorld(simulator_url=self.simulator_url, base_url=self.base_url)

    def start_simulator(self) -> None:
        """Start the simulated WeChat and tell it our accounts."""
        command = [sys.executable, "-m", "wechat_simulator", f"--port={self.simulator_port}"]
        with (self.folder / "simulator.log").open("ab") as log:
            self._simulator = subprocess.Popen(
                [*command, f"--state={self.tree.simulator_file}"],
                cwd=REPOSITORY,
                env={**process_environment(), "CLOCK_OFFSET_FILE": str(self.tree.clock_file)},
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
        self._wait_for(f"{self.simulator_url}/_sim/accounts")
        accounts: dict[str, Any] = simulator_accounts(self.secrets, self.base_url)
        accounts["merchant"]["platform_private_key_pem"] = self.secrets.platform_private_key_pem
        self.world.control("PUT", "accounts", **accounts)

    def start_house(self, *, arm: tuple[str, int] | None = None) -> None:
        """Fork a house that serves and sweeps; armed, it dies where it was told to."""
        if self._zygote is None:
            self._zygote = subprocess.Popen(
                [sys.executable, "-m", "tests.house_process"],
                cwd=REPOSITORY,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        assert self._zygote.stdin is not None, "it was opened with a pipe"
        assert self._zygote.stdout is not None, "it was opened with a pipe"
        order = {
            "environment": self.environment,
            "port": self.web_port,
            "arm": {"name": arm[0], "hit": arm[1]} if arm else None,
            "log": str(self.log_file),
            "keep_door": self.keep_door,
            "seen": str(self.seen_file) if self.seen_file else None,
            "period_s": self.sweep_period_s,
        }
        self._zygote.stdin.write(json.dumps(order) + "\n")
        self._zygote.stdin.flush()
        self.house_pid = int(self._zygote.stdout.readline())
        if self.keep_door:
            return  # whoever knocks waits in the backlog until somebody answers
        if arm is None:
            self._wait_for(f"{self.base_url}/healthz")
        else:
            self.wait_until_serving()

    def arm(self, name: str, hit: int) -> None:
        """Let the living house die at the `hit`-th time that it reaches this fail-point."""
        self._write_arm({"name": name, "hit": hit})

    def killed_by(self) -> list[str]:
        """The fail-points that have killed a house of this installation, in order."""
        file = Path(f"{self.log_file}.killed")
        return file.read_text("utf-8").split() if file.exists() else []

    def disarm(self) -> None:
        """Let the house live."""
        self._write_arm(None)

    def _write_arm(self, arm: dict[str, Any] | None) -> None:
        Path(f"{self.log_file}.arm").write_text(json.dumps(arm), "utf-8")
        if self.house_pid is not None and self.is_house_alive():
            os.kill(self.house_pid, signal.SIGUSR1)

    def wait_until_serving(self) -> bool:
        """Wait for the house to serve, or to die trying; says which."""
        deadline = time.monotonic() + START_PATIENCE_S
        while time.monotonic() < deadline and self.is_house_alive():
            if _answers(f"{self.base_url}/healthz"):
                return True
            time.sleep(0.02)
        return False

    def is_house_alive(self) -> bool:
        """Whether the house's process is there."""
        if self.house_pid is None:
            return False
        try:
            os.kill(self.house_pid, 0)
        except ProcessLookupError:
            return False
        return True

    def kill_house(self) -> None:
        """Pull the plug of the house."""
        if self.house_pid is not None and self.is_house_alive():
            os.kill(self.house_pid, signal.SIGKILL)
        while self.is_house_alive():
            time.sleep(0.01)

    def wiring(self) -> Wiring:
        """The same parts in this process, for looking and for making things."""
        return open_wiring(Settings.from_env(self.environment), Process("test", pool_size=4))

    def stop(self) -> None:
        """End what was started here."""
        self.kill_house()
        if self._zygote is not None:
            assert self._zygote.stdin is not None, "it was opened with a pipe"
            assert self._zygote.stdout is not None, "it was opened with a pipe"
            self._zygote.stdin.close()
            self._zygote.wait(120)
            self._zygote.stdout.close()
        if self._simulator is not None:
            self._simulator.terminate()
            self._simulator.wait(120)

    def _wait_for(self, url: str) -> None:
        deadline = time.monotonic() + START_PATIENCE_S
        while not _answers(url):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{url} did not answer; see {self.folder}")
            time.sleep(0.05)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            return bool(answer.status < 500)
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False
