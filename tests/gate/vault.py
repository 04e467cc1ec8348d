"""Paid things of every kind, and people of every kind who have no right to them."""

import base64
import http.client
import io
import random
import re
import secrets
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import requests
from PIL import Image
from sqlalchemy import text

from app.wiring import reviews
from creator_tools.kernel.business_day import BEIJING
from creator_tools.operators import service as operators
from creator_tools.works import queries as works_queries
from tests.channel import (
    JOIN_URL,
    Shelf,
    article,
    become_creator,
    is_there,
    linked,
    open_channel,
    publish,
    sell_in_mini_program,
    until,
)
from tests.gate.locked_words import (
    ANDROID,
    IPHONE,
    locked_part,
    locked_words,
    needles,
    undressed,
)
from tests.installation import Installation

DAY_S = 24 * 3600
PATIENCE_S = 60
_AGENTS = {"android": ANDROID, "ios": IPHONE}
_FORM_TOKEN = re.compile(r'name="csrf_token" value="([0-9a-f]{64})"')
_PICTURE = text("""
SELECT substring(markdown FROM '/media/([0-9a-f]{64})') FROM revisions
WHERE work_id = :work_id ORDER BY id DESC LIMIT 1
""")


@dataclass
class Visitor:
    """Somebody who asks; `token` is empty for a stranger."""

    name: str
    surface: str = "oa"
    device: str = "android"
    token: str = ""
    person: dict[str, Any] = field(default_factory=dict)
    owns: frozenset[str] = frozenset()

    def headers(self, path: str) -> dict[str, str]:
        """What their telephone sends with a request."""
        found = {"User-Agent": _AGENTS[self.device], "Accept-Encoding": "identity"}
        if not self.token:
            return found
        if path.startswith("/api/"):
            return {**found, "Authorization": f"Bearer {self.token}"}
        return {**found, "Cookie": f"juanliu={self.token}"}


@dataclass
class Loot:
    """The answers that one attack brought home, and what was in them that nobody had paid for."""

    needles: dict[bytes, str]
    found: list[str] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    bytes_count: int = 0

    def look(self, who: Visitor, where: str, hay: bytes, status: int = 200) -> None:
        """Search bytes as they came, and as a person would read them."""
        self.statuses.append(status)
        self.bytes_count += len(hay)
        both = hay + b"\0" + undressed(hay)
        words = {word for one, word in self.needles.items() if one in both}
        self.found += [f"{who.name} at {where}: {word[:40]}" for word in words - who.owns]


