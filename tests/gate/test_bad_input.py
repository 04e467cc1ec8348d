"""Whatever is typed, sent or forged: a refusal with a reason, never a fault, never half a thing."""

import uuid
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from sqlalchemy import text

from app.http import csrf
from tests.channel import Shelf, open_channel
from tests.gate.conftest import Install
from tests.installation import Installation

pytestmark = [pytest.mark.gate, pytest.mark.timeout(1800)]

TABLES = ("orders", "quotes", "payments", "entitlements", "works", "columns")
UNKNOWN = str(uuid.UUID(int=7))
TEXTS: dict[str, str] = {
    "empty": "",
    "100,000 long": "长" * 100_000,
    "emoji": "👩‍👩‍👧‍👦🔥",
    "zero width": "\u200b\u200d\ufeff",
    "right to left": "\u202egnp.exe",
    "HTML": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "SQL": "'; DROP TABLE orders; --",
    "huge number": "9" * 400,
    "NUL": "a\x00b",
    "unknown id": UNKNOWN,
    "line ends": "a\r\nSet-Cookie: x=1",
    "template": "{{7*7}}${7*7}%s%n",
}
WRONG: dict[str, Any] = {
    "null": None,
    "true": True,
    "number": 7,
    "negative": -1,
    "huge": 10**30,
    "fraction": 1.5,
    "list": ["x"],
    "object": {"x": 1},
}
COMMANDS = ("看", "搜索", "购买", "定价", "新建专栏", "成为创作者", "专栏定价", "下架", "进群")


@dataclass
class World:
    """A channel, two signed-in fans, and an order that is only the first one's."""

    house: Installation
    shelf: Shelf
    tokens: dict[str, str]
    order_id: str
    quote_id: str
    fan: dict[str, Any]


@pytest.fixture(scope="module")
def world(install: Install) -> World:
    """Everything there is to be forged."""
    house = install()
    house.start_house()
    shelf = open_channel(house, locked="付费以后才看得到的这一句")
    fans = [house.world.person(name, "android") for name in ("甲", "乙")]
    first, second = (house.world.sign_in(one["id"], "oa") for one in fans)
    asked = {"product_id": shelf.work_product_id, "device": "android"}
    quotes = [house.world.api("POST", "quotes", token=first, **asked) for _ in range(2)]
    order = house.world.api("POST", "orders", token=first, quote_id=quotes[0]["quote_id"])
    return World(
        house, shelf, {"first": first, "second": second}, order["order_id"],
        quotes[1]["quote_id"], fans[1],
    )  # fmt: skip


def rows(house: Installation) -> dict[str, int]:
    """How many rows there are of everything that must not be half written."""
    with closing(house.wiring()) as wiring, wiring.reading() as session:
        return {
            name: session.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()
            for name in TABLES
        }


def ask(world: World, method: str, path: str, **given: Any) -> requests.Response:
    """One request as the second fan."""
    headers = {"Authorization": f"Bearer {world.tokens['second']}", **given.pop("headers", {})}
    url = f"{world.house.base_url}{path}"
    return requests.request(
        method, url, headers=headers, timeout=60, allow_redirects=False, **given
    )


def check_problem(answer: requests.Response, field: str | None, what: str) -> None:
    """A problem with a code; where a field is at fault, the field's name."""
    assert 400 <= answer.status_code < 500, (what, answer.status_code, answer.text[:300])
    problem = answer.json()
    assert problem["code"], what
    assert problem["detail"], what
    if problem["code"] == "input_refused" and field is not None:
        assert field in {one["field"].split(".")[0] for one in problem["errors"]}, (what, problem)


def bodies(world: World) -> list[tuple[str, str, dict[str, Any]]]:
    """Every field of every body, with everything wrong in it."""
    whole = {
        "sessions": {"code": "no-such-code", "app": "oa"},
        "quotes": {"product_id": UNKNOWN, "device": "android"},
        "orders": {"quote_id": UNKNOWN, "login_code": "no-such-code"},
    }
    found = []
    for path, body in whole.items():
        for field in body:
            values = (*TEXTS.values(), *WRONG.values(), world.quote_id, world.order_id)
            found += [(path, field, {**body, field: value}) for value in values]
            found.append((path, field, {name: body[name] for name in body if name != field}))
    return found


