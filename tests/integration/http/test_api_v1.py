"""The JSON API as its clients meet it."""

from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import event

from creator_tools.insights import queries as insights
from creator_tools.kernel import at_once
from creator_tools.people import service as people
from creator_tools.sharing import rules as sharing
from creator_tools.sharing.rules import Invitation
from tests.integration.http.conftest import ANDROID, IPHONE, MARKER, House, Scene, asked

PAY_FIELDS = {"appId", "timeStamp", "nonceStr", "package", "signType", "paySign"}


def quote(house: House, bearer: dict[str, str], product: object, device: str = "android") -> Any:
    return house.client().post(
        "/api/v1/quotes", json={"product_id": str(product), "device": device}, headers=bearer
    )


def order(house: House, bearer: dict[str, str], body: dict[str, str], key: str) -> Any:
    headers = {**bearer, "Idempotency-Key": key}
    return house.client().post("/api/v1/orders", json=body, headers=headers)


def pay(house: House, fan: dict[str, Any], placed: dict[str, Any]) -> None:
    """Pay in WeChat, then ask the rail, as the sweep does."""
    body = {"rail": placed["rail"], "payment": placed["pay"]}
    paid = asked(house.wechat, "POST", f"/_sim/people/{fan['id']}/pay", body)
    assert paid["err_msg"].endswith(":ok"), paid
    house.advance(5)
    assert house.wiring.payments.ask(UUID(placed["order_id"])) == "paid"


def test_a_stranger_reads_the_free_part_and_not_a_byte_more(house: House, scene: Scene) -> None:
    client = house.client()
    creator = client.get(f"/api/v1/creators/{scene.handle}")
    assert creator.json == {
        "id": str(scene.creator_id),
        "handle": scene.handle,
        "name": "林老师",
        "columns": [{"id": str(scene.column_id), "title": "光影课"}],
    }
    column = client.get(f"/api/v1/columns/{scene.column_id}")
    assert set(column.json) == {
        "id", "title", "field", "promise", "works", "products", "fan_groups",
    }  # fmt: skip
    assert column.json["field"] == {"kind": "interest", "name": "摄影"}
    unlocked = {work["id"]: work["unlocked"] for work in column.json["works"]}
    assert unlocked == {str(scene.work_id): False, str(scene.free_work_id): True}
    assert column.json["products"] == [
        {"id": str(scene.column_product_id), "kind": "column_forever", "price_fen": 9900}
    ]
    work = client.get(f"/api/v1/works/{scene.work_id}")
    assert (work.json["unlocked"], work.json["html"]) == (False, None)
    assert work.json["preview_html"] == "<p>这是试读。</p>"
    for answer in (creator, column, work):
        assert MARKER not in answer.text


def test_a_fan_buys_a_work_on_jsapi_and_reads_all_of_it(house: House, scene: Scene) -> None:
    fan = house.fan()
    bearer = house.bearer(fan, "oa")
    quoted = quote(house, bearer, scene.work_product_id).json
    assert (quoted["payable_fen"], quoted["rail"], quoted["may_show_price"]) == (990, "jsapi", True)
    assert quoted["expires_at"].endswith("+08:00")
    body = {"quote_id": quoted["quote_id"]}
    key = f"key-{uuid4()}"
    placed = order(house, bearer, body, key)
    assert placed.status_code == 200, placed.text
    assert (placed.json["state"], placed.json["rail"]) == ("pending", "jsapi")
    assert set(placed.json["pay"]) == PAY_FIELDS
    assert order(house, bearer, body, key).text == placed.text
    other = quote(house, bearer, scene.work_product_id).json["quote_id"]
    reused = order(house, bearer, {"quote_id": other}, key)
    assert (reused.status_code, reused.json["code"]) == (409, "idempotency_key_reused")
    pay(house, fan, placed.json)
    state = house.client().get(f"/api/v1/orders/{placed.json['order_id']}", headers=bearer)
    assert state.json["state"] == "paid"
    work = house.client().get(f"/api/v1/works/{scene.work_id}", headers=bearer)
    assert work.json["unlocked"] is True
    assert MARKER in work.json["html"]
    held = house.client().get("/api/v1/me/entitlements", headers=bearer)
    assert held.json == {
        "items": [{"object_type": "work", "object_id": str(scene.work_id), "ends_at": None}],
        "next_cursor": None,
    }


