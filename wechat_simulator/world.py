"""The whole simulated WeChat: what it knows, its chance, its time and its promises."""

import dataclasses
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wechat_simulator import chance
from wechat_simulator.accounts import Accounts, make_accounts
from wechat_simulator.books import Books, PaymentBooked, RefundBooked, TransferBooked
from wechat_simulator.clock import Clock, SimClock
from wechat_simulator.entities import (
    AccessToken,
    Account,
    Allowance,
    Due,
    FanGroup,
    Follower,
    Kind,
    LoginCode,
    Media,
    Merchant,
    Message,
    OAuthToken,
    Person,
    QrCode,
    Session,
    XPay,
)
from wechat_simulator.faults import FaultBook
from wechat_simulator.letters import Letters, read_letters
from wechat_simulator.scheduler import Scheduler
from wechat_simulator.storage import StateUnreadable, pack, persisted, read_state, write_state
from wechat_simulator.transport import Answer, HttpTransport, Transport

__all__ = ["Account", "Due", "Merchant", "Person", "Section", "World", "XPay"]

for _booked in (Books, PaymentBooked, RefundBooked, TransferBooked):
    persisted(_booked)


@dataclass(frozen=True)
class Section:
    """State that another module keeps with the world: how to write, read back and forget it."""

    dump: Callable[[], Any]
    load: Callable[[Any], None]
    clear: Callable[[], None]


class _SavesFirst:
    """A transport that keeps the world before anything leaves it.

    What a backend was told must still be known after a kill.
    """

    def __init__(self, transport: Transport, world: "World") -> None:
        self._transport = transport
        self._world = world

    def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, timeout_s: float
    ) -> Answer:
        self._world.save()
        return self._transport.send(method, url, headers, body, timeout_s)


@persisted
@dataclass
class Things:
    """All that `reset` forgets."""

    people: dict[str, Person] = field(default_factory=dict)
    tokens: dict[str, AccessToken] = field(default_factory=dict)
    tickets: dict[str, tuple[str, float]] = field(default_factory=dict)
    codes: dict[str, LoginCode] = field(default_factory=dict)
    oauth_tokens: dict[str, OAuthToken] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    followers: dict[str, Follower] = field(default_factory=dict)
    inbox: dict[str, list[Message]] = field(default_factory=dict)
    allowances: dict[str, Allowance] = field(default_factory=dict)
    media: dict[str, Media] = field(default_factory=dict)
    menus: dict[str, Any] = field(default_factory=dict)
    qr_codes: dict[str, QrCode] = field(default_factory=dict)
    quotas: dict[str, int] = field(default_factory=dict)
    drafts: dict[str, Any] = field(default_factory=dict)
    published: dict[str, Any] = field(default_factory=dict)
    tags: dict[int, str] = field(default_factory=dict)
    consents: dict[str, int] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, Any] = field(default_factory=dict)
    active: dict[str, float] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    groups: dict[str, FanGroup] = field(default_factory=dict)
    shown: dict[str, Any] = field(default_factory=dict)


