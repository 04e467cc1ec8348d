"""Every field of every endpoint meets everything that people and programs send by mistake."""

import json
from typing import Any

import pytest

from tests.integration.http.conftest import House, Scene

UNKNOWN_ID = "01890000-0000-7000-8000-000000000000"
# What may be sent for a text, and why nobody should be able to break anything with it.
TEXTS: dict[str, Any] = {
    "empty": "",
    "spaces": "   ",
    "emoji": "👨‍👩‍👧‍👦" * 5,
    "zero_width": "\u200b\u200d\ufeff",
    "right_to_left": "\u202eabc\u202c",
    "html": "<script>alert(1)</script>",
    "sql": "'; DROP TABLE people; --",
    "nul": "a\x00b",
    "newline": "a\nb",
    "path": "../../etc/passwd",
    "format": "%s%n{0}{x}",
    "long": "长" * 5000,
    "number": 12,
    "huge_number": 10**30,
    "fraction": 1.5,
    "yes": True,
    "null": None,
    "list": ["x"],
    "object": {"a": 1},
    "unknown_id": UNKNOWN_ID,
}
BODIES: dict[str, tuple[str, dict[str, Any]]] = {
    "sessions.code": ("/api/v1/sessions", {"code": "x", "app": "mini"}),
    "sessions.app": ("/api/v1/sessions", {"code": "x", "app": "mini"}),
    "quotes.product_id": ("/api/v1/quotes", {"product_id": UNKNOWN_ID, "device": "android"}),
    "quotes.device": ("/api/v1/quotes", {"product_id": UNKNOWN_ID, "device": "android"}),
    "orders.quote_id": ("/api/v1/orders", {"quote_id": UNKNOWN_ID, "login_code": "x"}),
    "orders.login_code": ("/api/v1/orders", {"quote_id": UNKNOWN_ID, "login_code": "x"}),
}
RAW: dict[str, bytes] = {
    "nothing": b"",
    "no_json": b"code=1",
    "half": b'{"code": "x"',
    "twice": b'{"code": "x", "code": "y"}',
    "nan": b'{"code": NaN}',
    "infinity": b'{"code": 1e999}',
    "long_number": b'{"code": ' + b"9" * 5000 + b"}",
    "deep": b"[" * 100_000,
    "not_utf8": b'{"code": "\xff\xfe"}',
    "utf16": '{"code": "x"}'.encode("utf-16"),
}


def check_refusal(answer: Any, where: object) -> None:
    assert 400 <= answer.status_code < 500, (where, answer.status_code, answer.text)
    assert answer.content_type == "application/problem+json", where
    assert answer.json["code"], where


@pytest.mark.parametrize("field", BODIES)
def test_no_value_of_a_field_is_a_surprise(house: House, scene: Scene, field: str) -> None:
    path, body = BODIES[field]
    name = field.partition(".")[2]
    headers = {**house.bearer(house.fan(), "mini"), "Idempotency-Key": "key-of-bad-input"}
    for kind, value in TEXTS.items():
        answer = house.client().post(path, json={**body, name: value}, headers=headers)
        check_refusal(answer, (field, kind))
        if not isinstance(value, str) and (field, kind) != ("orders.login_code", "null"):
            assert answer.status_code == 422, (field, kind)
            assert [error["field"] for error in answer.json["errors"]] == [name], (field, kind)
        if kind == "nul":
            assert answer.json["errors"][0]["field"] == name, (field, kind)
    raw = house.client().post(
        path,
        data=json.dumps({**body, name: "\ud800"}),
        headers=headers,
        content_type="application/json",
    )
    assert (raw.status_code, raw.json["errors"][0]["field"]) == (422, name)