def test_an_answer_is_repeated_after_two_people_became_one(house: House, scene: Scene) -> None:
    known = house.fan()
    house.bearer(known, "mini")  # the older person of this human, with a union subject
    bearer = house.bearer(fan := house.fan(), "oa")
    body = {"quote_id": quote(house, bearer, scene.work_product_id).json["quote_id"]}
    key = f"key-{uuid4()}"
    placed = order(house, bearer, body, key)
    assert placed.status_code == 200, placed.text
    with house.wiring.units("people.sign_in") as uow:
        recognised = people.recognise(
            uow,
            account_id=house.wiring.surface_accounts["oa"],
            subject=fan["oa_openid"],
            union_subject=known["unionid"],
        )
    assert not recognised.is_new
    assert order(house, bearer, body, key).text == placed.text
    reused = order(house, bearer, {**body, "login_code": "other"}, key)
    assert (reused.status_code, reused.json["code"]) == (409, "idempotency_key_reused")


def test_the_mini_program_sells_by_virtual_payment_and_names_no_page(
    house: House, scene: Scene
) -> None:
    bearer = house.bearer(house.fan(), "mini")
    quoted = quote(house, bearer, scene.work_product_id).json
    assert quoted["rail"] == "xpay_android"
    placed = order(house, bearer, {"quote_id": quoted["quote_id"]}, f"key-{uuid4()}")
    assert placed.status_code == 200, placed.text
    assert list(placed.json["pay"]) == ["mode", "signData", "paySig", "signature"]
    answers = [placed] + [
        house.client().get(path, headers=bearer)
        for path in (
            f"/api/v1/creators/{scene.handle}",
            f"/api/v1/columns/{scene.column_id}",
            f"/api/v1/works/{scene.work_id}",
            "/api/v1/me/entitlements",
        )
    ]
    for answer in answers:
        assert "/h5/" not in answer.text
        assert "/g/" not in answer.text


def test_the_official_account_shows_no_price_on_an_iphone(house: House, scene: Scene) -> None:
    bearer = house.bearer(house.fan("ios"), "oa")
    headers = {**bearer, "User-Agent": IPHONE}
    column = house.client().get(f"/api/v1/columns/{scene.column_id}", headers=headers)
    assert [product["price_fen"] for product in column.json["products"]] == [None]
    quoted = quote(house, bearer, scene.work_product_id, "ios").json
    assert (quoted["rail"], quoted["may_show_price"]) == (None, False)
    refused = order(house, bearer, {"quote_id": quoted["quote_id"]}, f"key-{uuid4()}")
    assert (refused.status_code, refused.json["code"]) == (409, "not_sellable_here")


def test_orders_and_quotes_of_somebody_else_are_not_there(house: House, scene: Scene) -> None:
    owner, stranger = house.bearer(house.fan(), "oa"), house.bearer(house.fan(), "oa")
    quoted = quote(house, owner, scene.work_product_id).json
    stolen = order(house, stranger, {"quote_id": quoted["quote_id"]}, f"key-{uuid4()}")
    assert stolen.status_code == 404
    placed = order(house, owner, {"quote_id": quoted["quote_id"]}, f"key-{uuid4()}").json
    path = f"/api/v1/orders/{placed['order_id']}"
    assert house.client().get(path, headers=owner).status_code == 200
    foreign = house.client().get(path, headers=stranger)
    unknown = house.client().get(f"/api/v1/orders/{uuid4()}", headers=stranger)
    assert (foreign.status_code, foreign.json) == (404, unknown.json)


def test_the_door_of_a_group_opens_for_its_readers_alone(house: House, scene: Scene) -> None:
    fan = house.fan()
    bearer = house.bearer(fan, "oa")
    path = f"/api/v1/fan-groups/{scene.fan_group_id}/door"
    refused = house.client().get(path, headers=bearer)
    assert (refused.status_code, refused.json["code"]) == (403, "not_entitled")
    quoted = quote(house, bearer, scene.column_product_id).json
    placed = order(house, bearer, {"quote_id": quoted["quote_id"]}, f"key-{uuid4()}").json
    pay(house, fan, placed)
    opened = house.client().get(path, headers=bearer)
    assert opened.json["url"].startswith("https://")
    assert set(opened.json) == {"url"}


