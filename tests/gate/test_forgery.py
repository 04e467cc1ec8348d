"""Nothing that WeChat did not sign has any effect, bit by bit, at the application's own doors."""

import base64
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from flask.testing import FlaskClient
from sqlalchemy import text

from tests.integration.http.conftest import House, house, wechat
from tests.unit.wechat_handlers import merchant, sealing
from wechat_simulator.simulator import Simulator

pytestmark = pytest.mark.gate
__all__ = ["house", "wechat"]

OA = "/wechat/official-account"
PAY = "/wechat-pay/notifications/payment"
Pairs = list[tuple[str, str]]


def rows(house: House) -> dict[str, int]:
    """How many rows every table has; the seeding of accounts is over before the first count."""
    with house.wiring.units.reading() as session:
        names = session.execute(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        ).scalars()
        return {
            name: session.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one()
            for name in list(names)
        }


def flips(raw: bytes) -> Iterator[bytes]:
    """`raw` with each of its bits turned once."""
    for index in range(len(raw)):
        for bit in range(8):
            yield raw[:index] + bytes([raw[index] ^ 1 << bit]) + raw[index + 1 :]


class Push:
    """One genuine push of the Official Account, and ways to change it."""

    def __init__(self, house: House, number: int = 1) -> None:
        keys = house.wechat.world.accounts.oa
        now = int(house.wiring.clock.now().timestamp())
        message = (
            f"<xml><ToUserName>{keys.original_id}</ToUserName><FromUserName>o-forger</FromUserName>"
            f"<CreateTime>{now}</CreateTime><MsgType>text</MsgType><Content>帮助</Content>"
            f"<MsgId>{24_000_000_000_000_000 + number}</MsgId></xml>"
        )
        self.encrypted = sealing.encrypt(
            sealing.block_of(message.encode(), keys.appid), keys.aes_key
        )
        query, self.body = sealing.envelope(self.encrypted, timestamp=str(now), token=keys.token)
        self.query = {name: values[0] for name, values in query.items()}

    def send(self, client: FlaskClient, body: bytes | None = None, **changed: str) -> int:
        """Deliver it, changed or not; returns the status."""
        query = urlencode({**self.query, **changed}, encoding="latin-1")
        answer = client.post(f"{OA}?{query}", data=self.body if body is None else body)
        return int(answer.status_code)


def test_no_flipped_bit_of_a_push_is_accepted(house: House, report_count: Any) -> None:
    client, push = house.client(), Push(house)
    before, tried, accepted = rows(house), 0, []
    for name in ("msg_signature", "timestamp", "nonce"):
        for changed in flips(push.query[name].encode()):
            tried += 1
            status = push.send(client, **{name: changed.decode("latin-1")})
            if status != 403:
                accepted.append((name, changed, status))
    start = push.body.index(push.encrypted.encode())
    for changed in flips(push.encrypted.encode()):
        tried += 1
        body = push.body[:start] + changed + push.body[start + len(changed) :]
        status = push.send(client, body)
        if status != 403:
            accepted.append(("Encrypt", changed, status))
    assert accepted == []
    assert rows(house) == before
    report_count("flipped bits of a push refused", tried)
    assert push.send(client) == 200, "the unchanged push is the proof that the others could work"


def test_flips_outside_the_signature_do_the_originals_work_and_no_more(
    house: House, report_count: Any
) -> None:
    client, push = house.client(), Push(house)
    assert push.send(client) == 200
    before, tried = rows(house), 0
    start = push.body.index(push.encrypted.encode())
    end = start + len(push.encrypted)
    for changed in flips(push.body):
        if changed[start:end] != push.body[start:end]:
            continue
        tried += 1
        assert push.send(client, changed) in {200, 403}
    for changed in flips(push.query["openid"].encode()):
        tried += 1
        assert push.send(client, openid=changed.decode("latin-1")) in {200, 403}
    assert rows(house) == before
    report_count("flipped bits outside the signature without effect", tried)


class Paid:
    """One genuine notification of a payment that fits no order, and ways to change it."""

    def __init__(self, house: House, wechat: Simulator) -> None:
        held = wechat.world.accounts.merchant
        key = load_pem_private_key(held.platform_private_key_pem.encode(), None)
        assert isinstance(key, rsa.RSAPrivateKey)
        resource = {
            **merchant.TRANSACTION,
            "mchid": held.mchid,
            "appid": wechat.world.accounts.oa.appid,
        }
        self.body = merchant.notification(resource, apiv3_key=held.apiv3_key)
        self.timestamp = str(int(house.wiring.clock.now().timestamp()))
        message = f"{self.timestamp}\nnonce0123456789\n".encode() + self.body + b"\n"
        signature = key.sign(message, padding.PKCS1v15(), SHA256())
        self.headers: Pairs = [
            ("Content-Type", "application/json"),
            ("Wechatpay-Timestamp", self.timestamp),
            ("Wechatpay-Nonce", "nonce0123456789"),
            ("Wechatpay-Signature", base64.b64encode(signature).decode()),
            ("Wechatpay-Serial", held.public_key_id),
            ("Wechatpay-Signature-Type", "WECHATPAY2-SHA256-RSA2048"),
        ]

    def send(
        self,
        client: FlaskClient,
        body: bytes | None = None,
        headers: Pairs | None = None,
        path: str = PAY,
    ) -> int:
        """Deliver it, changed or not; returns the status."""
        sent = self.headers if headers is None else headers
        answer = client.post(path, data=self.body if body is None else body, headers=sent)
        return int(answer.status_code)

    def with_header(self, name: str, value: str | None) -> Pairs:
        """The headers with one replaced, or left out."""
        rest = [pair for pair in self.headers if pair[0] != name]
        return rest if value is None else [*rest, (name, value)]


