"""Whatever people and programs send by mistake: a friendly word, never a 500, never half a write.

Every field of every endpoint, every command of the chat and every form, one bad value at a time
among good ones, over the real application and a real database.
"""

import base64
import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from app.http.assembly import build_application
from config.rails import RailPolicy
from creator_tools.catalogue.models import DEVICES
from creator_tools.creators import service as creators_service
from creator_tools.insights import queries as insights
from creator_tools.operators import rules as operator_rules
from creator_tools.operators import service as operators
from creator_tools.studio.grammar import _VERBS
from tests.channel import article
from tests.integration.http.conftest import House, Scene, house, scene, wechat
from wechat_simulator.pushcrypto import open_box, seal, sha1_of

pytestmark = [pytest.mark.gate, pytest.mark.timeout(1800)]
__all__ = ["house", "scene", "wechat"]

UNKNOWN_ID = "01890000-0000-7000-8000-000000000000"
PASSWORD = "correct-horse-battery"
# What is sent for a text. Long ones keep to what a push can carry; longer ones are tried apart.
WORDS: dict[str, str] = {
    "empty": "",
    "spaces": "   ",
    "line breaks": "\n\n\r\n",
    "emoji": "👨‍👩‍👧‍👦🏳️‍🌈" * 5,
    "zero width": "\u200b\u200d\ufeff",
    "zero width inside": "标\u200b题",
    "right to left": "\u202eabc\u202c",
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "cdata": "]]><x>]]>",
    "sql": "'; DROP TABLE people; --",
    "template": "{{7*7}}${7*7}%s%n{0}",
    "path": "../../../etc/passwd",
    "nul": "a\x00b",
    "controls": "\x07\x1b[31m\x7f",
    "long": "长" * 3000,
    "huge number": "9" * 400,
    "huge price": "1e308",
    "negative": "-5",
    "fraction": "0.001",
    "not a number": "NaN",
    "arabic digits": "٣٤",
    "unknown id": UNKNOWN_ID,
    "lone surrogate": "\ud800",
    "only marks": "؟!?。，",
}
OTHER_TYPES: dict[str, Any] = {
    "null": None,
    "yes": True,
    "number": 12,
    "huge number": 10**400,
    "fraction": 1.5,
    "list": ["x"],
    "nested list": [[[[]]]],
    "object": {"a": 1},
}
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_MACHINE = re.compile(r"Traceback|Error\b|Exception|None\b|sqlalchemy|psycopg|0x[0-9a-f]{6}")
_FORM_TOKEN = re.compile(r'name="csrf_token" value="([0-9a-f]{64})"')
# Tables that only say that somebody came: they may grow whatever became of it.
_TRACES = frozenset({"sign_in_attempts", "audit_events", "heartbeats"})


@dataclass
class Trial:
    """Sends bad input, watches the tables, and remembers what went wrong."""

    house: House
    tried_count: int = 0
    faults: list[str] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)

    def rows(self) -> dict[str, int]:
        """How many rows each table holds, traces aside."""
        with self.house.wiring.reading() as session:
            return dict(session.execute(self._counting()).one()._mapping)

    def _counting(self) -> Any:
        if not hasattr(self, "_query"):
            with self.house.wiring.reading() as session:
                names = session.execute(
                    text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
                ).scalars()
                kept = sorted(set(names) - _TRACES)
            parts = [f'(SELECT count(*) FROM "{name}") AS "{name}"' for name in kept]
            self._query = text("SELECT " + ", ".join(parts))
        return self._query

    def judge(self, what: str, before: dict[str, int], answer: TestResponse) -> None:
        """A refusal must leave nothing; an acceptance must not be a fault."""
        self.tried_count += 1
        status = answer.status_code
        self.statuses[status] = self.statuses.get(status, 0) + 1
        if status >= 500:
            self.faults.append(f"{what}: {status}")
        if status >= 400 and (left := self._changed(before)):
            self.faults.append(f"{what}: refused with {status}, yet wrote {left}")
        if status < 300 and "problem" in answer.content_type:
            self.faults.append(f"{what}: a problem with {status}")

    def judge_problem(self, what: str, answer: TestResponse, names: str | None) -> None:
        """A refusal under /api says a code, a sentence and, where one is to blame, the field."""
        if answer.status_code < 400:
            return
        told: dict[str, Any] = answer.get_json(silent=True) or {}
        if answer.content_type != "application/problem+json" or not told.get("code"):
            self.faults.append(f"{what}: no problem document with a code")
        elif not _CHINESE.search(told["detail"] or told["title"]):
            self.faults.append(f"{what}: no Chinese sentence: {told}")
        elif answer.status_code == 422 and names is not None:
            blamed = [one["field"] for one in told["errors"]]
            if blamed != [names]:
                self.faults.append(f"{what}: blames {blamed}")

    def _changed(self, before: dict[str, int]) -> dict[str, int]:
        now = self.rows()
        return {name: now[name] - count for name, count in before.items() if now[name] != count}

    def end(self, report_count: Callable[[str, int], None], what: str) -> None:
        """Everything went well, and the database is whole."""
        report_count(f"bad inputs to {what}", self.tried_count)
        report_count(f"faults of {what}", len(self.faults))
        for status, count in sorted(self.statuses.items()):
            report_count(f"{what} answered {status}", count)
        assert self.faults == []
        with self.house.wiring.reading() as session:
            now = self.house.wiring.units.clock.now()
            results = insights.verify(session, now, RailPolicy.load().rates)
        assert {one.id for one in results if one.violations} <= _OF_FIXTURES