def test_a_login_code_works_once(house: House, scene: Scene) -> None:
    code = house.login_code(house.fan(), "mini")
    client = house.client()
    assert client.post("/api/v1/sessions", json={"code": code}).status_code == 200
    again = client.post("/api/v1/sessions", json={"code": code})
    assert (again.status_code, again.json["code"]) == (422, "login_code_used")
    wrong = client.post("/api/v1/sessions", json={"code": "no-such-code"})
    assert (wrong.status_code, wrong.json["code"]) == (422, "login_code_invalid")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/v1/quotes"),
        ("POST", "/api/v1/orders"),
        ("GET", "/api/v1/orders/01890000-0000-7000-8000-000000000000"),
        ("GET", "/api/v1/me/entitlements"),
        ("GET", "/api/v1/fan-groups/01890000-0000-7000-8000-000000000000/door"),
    ],
)
@pytest.mark.parametrize("header", [None, "Bearer", "Bearer x", "Basic eDp5", "Bearer " + "0" * 64])
def test_without_a_good_token_the_answer_is_401(
    house: House, method: str, path: str, header: str | None
) -> None:
    headers = {"Authorization": header} if header else {}
    body = {"product_id": "x", "quote_id": "x"} if method == "POST" else None
    answer = house.client().open(path, method=method, json=body, headers=headers)
    assert (answer.status_code, answer.json["code"]) == (401, "sign_in_required")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_entitlements_come_in_pages(house: House, scene: Scene) -> None:
    fan = house.fan()
    bearer = house.bearer(fan, "oa")
    for product in (scene.work_product_id, scene.column_product_id):
        quoted = quote(house, bearer, product).json
        pay(house, fan, order(house, bearer, {"quote_id": quoted["quote_id"]}, f"k-{uuid4()}").json)
    client = house.client()
    first = client.get("/api/v1/me/entitlements?limit=1", headers=bearer).json
    assert len(first["items"]) == 1
    second = client.get(
        f"/api/v1/me/entitlements?limit=1&cursor={first['next_cursor']}", headers=bearer
    ).json
    assert second["next_cursor"] is None
    found = {item["object_id"] for item in first["items"] + second["items"]}
    assert found == {str(scene.work_id), str(scene.column_id)}


def test_a_reader_of_english_gets_english(house: House) -> None:
    english = house.client().get(
        f"/api/v1/works/{uuid4()}", headers={"Accept-Language": "en-US,en;q=0.9"}
    )
    chinese = house.client().get(f"/api/v1/works/{uuid4()}", headers={"User-Agent": ANDROID})
    assert english.json["detail"].isascii()
    assert not chinese.json["detail"].isascii()
    assert english.json["code"] == chinese.json["code"]


def test_the_description_names_every_route_and_every_refusal(house: House) -> None:
    spec = house.client().get("/api/v1/openapi.json").json
    assert spec["openapi"].startswith("3.1")
    routes = {
        rule.rule.replace("<", "{").replace(">", "}")
        for rule in house.app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and rule.rule != "/api/v1/openapi.json"
    }
    assert set(spec["paths"]) == routes
    for path, item in spec["paths"].items():
        for method, operation in item.items():
            answers = operation["responses"]
            assert "200" in answers, (path, method)
            assert {"500", "503"} <= set(answers), (path, method)
            schema = answers["500"]["content"]["application/problem+json"]["schema"]
            assert schema == {"$ref": "#/components/schemas/Problem"}
    assert _references(spec) <= {f"#/components/schemas/{n}" for n in spec["components"]["schemas"]}


def _references(node: Any) -> set[str]:
    if isinstance(node, dict):
        own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return own.union(*(_references(value) for value in node.values()))
    if isinstance(node, list):
        return set().union(*(_references(value) for value in node))
    return set()