SIGNED = (
    "Wechatpay-Timestamp",
    "Wechatpay-Nonce",
    "Wechatpay-Signature",
    "Wechatpay-Serial",
)


def test_no_flipped_bit_of_a_notification_is_accepted(
    house: House, wechat: Simulator, report_count: Any
) -> None:
    client, paid = house.client(), Paid(house, wechat)
    before, tried, accepted = rows(house), 0, []
    for changed in flips(paid.body):
        tried += 1
        if paid.send(client, changed) < 400:
            accepted.append(("body", changed))
    for name in SIGNED:
        value = dict(paid.headers)[name]
        for changed in flips(value.encode()):
            shown = changed.decode("latin-1")
            if any(letter in shown for letter in "\r\n\x00"):
                continue  # no server lets such a header through; the client refuses to send it
            tried += 1
            if paid.send(client, headers=paid.with_header(name, shown)) < 400:
                accepted.append((name, changed))
    assert accepted == []
    assert rows(house) == before
    report_count("flipped bits of a notification refused", tried)
    assert paid.send(client) == 204, "the unchanged notification is kept"


def test_header_games_are_refused(house: House, wechat: Simulator, report_count: Any) -> None:
    client, paid = house.client(), Paid(house, wechat)
    before = rows(house)
    stale = str(int(paid.timestamp) - 301)
    games: list[Pairs] = [paid.with_header(name, None) for name in SIGNED]
    games += [paid.with_header(name, "") for name in SIGNED]
    games += [[*paid.headers, pair] for pair in paid.headers[1:5]]
    games += [paid.with_header(name, f" {dict(paid.headers)[name]}x") for name in SIGNED]
    games += [
        paid.with_header("Wechatpay-Serial", "PUB_KEY_ID_0999999999999999999999999999"),
        paid.with_header("Wechatpay-Serial", "408B07E79B8269FEC3D5D3E6AB8ED163A6A380DB"),
        paid.with_header("Wechatpay-Signature-Type", "WECHATPAY2-SM2-WITH-SM3"),
        paid.with_header("Wechatpay-Timestamp", stale),
        paid.with_header("Wechatpay-Timestamp", f"+{paid.timestamp}"),
        paid.with_header("Wechatpay-Timestamp", f"{paid.timestamp}.0"),
        paid.with_header("Wechatpay-Signature", "WECHATPAY/SIGNTEST/" + "A" * 300),
        [*paid.with_header("Wechatpay-Signature", None), ("Host", "localhost")],
        [*paid.with_header("Wechatpay-Signature", None), ("X-Forwarded-For", "127.0.0.1")],
        [*paid.with_header("Wechatpay-Signature", None), ("X-Forwarded-Host", "localhost")],
    ]
    assert [paid.send(client, headers=game) for game in games] == [401] * len(games)
    others = [PAY.replace("payment", kind) for kind in ("refund", "profit-sharing", "transfer")]
    assert all(paid.send(client, path=path) >= 400 for path in others)
    assert rows(house) == before
    report_count("header games refused", len(games) + len(others))


def test_bodies_that_are_no_pushes_are_refused(house: House, report_count: Any) -> None:
    client, push = house.client(), Push(house)
    before = rows(house)
    plain = f"<xml><ToUserName>gh</ToUserName><Encrypt>{push.encrypted}</Encrypt></xml>"
    bodies = [
        b"",
        b"<xml/>",
        b"{}",
        b"[]",
        b"null",
        b"<xml><MsgType>text</MsgType><Content>plain mode</Content></xml>",
        b"<!DOCTYPE x [<!ENTITY a 'b'>]>" + push.body,
        b"<?xml version='1.0'?><!DOCTYPE xml SYSTEM 'http://127.0.0.1/x'>" + push.body,
        plain.encode("utf-16"),
        b"\xef\xbb\xbf" * 3 + b"\xff" + push.body,
        plain.replace("</Encrypt>", "</Encrypt><Encrypt>QUFB</Encrypt>").encode(),
        json.dumps({"Encrypt": push.encrypted})[:-1].encode()
        + f',"Encrypt":"{push.encrypted}"}}'.encode(),
        b'{"Encrypt": NaN}',
        b'{"Encrypt": 1e999}',
        b"\x00" * 1000,
        b"A" * (64 * 1024 + 1),
    ]
    statuses = [push.send(client, body) for body in bodies]
    assert all(400 <= status < 500 for status in statuses), statuses
    for missing in ("msg_signature", "timestamp", "nonce"):
        kept = {name: value for name, value in push.query.items() if name != missing}
        assert client.post(f"{OA}?{urlencode(kept)}", data=push.body).status_code == 403
        doubled = urlencode(push.query) + f"&{missing}={push.query[missing]}"
        assert client.post(f"{OA}?{doubled}", data=push.body).status_code == 403
    assert push.send(client, encrypt_type="raw") == 403
    assert (
        client.post(
            OA.replace("official-account", "mini-program") + "?" + urlencode(push.query),
            data=push.body,
        ).status_code
        == 403
    )
    assert rows(house) == before
    report_count("malformed pushes refused", len(bodies) + 8)


def test_an_old_push_is_refused_and_a_push_of_yesterday_is_not(house: House) -> None:
    client, push = house.client(), Push(house)
    house.advance(24 * 3600 + 60)
    before = rows(house)
    assert push.send(client) == 403
    assert rows(house) == before
