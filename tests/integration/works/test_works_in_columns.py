"""A work in several columns: every door follows, and taking it out takes nothing that was sold."""

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from creator_tools.access import queries as access
from creator_tools.access import service as access_service
from creator_tools.catalogue import queries as catalogue_queries
from creator_tools.catalogue import service as catalogue
from creator_tools.columns.errors import ColumnNotFound
from creator_tools.kernel.clock import ManualClock
from creator_tools.kernel.unit_of_work import UnitOfWork, UnitsOfWork
from creator_tools.works import queries, service
from creator_tools.works.errors import WorkAtHome, WorkNotFound, WorkNotThere
from tests.factories import make_column, make_person, make_published_work


@dataclass
class Desk:
    """A creator with a work at home in one column and a second column."""

    units: UnitsOfWork
    clock: ManualClock
    creator_id: UUID
    home_id: UUID
    other_id: UUID
    work_id: UUID
    people: list[UUID]
    sold: int = 0
    sources: list[UUID] = field(default_factory=list)

    def put_in(self) -> None:
        with self.units("studio.act") as uow:
            self._put_in(uow)

    def _put_in(self, uow: UnitOfWork) -> None:
        service.put_in(
            uow, work_id=self.work_id, creator_id=self.creator_id, column_id=self.other_id
        )

    def take_out(self) -> None:
        with self.units("studio.act") as uow:
            service.take_out(
                uow, work_id=self.work_id, creator_id=self.creator_id, column_id=self.other_id
            )

    def sell(self, who: int, days: int | None, column_id: UUID | None = None) -> None:
        self.sold += 1
        source_id = UUID(int=self.sold)
        with self.units("payments.record") as uow:
            access_service.grant(
                uow,
                person_id=self.people[who],
                creator_id=self.creator_id,
                object_type="column",
                object_id=column_id or self.other_id,
                source_kind="gift",
                source_id=source_id,
                starts_at=uow.now(),
                ends_at=None if days is None else uow.now() + timedelta(days=days),
            )
        self.sources.append(source_id)

    def refund(self, which: int) -> None:
        with self.units("operators.act") as uow:
            access_service.end_source(
                uow, source_kind="gift", source_id=self.sources[which], reason="refunded"
            )

    def readers(self) -> set[int]:
        """Who can open the work now, by every question the gate answers."""
        now, found = self.clock.now(), set()
        with self.units.reading() as session:
            for number, person_id in enumerate(self.people):
                opened = access.open_work(
                    session, work_id=self.work_id, person_id=person_id, now=now
                )
                answers = {
                    opened is not None and opened.unlocked,
                    access.has_access(
                        session,
                        person_id=person_id,
                        object_type="work",
                        object_id=self.work_id,
                        now=now,
                    ),
                    self.work_id
                    in access.list_opened(
                        session, person_id=person_id, work_ids=[self.work_id], now=now
                    ),
                }
                assert len(answers) == 1, "the gate gives one answer to one question"
                if answers.pop():
                    found.add(number)
        return found


@pytest.fixture
def desk(units: UnitsOfWork, clock: ManualClock) -> Desk:
    return made(units, clock)


def made(units: UnitsOfWork, clock: ManualClock) -> Desk:
    with units("studio.act") as uow:
        home = make_column(uow)
        other = make_column(uow, creator_id=home.creator_id)
        work = make_published_work(uow, home)
        people = [make_person(uow).person_id for _ in range(3)]
    return Desk(units, clock, home.creator_id, home.id, other.id, work.id, people)


def test_a_second_column_lists_sells_and_opens_the_work(desk: Desk) -> None:
    desk.sell(0, None)
    assert desk.readers() == set()
    desk.put_in()
    assert desk.readers() == {0}
    with desk.units("studio.act") as uow:
        assert [work.id for work in queries.list_published(uow.session, desk.other_id)] == [
            desk.work_id
        ]
        assert queries.count_published(uow.session, desk.other_id) == 1
        assert queries.count_published(uow.session, desk.home_id) == 1
        product = catalogue.set_price(
            uow,
            creator_id=desk.creator_id,
            kind="column_forever",
            column_id=desk.other_id,
            price_fen=9900,
        )
        offers = catalogue_queries.list_of_work(uow.session, desk.work_id, desk.home_id)
        assert [one.id for one in offers] == [product.id]