@pytest.mark.parametrize("field", ["sessions.code", "quotes.product_id", "orders.quote_id"])
def test_a_missing_field_is_named(house: House, field: str) -> None:
    path, body = BODIES[field]
    name = field.partition(".")[2]
    headers = {**house.bearer(house.fan(), "mini"), "Idempotency-Key": "key-of-bad-input"}
    rest = {key: value for key, value in body.items() if key != name}
    answer = house.client().post(path, json=rest, headers=headers)
    assert answer.status_code == 422
    assert answer.json["errors"] == [
        {"field": name, "code": "required", "message": "必填，请补上。"}
    ]


@pytest.mark.parametrize("kind", RAW)
def test_a_body_that_is_no_json_is_a_400(house: House, kind: str) -> None:
    for path in ("/api/v1/sessions", "/api/v1/quotes", "/api/v1/orders"):
        answer = house.client().post(path, data=RAW[kind], content_type="application/json")
        check_refusal(answer, (kind, path))
        assert answer.status_code == 400, (kind, path, answer.text)
        assert answer.json["code"] == "malformed_json"


@pytest.mark.parametrize("body", ["[]", '"text"', "1", "true", "null"])
def test_json_that_is_no_object_is_a_422(house: House, body: str) -> None:
    answer = house.client().post("/api/v1/sessions", data=body, content_type="application/json")
    assert answer.status_code == 422, answer.text
    assert answer.json["errors"]


def test_other_media_types_and_large_bodies_are_named(house: House) -> None:
    client = house.client()
    form = client.post("/api/v1/sessions", data={"code": "x"})
    assert (form.status_code, form.json["code"]) == (415, "unsupported_media_type")
    large = client.post("/api/v1/sessions", json={"code": "x" * (1024 * 1024 + 1)})
    assert (large.status_code, large.json["code"]) == (413, "body_too_large")


BAD_IDS = [
    "x", "0", "-1", "%00", "%2e%2e%2f", "'; DROP TABLE works; --", "👻", "\u202e", "a" * 3000,
    "<script>", "{x}", "nil", "01890000-0000-7000-8000-00000000000g", UNKNOWN_ID,
]  # fmt: skip


@pytest.mark.parametrize(
    "template",
    [
        "/api/v1/creators/{}",
        "/api/v1/columns/{}",
        "/api/v1/works/{}",
        "/api/v1/orders/{}",
        "/api/v1/fan-groups/{}/door",
        "/h5/creators/{}",
        "/h5/columns/{}",
        "/h5/works/{}",
        "/h5/orders/{}",
        "/h5/orders/{}/state",
        "/g/{}",
        "/media/{}",
        "/MP_verify_{}.txt",
    ],
)
def test_an_address_of_nothing_is_a_404(house: House, scene: Scene, template: str) -> None:
    fan = house.fan()
    bearer = house.bearer(fan) if template.startswith("/api/") else {}
    client = house.client() if bearer else house.signed_in(fan)
    for bad in BAD_IDS:
        answer = client.get(template.format(bad), headers=bearer)
        assert answer.status_code == 404, (template, bad, answer.status_code)


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "limit=٣", "limit=1e3",
                                   "limit=-1", "limit=999999999999999999999"])  # fmt: skip
def test_a_limit_out_of_range_is_named(house: House, query: str) -> None:
    answer = house.client().get(
        f"/api/v1/me/entitlements?{query}", headers=house.bearer(house.fan())
    )
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == "limit"


@pytest.mark.parametrize(
    "key", [None, "", "short", "x" * 129, "中文中文中文中文", "tab\tinside-key"]
)
def test_an_idempotency_key_is_asked_for_and_checked(
    house: House, scene: Scene, key: str | None
) -> None:
    bearer = house.bearer(house.fan(), "oa")
    quoted = house.client().post(
        "/api/v1/quotes",
        json={"product_id": str(scene.work_product_id), "device": "android"},
        headers=bearer,
    )
    headers = {**bearer, **({"Idempotency-Key": key} if key is not None else {})}
    answer = house.client().post(
        "/api/v1/orders", json={"quote_id": quoted.json["quote_id"]}, headers=headers
    )
    assert answer.status_code == 422, answer.text
    assert answer.json["errors"][0]["field"] == "Idempotency-Key"