def test_the_api_refuses_every_bad_field_with_a_code_and_writes_nothing(
    world: World, report_count: Callable[[str, int], None]
) -> None:
    before = rows(world.house)
    count = 0
    for path, field, body in bodies(world):
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        answer = ask(world, "POST", f"/api/v1/{path}", json=body, headers=headers)
        check_problem(answer, field, f"{path} {field} {str(body)[:80]}")
        count += 1
    for raw in (b"", b"{", b"null", b"[]", b"7", b'{"a":1,"a":2}', b"\xff", b"[" * 9000, b"NaN"):
        for path in ("sessions", "quotes", "orders"):
            headers = {"Content-Type": "application/json", "Idempotency-Key": uuid.uuid4().hex}
            answer = ask(world, "POST", f"/api/v1/{path}", data=raw, headers=headers)
            check_problem(answer, None, f"{path} {raw[:20]!r}")
            count += 1
    for key in ("", "short", "x" * 129, "x" * 9000, "a b c d e f g h", "\xe9" * 20):
        body = {"quote_id": world.quote_id}
        answer = ask(
            world,
            "POST",
            "/api/v1/orders",
            json=body,
            headers={"Idempotency-Key": key.encode("latin-1")},
        )
        check_problem(answer, "Idempotency-Key", f"key {key[:20]}")
        count += 1
    assert rows(world.house) == before
    report_count("bodies and keys refused", count)


def test_no_path_leads_anywhere_it_should_not(
    world: World, report_count: Callable[[str, int], None]
) -> None:
    before, count = rows(world.house), 0
    kinds = ("orders/{}", "works/{}", "columns/{}", "creators/{}", "fan-groups/{}/door")
    for kind in kinds:
        for name, value in {**TEXTS, "someone else's": world.order_id}.items():
            if not value:
                continue
            path = requests.utils.quote(value[:2000], safe="")
            check_problem(ask(world, "GET", "/api/v1/" + kind.format(path)), None, f"{kind} {name}")
            count += 1
    assert rows(world.house) == before
    report_count("paths refused", count)


def test_forms_refuse_what_is_forged(
    world: World, report_count: Callable[[str, int], None]
) -> None:
    before, count = rows(world.house), 0
    with closing(world.house.wiring()) as wiring:
        good = csrf.token_for(wiring.secret_key, world.tokens["second"])
    cookie = {"Cookie": f"juanliu={world.tokens['second']}"}
    for name, value in TEXTS.items():
        for field in ("csrf_token", "login", "password", "totp", "next"):
            answer = ask(world, "POST", "/operator/login", data={field: value})
            assert 400 <= answer.status_code < 500, (field, name, answer.status_code)
            count += 1
        path = f"/h5/products/{world.shelf.work_product_id}/buy"
        answer = ask(world, "POST", path, data={"csrf_token": value}, headers=cookie)
        assert 400 <= answer.status_code < 500, (name, answer.status_code)
        path = f"/h5/products/{requests.utils.quote(value[:2000], safe='')}/buy"
        answer = ask(world, "POST", path, data={"csrf_token": good}, headers=cookie)
        assert 400 <= answer.status_code < 500, (name, answer.status_code)
        count += 2
    for header in ("http://[", "null", "http://evil.test", "://"):
        for path in ("/operator/login", f"/h5/products/{UNKNOWN}/buy"):
            answer = ask(world, "POST", path, headers={"Origin": header, **cookie})
            assert 400 <= answer.status_code < 500, (path, header, answer.status_code)
            count += 1
    assert rows(world.house) == before
    report_count("forms refused", count)


def test_the_chat_answers_everything_kindly(
    world: World, report_count: Callable[[str, int], None]
) -> None:
    said = [one[:600] for one in TEXTS.values() if one and "\x00" not in one]
    said += [f"{command} {one[:80]}" for command in COMMANDS for one in said]
    before = rows(world.house)
    for one in said:
        control = {"type": "text", "text": one}
        sent = world.house.world.control("POST", f"people/{world.fan['id']}/send", **control)
        reply = (sent["reply"] or {}).get("text", "")
        assert sent["status"] == 200, (one, sent)
        assert "failure" not in sent, (one, sent)
        assert any("\u4e00" <= char <= "\u9fff" for char in reply), (one, sent)
    after = rows(world.house)
    # Looking at an offer may freeze a price; nothing else may come of it.
    assert {**after, "quotes": 0} == {**before, "quotes": 0}
    report_count("chat messages answered", len(said))


def test_the_log_tells_of_no_fault(world: World) -> None:
    assert b'"unforeseen"' not in world.house.log_file.read_bytes()
