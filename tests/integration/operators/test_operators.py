"""Signing operators in: refusals count, codes are good once, and bursts win nothing."""

import base64
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from creator_tools.kernel.clock import ManualClock
from creator_tools.kernel.models import AuditEvent
from creator_tools.kernel.text import TextRefused
from creator_tools.kernel.unit_of_work import UnitsOfWork
from creator_tools.operators import queries, rules, service
from creator_tools.operators.errors import (
    LoginTaken,
    OperatorNotFound,
    SignInRefused,
    TooManyAttempts,
)
from creator_tools.operators.models import Operator, OperatorSession, SignInAttempt

UNIT = "operators.sign_in"
PASSWORD = "correct horse battery"
MINUTE = timedelta(minutes=1)


@dataclass
class Desk:
    """An operator and what they would type."""

    units: UnitsOfWork
    clock: ManualClock
    login: str
    operator_id: UUID
    secret: bytes

    def code(self, away: int = 0) -> str:
        return rules.totp_code(self.secret, rules.totp_step(self.clock.now()) + away)

    def sign_in(
        self,
        *,
        login: str | None = None,
        password: str = PASSWORD,
        totp: str | None = None,
        address: str = "192.0.2.1",
    ) -> str:
        outcome = self.units.run(
            UNIT,
            lambda uow: service.sign_in(
                uow,
                login=login or self.login,
                password=password,
                totp=self.code() if totp is None else totp,
                address=address,
            ),
        )
        return outcome.token()

    def fail(self, times: int, *, login: str | None = None, address: str = "192.0.2.1") -> None:
        for _ in range(times):
            with pytest.raises(SignInRefused):
                self.sign_in(login=login, password="wrong", address=address)

    def found(self, token: str) -> queries.SignedInOperator | None:
        with self.units.reading() as session:
            return queries.find_signed_in(session, token, self.clock.now())


def open_desk(units: UnitsOfWork, clock: ManualClock, login: str = "chen") -> Desk:
    with units("operators.create") as uow:
        operator_id, told = service.create(uow, login=login, password=PASSWORD, roles=["owner"])
    secret = base64.b32decode(told + "=" * (-len(told) % 8))
    return Desk(units, clock, login, operator_id, secret)


@pytest.fixture
def desk(units: UnitsOfWork, clock: ManualClock) -> Desk:
    return open_desk(units, clock)


def test_nothing_that_lets_somebody_in_lies_open(desk: Desk) -> None:
    token = desk.sign_in()
    with desk.units.reading() as session:
        operator = session.scalars(select(Operator)).one()
        kept = session.scalars(select(OperatorSession.token_hash)).one()
        facts = str(session.execute(select(AuditEvent.facts, AuditEvent.action)).all())
        assert desk.secret not in operator.sealed_totp_secret
        assert PASSWORD not in operator.password_hash
    assert kept != bytes.fromhex(token)
    for secret in (token, PASSWORD, "192.0.2.1", desk.secret.hex()):
        assert secret not in facts


def test_the_right_three_sign_in_and_out(desk: Desk) -> None:
    token = desk.sign_in(login=" CHEN ")
    found = desk.found(token)
    assert found is not None
    assert (found.id, found.login, found.roles) == (desk.operator_id, "chen", {"owner"})
    with desk.units("operators.act") as uow:
        service.sign_out(uow, token)
        service.touch_session(uow, token)
    assert desk.found(token) is None


@pytest.mark.parametrize(
    ("login", "password", "totp"),
    [
        ("nobody", PASSWORD, None),
        ("chen", "wrong", None),
        ("chen", "", None),
        ("chen", PASSWORD, "000000"),
        ("chen", PASSWORD, ""),
        ("", "", ""),
        ("' OR 1=1 --", PASSWORD, None),
        ("chen\x00", PASSWORD, "x"),
        ("\ud83d", "\ud83d", "\ud83d"),
        ("x" * 100_000, "x" * 100_000, "1" * 100_000),
    ],
)
def test_whatever_is_wrong_the_refusal_is_the_same(
    desk: Desk, login: str, password: str, totp: str | None
) -> None:
    with pytest.raises(SignInRefused) as refused:
        desk.sign_in(login=login, password=password, totp=totp)
    assert refused.value.facts == {}
    with desk.units.reading() as session:
        assert session.scalar(select(func.count()).select_from(OperatorSession)) == 0


def test_a_code_is_good_once(desk: Desk, clock: ManualClock) -> None:
    desk.sign_in()
    with pytest.raises(SignInRefused):
        desk.sign_in()
    with pytest.raises(SignInRefused):
        desk.sign_in(totp=desk.code(-1))
    clock.advance(timedelta(seconds=30))
    desk.sign_in()


def test_a_code_of_the_next_step_uses_up_this_one(desk: Desk) -> None:
    desk.sign_in(totp=desk.code(1))
    with pytest.raises(SignInRefused):
        desk.sign_in()


def test_two_who_send_the_same_code_at_once_are_not_both_let_in(desk: Desk) -> None:
    def second() -> str:
        return desk.sign_in(totp=code, address="192.0.2.2")

    code = desk.code()
    with ThreadPoolExecutor(max_workers=1) as pool:
        with desk.units(UNIT) as uow:
            first = service.sign_in(
                uow, login="chen", password=PASSWORD, totp=code, address="192.0.2.1"
            )
            waiting = pool.submit(second)
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.3)
        assert first.token()
        with pytest.raises(SignInRefused):
            waiting.result(timeout=60)