def test_reading_a_work_costs_one_query(
    house: House, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    bearer = house.bearer(house.fan())
    path = f"/api/v1/works/{scene.work_id}"
    before = house.client().get(path, headers=bearer)
    statements, glances = [], []
    glance = house.wiring.units.glance

    def noted(statement: str, values: Any) -> Any:
        glances.append(statement)
        return glance(statement, values)

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    monkeypatch.setattr(house.wiring.units, "glance", noted)
    event.listen(house.wiring.engine, "before_cursor_execute", note)
    answer = house.client().get(path, headers=bearer)
    event.remove(house.wiring.engine, "before_cursor_execute", note)
    assert (answer.status_code, answer.json) == (200, before.json)
    # Who asks, what the gate shows and what can be bought, in one look.
    assert (len(glances), len(statements)) == (1, 0)


def test_a_glance_that_fails_is_asked_in_a_session(
    house: House, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    bearer = house.bearer(house.fan())
    path = f"/api/v1/works/{scene.work_id}"
    before = house.client().get(path, headers=bearer)

    def too_slow(*_given: Any) -> Any:
        raise psycopg.errors.QueryCanceled

    monkeypatch.setattr(at_once.AtOnce, "run", too_slow)
    answer = house.client().get(path, headers=bearer)
    assert (answer.status_code, answer.json) == (200, before.json)


# --- cards of the mini-program ------------------------------------------------------------------


def share(house: House, fan: dict[str, Any], surface: str = "mini", **wanted: object) -> Any:
    bearer = house.bearer(fan, surface)
    return house.client().post("/api/v1/shares", json=wanted, headers=bearer)


def brought(house: House, scene: Scene) -> list[tuple[str, int]]:
    with house.wiring.units.reading() as session:
        found = insights.shares_of_creator(session, scene.creator_id)
        return [(one.object_type, one.visitors_count) for one in found]


def test_who_comes_by_a_card_is_counted_once_and_passes_on_their_own(
    house: House, scene: Scene
) -> None:
    sharer, friend = house.fan(), house.fan()
    work = {"object_type": "work", "object_id": str(scene.work_id)}
    card = share(house, sharer, **work).json["token"]
    assert share(house, sharer, **work, came_by=card).status_code == 200
    assert brought(house, scene) == [], "nobody brings themselves"
    for _ in range(2):
        own = share(house, friend, **work, came_by=card).json["token"]
    assert brought(house, scene) == [("work", 1)]
    assert own != card
    # The page of the same work takes it too: a card is a card, wherever it is opened.
    third = house.signed_in(house.fan())
    assert third.get(f"/h5/works/{scene.work_id}?from={own}").status_code == 200
    assert brought(house, scene) == [("work", 2)]


def test_the_campaign_is_kept_when_a_card_is_passed_on(house: House, scene: Scene) -> None:
    secret, now = house.wiring.secret_key, house.wiring.units.clock.now()
    card = sharing.sign(secret, Invitation(uuid4(), "spring"), "column", scene.column_id, now)
    column = {"object_type": "column", "object_id": str(scene.column_id)}
    own = share(house, house.fan(), **column, came_by=card).json["token"]
    carried = sharing.read(secret, own, "column", scene.column_id, now)
    assert carried is not None
    assert carried.campaign == "spring"


@pytest.mark.parametrize("how", ["altered", "of another thing", "expired", "nonsense"])
def test_a_card_that_is_not_to_be_believed_counts_nothing(
    house: House, scene: Scene, how: str
) -> None:
    creator = {"object_type": "creator", "object_id": str(scene.creator_id)}
    token = share(house, house.fan(), **creator).json["token"]
    wanted = creator
    if how == "altered":
        token = f"{token[:-2]}{'A' if token[-2] != 'A' else 'B'}{token[-1]}"
    if how == "of another thing":
        wanted = {"object_type": "work", "object_id": str(scene.work_id)}
    if how == "expired":
        house.advance(31 * 24 * 3600)
    if how == "nonsense":
        token = "x" * 96
    answer = share(house, house.fan(), **wanted, came_by=token)
    assert (answer.status_code, brought(house, scene)) == (200, [])


def test_nothing_is_signed_for_what_is_not_there(house: House, scene: Scene) -> None:
    assert scene.handle
    for object_type in ("creator", "column", "work"):
        answer = share(house, house.fan(), object_type=object_type, object_id=str(uuid4()))
        assert answer.status_code == 404
