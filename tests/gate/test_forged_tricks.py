"""Forgeries of real pushes by people who know the wire: none gets in.

The pushes are genuine ones of the simulated WeChat, caught on their way; the application is the
real one over a real database. A forgery must be refused, leave no row and cause no outbound call.
Changes outside of what is signed may change nothing but still are the original.
"""

import json
import random
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote_from_bytes, urlencode, urlsplit

import psycopg
import pytest

from app.http.assembly import build_application
from app.wiring.container import Process, Wiring, open_wiring
from creator_tools.catalogue import queries as catalogue_queries
from creator_tools.catalogue import service as catalogue
from creator_tools.catalogue.rules import goods_id_of
from creator_tools.kernel import failpoints
from creator_tools.kernel.clock import ManualClock
from tests.factories import make_column, make_creator, make_published_work
from tests.integration.http.conftest import asked, settings_for
from wechat_simulator import clock as their_clock
from wechat_simulator.pay import crypto as pay_crypto
from wechat_simulator.pay.office import office_of
from wechat_simulator.pushcrypto import seal, sha1_of
from wechat_simulator.server import Server
from wechat_simulator.simulator import Simulator
from wechat_simulator.transport import Answer, WsgiTransport
from wechat_simulator.world import World

pytestmark = [pytest.mark.gate, pytest.mark.timeout(1800)]

START = datetime(2026, 5, 20, 4, 0, tzinfo=UTC)
BASE_URL = "http://127.0.0.1:8080"
SIGNED_HEADERS = (
    "Wechatpay-Timestamp",
    "Wechatpay-Nonce",
    "Wechatpay-Serial",
    "Wechatpay-Signature",
)
SIGNED_PARAMETERS = ("msg_signature", "timestamp", "nonce")


@dataclass(frozen=True)
class Push:
    """One request of WeChat's, as it would go over the wire."""

    url: str
    headers: dict[str, str]
    body: bytes

    @property
    def query(self) -> dict[str, str]:
        """The parameters of the address."""
        return dict(parse_qsl(urlsplit(self.url).query))

    def with_parameter(self, name: str, value: bytes) -> "Push":
        """The same with one parameter of the address replaced."""
        pairs = [
            f"{key}={quote_from_bytes(value if key == name else old.encode())}"
            for key, old in self.query.items()
        ]
        return self.to(f"{urlsplit(self.url).path}?{'&'.join(pairs)}")

    def with_header(self, name: str, value: str) -> "Push":
        """The same with one header replaced or added."""
        return replace(self, headers={**self.headers, name: value})

    def without_header(self, name: str) -> "Push":
        """The same with one header less."""
        return replace(self, headers={k: v for k, v in self.headers.items() if k != name})

    def to(self, path: str) -> "Push":
        """The same sent to another address."""
        return replace(self, url=BASE_URL + path)


class Caught:
    """A network that keeps what is sent and delivers nothing."""

    def __init__(self) -> None:
        self.pushes: list[Push] = []

    def send(self, method: str, url: str, headers: Any, body: bytes, timeout_s: float) -> Answer:
        """Keep it."""
        del method, timeout_s
        self.pushes.append(Push(url, dict(headers), body))
        return Answer(0, failure="unreachable")

    def last_to(self, path: str) -> Push:
        """The last one to an address that begins like this."""
        return [one for one in self.pushes if urlsplit(one.url).path.startswith(path)][-1]


@dataclass
class Stage:
    """The application under attack and everything that the attacker knows."""

    wiring: Wiring
    network: WsgiTransport
    world: World
    simulator: Simulator
    database_url: str
    pushes: dict[str, Push]
    calls: list[str] = field(default_factory=list)
    tried_count: int = 0
    accepted: list[str] = field(default_factory=list)

    def deliver(self, push: Push) -> int:
        """Send it to the application; the status of the answer."""
        return self.network.send("POST", push.url, push.headers, push.body, 5).status

    def attack(self, what: str, forged: Push) -> None:
        """Send a forgery; one that is not refused is written down."""
        status = self.deliver(forged)
        self.tried_count += 1
        if not 400 <= status < 500:
            self.accepted.append(f"{what}: {status}")

    def rows(self) -> dict[str, int]:
        """How many rows every table holds."""
        with psycopg.connect(self.database_url) as connection:
            tables = connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            ).fetchall()
            counts = {}
            for (table,) in tables:
                row = connection.execute(f'SELECT count(*) FROM "{table}"'.encode()).fetchone()
                assert row is not None
                counts[table] = int(row[0])
        return counts


