"""Groups on WeCom: the platform makes the way, tells who joined and left, and seats follow."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from app.http.assembly import build_application
from app.wiring.container import Process, open_wiring
from creator_tools.fan_groups import queries, service
from creator_tools.fan_groups.models import JoinWay, Room, Seat
from creator_tools.kernel.models import Effect
from tests.integration.http.conftest import House, Scene, asked, settings_for
from tests.served import served
from wechat_simulator.simulator import Simulator

COMPANY = {
    "corpid": "ww1234567890abcdef",
    "secret": "app-secret-of-a-company-7f3a",
    "token": "WecomToken12345",
    "aes_key": "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR",
}


@pytest.fixture
def house(
    wechat: Simulator, clean_database: str, valkey_url: str, tmp_path: Path
) -> Iterator[House]:
    """An installation that knows a company, and a web server that the simulator reaches."""
    clock_file = tmp_path / "clock"
    clock_file.write_text("0", "ascii")
    settings = settings_for(
        wechat,
        tmp_path,
        clean_database,
        valkey_url,
        CLOCK_OFFSET_FILE=str(clock_file),
        WECOM_CORPID=COMPANY["corpid"],
        WECOM_SECRET=COMPANY["secret"],
        WECOM_TOKEN=COMPANY["token"],
        WECOM_AES_KEY=COMPANY["aes_key"],
    )
    wiring = open_wiring(settings, Process("tests"))
    app = build_application(wiring)
    with served(app) as address:
        asked(wechat, "PUT", "/_sim/wecom", {**COMPANY, "callback_url": f"{address}/wechat/wecom"})
        yield House(wiring, app, wechat, clock_file)
    wiring.close()


class Club:
    """The scene's group, open to everybody, with rooms on WeCom and no other way."""

    def __init__(self, house: House, scene: Scene, *, capacity: int) -> None:
        self.house, self.group_id, self.code = house, scene.fan_group_id, scene.fan_group_code
        body = {"name": "读者群一", "capacity": capacity}
        self.room = asked(house.wechat, "POST", "/_sim/wecom/rooms", body)["chat_id"]
        with house.wiring.units("fan_groups.rooms") as uow:
            for way in queries.list_join_ways(uow.session, self.group_id):
                service.close_join_way(uow, join_way_id=way.id, creator_id=scene.creator_id)
            service.set_gate(
                uow, fan_group_id=self.group_id, creator_id=scene.creator_id, gate="free"
            )
            service.ask_for_way(
                uow,
                fan_group_id=self.group_id,
                account_id=house.wiring.accounts.first("wecom").id,
                room_refs=[self.room],
            )
        self.settle()

    def settle(self) -> None:
        """Keep every promise that is due, also those that wait a moment."""
        for _ in range(3):
            self.house.advance(5)
            # On a busy machine a push may have been kept for later.
            self.house.wiring.sweep.step("inbox")
            self.house.wiring.sweep.step("effects")

    def door(self, fan: dict[str, Any]) -> str:
        headers = self.house.bearer(fan, "mini")
        answer = self.house.client().get(
            f"/api/v1/fan-groups/{self.group_id}/door", headers=headers
        )
        assert answer.status_code == 200, answer.text
        return str(answer.json["url"])

    def enter(self, fan: dict[str, Any]) -> str:
        opened = asked(
            self.house.wechat, "POST", f"/_sim/people/{fan['id']}/open", {"url": self.door(fan)}
        )
        self.settle()
        return str(opened["html"])

    def seats(self) -> list[tuple[str, str | None]]:
        with self.house.wiring.units.reading() as session:
            rows = session.execute(select(Seat.state, Seat.room_ref).order_by(Seat.reserved_at))
            return [(state, room) for state, room in rows]

    def rooms(self) -> dict[str, tuple[int, int]]:
        with self.house.wiring.units.reading() as session:
            return {
                room.room_ref: (room.members_count, room.known_count)
                for room in session.scalars(select(Room))
            }


@pytest.fixture
def club(house: House, scene: Scene) -> Club:
    return Club(house, scene, capacity=1)


