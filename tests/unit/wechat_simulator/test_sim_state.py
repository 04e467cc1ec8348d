"""The state file: everything comes back, and nothing foreign is built from it."""

import os
import pickle
from pathlib import Path
from typing import Any

import pytest

from wechat_simulator.clock import ManualClock
from wechat_simulator.simulator import Simulator
from wechat_simulator.storage import StateUnreadable, persisted, unpack
from wechat_simulator.world import World


def test_everything_comes_back(desk: Any, tmp_path: Path) -> None:
    person = desk.person()
    desk.control("POST", f"people/{person['id']}/follow", {"scene": "a"})
    desk.control("POST", f"people/{person['id']}/send", {"text": "你好"})
    body = {"touser": person["oa_openid"], "template_id": "T", "data": {"a": {"value": "1"}}}
    desk.api("POST", "/cgi-bin/message/template/send", body)
    token = desk.token()
    desk.world.save(tmp_path / "state")
    world = World(seed=99, clock=ManualClock())
    simulator = Simulator(world)
    world.load(tmp_path / "state")
    assert world.accounts == desk.world.accounts
    assert world.things == desk.world.things
    assert world.scheduler.rows == desk.world.scheduler.rows
    assert len(world.scheduler.rows) == 1
    assert world.rng.random() == desk.world.rng.random()
    assert b"ip_list" in simulator.call("GET", f"/cgi-bin/getcallbackip?access_token={token}").body


def test_a_missing_file_is_a_new_world(tmp_path: Path) -> None:
    world = World(seed=1, clock=ManualClock())
    world.load(tmp_path / "none")
    assert world.people == {}


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", pickle.dumps(os.getpid), pickle.dumps([1]), pickle.dumps(Path("x"))],
)
def test_a_foreign_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "state"
    path.write_bytes(content)
    with pytest.raises(StateUnreadable):
        World(seed=1, clock=ManualClock()).load(path)


def test_only_records_are_kept() -> None:
    with pytest.raises(TypeError):
        persisted(int)
    with pytest.raises(StateUnreadable):
        unpack(pickle.dumps(Simulator))


def test_before_a_push_leaves_the_world_is_kept(desk: Any, tmp_path: Path) -> None:
    state = tmp_path / "state"
    desk.world.state_file = state
    person = desk.person()
    kept: list[int] = []

    def look(fields: dict[str, Any]) -> tuple[str, bytes]:
        del fields
        other = World(seed=1, clock=ManualClock())
        other.load(state)
        kept.append(len(other.things.inbox[person["id"]]))
        return "200 OK", b"success"

    desk.backend.answers = [look]
    desk.control("POST", f"people/{person['id']}/send", {"text": "你好"})
    assert kept == [1]