class World:
    """One simulated WeChat. Hold `lock` while reading and writing; never while calling out."""

    def __init__(
        self,
        *,
        seed: int = 1,
        clock: Clock | None = None,
        transport: Transport | None = None,
        state_file: Path | None = None,
    ) -> None:
        self.clock = clock or SimClock()
        self.state_file = state_file
        self.transport: Transport = _SavesFirst(transport or HttpTransport(), self)
        self.lock = threading.RLock()
        self.rng = random.Random(seed)
        self.accounts: Accounts = make_accounts(random.Random(f"accounts {seed}"))
        self.things = Things()
        self.books = Books()
        self.faults = FaultBook()
        self.scheduler = Scheduler(self.clock)
        self.callback_timeout_s = 5.0
        self.public_url = "http://127.0.0.1"
        self._sections: dict[str, Section] = {}
        self._waiting: dict[str, Any] = {}
        self._letters = Letters()
        self._saving = threading.Lock()
        self._late = False
        self.writes_late = False
        self._asked = 0
        self._kept = 0

    @property
    def people(self) -> dict[str, Person]:
        """Everybody, by id."""
        return self.things.people

    def person_by_openid(self, openid: str, kind: Kind | None = None) -> Person | None:
        """Whose openid this is; `kind` narrows it to one account."""
        for person in self.things.people.values():
            if kind != "mini" and person.oa_openid == openid:
                return person
            if kind != "oa" and person.mini_openid == openid:
                return person
        return None

    def person_for(self, appid: str, openid: str) -> Person | None:
        """The person whom the account with `appid` knows as `openid`."""
        account = self.accounts.by_appid(appid)
        return None if account is None else self.person_by_openid(openid, account.kind)

    def session_key(self, person_id: str, appid: str) -> str | None:
        """The newest session key of a person in a mini-program, None before the first login."""
        session = self.things.sessions.get(f"{appid}/{person_id}")
        return None if session is None else session.session_key

    def former_session_keys(self, person_id: str, appid: str) -> tuple[str, ...]:
        """The session keys that newer logins of this person have replaced."""
        session = self.things.sessions.get(f"{appid}/{person_id}")
        return () if session is None else tuple(session.former_keys)

    def reached(
        self, person_id: str, channel: str, via: str, kind: str, fields: dict[str, Any]
    ) -> Message:
        """Note that something reached a person.

        `channel` is oa, mini, pay or friend; `via` says how: reply, custom, template, subscribe,
        notice, payment, friend; `kind` is the message's type.
        """
        return self._note(person_id, channel, via, kind, fields, said=False)

    def said(self, person_id: str, channel: str, kind: str, fields: dict[str, Any]) -> Message:
        """Note what a person wrote, so that their telephone can show it."""
        return self._note(person_id, channel, "person", kind, fields, said=True)

    def count(self, name: str) -> int:
        """The next number of a counter, from 1."""
        with self.lock:
            number = self.things.counters.get(name, 0) + 1
            self.things.counters[name] = number
            return number

    def add_section(self, name: str, section: Section) -> None:
        """Keep another module's state with the world; what a loaded file held is given at once."""
        self._sections[name] = section
        if name in self._waiting:
            section.load(self._waiting.pop(name))

    def pause(self, seconds: float) -> None:
        """Hold an answer back in real time, which an ordered delay of a route asks for."""
        time.sleep(seconds)

    def reset(self, seed: int) -> None:
        """Forget everything but the accounts, and start chance anew."""
        with self.lock:
            self.rng.seed(seed)
            self.things = Things()
            self._letters.forget()
            self.books.clear()
            self.faults.clear()
            self.scheduler.clear()
            for section in self._sections.values():
                section.clear()

    def save(self, path: Path | None = None) -> None:
        """Write everything to `path`, or to the state file if there is one."""
        path = path or self.state_file
        if path is None:
            return
        with self.lock:
            self._asked += 1
            mine = self._asked
        with self._saving:
            # Whoever waited while another wrote may find that this covered them too.
            if self._kept >= mine and path == self.state_file:
                return
            with self.lock:
                covered, content = self._asked, self._packed()
            write_state(path, content)
            if path == self.state_file:
                self._kept = covered

    def save_soon(self) -> None:
        """Let `save_late` write what may be lost in a kill: counts of calls, cookies of pages.

        Where nobody calls `save_late` it is written now.
        """
        if self.writes_late:
            self._late = True
        else:
            self.save()

    def save_late(self) -> None:
        """Write what `save_soon` put off, if anything."""
        if self._late:
            self._late = False
            self.save()

    def load(self, path: Path | None = None) -> None:
        """Take over what was written with `save`; without a file nothing happens.

        Raises:
            StateUnreadable: the file is not a state file.
        """
        path = path or self.state_file
        if path is None or not path.exists():
            return
        state = read_state(path)
        if not isinstance(state, dict) or state.get("version") not in {1, 2}:
            raise StateUnreadable(f"{path} is not a state file of this simulator")
        with self.lock:
            self.accounts = state["accounts"]
            # What an older file knows nothing of begins empty.
            self.things = Things(**vars(state["things"]))
            if "letters" in state:
                self.things.inbox = read_letters(state["letters"])
            self._letters.forget()
            # Others hold the books and the promises: they are filled, not replaced.
            self.books.__dict__.update(vars(state["books"]))
            self.scheduler.restore(state["promises"])
            self.rng.setstate(state["chance"])
            self._waiting = dict(state["sections"])
            for name, section in self._sections.items():
                if name in self._waiting:
                    section.load(self._waiting.pop(name))

    def _packed(self) -> bytes:
        return pack(
            {
                "version": 2,
                "accounts": self.accounts,
                "things": dataclasses.replace(self.things, inbox={}),
                "letters": self._letters.packed(self.things.inbox),
                "books": self.books,
                "promises": list(self.scheduler.rows),
                "chance": self.rng.getstate(),
                "sections": {name: one.dump() for name, one in self._sections.items()},
            }
        )

    def _note(
        self,
        person_id: str,
        channel: str,
        via: str,
        kind: str,
        fields: dict[str, Any],
        *,
        said: bool,
    ) -> Message:
        with self.lock:
            message = Message(
                id=chance.hexadecimal(self.rng, 16),
                at=self.clock.now(),
                channel=channel,
                via=via,
                type=kind,
                fields=fields,
                said_by_person=said,
            )
            self.things.inbox.setdefault(person_id, []).append(message)
            return message
