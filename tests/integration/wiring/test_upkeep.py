"""Once an hour what is over is forgotten."""

from datetime import timedelta

from sqlalchemy import func, select

from app.wiring.upkeep import ORDER_ANSWERS_KEPT, Upkeep
from creator_tools.kernel import idempotency
from creator_tools.kernel.clock import ManualClock
from creator_tools.kernel.database import Model
from creator_tools.kernel.models import IdempotentRequest
from creator_tools.kernel.unit_of_work import UnitsOfWork
from creator_tools.operators import service as operators
from creator_tools.operators.models import OperatorSession, SignInAttempt
from creator_tools.people import service as people
from creator_tools.people.models import PersonSession
from creator_tools.studio.models import Confirmation, Dialog, Undo
from tests.factories import make_person

DAY = timedelta(days=1)


def counts(units: UnitsOfWork, *tables: type[Model]) -> list[int]:
    with units.reading() as session:
        return [session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


def test_sessions_attempts_and_conversations_are_forgotten_when_they_are_over(
    units: UnitsOfWork, clock: ManualClock
) -> None:
    tables = (PersonSession, OperatorSession, SignInAttempt, Confirmation, Undo, Dialog)
    with units("people.sign_in") as uow:
        people.open_session(uow, identity_id=make_person(uow).identity_id, surface="mini")
        operator_id, _ = operators.create(
            uow, login="editor", password="correct-horse-battery", roles=["editor"]
        )
        uow.session.add(
            OperatorSession(
                token_hash=b"o",
                operator_id=operator_id,
                created_at=uow.now(),
                last_seen_at=uow.now(),
                expires_at=uow.now() + timedelta(hours=12),
            )
        )
        uow.session.add(
            SignInAttempt(id=uow.ids.new(), throttle_key="k", succeeded=False, at=uow.now())
        )
        for memory in ({}, {"kept_text": "还没有专栏时写下的"}):
            talker = make_person(uow).person_id
            uow.session.add(Dialog(person_id=talker, step="", memory=memory, updated_at=uow.now()))
        ends_at = uow.now() + timedelta(minutes=10)
        uow.session.add(
            Confirmation(
                person_id=talker, code="1234", command={}, attempts_count=0, expires_at=ends_at
            )
        )
        uow.session.add(Undo(person_id=talker, command={}, sentence="", expires_at=ends_at))
    upkeep = Upkeep(units)
    upkeep.step()
    assert counts(units, *tables) == [1, 1, 1, 1, 1, 2]
    clock.advance(timedelta(hours=1))
    upkeep.step()
    assert counts(units, *tables) == [1, 1, 0, 0, 0, 2]
    clock.advance(DAY)
    upkeep.step()
    assert counts(units, *tables) == [1, 0, 0, 0, 0, 2]
    clock.advance(30 * DAY)
    upkeep.step()
    assert counts(units, *tables) == [0, 0, 0, 0, 0, 2]
    clock.advance(60 * DAY)
    upkeep.step()
    # What somebody wrote and we promised to keep stays.
    assert counts(units, *tables) == [0, 0, 0, 0, 0, 1]


def test_answers_to_orders_outlive_a_year_and_those_of_other_doors_stay(
    units: UnitsOfWork, clock: ManualClock
) -> None:
    with units("orders.create") as uow:
        for scope in ("orders:one", "other"):
            idempotency.begin(uow, scope=scope, key="12345678", body={})
    upkeep = Upkeep(units)
    clock.advance(ORDER_ANSWERS_KEPT)
    upkeep.step()
    assert counts(units, IdempotentRequest) == [2]
    clock.advance(timedelta(hours=1))
    upkeep.step()
    with units.reading() as session:
        assert session.scalars(select(IdempotentRequest.scope)).all() == ["other"]


def test_it_happens_once_an_hour_and_not_every_second(
    units: UnitsOfWork, clock: ManualClock
) -> None:
    def attempt() -> None:
        with units("operators.sign_in") as uow:
            old = uow.now() - DAY
            uow.session.add(
                SignInAttempt(id=uow.ids.new(), throttle_key="k", succeeded=False, at=old)
            )

    upkeep = Upkeep(units)
    attempt()
    assert upkeep.step() == 1
    attempt()
    clock.advance(timedelta(minutes=59))
    assert upkeep.step() == 0
    clock.advance(timedelta(minutes=1))
    assert upkeep.step() == 1