# Works that a fixture writes as bare rows were checked by nobody.
_OF_FIXTURES = {"works.published_was_checked", "works.revision_is_its_hash"}


@pytest.fixture
def trial(house: House, scene: Scene) -> Trial:
    """The whole application, with something to buy."""
    assert scene.handle
    house.app = build_application(house.wiring)
    return Trial(house)


# --- the API ----------------------------------------------------------------------------------


def test_every_field_of_every_endpoint(
    trial: Trial, scene: Scene, report_count: Callable[[str, int], None]
) -> None:
    house = trial.house
    fan, stranger = house.fan(), house.fan()
    for surface in ("mini", "oa"):
        bearer = house.bearer(fan, surface)
        product = {"product_id": str(scene.work_product_id), "device": "android"}
        quote_id = _ask(house, "/api/v1/quotes", product, bearer)["quote_id"]
        others = _ask(house, "/api/v1/quotes", product, house.bearer(stranger, surface))
        bodies: list[tuple[str, dict[str, Any]]] = [
            ("/api/v1/sessions", {"code": "not-a-code", "app": surface}),
            ("/api/v1/quotes", product),
            ("/api/v1/orders", {"quote_id": quote_id, "login_code": "not-a-code"}),
            ("/api/v1/shares", {"object_type": "work", "object_id": str(scene.work_id)}),
        ]
        for path, body in bodies:
            for name in body:
                for what, value in _values():
                    if name == "login_code" and (value is None or _is_unread(surface, value)):
                        continue
                    _post(trial, path, body, name, what, value, bearer)
        alien = others["quote_id"]
        _post(trial, "/api/v1/orders", {}, "quote_id", "of somebody else", alien, bearer)
    with house.wiring.reading() as session:
        # A device is a hint: whatever was said, one of ours is kept.
        kept = set(session.execute(text("SELECT DISTINCT device FROM quotes")).scalars())
    assert kept <= set(DEVICES)
    trial.end(report_count, "fields of the API")


def _is_unread(surface: str, value: Any) -> bool:
    # Only virtual payment needs a fresh code.
    return surface == "oa" and isinstance(value, str)


