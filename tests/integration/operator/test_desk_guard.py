"""Who gets in, who may do what, and which forms are believed."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.http.operator.desk import DONE
from creator_tools.kernel.models import Alarm, AuditEvent
from creator_tools.operators.rules import ROLES
from tests.integration.insights.books import Books
from tests.integration.operator.conftest import (
    PASSWORD,
    BareWiring,
    Desk,
    desk_app,
    form_token,
)

SESSION_COOKIE = "juanliu_desk"
NOTHING = "00000000-0000-0000-0000-000000000000"

# What each role sees: True opens, False is refused. The matrix of the desk in one place.
READS = {
    "/operator/revenue.csv": {"owner", "finance", "auditor"},
    "/operator/entries": {"owner", "finance", "auditor"},
    "/operator/orders": {"owner", "finance", "support", "auditor"},
    "/operator/review": {"owner", "editor", "moderator"},
    "/operator/alarms": {"owner", "editor", "finance", "support", "auditor"},
    "/operator/effects": {"owner", "support", "auditor"},
    "/operator/inbox": {"owner", "support", "auditor"},
    "/operator/keys": {"owner", "support", "auditor"},
    "/operator/audit": {"owner", "finance", "auditor"},
}
WRITES = {
    f"/operator/review/{NOTHING}": {"owner", "editor", "moderator"},
    f"/operator/alarms/{NOTHING}": {"owner", "finance"},
    f"/operator/effects/{NOTHING}/retry": {"owner", "support"},
    f"/operator/inbox/{NOTHING}/replay": {"owner", "support"},
}
FORM = {"verdict": "pass", "resolution": "已处理"}


@pytest.mark.parametrize("role", ROLES)
def test_each_role_opens_its_own_pages_and_no_other(desk: Desk, role: str) -> None:
    client = desk.seated(role)
    opened = {path for path in READS if client.get(path).status_code == 200}
    refused = {path for path in READS if client.get(path).status_code == 403}
    assert opened == {path for path, roles in READS.items() if role in roles}
    assert opened | refused == set(READS)


@pytest.mark.parametrize("role", ROLES)
def test_each_role_does_its_own_acts_and_no_other(desk: Desk, role: str) -> None:
    client = desk.seated(role)
    data = FORM | {"csrf_token": form_token(client.get("/operator/"))}
    refused = {path for path in WRITES if client.post(path, data=data).status_code == 403}
    assert refused == {path for path, roles in WRITES.items() if role not in roles}


def test_roles_add_up(desk: Desk) -> None:
    client = desk.seated("moderator", "finance")
    assert client.get("/operator/review").status_code == 200
    assert client.get("/operator/entries").status_code == 200
    assert client.get("/operator/inbox").status_code == 403


def test_the_home_of_who_may_not_see_money_shows_none(desk: Desk) -> None:
    desk.books.sell(desk.books.open_shop("mei"))
    home = desk.seated("keeper").get("/operator/")
    assert home.status_code == 200
    assert "9.90" not in home.text
    assert "/operator/entries" not in home.text


@pytest.mark.parametrize("path", ["/operator/", *READS, "/operator/orders/" + NOTHING])
def test_a_stranger_is_sent_to_sign_in_and_a_download_is_refused(desk: Desk, path: str) -> None:
    answer = desk.visitor().get(path)
    if path.endswith(".csv"):
        assert answer.status_code == 401
    else:
        assert answer.status_code == 303
        assert answer.location.startswith("/operator/login?next=%2Foperator%2F")


def test_a_stranger_posts_nothing(desk: Desk) -> None:
    client = desk.visitor()
    data = FORM | {"csrf_token": form_token(client.get("/operator/login"))}
    for path in WRITES:
        assert client.post(path, data=data).status_code == 401


def test_signing_in_leads_to_where_one_wanted_to_go(desk: Desk) -> None:
    code, client = desk.hire("mei", "owner"), desk.visitor()
    answer = desk.sign_in(client, login="mei", totp=code(), next="/operator/orders?state=paid")
    assert answer.location == "/operator/orders?state=paid"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/operator/",
        "//evil.example/operator/",
        "/operator//evil.example",
        "/operator/\\evil.example",
        "/h5/me",
        "javascript:alert(1)",
        "/operator/\r\nSet-Cookie: x=1",
    ],
)
def test_signing_in_never_leads_elsewhere(desk: Desk, elsewhere: str) -> None:
    code, client = desk.hire("mei", "owner"), desk.visitor()
    answer = desk.sign_in(client, login="mei", totp=code(), next=elsewhere)
    assert answer.location == "/operator/"


@pytest.mark.parametrize(
    ("login", "password", "totp"),
    [
        ("mei", "wrong-horse-battery", None),
        ("mei", PASSWORD, "000000"),
        ("nobody", PASSWORD, None),
        ("", "", ""),
        ("mei\x00", PASSWORD, "x" * 300),
        ("' OR 1=1 --", "' OR 1=1 --", "1"),
    ],
)
def test_a_refusal_does_not_tell_what_was_wrong(
    desk: Desk, login: str, password: str, totp: str | None
) -> None:
    code, client = desk.hire("mei", "owner"), desk.visitor()
    answer = desk.sign_in(
        client, login=login, password=password, totp=code() if totp is None else totp
    )
    assert answer.status_code == 401
    assert "登录名、密码或动态码不对" in answer.text
    assert PASSWORD not in answer.text
    assert client.get_cookie(SESSION_COOKIE) is None


def test_guessing_is_slowed_down_and_the_page_says_for_how_long(desk: Desk) -> None:
    code, client = desk.hire("mei", "owner"), desk.visitor()
    for _ in range(5):
        assert desk.sign_in(client, login="mei", totp="000000").status_code == 401
    closed = desk.sign_in(client, login="mei", totp=code())
    assert closed.status_code == 429
    assert "Retry-After" in closed.headers
    assert "分钟再试" in closed.text
    desk.advance(minutes=16)
    assert desk.sign_in(client, login="mei", totp=code()).status_code == 303


def test_a_one_time_code_is_good_once(desk: Desk) -> None:
    code = desk.hire("mei", "owner")
    used = code()
    assert desk.sign_in(desk.visitor(), login="mei", totp=used).status_code == 303
    assert desk.sign_in(desk.visitor(), login="mei", totp=used).status_code == 401


def test_signing_in_again_renews_the_token_and_ends_the_old_session(desk: Desk) -> None:
    code, client = desk.hire("mei", "owner"), desk.visitor()
    desk.sign_in(client, login="mei", totp=code())
    old = client.get_cookie(SESSION_COOKIE)
    desk.advance(seconds=60)
    token = form_token(client.get("/operator/"))
    data = {"csrf_token": token, "login": "mei", "password": PASSWORD, "totp": code()}
    assert client.post("/operator/login", data=data).status_code == 303
    new = client.get_cookie(SESSION_COOKIE)
    assert old is not None
    assert new is not None
    assert old.value != new.value
    thief = desk.visitor()
    thief.set_cookie(SESSION_COOKIE, old.value)
    assert thief.get("/operator/orders").status_code == 303
    assert client.get("/operator/orders").status_code == 200


def test_signing_out_ends_the_session_on_the_server_too(desk: Desk) -> None:
    client = desk.seated("owner")
    held = client.get_cookie(SESSION_COOKIE)
    assert held is not None
    token = form_token(client.get("/operator/"))
    answer = client.post("/operator/logout", data={"csrf_token": token})
    assert (answer.status_code, answer.location) == (303, "/operator/login")
    assert client.get_cookie(SESSION_COOKIE) is None
    thief = desk.visitor()
    thief.set_cookie(SESSION_COOKIE, held.value)
    assert thief.get("/operator/orders").status_code == 303


def test_a_session_dies_of_idleness_and_lives_by_use(desk: Desk) -> None:
    client = desk.seated("owner")
    for _ in range(4):
        desk.advance(minutes=20)
        assert client.get("/operator/orders").status_code == 200
    desk.advance(minutes=31)
    assert client.get("/operator/orders").status_code == 303


def test_the_cookie_is_kept_from_scripts_and_other_sites(desk: Desk) -> None:
    code, client = desk.hire("mei", "owner"), desk.visitor()
    cookie = _session_cookie(desk.sign_in(client, login="mei", totp=code()))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Secure" not in cookie
    assert "Domain" not in cookie


def test_over_https_the_cookie_is_bound_to_the_host(books: Books) -> None:
    address = "https://desk.example"
    desk = Desk(desk_app(BareWiring(books.units, public_base_url=address)), books)
    code, client = desk.hire("mei", "owner"), desk.visitor()
    page = client.get("/operator/login", base_url=address)
    answer = client.post(
        "/operator/login",
        base_url=address,
        data={
            "csrf_token": form_token(page),
            "login": "mei",
            "password": PASSWORD,
            "totp": code(),
        },
    )
    cookie = _session_cookie(answer)
    assert cookie.startswith("__Host-juanliu_desk=")
    assert "Secure" in cookie
    assert "Domain" not in cookie


def _session_cookie(answer: TestResponse) -> str:
    cookies = answer.headers.getlist("Set-Cookie")
    return next(one for one in cookies if re.match(r"(__Host-)?juanliu_desk=", one))


@pytest.mark.parametrize("token", [None, "", "0" * 64, "é", "x" * 10_000])
def test_a_form_without_our_token_changes_nothing(desk: Desk, token: str | None) -> None:
    client, alarm_id = _with_an_alarm(desk)
    data = {"resolution": "x"} | ({} if token is None else {"csrf_token": token})
    assert client.post(f"/operator/alarms/{alarm_id}", data=data).status_code == 403
    _assert_alarm_stands(desk)


def test_another_sessions_token_is_foreign_too(desk: Desk) -> None:
    client, alarm_id = _with_an_alarm(desk)
    other = form_token(desk.seated("owner", "finance").get("/operator/"))
    data = {"resolution": "x", "csrf_token": other}
    assert client.post(f"/operator/alarms/{alarm_id}", data=data).status_code == 403
    _assert_alarm_stands(desk)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://localhost:1"},
        {"Referer": "https://evil.example/operator/alarms"},
    ],
)
def test_a_form_from_another_site_is_refused_even_with_the_token(
    desk: Desk, headers: dict[str, str]
) -> None:
    client, alarm_id = _with_an_alarm(desk)
    data = {"resolution": "x", "csrf_token": form_token(client.get("/operator/alarms"))}
    answer = client.post(f"/operator/alarms/{alarm_id}", data=data, headers=headers)
    assert answer.status_code == 403
    _assert_alarm_stands(desk)
    own = {"Origin": "http://localhost"}
    answer = client.post(f"/operator/alarms/{alarm_id}", data=data, headers=own)
    assert answer.status_code == 303


def test_the_sign_in_form_cannot_be_sent_from_elsewhere(desk: Desk) -> None:
    code, client = desk.hire("mei", "owner"), desk.visitor()
    data = {"login": "mei", "password": PASSWORD, "totp": code()}
    assert client.post("/operator/login", data=data).status_code == 403
    stranger = form_token(desk.visitor().get("/operator/login"))
    answer = client.post("/operator/login", data=data | {"csrf_token": stranger})
    assert answer.status_code == 403
    assert client.get_cookie(SESSION_COOKIE) is None


def test_nothing_is_done_by_looking(desk: Desk) -> None:
    client = desk.seated("owner")
    for path in WRITES:
        assert client.get(path).status_code in {404, 405}


def test_signing_in_is_told_to_the_audit_without_a_secret(desk: Desk) -> None:
    desk.seated("owner")
    with desk.books.units.reading() as session:
        facts = session.execute(
            select(AuditEvent.action, AuditEvent.facts).where(AuditEvent.object_type == "operator")
        ).all()
    assert "operator.signed_in" in {row.action for row in facts}
    assert PASSWORD not in str(facts)


def test_what_was_done_is_said_in_words_of_ours_only(desk: Desk) -> None:
    client = desk.seated("owner")
    for code, words in DONE.items():
        assert str(words) in client.get(f"/operator/alarms?done={code}").text
    assert "desk-done" not in client.get("/operator/alarms?done=bogus").text


def _with_an_alarm(desk: Desk) -> tuple[FlaskClient, str]:
    desk.books.effect(state="dead")
    with desk.books.units.reading() as session:
        alarm_id = session.scalars(select(Alarm.id)).one()
    return desk.seated("owner"), str(alarm_id)


def _assert_alarm_stands(desk: Desk) -> None:
    with desk.books.units.reading() as session:
        open_count = session.scalar(select(func.count(Alarm.id)).where(Alarm.resolved_at.is_(None)))
    assert open_count == 1