@pytest.fixture
def stage(clean_database: str, valkey_url: str, tmp_path: Path) -> Iterator[Stage]:
    """A shop with an order on two rails that are paid, and whose pushes were caught."""
    caught = Caught()
    moment = their_clock.ManualClock(START.timestamp())
    world = World(seed=7, transport=caught, clock=moment)
    simulator = Simulator(world)
    server = Server(simulator)
    server.start()
    settings = settings_for(simulator, tmp_path, clean_database, valkey_url)
    wiring = open_wiring(settings, Process("tests"), clock=ManualClock(START))
    with closing(wiring):
        application = build_application(wiring)
        network = WsgiTransport({"127.0.0.1:8080": application.wsgi_app})
        made = Stage(wiring, network, world, simulator, clean_database, {})
        accounts = {
            kind: {"callback_url": f"{BASE_URL}/wechat/{path}", "format": body}
            for kind, path, body in (
                ("oa", "official-account", "xml"),
                ("mini", "mini-program", "json"),
            )
        }
        asked(simulator, "PUT", "/_sim/accounts", accounts)
        made.pushes = _genuine_pushes(made, application.test_client(), caught)
        failpoints.observe(made.calls.append)
        yield made
        failpoints.disarm_all()
    server.stop()


def _genuine_pushes(stage: Stage, client: Any, caught: Caught) -> dict[str, Push]:
    product_id = _product(stage.wiring)
    good = {"id": goods_id_of(990), "price_fen": 990}
    asked(stage.simulator, "PUT", "/_sim/goods", good)
    fan = asked(stage.simulator, "POST", "/_sim/people", {"nickname": "小满"})
    pushes = {}
    for app, name in (("oa", "payment"), ("mini", "delivery")):
        path = f"/_sim/people/{fan['id']}"
        code = asked(stage.simulator, "POST", f"{path}/login", {"app": app})["code"]
        token = client.post("/api/v1/sessions", json={"code": code, "app": app}).json["token"]
        bearer = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"key-{app}-0001"}
        wanted = {"product_id": product_id, "device": "android"}
        quoted = client.post("/api/v1/quotes", json=wanted, headers=bearer).json
        order = client.post(
            "/api/v1/orders", json={"quote_id": quoted["quote_id"]}, headers=bearer
        ).json
        sheet = {"rail": order["rail"], "payment": order["pay"]}
        paid = asked(stage.simulator, "POST", f"{path}/pay", sheet)
        assert paid["trade_no"], (order, paid)
        pushes[name] = caught.last_to("/wechat-pay/" if app == "oa" else "/wechat/")
    for app, name in (("oa", "message"), ("mini", "mini message")):
        said = {"app": app, "type": "text", "text": "专栏"}
        asked(stage.simulator, "POST", f"/_sim/people/{fan['id']}/send", said)
        pushes[name] = caught.last_to("/wechat/")
    return pushes


def _product(wiring: Wiring) -> str:
    with wiring.units("studio.act") as uow:
        assert set(wiring.surface_accounts) == {"oa", "mini"}
        creator = make_creator(uow, name="林老师")
        column = make_column(uow, creator_id=creator.id, title="光影课")
        work = make_published_work(uow, column, title="第一课")
        product = catalogue.set_price(
            uow,
            creator_id=creator.id,
            kind="work",
            column_id=column.id,
            work_id=work.id,
            price_fen=990,
        )
        for tier in catalogue_queries.list_tiers_due(uow.session, uow.now()):
            catalogue.note_tier_state(uow, tier_id=tier.id, state="live")
        return str(product.id)