def _ask(house: House, path: str, body: dict[str, Any], headers: dict[str, str]) -> dict[str, Any]:
    answer = house.client().post(path, json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def _values() -> Iterator[tuple[str, Any]]:
    yield from WORDS.items()
    yield from OTHER_TYPES.items()
    yield "100,000 letters", "x" * 100_000
    yield "missing", _MISSING


_MISSING = object()
_keys = iter(range(10**9))


def _post(
    trial: Trial,
    path: str,
    body: dict[str, Any],
    name: str,
    what: str,
    value: Any,
    headers: dict[str, str],
) -> None:
    sent = {**body, name: value}
    if value is _MISSING:
        if name in {"login_code", "app"}:
            return  # both may be missing
        del sent[name]
    content = json.dumps(sent)
    before = trial.rows()
    answer = trial.house.client().post(
        path,
        data=content,
        headers={**headers, "Idempotency-Key": f"bad-input-{next(_keys)}"},
        content_type="application/json",
    )
    title = f"{path} {name} = {what}"
    if name == "login_code":
        # The order stands and waits for a code that is good; it is nobody's half-written one.
        before |= {key: trial.rows()[key] for key in ("orders", "order_lines")}
    trial.judge(title, before, answer)
    is_hint = name == "device" and (value is _MISSING or value is None or isinstance(value, str))
    if answer.status_code < 400 and not is_hint:
        trial.faults.append(f"{title}: accepted with {answer.status_code}")
    wrong_type = value is _MISSING or not isinstance(value, str)
    trial.judge_problem(title, answer, name if wrong_type else None)


def test_every_id_in_every_address(
    trial: Trial, scene: Scene, report_count: Callable[[str, int], None]
) -> None:
    house = trial.house
    fan = house.fan()
    seated = _owner(house)
    visitors: dict[str, tuple[FlaskClient, dict[str, str]]] = {
        "anonymous": (house.client(), {}),
        "fan in mini": (house.client(), house.bearer(fan, "mini")),
        "fan on the page": (house.signed_in(fan), {}),
        "owner": (seated, {}),
    }
    others = _order_of_somebody_else(house, scene)
    rules = [rule for rule in house.app.url_map.iter_rules() if "<" in rule.rule]
    for rule in sorted(rules, key=lambda one: one.rule):
        for what, value in [*WORDS.items(), ("other's order", others)]:
            path = re.sub(r"<[^>]+>", quote(value, safe="", errors="surrogatepass"), rule.rule)
            for who, (client, headers) in visitors.items():
                before = trial.rows()
                answer = client.get(path, headers=headers)
                trial.judge(f"GET {rule.rule} {what} by {who}", before, answer)
                if path.startswith("/api/"):
                    trial.judge_problem(f"GET {rule.rule} {what} by {who}", answer, None)
    assert trial.tried_count > 1_000
    trial.end(report_count, "ids in addresses")


def _order_of_somebody_else(house: House, scene: Scene) -> str:
    bearer = house.bearer(house.fan(), "oa")
    product = {"product_id": str(scene.work_product_id), "device": "android"}
    quoted = _ask(house, "/api/v1/quotes", product, bearer)
    headers = {**bearer, "Idempotency-Key": "somebody-else-0001"}
    return str(_ask(house, "/api/v1/orders", {"quote_id": quoted["quote_id"]}, headers)["order_id"])


PARAMETERS: dict[str, tuple[str, ...]] = {
    "/api/v1/me/entitlements": ("limit", "cursor"),
    "/api/v1/columns/{column_id}": ("cursor", "limit"),
    "/h5/sign-in": ("return_to",),
    "/h5/oauth/callback": ("code", "state"),
    "/h5/js-sdk": ("url",),
    "/h5/": ("guest",),
    "/h5/search": ("q", "after"),
    "/h5/orders": ("after",),
    "/h5/creators/{handle}": ("after", "from"),
    "/h5/columns/{column_id}": ("after", "from"),
    "/h5/works/{work_id}": ("from",),
    "/operator/": ("from", "to", "by", "page", "done"),
    "/operator/revenue.csv": ("from", "to", "by", "bom"),
    "/operator/entries": ("from", "to", "rail", "creator", "column", "cursor", "by", "key"),
    "/operator/orders": ("number", "state", "cursor"),
    "/operator/alarms": ("state", "cursor"),
    "/operator/effects": ("group", "cursor"),
    "/operator/inbox": ("group", "cursor"),
    "/operator/audit": ("cursor", "action", "object_id"),
    "/operator/login": ("next",),
    "/wechat/official-account": ("signature", "timestamp", "nonce", "echostr", "msg_signature"),
}


def test_every_parameter_of_every_page(
    trial: Trial, scene: Scene, report_count: Callable[[str, int], None]
) -> None:
    house = trial.house
    fan = house.fan()
    bearer = house.bearer(fan, "mini")
    for template, names in PARAMETERS.items():
        path = template.format(
            column_id=scene.column_id, work_id=scene.work_id, handle=scene.handle
        )
        client = _owner(house) if path.startswith("/operator") else house.signed_in(fan)
        for name in names:
            for what, value in WORDS.items():
                query = urlencode({name: value}, errors="surrogatepass")
                before = trial.rows()
                headers = bearer if path.startswith("/api/") else {}
                answer = client.get(f"{path}?{query}", headers=headers)
                trial.judge(f"GET {path}?{name}={what}", before, answer)
    trial.end(report_count, "parameters of pages")


HEADERS = (
    "Authorization", "Idempotency-Key", "Accept-Language", "X-Request-ID", "Content-Type",
    "User-Agent", "Host", "Cookie", "X-Forwarded-For",
)  # fmt: skip


@pytest.mark.parametrize("surface", ["mini", "oa"])
def test_every_header_that_is_read(
    trial: Trial, scene: Scene, surface: str, report_count: Callable[[str, int], None]
) -> None:
    house = trial.house
    bearer = house.bearer(house.fan(), surface)
    product = {"product_id": str(scene.work_product_id), "device": "android"}
    for what, value in WORDS.items():
        spelt = value.encode("utf-8", "surrogatepass").decode("latin-1")
        spelt = spelt.replace("\r", "").replace("\n", "").replace("\x00", "")
        for name in HEADERS:
            headers = {**bearer, "Idempotency-Key": "a-good-key-0001", name: spelt}
            before = trial.rows()
            if name in {"Authorization", "Content-Type"}:
                answer = house.client().post("/api/v1/quotes", json=product, headers=headers)
                trial.judge_problem(f"{name} {what}", answer, None)
            else:
                answer = house.client().post(
                    "/api/v1/orders", json={"quote_id": UNKNOWN_ID}, headers=headers
                )
            trial.judge(f"{name} = {what}", before, answer)
    trial.end(report_count, f"headers on {surface}")


# --- the chat ---------------------------------------------------------------------------------


@dataclass
class Talker:
    """Somebody in the chat of the Official Account, over the real door."""

    trial: Trial
    subject: str
    numbers: Iterator[int]
    chance: random.Random = field(default_factory=lambda: random.Random(5))

    def say(self, words: str) -> tuple[TestResponse, str]:
        """Send a text; the answer and the words in it."""
        content = words.replace("]]>", "]]]]><![CDATA[>")
        fields = f"<MsgType>text</MsgType><Content><![CDATA[{content}]]></Content>"
        return self.push(fields)

    def push(self, fields: str, **changes: str) -> tuple[TestResponse, str]:
        """Send any message; the answer and the words in it."""
        house = self.trial.house
        keys = house.wechat.world.accounts.oa
        now = str(int(house.wiring.clock.now().timestamp()))
        at, number = changes.get("at", now), changes.get("number", str(next(self.numbers)))
        told = (
            f"<xml><ToUserName>gh</ToUserName><FromUserName>{self.subject}</FromUserName>"
            f"<CreateTime>{at}</CreateTime>{fields}<MsgId>{number}</MsgId></xml>"
        ).encode("utf-8", "surrogatepass")
        sealed = seal(told, keys.appid, keys.aes_key, self.chance)
        query = {"timestamp": now, "nonce": "123456", "openid": self.subject}
        query["msg_signature"] = sha1_of(keys.token, now, "123456", sealed)
        body = f"<xml><ToUserName>gh</ToUserName><Encrypt>{sealed}</Encrypt></xml>"
        answer = house.client().post(
            f"/wechat/official-account?{urlencode(query)}", data=body, content_type="text/xml"
        )
        found = re.search(r"<Encrypt><!\[CDATA\[([^\]]+)", answer.text)
        if found is None:
            return answer, ""
        opened = open_box(found[1], keys.appid, keys.aes_key).decode()
        words = re.search(r"<Content>(.*)</Content>", opened, re.DOTALL)
        return answer, words[1] if words else opened

    def try_out(self, words: str, what: str) -> None:
        """Say something bad: a friendly Chinese line, or nothing at all for nothing."""
        answer, said = self.say(words)
        # What was said is kept and answered; only a push that is refused must leave nothing.
        self.trial.judge(what, {}, answer)
        if answer.status_code != 200:
            return
        if not said and answer.data == b"success" and not words.strip():
            return
        if not _CHINESE.search(said) or _MACHINE.search(said):
            self.trial.faults.append(f"{what}: {said!r}")
        if len(said.encode()) > 2048:
            self.trial.faults.append(f"{what}: {len(said.encode())} bytes")


def test_every_command_of_the_chat(trial: Trial, report_count: Callable[[str, int], None]) -> None:
    house, numbers = trial.house, iter(range(1, 10**9))
    fan = Talker(trial, house.fan()["oa_openid"], numbers)
    author = _author(trial, numbers)
    keywords = {verb: words.split()[0] for verb, (_, words) in _VERBS.items()}
    assert len(keywords) > 30
    for who, talker in (("fan", fan), ("author", author)):
        for verb, keyword in keywords.items():
            for what, value in WORDS.items():
                talker.try_out(f"{keyword} {value}", f"{who}: {verb} {what}")
                if what in {"long", "html", "emoji", "huge number", "nul"}:
                    talker.try_out(f"{keyword}{value}", f"{who}: {verb} and at once {what}")
            # A step may wait for an answer now; bad ones must not break it either.
            talker.try_out(keyword, f"{who}: {verb} alone")
            for what, value in WORDS.items():
                talker.try_out(value, f"{who}: {what} after {verb}")
    _check_what_was_kept(trial)
    trial.end(report_count, "the chat")


def _author(trial: Trial, numbers: Iterator[int]) -> Talker:
    house = trial.house
    talker = Talker(trial, house.fan()["oa_openid"], numbers)
    code = house.wiring.units.run("creators.invite", creators_service.invite)
    assert "欢迎成为创作者" in talker.say(f"成为创作者 {code}")[1]
    talker.say("取消")
    assert "建好了" in talker.say("新建专栏 城市摄影 职业 摄影师 每周1篇 共12篇")[1]
    assert "已存草稿" in talker.say(article("清晨", "锁住的一句话在这里"))[1]
    return talker


def _check_what_was_kept(trial: Trial) -> None:
    """Titles and names of whatever was accepted hold no signs that turn or hide text."""
    hidden = re.compile("[\u200b\u202a-\u202e\u2066-\u2069\ufeff\x00-\x08\x0b-\x1f\x7f]")
    columns = ("works.title", "columns.title", "columns.field_name", "creators.name")
    with trial.house.wiring.reading() as session:
        for column in columns:
            table, _, name = column.partition(".")
            for (value,) in session.execute(text(f"SELECT {name} FROM {table}")):
                if hidden.search(value):
                    trial.faults.append(f"{column} holds {value!r}")


MESSAGES = {
    "a picture without an id": "<MsgType>image</MsgType>",
    "a picture of nothing": "<MsgType>image</MsgType><MediaId></MediaId><PicUrl>x</PicUrl>",
    "a place nowhere": (
        "<MsgType>location</MsgType><Location_X>1e999</Location_X><Location_Y>NaN</Location_Y>"
        "<Scale>x</Scale><Label></Label>"
    ),
    "a link without an address": "<MsgType>link</MsgType><Title></Title>",
    "an unknown type": "<MsgType>hologram</MsgType>",
    "no type": "",
    "an event without a name": "<MsgType>event</MsgType>",
    "an unknown event": "<MsgType>event</MsgType><Event>party</Event>",
    "a click on nothing": "<MsgType>event</MsgType><Event>CLICK</Event><EventKey></EventKey>",
    "a click on html": "<MsgType>event</MsgType><Event>CLICK</Event><EventKey>&lt;b&gt;</EventKey>",
    "a scan of a long scene": (
        f"<MsgType>event</MsgType><Event>SCAN</Event><EventKey>{'9' * 5000}</EventKey>"
    ),
    "a text without words": "<MsgType>text</MsgType>",
    "a text twice": "<MsgType>text</MsgType><Content>a</Content><Content>b</Content>",
    "a text of parts": "<MsgType>text</MsgType><Content><a><b>c</b></a></Content>",
}


def test_every_kind_of_message(trial: Trial, report_count: Callable[[str, int], None]) -> None:
    talker = Talker(trial, trial.house.fan()["oa_openid"], iter(range(1, 10**9)))
    for what, fields in MESSAGES.items():
        answer, _ = talker.push(fields)
        trial.judge(what, {}, answer)
    for name in ("at", "number"):
        for what, value in {"empty": "", "words": "abc", "huge": "9" * 60, "less": "-1"}.items():
            before = trial.rows()
            answer, _ = talker.push("<MsgType>text</MsgType><Content>a</Content>", **{name: value})
            trial.judge(
                f"{name} {what}", before if answer.status_code >= 400 else trial.rows(), answer
            )
    for what, count in {"20,000 letters": 20_000, "100,000 letters": 100_000}.items():
        before = trial.rows()
        answer, said = talker.say("x" * count)
        trial.judge(what, before, answer)
        if answer.status_code == 200 and not _CHINESE.search(said):
            trial.faults.append(f"{what}: {said!r}")
    trial.end(report_count, "kinds of messages")


# --- forms ------------------------------------------------------------------------------------


def _owner(house: House) -> FlaskClient:
    """An operator with every right, signed in through the form."""
    login = f"owner-{next(_keys)}"
    with house.wiring.units("operators.create") as uow:
        _, secret = operators.create(uow, login=login, password=PASSWORD, roles=["owner"])
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    step = operator_rules.totp_step(house.wiring.clock.now())
    client = house.client()
    form = {"login": login, "password": PASSWORD, "totp": operator_rules.totp_code(key, step)}
    entered = client.post("/operator/login", data={**form, "csrf_token": _token(client)})
    assert entered.status_code == 303, entered.text
    return client


def _token(client: FlaskClient, page: str = "/operator/login") -> str:
    found = _FORM_TOKEN.search(client.get(page).text)
    assert found is not None, page
    return found[1]


FORMS: dict[str, tuple[str, ...]] = {
    "/operator/review/{check}": ("verdict", "reason", "csrf_token"),
    "/operator/alarms/{alarm}": ("resolution", "csrf_token"),
    "/operator/effects/{effect}/retry": ("csrf_token",),
    "/operator/inbox/{fact}/replay": ("csrf_token",),
}


def test_every_field_of_the_desks_forms(
    trial: Trial, report_count: Callable[[str, int], None]
) -> None:
    house = trial.house
    client = _owner(house)
    author = _author(trial, iter(range(1, 10**9)))
    token = _token(client, "/operator/orders")
    good = {"verdict": "risky", "reason": "不合适", "resolution": "看过了"}

    def send(path: str, what: str, **changes: str) -> None:
        before = trial.rows()
        answer = client.post(
            path,
            data=urlencode({**good, "csrf_token": token, **changes}, errors="surrogatepass"),
            content_type="application/x-www-form-urlencoded",
        )
        trial.judge(what, before, answer)

    for template, names in FORMS.items():
        for what, value in WORDS.items():
            path = re.sub(r"\{\w+\}", quote(value, safe="", errors="surrogatepass"), template)
            send(path, f"POST {template} of {what}")
        for name in names:
            for what, value in WORDS.items():
                author.say(article(f"第{next(_keys)}篇", "锁住"))
                author.say("发布 9.9")
                what_for = f"POST {template} {name} = {what}"
                send(template.format(**_due(house)), what_for, **{name: value})
    trial.end(report_count, "forms of the desk")


def _due(house: House) -> dict[str, str]:
    """Something to decide: a check, an alarm, an effect, a fact."""
    queries = {
        "check": "SELECT id FROM content_checks WHERE decided_at IS NULL LIMIT 1",
        "alarm": "SELECT id FROM alarms WHERE resolved_at IS NULL LIMIT 1",
        "effect": "SELECT id FROM effects WHERE state = 'failed' LIMIT 1",
        "fact": "SELECT id FROM inbox_facts LIMIT 1",
    }
    with house.wiring.reading() as session:
        return {
            name: str(session.execute(text(query)).scalar() or UNKNOWN_ID)
            for name, query in queries.items()
        }


def test_every_field_of_the_sign_in(trial: Trial, report_count: Callable[[str, int], None]) -> None:
    house = trial.house
    for name in ("login", "password", "totp", "next", "csrf_token"):
        for what, value in [*WORDS.items(), ("100,000 letters", "x" * 100_000)]:
            house.advance(3600)  # the throttle is proven elsewhere
            client = house.client()
            form = {"login": "nobody", "password": "wrong", "totp": "000000"}
            sent = {**form, "csrf_token": _token(client), name: value}
            before = trial.rows()
            answer = client.post(
                "/operator/login",
                data=urlencode(sent, errors="surrogatepass"),
                content_type="application/x-www-form-urlencoded",
            )
            trial.judge(f"login {name} = {what}", before, answer)
            if answer.status_code < 400:
                trial.faults.append(f"login {name} = {what}: {answer.status_code}")
    trial.end(report_count, "the sign-in form")


def test_every_field_of_the_pages_forms(
    trial: Trial, scene: Scene, report_count: Callable[[str, int], None]
) -> None:
    house = trial.house
    client = house.signed_in(house.fan())
    token = _token(client, f"/h5/works/{scene.work_id}")
    product = str(scene.work_product_id)
    for what, value in WORDS.items():
        spelt = quote(value, safe="", errors="surrogatepass")
        for path, sent in (
            (f"/h5/products/{spelt}/buy", {"csrf_token": token}),
            (f"/h5/products/{product}/buy", {"csrf_token": value}),
            ("/h5/sign-out", {"csrf_token": value}),
        ):
            before = trial.rows()
            answer = client.post(
                path,
                data=urlencode(sent, errors="surrogatepass"),
                content_type="application/x-www-form-urlencoded",
            )
            trial.judge(f"POST {path[:40]} {what}", before, answer)
            if answer.status_code < 400:
                trial.faults.append(f"POST {path[:40]} {what}: {answer.status_code}")
    trial.end(report_count, "forms of the pages")