def test_the_way_that_the_platform_makes_is_read_from_its_picture(club: Club) -> None:
    with club.house.wiring.units.reading() as session:
        way = session.scalars(select(JoinWay).where(JoinWay.closed_at.is_(None))).one()
    assert way.kind == "wecom"
    assert re.fullmatch(r"https://work\.weixin\.qq\.com/gm/[0-9a-f]{32}", way.url)
    held = asked(club.house.wechat, "GET", "/_sim/wecom")
    assert (way.external_ref, club.code) in [
        (one["config_id"], one["state"]) for one in held["ways"]
    ]
    page = club.house.signed_in(club.house.fan()).get(f"/g/{club.code}")
    assert way.url in page.text


def test_joining_confirms_the_seat_and_leaving_frees_it(club: Club) -> None:
    fan = club.house.fan()
    assert "你已加入群聊" in club.enter(fan)
    assert club.seats() == [("confirmed", club.room)]
    assert club.rooms() == {club.room: (2, 1)}
    left = asked(
        club.house.wechat,
        "POST",
        f"/_sim/wecom/rooms/{club.room}/leave",
        {"person_id": fan["id"]},
    )
    assert left == {"pushes": [{"status": 200, "tries": 1}]}
    club.settle()
    assert club.seats() == []
    assert club.rooms() == {club.room: (1, 0)}


def test_a_room_that_the_platform_made_belongs_to_the_group_by_its_state(club: Club) -> None:
    for _ in range(2):
        club.enter(club.house.fan())
    rooms = club.rooms()
    assert len(rooms) == 2
    assert all(counts == (2, 1) for counts in rooms.values())
    assert {state for state, _ in club.seats()} == {"confirmed"}
    assert {room for _, room in club.seats()} == set(rooms)


def test_an_event_that_comes_twice_is_read_once(club: Club) -> None:
    rules = [{"route": "push:message", "fault": "duplicate", "times": 1}]
    asked(club.house.wechat, "PUT", "/_sim/faults", {"rules": rules})
    club.enter(club.house.fan())
    with club.house.wiring.units.reading() as session:
        reads = session.scalars(select(Effect).where(Effect.kind == "wecom.read_room")).all()
    assert [effect.state for effect in reads] == ["done"]
    assert club.seats() == [("confirmed", club.room)]


def test_whom_nobody_knows_is_counted_and_takes_no_seat(club: Club) -> None:
    stranger = club.house.fan()
    url = club.door(club.house.fan())
    asked(club.house.wechat, "POST", f"/_sim/people/{stranger['id']}/open", {"url": url})
    club.settle()
    assert club.rooms() == {club.room: (2, 0)}
    assert [state for state, _ in club.seats()] == ["reserved"]


def test_a_dismissed_room_frees_its_seats(club: Club) -> None:
    club.enter(club.house.fan())
    asked(club.house.wechat, "POST", f"/_sim/wecom/rooms/{club.room}/dismiss", {})
    club.settle()
    assert club.seats() == []


def test_a_room_of_somebody_else_changes_nothing(club: Club) -> None:
    with club.house.wiring.units("fan_groups.rooms") as uow:
        found = service.note_room(
            uow,
            account_id=UUID(int=1),
            room_ref="wr-of-a-stranger",
            states={"nosuchgr", "' OR 1=1"},
            members_count=3,
            known_count=1,
        )
    assert found is None
    assert set(club.rooms()) == {club.room}


def test_the_address_is_proved_and_forgeries_are_refused(club: Club) -> None:
    wechat, house = club.house.wechat, club.house
    assert asked(wechat, "POST", "/_sim/wecom/verify", {}) == {"verified": True}
    client = house.client()
    assert client.post("/wechat/wecom", data=b"<xml/>").status_code == 403
    query = "msg_signature=" + "0" * 40 + "&timestamp=1&nonce=2"
    body = b"<xml><ToUserName>x</ToUserName><Encrypt>AAAA</Encrypt></xml>"
    assert client.post(f"/wechat/wecom?{query}", data=body).status_code == 403
    rules = [{"route": "push:message", "fault": "tamper", "times": 1}]
    asked(wechat, "PUT", "/_sim/faults", {"rules": rules})
    club.enter(house.fan())
    assert club.seats() == [("confirmed", club.room)]