class Vault:
    """The channel that is attacked."""

    def __init__(self, house: Installation) -> None:
        self.house = house
        self.words: dict[str, tuple[str, ...]] = {}
        self.works: dict[str, str] = {}
        self.visitors: dict[str, Visitor] = {}
        self.orders: dict[str, dict[str, Any]] = {}
        self.ids: dict[str, str] = {}
        with closing(house.wiring()) as wiring, wiring.units("operators.create") as uow:
            password = "correct-horse-battery"
            self.operator_id, _ = operators.create(
                uow, login="owner", password=password, roles=["owner"]
            )
        self.shelf = self._open()
        self._furnish()
        self._invite()

    # --- what is on sale ------------------------------------------------------------------

    def _lock(self, name: str) -> str:
        words = locked_words()
        self.words[name] = words
        return locked_part(words)

    def _open(self) -> Shelf:
        shelf = open_channel(self.house, locked=self._lock("paid"))
        self.works["paid"] = shelf.work_id
        self.house.world.say(shelf.creator["id"], "专栏包月 19.9")
        return shelf

    def _furnish(self) -> None:
        house, author = self.house, self.shelf.creator
        say = house.world.say
        self.works["withdrawn"] = self._publish("撤下的一篇", "withdrawn")
        assert "已下架" in say(author["id"], "下架")
        self.works["revised"] = self._publish("改过的一篇", "older revision")
        assert "改" in say(author["id"], f"改正文\n{_body(self._lock('newer revision'))}")
        say(author["id"], "发布")
        self.works["scheduled"] = self._draft("以后的一篇", "scheduled")
        say(author["id"], "定价 9.9")
        day = datetime.now(tz=BEIJING) + timedelta(days=300)
        assert "自动发布" in say(author["id"], f"定时 {day:%Y-%m-%d} 08:00")
        self.works["pictured"] = self._draft("有图的一篇", "pictured")
        house.world.control(
            "POST", f"people/{author['id']}/send", type="image", content_base64=_noise()
        )
        until(self._picture, "the picture is in the draft")
        assert "已提交" in say(author["id"], "发布 9.9")
        self.works["draft"] = self._draft("没写完的一篇", "draft")
        self.other_creator = become_creator(house, "周老师", "老电影 兴趣 电影 每周1篇 共12篇")
        self.works["of another"] = publish(
            house, self.other_creator, title="放映机", locked=self._lock("of another"), price="6"
        )
        self.ids["sha256"] = self._picture()
        sell_in_mini_program(house, self.shelf)
        until(self._is_pictured_published, "the work with a picture is published")

    def _is_pictured_published(self) -> bool:
        """A person looks at what has pictures; nobody sits at the desk here but we."""
        with closing(self.house.wiring()) as wiring:
            with wiring.reading() as session:
                waiting = [one.check_id for one in works_queries.list_checks_open(session)]
            for check_id in waiting:
                with wiring.units("works.review") as uow:
                    reviews.record_verdict(
                        uow, check_id=check_id, verdict="pass", detail={},
                        operator_id=self.operator_id,
                    )  # fmt: skip
        return is_there(self.house, f"works/{self.works['pictured']}")

    def _publish(self, title: str, name: str) -> str:
        return publish(
            self.house, self.shelf.creator, title=title, locked=self._lock(name), price="9.9"
        )

    def _draft(self, title: str, name: str) -> str:
        written = article(title, self._lock(name))
        return linked("works", self.house.world.say(self.shelf.creator["id"], written))

    def _picture(self) -> str:
        given = {"work_id": self.works["pictured"]}
        with closing(self.house.wiring()) as wiring, wiring.reading() as session:
            return str(session.execute(_PICTURE, given).scalar_one() or "")

    # --- who asks --------------------------------------------------------------------------

    def _invite(self) -> None:
        world = self.house.world
        column = world.api("GET", f"columns/{self.shelf.column_id}")
        month = next(one["id"] for one in column["products"] if one["kind"] != "work")
        lapsed = world.person("读完一个月的人", "android")
        world.buy(lapsed, "oa", month)
        assert world.api("GET", f"works/{self.works['paid']}", token=self._token(lapsed))[
            "unlocked"
        ]
        buyer = world.person("买过的人", "android")
        self.orders["of the buyer"] = world.buy(buyer, "oa", self.shelf.work_product_id)
        self.old_token = self._token(buyer)
        world.control("POST", "clock", advance_s=31 * DAY_S)
        self.visitors["a reader whose month is over"] = self._visitor(lapsed, "lapsed")
        paid = {*self.words["paid"], JOIN_URL}
        self.buyer = self._visitor(buyer, "the buyer", owns=frozenset(paid))
        self.revoked_token = self._revoked(self._token(buyer))
        for device in ("android", "ios"):
            for surface in ("oa", "mini"):
                fan = world.person(f"没买的人 {device}", device)
                name = f"a fan on {surface} with {device}"
                self.visitors[name] = self._visitor(fan, name, surface=surface, device=device)
        for outcome in ("never", "cancel", "fail"):
            self._stop_at_the_till(outcome)
        elsewhere = world.person("买了别人的", "android")
        sold = world.api("GET", f"works/{self.works['of another']}")["products"][0]["id"]
        world.buy(elsewhere, "oa", sold)
        owned = frozenset(self.words["of another"])
        for person, name in ((elsewhere, "a buyer of another work"), (self.other_creator, "b")):
            self.visitors[name] = self._visitor(person, name, owns=owned)
        self.visitors["another creator"] = self.visitors.pop("b")
        self.visitors["a stranger"] = Visitor("a stranger")
        self.fan = self.visitors["a fan on oa with android"]
        self._note_ids(month)

    def _note_ids(self, month: str) -> None:
        with closing(self.house.wiring()) as wiring, wiring.reading() as session:
            code = session.execute(text("SELECT code FROM fan_groups")).scalar_one()
            revision = session.execute(text("SELECT min(id::text) FROM revisions")).scalar_one()
            buyer_id = session.execute(
                text("SELECT person_id FROM orders WHERE id = :id"),
                {"id": self.orders["of the buyer"]["order_id"]},
            ).scalar_one()
        self.ids |= {
            "group": self.shelf.fan_group_id, "code": str(code), "revision": str(revision),
            "buyer": str(buyer_id), "month": month, "product": self.shelf.work_product_id,
            "column": self.shelf.column_id, "handle": self.shelf.handle,
        }  # fmt: skip

    def _token(self, person: dict[str, Any], surface: str = "oa") -> str:
        return self.house.world.sign_in(person["id"], surface)

    def _visitor(
        self,
        person: dict[str, Any],
        name: str,
        *,
        surface: str = "oa",
        device: str = "android",
        owns: frozenset[str] = frozenset(),
    ) -> Visitor:
        return Visitor(name, surface, device, self._token(person, surface), person, owns)

    def _stop_at_the_till(self, outcome: str) -> None:
        """Somebody who ordered, and whose payment never came to be."""
        world = self.house.world
        person = world.person(f"没付成的人 {outcome}", "android")
        name = f"somebody whose payment is {outcome}"
        visitor = self.visitors[name] = self._visitor(person, name)
        asked = {"product_id": self.shelf.work_product_id, "device": "android"}
        quote = world.api("POST", "quotes", token=visitor.token, **asked)
        placed = world.api("POST", "orders", token=visitor.token, quote_id=quote["quote_id"])
        self.orders[outcome] = placed | {"quote_id": quote["quote_id"]}
        if outcome != "never":
            world.control(
                "POST", f"people/{person['id']}/pay", rail=placed["rail"], payment=placed["pay"],
                outcome=outcome,
            )  # fmt: skip

    def _revoked(self, token: str) -> str:
        """The token of a session whose owner has left."""
        url, cookie = f"{self.house.base_url}/h5", {"Cookie": f"juanliu={token}"}
        page = requests.get(f"{url}/settings", headers=cookie, timeout=PATIENCE_S)
        found = _FORM_TOKEN.search(page.text)
        assert found is not None, page.text[:300]
        left = requests.post(
            f"{url}/sign-out", data={"csrf_token": found[1]}, headers=cookie, timeout=PATIENCE_S
        )
        assert left.status_code == 200, left.text[:300]
        return token

    def all_needles(self) -> dict[bytes, str]:
        """Everything that nobody may have who has not paid."""
        words = [one for three in self.words.values() for one in three]
        with closing(self.house.wiring()) as wiring:
            picture = wiring.pictures.get(self.ids["sha256"])
        assert picture is not None
        assert len(picture) > 96
        middle = picture[len(picture) // 2 : len(picture) // 2 + 48]
        return {**needles([*words, JOIN_URL]), middle: "the bytes of a paid picture"}


class Thief:
    """Asks in every way there is, for one attack; all that comes back is searched."""

    def __init__(self, vault: Vault, loot: Loot) -> None:
        self.vault = vault
        self.loot = loot
        self._session = requests.Session()
        self._session.trust_env = False

    @property
    def fan_with_both(self) -> Visitor:
        """A fan who is known to both accounts; the one who tries what need not be tried by all."""
        return self.vault.fan

    def close(self) -> None:
        """Hang up."""
        self._session.close()

    def everybody(self) -> Iterator[Visitor]:
        """All who have not paid."""
        yield from self.vault.visitors.values()

    def ask(self, who: Visitor, path: str, method: str = "GET", **more: Any) -> requests.Response:
        """One request as this visitor, with headers or a body on top."""
        headers = {**who.headers(path), **more.pop("headers", {})}
        answer = self._session.request(
            method, self.vault.house.base_url + path, headers=headers, timeout=PATIENCE_S,
            allow_redirects=False, **more,
        )  # fmt: skip
        # Cookies are given by hand: what an answer sets must not dress the next visitor up.
        self._session.cookies.clear()
        hay = answer.content + b"\n" + str(dict(answer.headers)).encode()
        self.loot.look(who, f"{method} {path}", hay, answer.status_code)
        return answer

    def ask_raw(self, who: Visitor, path: str, **headers: str) -> int:
        """One GET whose path is sent as it stands, which no careful client would do."""
        netloc = urlsplit(self.vault.house.base_url).netloc
        connection = http.client.HTTPConnection(netloc, timeout=PATIENCE_S)
        with closing(connection):
            connection.putrequest("GET", path, skip_accept_encoding=True)
            for name, value in {**who.headers(path), **headers}.items():
                connection.putheader(name, value)
            connection.endheaders()
            answer = connection.getresponse()
            hay = answer.read() + b"\n" + str(answer.getheaders()).encode()
        self.loot.look(who, f"GET {path}", hay, answer.status)
        return answer.status

    def say(self, who: Visitor, words: str) -> str:
        """One message to the account, and everything it has written to the person."""
        world = self.vault.house.world
        reply = world.say(who.person["id"], words)
        self.loot.look(who, f"the answer to {words[:20]}", reply.encode())
        return reply

    def hear(self, who: Visitor) -> None:
        """All that has reached the person's telephone."""
        told = self.vault.house.world.control("GET", f"people/{who.person['id']}/messages")
        self.loot.look(who, "messages", str(told).encode())

    def open(self, who: Visitor, path: str) -> dict[str, Any]:
        """A page in the person's WeChat, recognised on the way."""
        page: dict[str, Any] = self.vault.house.world.control(
            "POST", f"people/{who.person['id']}/open", url=self.vault.house.base_url + path
        )
        self.loot.look(who, f"{path} in WeChat", str(page).encode(), page["status"])
        return page

    def form_token(self, who: Visitor) -> str:
        """The token of this visitor's forms."""
        found = _FORM_TOKEN.search(self.ask(who, "/h5/settings").text)
        assert found is not None
        return found[1]


def _noise() -> str:
    """A picture that looks like no other."""
    pixels = random.Random(secrets.randbits(64)).randbytes(120 * 120 * 3)
    drawn = io.BytesIO()
    Image.frombytes("RGB", (120, 120), pixels).save(drawn, "PNG")
    return base64.b64encode(drawn.getvalue()).decode()


def _body(locked: str) -> str:
    return f"天刚亮的时候街上没有人。\n\n---试读结束---\n\n{locked}"


def fresh_key() -> str:
    """An idempotency key."""
    return uuid.uuid4().hex


def chance_hex(length: int) -> str:
    """So many hexadecimal digits of chance."""
    return secrets.token_hex(length)[:length]
