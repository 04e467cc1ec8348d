"""The company at work: rooms are made, people join and leave, and the backend hears of it."""

import hashlib
from typing import Any
from urllib.parse import urlencode

from wechat_simulator import chance
from wechat_simulator.pushcrypto import seal, sha1_of
from wechat_simulator.wecom.model import ROOM_CAPACITY, Company, Member, Records, Room, Way
from wechat_simulator.world import Section, World
from wechat_simulator.xmlform import write_xml

TRIES = 3
JOINED_BY_CODE, LEFT_ALONE = 3, 0
_OWNER = "keeper"
_FAULTS = frozenset({"drop", "duplicate", "tamper"})


class Office:
    """One company of one world. Read and write `records` under the world's lock."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.records = Records()
        world.add_section("wecom", Section(self._dump, self._load, self._clear))

    def make_room(self, name: str, capacity: int = ROOM_CAPACITY) -> Room:
        """A new, empty room."""
        self.records.made_count += 1
        room = Room(
            chat_id="wr" + chance.letters(self._world.rng, 30),
            name=name,
            owner=_OWNER,
            capacity=capacity,
            created_at=self._world.clock.now(),
        )
        self.records.rooms[room.chat_id] = room
        return room

    def way_of(self, code: str) -> Way | None:
        """The way whose link ends with this code, or None."""
        return next((way for way in self.records.ways.values() if way.code == code), None)

    def join(self, way: Way, person_id: str) -> tuple[Room | None, list[dict[str, Any]]]:
        """Put a person into the first room of a way that takes them, or into the next one made.

        Returns:
            The room, None when all are full and none may be made; and what must be pushed.
        """
        rooms = [self.records.rooms[one] for one in way.chat_ids if one in self.records.rooms]
        rooms = [room for room in rooms if not room.dismissed]
        events: list[dict[str, Any]] = []
        for room in rooms:
            if person_id in room.members:
                return room, events
        free = next((room for room in rooms if len(room.members) < room.capacity), None)
        if free is None:
            if not way.auto_create_room:
                return None, events
            free = self.make_room(f"{way.room_base_name}{way.room_base_id}")
            way.room_base_id += 1
            way.chat_ids.append(free.chat_id)
            events.append(self._event(free, "create"))
        free.members[person_id] = Member(self._world.clock.now(), way.state)
        events.append(self._changed(free, "add_member", JoinScene=JOINED_BY_CODE))
        return free, events

    def leave(self, room: Room, person_id: str) -> list[dict[str, Any]]:
        """Take a person out of a room; what must be pushed."""
        if room.members.pop(person_id, None) is None:
            return []
        return [self._changed(room, "del_member", QuitScene=LEFT_ALONE)]

    def dismiss(self, room: Room) -> list[dict[str, Any]]:
        """End a room; what must be pushed."""
        room.dismissed = True
        room.members.clear()
        return [self._event(room, "dismiss")]

    def push(self, events: list[dict[str, Any]]) -> list[dict[str, int]]:
        """Tell the backend. Never call it while holding the world's lock.

        Returns:
            For each event how it ended: {status, tries}.
        """
        with self._world.lock:
            company = self.records.company
        if company is None or not company.callback_url:
            return []
        return [self._deliver(company, fields) for fields in events]

    def verify_address(self) -> bool:
        """Ask the callback address for its echo, sealed as WeCom seals it."""
        world, company = self._world, self.records.company
        if company is None or not company.callback_url:
            return False
        with world.lock:
            echo = chance.digits(world.rng, 19)
            sealed = seal(echo.encode(), company.corpid, company.aes_key, world.rng)
            query = {**self._signed(company, sealed), "echostr": sealed}
        answer = world.transport.send(
            "GET", _address(company, query), {}, b"", world.callback_timeout_s
        )
        return answer.status == 200 and answer.body == echo.encode()

    def external_id(self, person_id: str) -> str:
        """Who a person is to the company."""
        company = self.records.company
        salt = company.corpid if company is not None else ""
        return "wm" + hashlib.sha256(f"{salt}:{person_id}".encode()).hexdigest()[:30]

    def _deliver(self, company: Company, fields: dict[str, Any]) -> dict[str, int]:
        rule = self._world.faults.take("push:message", _FAULTS)
        status = tries = 0
        for tries in range(1, TRIES + 1):
            is_first = tries == 1 and rule is not None
            if is_first and rule is not None and rule.fault == "drop":
                continue
            is_tampered = is_first and rule is not None and rule.fault == "tamper"
            status = self._send(company, fields, is_tampered=is_tampered)
            if status == 200:
                break
        if rule is not None and rule.fault == "duplicate":
            self._send(company, fields)
        return {"status": status, "tries": tries}

    def _send(self, company: Company, fields: dict[str, Any], *, is_tampered: bool = False) -> int:
        world = self._world
        with world.lock:
            content = write_xml(fields).encode()
            sealed = seal(content, company.corpid, company.aes_key, world.rng)
            query = self._signed(company, sealed)
        if is_tampered:
            sealed = ("A" if sealed[0] != "A" else "B") + sealed[1:]
        body = write_xml(
            {"ToUserName": company.corpid, "Encrypt": sealed, "AgentID": "1000002"}
        ).encode()
        answer = world.transport.send(
            "POST",
            _address(company, query),
            {"Content-Type": "text/xml"},
            body,
            world.callback_timeout_s,
        )
        return answer.status

    def _signed(self, company: Company, sealed: str) -> dict[str, str]:
        timestamp = str(int(self._world.clock.now()))
        nonce = chance.digits(self._world.rng, 10)
        signature = sha1_of(company.token, timestamp, nonce, sealed)
        return {"msg_signature": signature, "timestamp": timestamp, "nonce": nonce}

    def _changed(self, room: Room, detail: str, **scene: int) -> dict[str, Any]:
        last, room.version = room.version, room.version + 1
        return self._event(
            room,
            "update",
            UpdateDetail=detail,
            **scene,
            MemChangeCnt=1,
            LastMemVer=f"{last:032x}",
            CurMemVer=f"{room.version:032x}",
        )

    def _event(self, room: Room, change: str, **more: Any) -> dict[str, Any]:
        company = self.records.company
        return {
            "ToUserName": company.corpid if company is not None else "",
            "FromUserName": "sys",
            "CreateTime": int(self._world.clock.now()),
            "MsgType": "event",
            "Event": "change_external_chat",
            "ChatId": room.chat_id,
            "ChangeType": change,
            **more,
        }

    def _dump(self) -> Records:
        return self.records

    def _load(self, kept: Any) -> None:
        self.records = kept

    def _clear(self) -> None:
        # As with accounts, the console stays as it was set.
        self.records = Records(company=self.records.company)


def _address(company: Company, query: dict[str, str]) -> str:
    joint = "&" if "?" in company.callback_url else "?"
    return company.callback_url + joint + urlencode(query)
