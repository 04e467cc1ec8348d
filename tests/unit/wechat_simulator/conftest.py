"""A world in process: hand-moved time, no sockets, an echoing backend."""

import json
from typing import Any

import pytest

from tests.unit.wechat_simulator.echo_backend import EchoBackend
from wechat_simulator.clock import ManualClock
from wechat_simulator.routes import Response
from wechat_simulator.simulator import Simulator
from wechat_simulator.transport import WsgiTransport
from wechat_simulator.world import World

HOST = "backend.test"


class Desk:
    """The simulator with short ways to ask it."""

    def __init__(self) -> None:
        hosts: dict[str, Any] = {}
        self.clock = ManualClock()
        self.world = World(seed=7, clock=self.clock, transport=WsgiTransport(hosts))
        self.simulator = Simulator(self.world)
        self.oa = self.world.accounts.oa
        self.mini = self.world.accounts.mini
        self.oa.callback_url = f"http://{HOST}/wechat/official-account"
        self.backend = EchoBackend(self.oa)
        hosts[HOST] = self.backend
        self.hosts = hosts

    def ask(self, method: str, target: str, content: Any = None) -> Response:
        """Ask the simulator."""
        return self.simulator.call(method, target, content)

    def json(self, method: str, target: str, content: Any = None) -> Any:
        """Ask, and read the JSON answer."""
        return json.loads(self.ask(method, target, content).body)

    def control(self, method: str, path: str, content: Any = None) -> Any:
        """A control call that must succeed."""
        answer = self.ask(method, f"/_sim/{path}", content)
        assert answer.status == 200, answer.body
        return json.loads(answer.body)

    def person(self, nickname: str = "小明", **fields: str) -> dict[str, Any]:
        """A new person."""
        made: dict[str, Any] = self.control("POST", "people", {"nickname": nickname, **fields})
        return made

    def token(self, kind: str = "oa") -> str:
        """A classic access token of an account."""
        account = self.oa if kind == "oa" else self.mini
        value: str = self.json(
            "GET",
            "/cgi-bin/token?grant_type=client_credential"
            f"&appid={account.appid}&secret={account.secret}",
        )["access_token"]
        return value

    def api(self, method: str, path: str, content: Any = None, kind: str = "oa") -> Any:
        """A server API behind a fresh token."""
        joint = "&" if "?" in path else "?"
        return self.json(method, f"{path}{joint}access_token={self.token(kind)}", content)


@pytest.fixture
def desk() -> Desk:
    """A fresh simulator."""
    return Desk()
