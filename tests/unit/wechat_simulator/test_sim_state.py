"""The state file: everything comes back, and nothing foreign is built from it."""

import copy
import os
import pickle
from pathlib import Path
from typing import Any

import pytest

from wechat_simulator.clock import ManualClock
from wechat_simulator.letters import PIECE, Letters
from wechat_simulator.simulator import Simulator
from wechat_simulator.storage import StateUnreadable, pack, persisted, unpack
from wechat_simulator.world import World
from wechat_simulator.xpay.model import OrderType


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


def test_messages_come_back_whatever_their_number(desk: Any, tmp_path: Path) -> None:
    talker, other = desk.person("多"), desk.person("少")
    state = tmp_path / "state"
    for count in (0, 1, 62, 1, 1, 70):
        for _ in range(count):
            desk.world.reached(talker["id"], "oa", "reply", "text", {"text": "好"})
        desk.world.reached(other["id"], "oa", "reply", "text", {"text": str(count)})
        desk.world.save(state)
        again = World(seed=1, clock=ManualClock())
        again.load(state)
        assert again.things == desk.world.things
        desk.world.load(state)
    desk.world.reset(1)
    desk.world.save(state)
    desk.world.load(state)
    assert desk.world.things.inbox == {}


def test_a_message_costs_no_more_after_many(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    packed: list[int] = []

    def counted(messages: list[Any]) -> bytes:
        packed.append(len(messages))
        return b""

    monkeypatch.setattr("wechat_simulator.letters.pack", counted)
    letters = Letters()
    desk.person()
    for number in range(1000):
        desk.world.reached("p", "oa", "reply", "text", {"text": str(number)})
        packed.clear()
        letters.packed(desk.world.things.inbox)
        assert sum(packed) <= 2 * PIECE


def test_what_weighs_nothing_is_written_late_and_the_rest_at_once(
    desk: Any, tmp_path: Path
) -> None:
    token = desk.token()
    desk.world.state_file = tmp_path / "state"
    desk.world.writes_late = True
    desk.ask("GET", f"/cgi-bin/user/get?access_token={token}")
    assert not desk.world.state_file.exists()
    desk.world.save_late()
    first = desk.world.state_file.read_bytes()
    desk.person()
    assert desk.world.state_file.read_bytes() != first


def test_the_file_of_an_older_simulator_is_read(desk: Any, tmp_path: Path) -> None:
    person = desk.person()
    desk.world.reached(person["id"], "oa", "reply", "text", {"text": "好"})
    things = copy.copy(desk.world.things)
    del things.groups
    state = {
        "version": 1,
        "accounts": desk.world.accounts,
        "things": things,
        "books": desk.world.books,
        "promises": [],
        "chance": desk.world.rng.getstate(),
        "sections": {},
    }
    path = tmp_path / "state"
    path.write_bytes(pack(state))
    again = World(seed=1, clock=ManualClock())
    again.load(path)
    assert again.things == desk.world.things


def test_a_python_that_names_members_by_getattr_keeps_a_readable_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # As the Enum of Python 3.11.2 does, which whole distributions still carry.
    def by_getattr(member: OrderType, _protocol: int) -> Any:
        return getattr, (type(member), member.name)

    monkeypatch.setattr(OrderType, "__reduce_ex__", by_getattr)
    assert b"getattr" in pickle.dumps(OrderType.IOS_PAY)
    assert unpack(pack({"kept": OrderType.IOS_PAY})) == {"kept": OrderType.IOS_PAY}


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
