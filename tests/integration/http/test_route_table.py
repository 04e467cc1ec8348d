"""Every route has a row that says who may use it, and every row is what the application does."""

import base64
import json
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from app.http import csrf
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.operators import rules, service
from tests.factories import make_creator
from tests.integration.http.conftest import BASE_URL, BROWSER, MARKER, SECRET_KEY, House, Scene
from tests.integration.http.route_table import (
    DESK,
    NOBODY_HAS_IT,
    PEOPLE,
    ROLES,
    VISITORS,
    DeskRow,
    Row,
)
from tests.integration.operator.conftest import PASSWORD, form_token

UPDATE_AUTHOR = text("UPDATE creators SET person_id = :person_id WHERE id = :creator_id")


def rules_of(house: House) -> set[str]:
    return {
        f"{method} {rule.rule}"
        for rule in house.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_every_route_has_a_row(house: House) -> None:
    assert rules_of(house) - set(PEOPLE) - set(DESK) == set(), "say who may use it: route_table.py"


def test_every_row_has_a_route(house: House) -> None:
    assert {*PEOPLE, *DESK} - rules_of(house) == set()


class Visit:
    """One visitor with a cookie jar and, for the API, a token."""

    def __init__(self, house: House, scene: Scene, who: str) -> None:
        self.house, self.who = house, who
        self.client, self.bearer = house.client(), {}
        self.client.environ_base["HTTP_USER_AGENT"] = BROWSER
        self.buyer = house.fan()
        order_id = buy(house, scene, self.buyer)
        if who != "stranger":
            fan = self.buyer if who == "buyer" else house.fan()
            self.client = house.signed_in(fan)
            self.bearer = house.bearer(fan)
        if who in ("author", "rival"):
            make_author(house, scene.creator_id if who == "author" else None, self.client)
        self.places = places(scene, order_id)

    def ask(self, method: str, row: Row | DeskRow) -> Any:
        """The answer to this visitor."""
        path = filled(row.path, self.places)
        headers = {} if isinstance(row, DeskRow) else dict(row.headers)
        if path.startswith("/api/"):
            headers |= self.bearer
        body = {} if isinstance(row, DeskRow) else {"json": filled_in(row.json, self.places)}
        if row.form is not None:
            form = filled_in(row.form, self.places)
            body = {"data": form | {"csrf_token": self.form_token()}}
        return self.client.open(path, method=method, headers=headers, **body)

    def form_token(self) -> str:
        kept = self.client.get_cookie("juanliu")
        return csrf.token_for(SECRET_KEY, kept.value) if kept else "0" * 64


def buy(house: House, scene: Scene, fan: dict[str, Any]) -> UUID:
    """Really pay for the work; gives the order."""
    return house.sell(scene.work_product_id, fan)


def make_author(house: House, creator_id: UUID | None, client: FlaskClient) -> None:
    """Let this visitor be the creator, or a creator of their own."""
    person_id = house.person_behind(client)

    def make(uow: UnitOfWork) -> None:
        if creator_id is None:
            make_creator(uow, person_id=person_id, name="别的作者")
        else:
            uow.session.execute(UPDATE_AUTHOR, {"person_id": person_id, "creator_id": creator_id})

    house.wiring.units.run("studio.act", make)


def places(scene: Scene, order_id: UUID) -> dict[str, str]:
    """What stands for what in the addresses of the table."""
    return {
        "base": BASE_URL, "nobody": NOBODY_HAS_IT, "handle": scene.handle,
        "column": str(scene.column_id), "work": str(scene.work_id),
        "work_product": str(scene.work_product_id),
        "column_product": str(scene.column_product_id), "group": str(scene.fan_group_id),
        "code": scene.fan_group_code, "order": str(order_id),
    }  # fmt: skip


def filled(text: str, known: dict[str, str]) -> str:
    for name, value in known.items():
        text = text.replace("{" + name + "}", value)
    return text


def filled_in(body: dict[str, Any] | None, known: dict[str, str]) -> Any:
    if body is None:
        return None
    return {name: filled(str(value), known) for name, value in body.items()}


@pytest.mark.parametrize("who", VISITORS)
def test_each_visitor_gets_what_the_table_says(house: House, scene: Scene, who: str) -> None:
    visit, wrong = Visit(house, scene, who), []
    for name, row in PEOPLE.items():
        answer = visit.ask(name.partition(" ")[0], row)
        if answer.status_code != row.status_for(who):
            wrong.append(f"{name}: {answer.status_code}, said {row.status_for(who)}")
        said, dressed = answer.text, json.dumps(MARKER)[1:-1]
        answer.close()
        if (MARKER in said or dressed in said) != (who in row.reads):
            wrong.append(f"{name}: {who} {'lacks' if who in row.reads else 'sees'} the paid part")
    assert not wrong, "\n" + "\n".join(wrong)


@pytest.mark.parametrize("who", ["stranger", "fan", "author"])
def test_no_session_of_the_pages_opens_the_desk(house: House, scene: Scene, who: str) -> None:
    visit = Visit(house, scene, who)
    for name, row in DESK.items():
        if name.endswith("/operator/login"):
            continue
        answer = visit.ask(name.partition(" ")[0], row)
        assert answer.status_code in (303, 401, 403), name
        assert answer.status_code != 303 or "/operator/login" in answer.location, name


@pytest.mark.parametrize("role", ROLES)
def test_each_role_gets_what_the_table_says(house: House, scene: Scene, role: str) -> None:
    known = places(scene, buy(house, scene, house.fan()))
    client, wrong = at_the_desk(house, role), []
    for name, row in DESK.items():
        method = name.partition(" ")[0]
        data = None
        if row.form is not None:
            data = row.form | {"csrf_token": form_token(client.get("/operator/"))}
        answer = client.open(filled(row.path, known), method=method, data=data)
        expected = row.status if role in row.roles else 403
        if answer.status_code != expected:
            wrong.append(f"{name}: {answer.status_code}, said {expected}")
        assert MARKER not in answer.text or "review" in name, name
    assert not wrong, "\n" + "\n".join(wrong)


def at_the_desk(house: House, role: str) -> FlaskClient:
    """An operator with this role, signed in through the form."""
    client = house.client()
    with house.wiring.units("operators.create") as uow:
        _, secret = service.create(uow, login=f"op-{role}", password=PASSWORD, roles=(role,))
    raw = base64.b32decode(secret + "=" * (-len(secret) % 8))
    code = rules.totp_code(raw, rules.totp_step(house.wiring.units.clock.now()))
    form = {
        "csrf_token": form_token(client.get("/operator/login")),
        "login": f"op-{role}", "password": PASSWORD, "totp": code,
    }  # fmt: skip
    assert client.post("/operator/login", data=form).status_code == 303
    return client