def test_five_failures_close_the_login_even_for_the_right_password(
    desk: Desk, clock: ManualClock
) -> None:
    for number in range(5):
        desk.fail(1, address=f"192.0.2.{number}")
    clock.advance(5 * MINUTE)
    with pytest.raises(TooManyAttempts) as refused:
        desk.sign_in(address="198.51.100.1")
    assert refused.value.in_chinese() == "试错的次数太多了，请过 10 分钟再试。"
    clock.advance(10 * MINUTE)
    assert desk.sign_in(address="198.51.100.1")


def test_an_unknown_login_is_closed_like_a_known_one(desk: Desk) -> None:
    desk.fail(5, login="nobody")
    with pytest.raises(TooManyAttempts):
        desk.sign_in(login="nobody")


def test_success_forgets_the_failures_of_the_login(desk: Desk, clock: ManualClock) -> None:
    desk.fail(4)
    desk.sign_in()
    clock.advance(MINUTE)
    desk.fail(4)
    desk.sign_in()


def test_success_does_not_forget_the_failures_of_the_address(
    desk: Desk, clock: ManualClock
) -> None:
    for number in range(4):
        desk.fail(4, login=f"guess-{number}")
    desk.sign_in()
    clock.advance(MINUTE)
    desk.fail(4, login="guess-5")
    with pytest.raises(TooManyAttempts):
        desk.sign_in()
    assert desk.sign_in(address="198.51.100.1")


def test_a_try_that_is_turned_away_does_not_lengthen_the_wait(
    desk: Desk, clock: ManualClock
) -> None:
    desk.fail(5)
    for _ in range(14):
        clock.advance(MINUTE)
        with pytest.raises(TooManyAttempts):
            desk.sign_in()
    clock.advance(MINUTE)
    assert desk.sign_in()


def test_a_burst_gets_no_more_guesses_than_a_queue(desk: Desk) -> None:
    def guess(number: int) -> str:
        try:
            desk.sign_in(password="wrong", address=f"192.0.2.{number}")
        except (SignInRefused, TooManyAttempts) as refusal:
            return refusal.code
        return "in"

    with ThreadPoolExecutor(max_workers=12) as pool:
        codes = list(pool.map(guess, range(12)))
    assert sorted(codes) == ["sign_in_refused"] * 5 + ["too_many_attempts"] * 7
    with desk.units.reading() as session:
        login_key = SignInAttempt.throttle_key == rules.login_key("chen")
        assert session.scalar(select(func.count()).where(login_key)) == 5


def test_a_session_dies_after_thirty_idle_minutes(desk: Desk, clock: ManualClock) -> None:
    token = desk.sign_in()
    clock.advance(30 * MINUTE - timedelta(microseconds=1))
    assert desk.found(token) is not None
    clock.advance(timedelta(microseconds=1))
    assert desk.found(token) is None
    with desk.units("operators.act") as uow:
        service.touch_session(uow, token)
    assert desk.found(token) is None


def test_a_session_in_use_dies_after_twelve_hours(desk: Desk, clock: ManualClock) -> None:
    token = desk.sign_in()
    for _ in range(12 * 4 - 1):
        clock.advance(15 * MINUTE)
        found = desk.found(token)
        assert found is not None
        assert found.is_touch_due
        with desk.units("operators.act") as uow:
            service.touch_session(uow, token)
    clock.advance(15 * MINUTE - timedelta(microseconds=1))
    assert desk.found(token) is not None
    clock.advance(timedelta(microseconds=1))
    assert desk.found(token) is None


def test_new_roles_and_dismissal_end_every_session(desk: Desk, clock: ManualClock) -> None:
    token = desk.sign_in()
    with desk.units("operators.act") as uow:
        service.set_roles(uow, operator_id=desk.operator_id, roles=["auditor"])
    assert desk.found(token) is None
    clock.advance(MINUTE)
    again = desk.sign_in()
    found = desk.found(again)
    assert found is not None
    assert found.roles == {"auditor"}
    with desk.units("operators.act") as uow:
        service.disable(uow, operator_id=desk.operator_id)
        service.disable(uow, operator_id=desk.operator_id)
    assert desk.found(again) is None
    clock.advance(MINUTE)
    with pytest.raises(SignInRefused):
        desk.sign_in()
    with desk.units.reading() as session:
        dismissed = AuditEvent.action == "operator.disabled"
        assert session.scalar(select(func.count()).where(dismissed)) == 1
        assert [each.login for each in queries.list_operators(session)] == ["chen"]


@pytest.mark.parametrize("token", ["", "0" * 64, "短", "\ud83d", "\x00", "x" * 100_000])
def test_an_unknown_token_is_nobody(desk: Desk, token: str) -> None:
    desk.sign_in()
    assert desk.found(token) is None
    with desk.units("operators.act") as uow:
        service.sign_out(uow, token)


def test_a_login_is_taken_once_whatever_its_case(desk: Desk) -> None:
    with desk.units("operators.create") as uow:
        with pytest.raises(LoginTaken):
            service.create(uow, login="CHEN", password=PASSWORD, roles=["owner"])
        for bad in ({"login": "x"}, {"password": "short"}, {"roles": ["root"]}):
            good = {"login": "lin", "password": PASSWORD, "roles": ["owner"]}
            with pytest.raises(TextRefused):
                service.create(uow, **(good | bad))  # type: ignore[arg-type] # a mixed mapping
        unknown = uow.ids.new()
        with pytest.raises(OperatorNotFound):
            service.disable(uow, operator_id=unknown)


def test_tries_that_count_no_more_are_forgotten(desk: Desk, clock: ManualClock) -> None:
    desk.fail(2)
    clock.advance(15 * MINUTE)
    desk.fail(1)
    with desk.units("operators.act") as uow:
        assert service.prune_attempts(uow) == 4
    with desk.units.reading() as session:
        assert session.scalar(select(func.count()).select_from(SignInAttempt)) == 2