# --- flips ------------------------------------------------------------------------------------


def flips(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Every content that is one bit away."""
    for place in range(len(content)):
        for bit in range(8):
            changed = bytearray(content)
            changed[place] ^= 1 << bit
            yield f"byte {place} bit {bit}", bytes(changed)


def sealed_part(push: Push) -> tuple[int, int]:
    """Where the ciphertext lies in the body of a message push."""
    if push.body.startswith(b"{"):
        sealed = json.loads(push.body)["Encrypt"].encode()
    else:
        sealed = push.body.partition(b"<Encrypt><![CDATA[")[2].partition(b"]]>")[0]
    begin = push.body.index(sealed)
    return begin, begin + len(sealed)


def flipped_message(push: Push) -> Iterator[tuple[str, Push]]:
    """Every bit of what is signed of a message push."""
    begin, end = sealed_part(push)
    for where, changed in flips(push.body[begin:end]):
        body = push.body[:begin] + changed + push.body[end:]
        yield f"Encrypt {where}", replace(push, body=body)
    for name in SIGNED_PARAMETERS:
        for where, changed in flips(push.query[name].encode()):
            yield f"{name} {where}", push.with_parameter(name, changed)


# The other two are flipped in `test_forgery`.
FLIPS: dict[str, Callable[[Push], Iterator[tuple[str, Push]]]] = {
    "mini message": flipped_message,
    "delivery": flipped_message,
}


def test_no_single_bit_can_be_changed(
    stage: Stage, report_count: Callable[[str, int], None]
) -> None:
    before = stage.rows()
    for name, variants in FLIPS.items():
        began = stage.tried_count
        for what, forged in variants(stage.pushes[name]):
            stage.attack(f"{name}: {what}", forged)
        report_count(f"bit flips of a {name} refused", stage.tried_count - began)
        assert stage.rows() == before, name
    report_count("bit flips accepted", len(stage.accepted))
    report_count("outbound calls", len([one for one in stage.calls if one.startswith("call.")]))
    assert stage.accepted == []
    assert stage.tried_count >= 5_000
    assert stage.calls == []  # no unit of work, no outbound call
    _check_the_originals(stage)


def _check_the_originals(stage: Stage) -> None:
    """What was forged so often is genuine: it gets in, and has its effect once."""
    before = stage.rows()
    for _ in range(2):
        for name, push in stage.pushes.items():
            assert stage.deliver(push) in {200, 204}, name
    after = stage.rows()
    assert after["inbox_facts"] - before["inbox_facts"] == len(stage.pushes)
    assert after["payments"] - before["payments"] == 1  # the delivery; the payment waits its turn


# --- tricks with a message push ---------------------------------------------------------------


def signed(stage: Stage, kind: str, push: Push, sealed: str, body: bytes, **changes: str) -> Push:
    """The same push with a signature that holds for this ciphertext."""
    account = getattr(stage.world.accounts, kind)
    query = {**push.query, **changes}
    signature = sha1_of(account.token, query["timestamp"], query["nonce"], sealed)
    query["msg_signature"] = signature
    path = urlsplit(push.url).path
    return replace(push, url=f"{BASE_URL}{path}?{urlencode(query)}", body=body)


def holding(stage: Stage, kind: str, plaintext: bytes, **changes: str) -> Push:
    """A push with this plaintext, sealed and signed as the platform does."""
    account = getattr(stage.world.accounts, kind)
    appid = changes.pop("appid", account.appid)
    sealed = seal(plaintext, appid, account.aes_key, random.Random(1))
    body = f"<xml><ToUserName>gh</ToUserName><Encrypt>{sealed}</Encrypt></xml>".encode()
    return signed(stage, kind, stage.pushes[_PUSH_OF[kind]], sealed, body, **changes)


_PUSH_OF = {"oa": "message", "mini": "mini message"}
_TEXT = (
    "<xml><ToUserName>gh</ToUserName><FromUserName>o-reader</FromUserName>"
    "<CreateTime>1779249600</CreateTime><MsgType>text</MsgType><Content>{}</Content>"
    "<MsgId>24000000000000001</MsgId></xml>"
)
_JSON = (
    '{"ToUserName":"gh","FromUserName":"o-reader","CreateTime":1779249600,"MsgType":"text",'
    '"Content":"hi","MsgId":24000000000000002%s}'
)
_DTD = '<!DOCTYPE xml [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
_BOMB = '<!DOCTYPE xml [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


def envelope_tricks(push: Push) -> Iterator[tuple[str, Push]]:
    """Tricks with the address and the envelope of a genuine push."""
    query, path = push.query, urlsplit(push.url).path
    for name in SIGNED_PARAMETERS:
        rest = urlencode({key: value for key, value in query.items() if key != name})
        yield f"no {name}", push.to(f"{path}?{rest}")
        doubled = f"{urlencode(query)}&{name}={query[name]}"
        yield f"{name} twice", push.to(f"{path}?{doubled}")
        for what, value in _spoilt(query[name]):
            yield f"{name} {what}", push.with_parameter(name, value.encode())
    yield "no parameters", push.to(path)
    for mode in ("raw", "AES", "", "aes2"):
        yield f"encrypt_type {mode!r}", push.with_parameter("encrypt_type", mode.encode())
    begin, end = sealed_part(push)
    sealed = push.body[begin:end]
    envelopes = {
        "empty body": b"",
        "utf-16": push.body.decode().encode("utf-16"),
        "utf-32": push.body.decode().encode("utf-32"),
        "not utf-8": b"\xff" + push.body,
        "nul in front": b"\x00" + push.body,
        "dtd in front": _DTD.encode() + push.body,
        "dtd after a declaration": b'<?xml version="1.0"?>' + _BOMB.encode() + push.body,
        "a second document": push.body + push.body,
        "cut in the middle": push.body[: begin + 20],
        "without its end": push.body[:-1],
        "no ciphertext": push.body[:begin] + push.body[end:],
        "ciphertext in urlsafe letters": push.body.replace(sealed, sealed.replace(b"/", b"_")),
        "ciphertext without padding": push.body.replace(sealed, sealed.rstrip(b"=")),
        "ciphertext with a line break": push.body[: begin + 8] + b"\n" + push.body[begin + 8 :],
        "ciphertext twice": push.body.replace(sealed, sealed + sealed),
        "too large": push.body + b" " * 70_000,
        "a list": b"[" + push.body + b"]",
        "deep": b"[" * 50_000,
    }
    for what, body in envelopes.items():
        if body != push.body:
            yield what, replace(push, body=body)


def _spoilt(value: str) -> Iterator[tuple[str, str]]:
    yield "empty", ""
    yield "in capitals", value.upper() if value.upper() != value else value + "A"
    yield "with a space in front", " " + value
    yield "with a space behind", value + " "
    yield "with a tab", value[:3] + "\t" + value[3:]
    yield "with a nul", value + "\x00"
    yield "cut", value[:-1]
    yield "in other digits", "".join(chr(0xFF10 + int(c)) if c.isdigit() else c for c in value)
    yield "very long", value * 1000
    yield "with a sign", "+" + value
    yield "negative", "-" + value


def plaintext_tricks(stage: Stage) -> Iterator[tuple[str, Push]]:
    """Plaintexts that nobody should send, under keys that are right."""
    told = _TEXT.format("hi")
    for what, text in {
        "dtd inside": _DTD + told,
        "entity inside": _DTD + _TEXT.format("&e;"),
        "entities upon entities inside": _BOMB + _TEXT.format("&b;"),
        "half inside": told[:40],
        "nothing inside": "",
        "no message inside": "<xml></xml>",
        "no xml inside": "hello",
    }.items():
        yield what, holding(stage, "oa", text.encode())
    yield "utf-16 inside", holding(stage, "oa", told.encode("utf-16"))
    yield "not utf-8 inside", holding(stage, "oa", told.replace("hi", "é").encode("latin-1"))
    for what, more in {
        "a key twice inside": ',"MsgId":24000000000000003',
        "NaN inside": ',"x":NaN',
        "infinity inside": ',"x":1e999',
        "a number of 5,000 digits inside": ',"x":' + "9" * 5000,
        "a sender twice inside": ',"FromUserName":"o-other"',
    }.items():
        yield what, holding(stage, "mini", (_JSON % more).encode())
    yield "for another account", holding(stage, "oa", told.encode(), appid="wx0000000000000000")
    yield "for no account", holding(stage, "oa", told.encode(), appid="")
    for what, moved in {
        "a day and an hour old": -90_000,
        "a day and an hour early": 90_000,
    }.items():
        at = str(int(START.timestamp()) + moved)
        yield what, holding(stage, "oa", told.encode(), timestamp=at)


def endpoint_tricks(stage: Stage) -> Iterator[tuple[str, Push]]:
    """Genuine pushes at doors that are not theirs."""
    stranger = "01890000-0000-7000-8000-000000000000"
    doors = {
        "message": ["/wechat/mini-program"],
        "mini message": ["/wechat/official-account"],
        "delivery": ["/wechat/official-account"],
    }
    for name, paths in doors.items():
        push = stage.pushes[name]
        kind = "oa" if name == "message" else "mini"
        own = urlsplit(push.url).path
        other = stage.wiring.surface_accounts["mini" if kind == "oa" else "oa"]
        for path in [*paths, f"{own}/{stranger}", f"{own}/{other}", f"{own}/x"]:
            yield f"{name} at {path}", push.to(f"{path}?{urlsplit(push.url).query}")
        yield f"{name} at the pay door", push.to("/wechat-pay/notifications/payment")
    for kind in ("refund", "profit-sharing", "transfer"):
        path = f"/wechat-pay/notifications/{kind}"
        yield f"payment at {path}", stage.pushes["payment"].to(path)
    yield "payment at the chat", stage.pushes["payment"].to("/wechat/official-account")


def plain_mode(stage: Stage) -> Iterator[tuple[str, Push]]:
    """What an account in plain mode would send, signed as plain mode is signed."""
    for kind, name in _PUSH_OF.items():
        account, push = getattr(stage.world.accounts, kind), stage.pushes[name]
        query = {key: push.query[key] for key in ("timestamp", "nonce", "openid")}
        query["signature"] = sha1_of(account.token, query["timestamp"], query["nonce"])
        path = urlsplit(push.url).path
        for body in (_TEXT.format("hi"), _JSON % ""):
            plain = Push(f"{BASE_URL}{path}?{urlencode(query)}", push.headers, body.encode())
            yield f"{kind} in plain mode", plain
            beside = body.replace("</xml>", "<Encrypt>x</Encrypt></xml>")
            genuine = push.query | {"encrypt_type": "aes"}
            yield (
                f"{kind} plain beside sealed",
                replace(plain, url=f"{BASE_URL}{path}?{urlencode(genuine)}", body=beside.encode()),
            )


# --- tricks with a payment notification -------------------------------------------------------


def header_tricks(push: Push) -> Iterator[tuple[str, Push]]:
    """Tricks with the signature's headers of a genuine notification."""
    for name in SIGNED_HEADERS:
        value = push.headers[name]
        yield f"no {name}", push.without_header(name)
        yield f"{name} twice", push.with_header(name, f"{value},{value}")
        yield f"{name} twice, spaced", push.with_header(name, f"{value}, {value}")
        yield f"{name} twice, another first", push.with_header(name, f"0,{value}")
        for what, spoilt in _spoilt(value):
            yield f"{name} {what}", push.with_header(name, spoilt.encode().decode("latin-1"))
    yield "unsigned", replace(push, headers={"Content-Type": "application/json"})
    for kind in ("WECHATPAY2-SM2-WITH-SM3", "none", "WECHATPAY2-SHA256-RSA2048 "):
        yield f"type {kind!r}", push.with_header("Wechatpay-Signature-Type", kind)
    yield "a probe", push.with_header("Wechatpay-Signature", "WECHATPAY/SIGNTEST/abc")
    yield "no body", replace(push, body=b"")
    yield "utf-16", replace(push, body=push.body.decode().encode("utf-16"))
    yield "a space behind", replace(push, body=push.body + b" ")
    yield "a byte-order mark", replace(push, body=b"\xef\xbb\xbf" + push.body)
    yield "written anew", replace(push, body=json.dumps(json.loads(push.body)).encode())
    for name in ("X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Host", "Forwarded"):
        unsigned = push.without_header("Wechatpay-Signature")
        yield f"unsigned, {name}", unsigned.with_header(name, "127.0.0.1")
    override = replace(push, body=b"{}").with_header("X-HTTP-Method-Override", "PUT")
    yield "another body under an override", override


def signed_tricks(stage: Stage) -> Iterator[tuple[str, Push]]:
    """Notifications that the platform's own key signed, and that are wrong all the same."""
    genuine = stage.pushes["payment"]
    now = int(START.timestamp())
    for what, at in {
        "stale": now - 301,
        "early": now + 301,
        "ancient": 1,
        "negative": -now,
    }.items():
        yield what, _signed_anew(stage, genuine, genuine.body, str(at))
    yield "at a fraction", _signed_anew(stage, genuine, genuine.body, f"{now}.0")
    yield "with a zero in front", _signed_anew(stage, genuine, genuine.body, f"0{now}")
    envelope = json.loads(genuine.body)
    twice = genuine.body.replace(b'"id":', b'"id":"x","id":', 1)
    bodies = {
        "a key twice": twice,
        "NaN": genuine.body[:-1] + b',"x":NaN}',
        "no json": b"paid",
        "a list": b"[]",
        "utf-16": genuine.body.decode().encode("utf-16"),
        "no resource": json.dumps({**envelope, "resource": None}).encode(),
        "another algorithm": _with_resource(envelope, algorithm="AES_128_ECB"),
        "another associated data": _with_resource(envelope, associated_data="refund"),
        "a nonce of 11": _with_resource(envelope, nonce="12345678901"),
        "an empty ciphertext": _with_resource(envelope, ciphertext=""),
    }
    for what, body in bodies.items():
        yield f"signed, {what}", _signed_anew(stage, genuine, body, str(now))
    for what, resource in _wrong_resources(stage, envelope).items():
        yield f"signed, {what}", _signed_anew(stage, genuine, resource, str(now))
    stranger = office_of(stage.world).strangers_desk().keys.platform_key
    yield (
        "signed by a stranger",
        _signed_anew(stage, genuine, genuine.body, str(now), key=stranger),
    )


def _with_resource(envelope: dict[str, Any], **changes: str) -> bytes:
    return json.dumps({**envelope, "resource": {**envelope["resource"], **changes}}).encode()


def _wrong_resources(stage: Stage, envelope: dict[str, Any]) -> dict[str, bytes]:
    """Envelopes whose sealed part says what cannot be."""
    keys = stage.world.accounts.merchant
    sealed = envelope["resource"]
    told = json.loads(
        pay_crypto.unseal(
            keys.apiv3_key, sealed["nonce"], sealed["associated_data"], sealed["ciphertext"]
        )
    )
    amount = told["amount"]
    wrong: dict[str, Any] = {
        "another merchant": {**told, "mchid": "1900000001"},
        "no merchant": {key: value for key, value in told.items() if key != "mchid"},
        "no number of ours": {**told, "out_trade_no": ""},
        "no number of theirs": {**told, "transaction_id": ""},
        "an amount in words": {**told, "amount": {**amount, "total": "990"}},
        "a fraction of a fen": {**told, "amount": {**amount, "total": 990.5}},
        "a negative amount": {**told, "amount": {**amount, "total": -990}},
        "a boolean amount": {**told, "amount": {**amount, "total": True}},
        "not paid": {**told, "trade_state": "NOTPAY"},
        "no time": {**told, "success_time": "yesterday"},
    }
    made = {}
    for what, resource in wrong.items():
        text = json.dumps(resource).encode()
        ciphertext = pay_crypto.seal(
            keys.apiv3_key, sealed["nonce"], sealed["associated_data"], text
        )
        made[what] = _with_resource(envelope, ciphertext=ciphertext)
    return made


def _signed_anew(stage: Stage, push: Push, body: bytes, timestamp: str, key: Any = None) -> Push:
    key = key or office_of(stage.world).desk().keys.platform_key
    nonce = push.headers["Wechatpay-Nonce"]
    signature = pay_crypto.sign(key, pay_crypto.reply_message(timestamp, nonce, body))
    headers = {
        **push.headers,
        "Wechatpay-Timestamp": timestamp,
        "Wechatpay-Signature": signature,
    }
    return replace(push, headers=headers, body=body)


def test_no_trick_gets_in(stage: Stage, report_count: Callable[[str, int], None]) -> None:
    before = stage.rows()
    for name in ("message", "mini message", "delivery"):
        for what, forged in envelope_tricks(stage.pushes[name]):
            stage.attack(f"{name}: {what}", forged)
    for tricks in (endpoint_tricks, plain_mode):
        for what, forged in tricks(stage):
            stage.attack(what, forged)
    for what, forged in header_tricks(stage.pushes["payment"]):
        stage.attack(f"payment: {what}", forged)
    report_count("tricks refused", stage.tried_count)
    report_count("tricks accepted", len(stage.accepted))
    assert stage.accepted == []
    assert stage.rows() == before
    assert stage.calls == []
    assert stage.tried_count > 200
    _check_the_originals(stage)


def test_what_the_platform_signed_and_cannot_be_opens_nothing(
    stage: Stage, report_count: Callable[[str, int], None]
) -> None:
    before = stage.rows()
    for tricks in (plaintext_tricks, signed_tricks):
        for what, forged in tricks(stage):
            stage.attack(what, forged)
    report_count("impossible pushes refused", stage.tried_count)
    assert stage.accepted == []
    # Real money may stand behind one, so a person is told; nothing else is written.
    assert {**stage.rows(), "alarms": 0} == {**before, "alarms": 0}
    assert [one for one in stage.calls if one.startswith("call.")] == []
    assert stage.tried_count >= 25
    _check_the_originals(stage)


# --- what is not signed -----------------------------------------------------------------------


def test_changes_elsewhere_are_still_the_original(
    stage: Stage, report_count: Callable[[str, int], None]
) -> None:
    before = stage.rows()
    message, payment = stage.pushes["message"], stage.pushes["payment"]
    begin, _ = sealed_part(message)
    addressee = message.body.index(b"gh_") if b"gh_" in message.body else begin - 20
    changed = [
        replace(message, body=message.body[:addressee] + b"other" + message.body[addressee:]),
        message.to(f"{urlsplit(message.url).path}?{urlsplit(message.url).query}&extra=1"),
        message.with_header("X-Forwarded-Host", "evil.example"),
        message.with_header("Host", "evil.example"),
        message.with_header("Content-Type", "text/plain"),
        payment.with_header("X-Forwarded-For", "8.8.8.8"),
        payment.with_header("User-Agent", "curl"),
        payment.to("/wechat-pay/notifications/payment?extra=1"),
    ]
    for name in ("signature", "openid"):
        for _where, value in flips(message.query[name].encode()):
            changed.append(message.with_parameter(name, value))
    assert stage.deliver(message) == 200
    assert stage.deliver(payment) == 204
    original = stage.rows()
    for push in changed:
        status = stage.deliver(push)
        assert status in {200, 204} or 400 <= status < 500, push
    assert stage.rows() == original
    assert original["inbox_facts"] - before["inbox_facts"] == 2
    report_count("changes elsewhere, no effect but the original's", len(changed))
