"""Rights live while one of their sources does, and the gate lets no locked byte out."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import event, func, select

from creator_tools.access import queries, service
from creator_tools.access.errors import AccessTermInvalid
from creator_tools.access.models import Entitlement, EntitlementSource
from creator_tools.kernel.clock import ManualClock
from creator_tools.kernel.models import AuditEvent
from creator_tools.kernel.text import TextRefused
from creator_tools.kernel.unit_of_work import UnitsOfWork
from creator_tools.works.models import Work
from tests.factories import (
    make_account,
    make_column,
    make_creator,
    make_person,
    make_published_work,
)

UNIT = "operators.act"
DAY = timedelta(days=1)
SECRET = "只有付钱的人才看得到的话"


class Shelf:
    """One column with one paid work, its creator and a fan."""

    def __init__(self, units: UnitsOfWork) -> None:
        self.units = units
        with units(UNIT) as uow:
            self.creator_person_id = make_person(uow).person_id
            creator = make_creator(uow, person_id=self.creator_person_id)
            self.fan_id = make_person(uow).person_id
            self.column = make_column(uow, creator_id=creator.id)
            self.work = make_published_work(
                uow, self.column, body_html=f"<p>试读</p><p>{SECRET}</p>"
            )
            self.order_id = uow.ids.new()

    def grant(
        self,
        *,
        of: str = "column",
        source_id: UUID | None = None,
        days: int | None = None,
        kind: str = "order",
        person_id: UUID | None = None,
        starts_at: datetime | None = None,
    ) -> service.Granted:
        with self.units(UNIT) as uow:
            start = starts_at or uow.now()
            return service.grant(
                uow,
                person_id=person_id or self.fan_id,
                creator_id=self.column.creator_id,
                object_type=of,
                object_id=self.column.id if of == "column" else self.work.id,
                source_kind=kind,
                source_id=source_id or self.order_id,
                starts_at=start,
                ends_at=None if days is None else start + days * DAY,
            )

    def end(self, source_id: UUID | None = None, kind: str = "order") -> int:
        with self.units(UNIT) as uow:
            return service.end_source(
                uow, source_kind=kind, source_id=source_id or self.order_id, reason="退款"
            )

    def opened(self, person_id: UUID | None, now: datetime) -> queries.OpenedWork | None:
        with self.units.reading() as session:
            return queries.open_work(session, work_id=self.work.id, person_id=person_id, now=now)

    def is_open(self, now: datetime, person_id: UUID | None = None) -> bool:
        found = self.opened(person_id or self.fan_id, now)
        assert found is not None
        assert (found.html is not None) == found.unlocked
        return found.unlocked

    def set_state(self, state: str) -> None:
        with self.units(UNIT) as uow:
            uow.session.get_one(Work, self.work.id).state = state


@pytest.fixture
def shelf(units: UnitsOfWork) -> Shelf:
    return Shelf(units)


def new_id(units: UnitsOfWork) -> UUID:
    return units.ids.new()


def test_a_locked_body_does_not_leave_the_database(shelf: Shelf, clock: ManualClock) -> None:
    for person_id in (shelf.fan_id, None, new_id(shelf.units)):
        found = shelf.opened(person_id, clock.now())
        assert found is not None
        assert (found.unlocked, found.html, found.preview_html) == (False, None, "<p>试读</p>")
        assert SECRET not in repr(found)


def test_opening_a_work_is_one_query(shelf: Shelf, clock: ManualClock) -> None:
    statements: list[str] = []
    with shelf.units.reading() as session:
        session.connection()
        bind = session.get_bind()

        def note(*arguments: object) -> None:
            statements.append(str(arguments[2]))

        event.listen(bind, "before_cursor_execute", note)
        queries.open_work(session, work_id=shelf.work.id, person_id=shelf.fan_id, now=clock.now())
        event.remove(bind, "before_cursor_execute", note)
    assert len(statements) == 1


@pytest.mark.parametrize("of", ["work", "column"])
def test_a_right_on_the_work_or_on_its_column_opens_it(
    shelf: Shelf, clock: ManualClock, of: str
) -> None:
    shelf.grant(of=of)
    found = shelf.opened(shelf.fan_id, clock.now())
    assert found is not None
    assert found.unlocked
    assert found.html is not None
    assert SECRET in found.html
    with shelf.units.reading() as session:
        for object_type, object_id, expected in (
            ("work", shelf.work.id, True),
            ("column", shelf.column.id, of == "column"),
            ("work", shelf.column.id, False),
        ):
            assert (
                queries.has_access(
                    session,
                    person_id=shelf.fan_id,
                    object_type=object_type,
                    object_id=object_id,
                    now=clock.now(),
                )
                is expected
            )


def test_a_right_opens_nothing_of_another_column_and_for_nobody_else(
    shelf: Shelf, clock: ManualClock
) -> None:
    other = Shelf(shelf.units)
    other.grant(person_id=shelf.fan_id)
    shelf.grant(person_id=other.fan_id)
    assert not shelf.is_open(clock.now())
    assert shelf.is_open(clock.now(), other.fan_id)


def test_the_creator_needs_no_right(shelf: Shelf, clock: ManualClock) -> None:
    assert shelf.is_open(clock.now(), shelf.creator_person_id)


def test_a_free_work_is_open_to_whoever_comes(shelf: Shelf, clock: ManualClock) -> None:
    with shelf.units(UNIT) as uow:
        uow.session.get_one(Work, shelf.work.id).is_free = True
    found = shelf.opened(None, clock.now())
    assert found is not None
    assert found.html is not None
    assert shelf.is_open(clock.now())


@pytest.mark.parametrize(
    ("state", "stranger_sees", "buyer_sees"),
    [
        ("draft", False, False),
        ("in_review", False, False),
        ("scheduled", False, False),
        ("rejected", False, False),
        ("withdrawn", False, True),
        ("published", True, True),
    ],
)
def test_who_sees_a_work_in_which_state(
    shelf: Shelf, clock: ManualClock, state: str, *, stranger_sees: bool, buyer_sees: bool
) -> None:
    shelf.grant()
    shelf.set_state(state)
    with shelf.units(UNIT) as uow:
        stranger_id = make_person(uow).person_id
    assert (shelf.opened(stranger_id, clock.now()) is not None) is stranger_sees
    assert (shelf.opened(None, clock.now()) is not None) is stranger_sees
    assert (shelf.opened(shelf.fan_id, clock.now()) is not None) is buyer_sees
    own = shelf.opened(shelf.creator_person_id, clock.now())
    assert own is not None
    assert own.unlocked


def test_a_draft_of_a_work_that_was_never_live_is_seen_by_its_creator_only(
    shelf: Shelf, clock: ManualClock
) -> None:
    shelf.grant()
    shelf.set_state("draft")
    with shelf.units(UNIT) as uow:
        uow.session.get_one(Work, shelf.work.id).live_revision_id = None
    assert shelf.opened(shelf.fan_id, clock.now()) is None
    assert shelf.is_open(clock.now(), shelf.creator_person_id)
    shelf.set_state("withdrawn")
    assert shelf.opened(shelf.fan_id, clock.now()) is None


def test_an_unknown_work_is_nothing(shelf: Shelf, clock: ManualClock) -> None:
    with shelf.units.reading() as session:
        assert (
            queries.open_work(
                session, work_id=shelf.column.id, person_id=shelf.fan_id, now=clock.now()
            )
            is None
        )


def test_a_right_ends_with_its_last_source_and_not_before(shelf: Shelf, clock: ManualClock) -> None:
    gift_id = new_id(shelf.units)
    shelf.grant()
    shelf.grant(source_id=gift_id, kind="gift")
    assert shelf.end() == 1
    assert shelf.is_open(clock.now())
    assert shelf.end() == 0
    assert shelf.end(gift_id, "gift") == 1
    assert not shelf.is_open(clock.now())
    with shelf.units.reading() as session:
        assert queries.list_entitlements(session, shelf.fan_id, clock.now()) == []
        ended = session.scalars(select(EntitlementSource.ended_reason)).all()
    assert ended == ["退款", "退款"]


def test_an_ended_source_does_not_come_back_when_it_is_told_again(
    shelf: Shelf, clock: ManualClock
) -> None:
    shelf.grant()
    shelf.end()
    assert not shelf.grant().is_new
    assert not shelf.is_open(clock.now())


def test_ending_what_nobody_has_ends_nothing(shelf: Shelf) -> None:
    assert shelf.end(new_id(shelf.units)) == 0


def test_the_same_source_again_extends_nothing(shelf: Shelf, clock: ManualClock) -> None:
    first = shelf.grant(days=30)
    clock.advance(DAY)
    again = shelf.grant(days=30)
    assert (again.ends_at, again.is_new) == (first.ends_at, False)
    with shelf.units.reading() as session:
        assert session.scalar(select(func.count()).select_from(EntitlementSource)) == 1
        granted = AuditEvent.action == "access.granted"
        assert session.scalar(select(func.count()).where(granted)) == 1


def test_a_term_ends_to_the_second(shelf: Shelf, clock: ManualClock) -> None:
    shelf.grant(days=30)
    almost = clock.now() + 30 * DAY - timedelta(microseconds=1)
    assert shelf.is_open(almost)
    assert not shelf.is_open(clock.now() + 30 * DAY)
    assert not shelf.is_open(clock.now() - timedelta(microseconds=1))


def test_a_term_renewed_early_starts_where_the_present_one_ends(
    shelf: Shelf, clock: ManualClock
) -> None:
    start = clock.now()
    shelf.grant(days=30)
    clock.advance(10 * DAY)
    renewed = shelf.grant(source_id=new_id(shelf.units), days=30)
    assert (renewed.starts_at, renewed.ends_at) == (start + 30 * DAY, start + 60 * DAY)
    third = shelf.grant(source_id=new_id(shelf.units), days=365)
    assert third.ends_at == start + 425 * DAY
    with shelf.units.reading() as session:
        held = queries.list_entitlements(session, shelf.fan_id, clock.now())
    assert held == [queries.HeldEntitlement("column", shelf.column.id, start + 425 * DAY)]
    assert shelf.is_open(start + 425 * DAY - timedelta(seconds=1))


def test_a_term_renewed_late_starts_when_it_was_paid(shelf: Shelf, clock: ManualClock) -> None:
    shelf.grant(days=30)
    clock.advance(40 * DAY)
    renewed = shelf.grant(source_id=new_id(shelf.units), days=30)
    assert (renewed.starts_at, renewed.ends_at) == (clock.now(), clock.now() + 30 * DAY)


def test_a_payment_told_late_still_stands_behind_the_term_that_ran_then(
    shelf: Shelf, clock: ManualClock
) -> None:
    start = clock.now()
    shelf.grant(days=30)
    clock.advance(31 * DAY)
    late = shelf.grant(source_id=new_id(shelf.units), days=30, starts_at=start + 29 * DAY)
    assert (late.starts_at, late.ends_at) == (start + 30 * DAY, start + 60 * DAY)


def test_a_term_is_kept_whole_when_the_one_before_it_is_refunded(
    shelf: Shelf, clock: ManualClock
) -> None:
    start = clock.now()
    shelf.grant(days=30)
    shelf.grant(source_id=new_id(shelf.units), days=30)
    shelf.grant(source_id=new_id(shelf.units), days=10)
    clock.advance(5 * DAY)
    shelf.end()
    assert shelf.is_open(clock.now())
    assert shelf.is_open(start + 45 * DAY - timedelta(seconds=1))
    assert not shelf.is_open(start + 45 * DAY)


def test_a_right_for_ever_beats_every_term(shelf: Shelf, clock: ManualClock) -> None:
    shelf.grant(days=30)
    forever = shelf.grant(source_id=new_id(shelf.units))
    assert forever.starts_at == clock.now()
    with shelf.units.reading() as session:
        held = queries.list_entitlements(session, shelf.fan_id, clock.now())
    assert [each.ends_at for each in held] == [None]
    assert shelf.is_open(clock.now() + 10_000 * DAY)


def test_two_renewals_at_once_stand_in_line(shelf: Shelf, clock: ManualClock) -> None:
    def renew() -> service.Granted:
        return shelf.grant(source_id=new_id(shelf.units), days=30)

    with ThreadPoolExecutor(max_workers=1) as pool:
        with shelf.units(UNIT) as uow:
            service.grant(
                uow,
                person_id=shelf.fan_id,
                creator_id=shelf.column.creator_id,
                object_type="column",
                object_id=shelf.column.id,
                source_kind="order",
                source_id=shelf.order_id,
                starts_at=clock.now(),
                ends_at=clock.now() + 30 * DAY,
            )
            second = pool.submit(renew)
            with pytest.raises(TimeoutError):
                second.result(timeout=0.3)
        assert second.result(timeout=60).ends_at == clock.now() + 60 * DAY


def test_rights_of_two_people_who_are_one_are_one(shelf: Shelf, clock: ManualClock) -> None:
    start = clock.now()
    with shelf.units(UNIT) as uow:
        oa, mini = make_account(uow, "oa"), make_account(uow, "mini")
        older = make_person(uow, oa, subject="a", union_subject="u").person_id
    clock.advance(DAY)
    with shelf.units(UNIT) as uow:
        younger = make_person(uow, mini, subject="b").person_id
    shelf.grant(person_id=younger, days=30)
    assert not shelf.is_open(clock.now(), older)
    with shelf.units(UNIT) as uow:
        make_person(uow, mini, subject="b", union_subject="u")
    assert shelf.is_open(clock.now(), older)
    assert shelf.is_open(clock.now(), younger)
    assert not shelf.grant(person_id=younger, days=30).is_new
    renewed = shelf.grant(person_id=older, source_id=new_id(shelf.units), days=30)
    assert renewed.ends_at == start + 61 * DAY
    with shelf.units.reading() as session:
        for person_id in (older, younger):
            held = queries.list_entitlements(session, person_id, clock.now())
            assert held == [queries.HeldEntitlement("column", shelf.column.id, start + 61 * DAY)]
    assert shelf.end() == 1
    assert shelf.is_open(clock.now(), older)


def test_a_right_given_under_an_old_id_is_written_for_the_human_of_today(
    shelf: Shelf, clock: ManualClock
) -> None:
    with shelf.units(UNIT) as uow:
        oa, mini = make_account(uow, "oa"), make_account(uow, "mini")
        older = make_person(uow, oa, subject="a", union_subject="u").person_id
    clock.advance(DAY)
    with shelf.units(UNIT) as uow:
        younger = make_person(uow, mini, subject="b").person_id
        make_person(uow, mini, subject="b", union_subject="u")
    first = shelf.grant(person_id=younger)
    second = shelf.grant(person_id=older, source_id=new_id(shelf.units))
    assert first.entitlement_id == second.entitlement_id
    with shelf.units.reading() as session:
        assert session.scalars(select(Entitlement.person_id)).all() == [older]


def test_a_term_that_ends_before_it_starts_is_refused(shelf: Shelf) -> None:
    for days in (0, -1):
        with pytest.raises(AccessTermInvalid):
            shelf.grant(days=days)
    with shelf.units.reading() as session:
        assert session.scalar(select(func.count()).select_from(EntitlementSource)) == 0


def test_a_source_ends_for_a_reason(shelf: Shelf, clock: ManualClock) -> None:
    shelf.grant()
    with pytest.raises(TextRefused), shelf.units(UNIT) as uow:
        service.end_source(uow, source_kind="order", source_id=shelf.order_id, reason=" ")
    assert shelf.is_open(clock.now())


@pytest.mark.parametrize("of", ["work", "column"])
def test_the_door_of_a_column_asks_for_any_right_in_it(
    shelf: Shelf, clock: ManualClock, of: str
) -> None:
    def has_any(column_id: UUID) -> bool:
        with shelf.units.reading() as session:
            return queries.has_any_in_column(
                session, person_id=shelf.fan_id, column_id=column_id, now=clock.now()
            )

    assert not has_any(shelf.column.id)
    shelf.grant(of=of)
    assert has_any(shelf.column.id)
    assert not has_any(new_id(shelf.units))
    shelf.end()
    assert not has_any(shelf.column.id)