def test_taking_it_out_takes_nothing_that_was_sold_and_gives_nothing_new(desk: Desk) -> None:
    desk.put_in()
    desk.sell(0, 30)
    desk.clock.advance(timedelta(days=1))
    desk.take_out()
    desk.clock.advance(timedelta(seconds=1))
    desk.sell(1, 30)
    assert desk.readers() == {0}
    with desk.units.reading() as session:
        kept = access.list_kept(
            session, person_id=desk.people[0], column_id=desk.other_id, now=desk.clock.now()
        )
        assert [work.id for work in queries.list_kept(session, kept)] == [desk.work_id]
        assert queries.list_published(session, desk.other_id) == []
    desk.clock.advance(timedelta(days=30))
    assert desk.readers() == set(), "what was sold was thirty days"


def test_a_renewal_bought_ahead_of_the_removal_was_sold_too(desk: Desk) -> None:
    desk.put_in()
    desk.sell(0, 30)
    desk.sell(0, 30)
    desk.clock.advance(timedelta(days=5))
    desk.take_out()
    desk.clock.advance(timedelta(days=40))
    assert desk.readers() == {0}


def test_a_refund_ends_what_a_removal_left(desk: Desk) -> None:
    desk.put_in()
    desk.sell(0, None)
    desk.take_out()
    assert desk.readers() == {0}
    desk.refund(0)
    assert desk.readers() == set()


def test_home_is_never_left_and_twice_is_once(desk: Desk) -> None:
    desk.put_in()
    desk.put_in()
    with desk.units("studio.act") as uow:
        assert queries.list_standing(uow.session, desk.work_id) == [desk.other_id]
        with pytest.raises(WorkAtHome):
            service.take_out(
                uow, work_id=desk.work_id, creator_id=desk.creator_id, column_id=desk.home_id
            )
    desk.take_out()
    with pytest.raises(WorkNotThere):
        desk.take_out()


def test_nobody_puts_a_work_where_it_is_not_theirs(desk: Desk) -> None:
    with desk.units("studio.act") as uow:
        stranger = make_column(uow)
        for column_id, creator_id, refusal in (
            (stranger.id, desk.creator_id, ColumnNotFound),
            (stranger.id, stranger.creator_id, WorkNotFound),
        ):
            with pytest.raises(refusal):
                service.put_in(
                    uow, work_id=desk.work_id, creator_id=creator_id, column_id=column_id
                )


_DEEDS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.just(0), st.none()),
        st.tuples(st.just("take"), st.just(0), st.none()),
        st.tuples(st.just("sell"), st.integers(0, 2), st.sampled_from([None, 1, 10])),
        st.tuples(st.just("refund"), st.integers(0, 9), st.none()),
        st.tuples(st.just("wait"), st.integers(1, 9), st.none()),
    ),
    max_size=14,
)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=_DEEDS)
def test_whatever_happens_a_removal_takes_nobodys_access(
    units: UnitsOfWork, clock: ManualClock, deeds: list[tuple[str, int, int | None]]
) -> None:
    """Right after a removal the same people read; who buys afterwards does not, by this column."""
    desk, stands = made(units, clock), False
    keepers: set[int] = set()
    for deed, number, days in deeds:
        clock.advance(timedelta(seconds=1))
        if deed == "put" and not stands:
            before = desk.readers()
            desk.put_in()
            stands, keepers = True, set()
            assert before <= desk.readers()
        elif deed == "take" and stands:
            keepers = desk.readers()
            desk.take_out()
            stands = False
            assert desk.readers() == keepers
        elif deed == "sell":
            before = desk.readers()
            desk.sell(number, days)
            after = desk.readers()
            assert after == (before | {number} if stands else before)
        elif deed == "refund" and number < len(desk.sources):
            desk.refund(number)
        elif deed == "wait":
            clock.advance(timedelta(days=number))
        if not stands:
            assert desk.readers() <= keepers, "nothing sold after a removal opens the work"
