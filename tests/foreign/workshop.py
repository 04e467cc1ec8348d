"""Where foreign clients are installed and driven: their own environments, a simulator with TLS."""

import json
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.settings import process_environment
from wechat_simulator.clock import SimClock
from wechat_simulator.server import Server
from wechat_simulator.simulator import Simulator
from wechat_simulator.world import World

HERE = Path(__file__).parent
DRIVER_TAKES_S = 180
INSTALLING_TAKES_S = 600
Told = dict[str, Any]


class NotHere(Exception):
    """What the clients need is missing; the words say what un-skips them."""


@dataclass(frozen=True)
class Drive:
    """One run of a driver: in which environment, which page, for which distribution."""

    environment: str
    page: str
    distribution: str = ""


# "ours" is the project's own environment, "python" and "node" are made for the occasion.
DRIVES = (
    Drive("ours", "account_wechatpy.py", "wechatpy"),
    Drive("python", "account_wechatpy.py", "odoo-wechatpy"),
    Drive("python", "account_werobot.py", "werobot"),
    Drive("node", "account-co-wechat-api.mjs"),
    Drive("node", "account-node-easywechat.mjs"),
    Drive("ours", "pay.py", "wechatpayv3"),
    Drive("python", "pay.py", "pywechatpay"),
    Drive("node", "pay.mjs"),
    Drive("python", "xpay.py", "wechat-xpay"),
)
ENVELOPES = (
    Drive("ours", "envelopes.py", "wechatpy"),
    Drive("python", "envelopes.py", "odoo-wechatpy"),
    Drive("python", "envelopes.py", "werobot"),
    Drive("node", "envelopes.mjs"),
)


class Workshop:
    """The environments, each made when it is first needed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._commands: dict[str, list[str]] = {}

    def drive(self, asked: Drive) -> list[Told]:
        """Run a driver against a fresh simulator; what each client tells of its calls.

        Raises:
            NotHere: its environment cannot be made here.
            RuntimeError: the driver failed; the words are its own.
        """
        command = self._command(asked)
        with simulator(self._folder) as (server, trusted):
            given = [server.url, str(server.tls_port), asked.distribution]
            return self._run([*command, *given], trusted, "")

    def ask(self, asked: Drive, question: Mapping[str, str]) -> list[Told]:
        """Run a driver that needs no simulator: a question in, one answer per client out."""
        command = [*self._command(asked), asked.distribution]
        return self._run(command, {}, json.dumps(question))

    def _run(self, command: Sequence[str], trusted: Mapping[str, str], given: str) -> list[Told]:
        # Clients may cache beside themselves: each run has a folder of its own.
        place = self._folder / f"run-{len(list(self._folder.iterdir()))}"
        place.mkdir()
        ran = subprocess.run(
            command,
            cwd=place,
            env={**_bare_environment(), **trusted},
            input=given,
            capture_output=True,
            encoding="utf-8",
            timeout=DRIVER_TAKES_S,
            check=False,
        )
        if ran.returncode != 0:
            raise RuntimeError(f"{Path(command[1]).name} {command[-1]}\n{ran.stderr}")
        return [json.loads(line) for line in ran.stdout.splitlines()]

    def _command(self, asked: Drive) -> list[str]:
        if asked.environment == "ours":
            return [sys.executable, str(HERE / "python" / asked.page)]
        if asked.environment not in self._commands:
            make = {"python": self._make_python, "node": self._make_node}[asked.environment]
            self._commands[asked.environment] = make()
        program, folder = self._commands[asked.environment]
        return [program, str(Path(folder) / asked.page)]

    def _make_python(self) -> list[str]:
        folder = self._folder / "python"
        venv.create(folder, with_pip=True)
        python = str(folder / "bin" / "python")
        lock = HERE / "python" / "requirements.txt"
        install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _install([*install, "--require-hashes", "-r", str(lock)], folder, "Python")
        return [python, str(HERE / "python")]

    def _make_node(self) -> list[str]:
        node, npm = shutil.which("node"), shutil.which("npm")
        if node is None or npm is None:
            raise NotHere("install Node.js 18 or newer, with npm, to run its clients")
        folder = self._folder / "node"
        shutil.copytree(HERE / "node", folder, ignore=shutil.ignore_patterns("node_modules"))
        _install([npm, "ci", "--no-audit", "--no-fund"], folder, "npm")
        return [node, str(folder)]


@contextmanager
def simulator(folder: Path) -> Iterator[tuple[Server, dict[str, str]]]:
    """A server with TLS, and the settings by which clients are told whom to trust."""
    authority = folder / "authority.pem"
    server = Server(Simulator(World(clock=SimClock())), tls_port=0, ca_out=authority)
    server.start()
    names = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
    try:
        yield server, dict.fromkeys(names, str(authority))
    finally:
        server.stop()


def are_required() -> bool:
    """Whether a missing environment is a failure: FOREIGN_CLIENTS=required."""
    return process_environment().get("FOREIGN_CLIENTS") == "required"


def _install(command: Sequence[str], folder: Path, registry: str) -> None:
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=process_environment(),
            capture_output=True,
            encoding="utf-8",
            timeout=INSTALLING_TAKES_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NotHere(f"the {registry} registry must answer in time") from None
    if done.returncode != 0:
        raise NotHere(f"the {registry} registry must be reachable to fetch the clients")


def _bare_environment() -> dict[str, str]:
    """The surroundings without what leads past loopback or to other code."""
    left_out = {"PYTHONPATH", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"}
    kept = {k: v for k, v in process_environment().items() if k.upper() not in left_out}
    return {
        **kept,
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONWARNINGS": "ignore",
        "NODE_NO_WARNINGS": "1",
    }
