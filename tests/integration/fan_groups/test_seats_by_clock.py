"""Groups by the clock: seats lapse, ways end and follow each other, the queue moves up in order."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from app.wiring.group_upkeep import GroupUpkeep
from creator_tools.access import service as access
from creator_tools.fan_groups import queries, service
from creator_tools.fan_groups.errors import (
    FanGroupNotFound,
    JoinWayKnown,
    KeeperCodeUnknown,
    NotEntitled,
    NotFollowing,
    SeatNotFound,
)
from creator_tools.fan_groups.models import FanGroup, JoinWay, Seat, Wait
from creator_tools.fan_groups.rules import GroupTerms
from creator_tools.fan_groups.service import Inside, OpenDoor, Place, Queued
from creator_tools.kernel.clock import ManualClock
from creator_tools.kernel.models import Alarm, Effect
from creator_tools.kernel.unit_of_work import UnitOfWork, UnitsOfWork
from creator_tools.people import service as people
from tests.factories import make_account, make_column, make_creator, make_fan_group, make_person

UNIT = "fan_groups.seat"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TERMS = GroupTerms(code_life=7 * DAY, code_capacity=2, seat_life=DAY)
CODE = "https://weixin.qq.com/g/AQYAAcode{}"


class Club:
    """A group that anybody may enter, its keeper, and the clock's errands."""

    def __init__(self, units: UnitsOfWork) -> None:
        self.units = units
        self.upkeep = GroupUpkeep(units, TERMS)
        with units(UNIT) as uow:
            self.owner_id = make_person(uow).person_id
            self.creator_id = make_creator(uow, person_id=self.owner_id).id
            self.column = make_column(uow, creator_id=self.creator_id)
            self.group_id = make_fan_group(uow, self.column, capacities=()).id
            self.gate(uow, "free")

    def gate(self, uow: UnitOfWork, gate: str) -> None:
        service.set_gate(uow, fan_group_id=self.group_id, creator_id=self.creator_id, gate=gate)

    def fan(self) -> UUID:
        with self.units(UNIT) as uow:
            return make_person(uow).person_id

    def code(self, name: str) -> JoinWay:
        with self.units(UNIT) as uow:
            return service.add_code(
                uow,
                fan_group_id=self.group_id,
                creator_id=self.creator_id,
                said=CODE.format(name),
                terms=TERMS,
            )[0]

    def visit(self, person_id: UUID, *, is_again: bool = False) -> Place:
        return self.units.run(
            UNIT,
            lambda uow: service.door(
                uow,
                fan_group_id=self.group_id,
                person_id=person_id,
                terms=TERMS,
                is_again=is_again,
            ),
        )

    def shown(self, person_id: UUID) -> str:
        place = self.visit(person_id)
        assert isinstance(place, OpenDoor)
        return place.url.removeprefix(CODE.format(""))

    def confirm(self, person_id: UUID) -> None:
        with self.units(UNIT) as uow:
            service.confirm(uow, fan_group_id=self.group_id, person_id=person_id)

    def counts(self) -> tuple[int, int]:
        """Seats and waits; every way counts what it seats, and nobody is both."""
        with self.units.reading() as session:
            for way in queries.list_join_ways(session, self.group_id):
                reserved = select(func.count()).where(Seat.join_way_id == way.id)
                assert session.scalar(reserved) == way.seats_count
            both = select(func.count()).where(Seat.person_id == Wait.person_id)
            assert session.scalar(both) == 0
            seats, waits = (
                session.scalar(select(func.count()).select_from(table)) or 0
                for table in (Seat, Wait)
            )
        return seats, waits

    def told(self, kind: str = "customer_message.seat") -> list[Effect]:
        with self.units.reading() as session:
            return list(
                session.scalars(select(Effect).where(Effect.kind == kind).order_by(Effect.id))
            )


@pytest.fixture
def club(units: UnitsOfWork) -> Club:
    return Club(units)


def test_a_seat_lapses_to_the_second_and_is_offered_again(club: Club, clock: ManualClock) -> None:
    club.code("a")
    fan = club.fan()
    first = club.visit(fan)
    assert isinstance(first, OpenDoor)
    assert first.lapses_at == clock.now() + DAY
    clock.advance(DAY - timedelta(seconds=1))
    assert club.upkeep.step() == 0
    assert club.visit(fan) == first
    clock.advance(timedelta(seconds=1))
    assert club.upkeep.release() == 1
    assert club.counts() == (0, 0)
    with pytest.raises(SeatNotFound):
        club.confirm(fan)
    assert club.shown(fan) == "a"


def test_whoever_says_that_they_are_in_keeps_the_seat(club: Club, clock: ManualClock) -> None:
    club.code("a")
    fan = club.fan()
    club.visit(fan)
    club.confirm(fan)
    club.confirm(fan)
    clock.advance(6 * DAY)
    club.upkeep.step()
    assert club.counts() == (1, 0)
    place = club.visit(fan)
    assert isinstance(place, OpenDoor)
    assert place.lapses_at is None


def test_a_code_ends_and_the_next_one_takes_over(club: Club, clock: ManualClock) -> None:
    club.code("a")
    early, insider = club.fan(), club.fan()
    assert club.shown(early) == "a"
    club.visit(insider)
    club.confirm(insider)
    clock.advance(4 * DAY)
    club.code("b")
    late = club.fan()
    # The first code is good for three days yet, and full.
    assert club.shown(late) == "b"
    clock.advance(3 * DAY)
    club.upkeep.release()
    assert club.shown(club.fan()) == "b"
    assert club.visit(insider) == Inside()
    assert isinstance(club.visit(insider, is_again=True), OpenDoor)


def test_a_dying_code_gives_way_and_a_healthy_one_stays(club: Club, clock: ManualClock) -> None:
    first, second = club.code("a"), club.code("b")
    with pytest.raises(JoinWayKnown):
        club.code("b")
    clock.advance(5 * DAY)
    club.code("c")
    with club.units.reading() as session:
        ways = {way.id: way.closed_at for way in queries.list_join_ways(session, club.group_id)}
    assert ways[first.id] is not None
    assert ways[second.id] is not None
    third = club.code("d")
    with club.units.reading() as session:
        open_ways = queries.list_open_ways(session, club.group_id)
    assert [way.url for way in open_ways] == [CODE.format("c"), third.url]


def test_the_queue_is_served_in_its_order_and_each_is_told_once(
    club: Club, clock: ManualClock
) -> None:
    fans = [club.fan() for _ in range(5)]
    assert [club.visit(fan) for fan in fans] == [Queued(at) for at in range(1, 6)]
    clock.advance(HOUR)
    assert club.visit(fans[2]) == Queued(3)
    club.code("a")
    assert club.visit(fans[4]) == Queued(5)
    assert club.upkeep.promote() == 2
    assert club.upkeep.promote() == 0
    assert club.counts() == (2, 3)
    assert [club.visit(fan) for fan in fans[2:]] == [Queued(1), Queued(2), Queued(3)]
    assert club.shown(fans[0]) == club.shown(fans[1]) == "a"
    assert len(club.told()) == 2
    # The first comes, the second does not: the third gets the place a day later.
    club.confirm(fans[0])
    clock.advance(DAY)
    club.upkeep.step()
    assert club.counts() == (2, 2)
    assert club.shown(fans[2]) == "a"
    assert club.visit(fans[1]) == Queued(3)
    assert len(club.told()) == 3


def test_nobody_overtakes_the_queue_and_its_first_need_not_wait_for_the_clock(club: Club) -> None:
    waiting = [club.fan() for _ in range(3)]
    for fan in waiting:
        club.visit(fan)
    club.code("a")
    assert club.visit(club.fan()) == Queued(4)
    assert club.shown(waiting[1]) == "a"
    assert club.visit(waiting[2]) == Queued(2)
    assert club.shown(waiting[0]) == "a"
    assert club.counts() == (2, 2)


def test_whoever_leaves_makes_room(club: Club) -> None:
    club.code("a")
    first, second, third, fourth = (club.fan() for _ in range(4))
    for fan in (first, second, third, fourth):
        club.visit(fan)
    with club.units(UNIT) as uow:
        for fan in (first, third):
            assert service.leave(uow, fan_group_id=club.group_id, person_id=fan)
        assert not service.leave(uow, fan_group_id=club.group_id, person_id=first)
    club.upkeep.promote()
    assert club.shown(fourth) == "a"
    assert club.counts() == (2, 0)


def test_whoever_lost_the_right_meanwhile_leaves_the_queue(club: Club, clock: ManualClock) -> None:
    refunded, reader = club.fan(), club.fan()
    with club.units(UNIT) as uow:
        club.gate(uow, "buyer")
        for person_id in (refunded, reader):
            access.grant(
                uow,
                person_id=person_id,
                creator_id=club.creator_id,
                object_type="column",
                object_id=club.column.id,
                source_kind="order",
                source_id=person_id,
                starts_at=uow.now(),
                ends_at=None,
            )
    club.visit(refunded)
    club.visit(reader)
    with club.units(UNIT) as uow:
        access.end_source(uow, source_kind="order", source_id=refunded, reason="退款")
    club.code("a")
    assert club.upkeep.promote() == 1
    assert club.counts() == (1, 0)
    assert club.shown(reader) == "a"
    with pytest.raises(NotEntitled):
        club.visit(refunded)


def test_a_gate_for_followers_lets_in_whoever_follows_now(club: Club, units: UnitsOfWork) -> None:
    club.code("a")
    with units(UNIT) as uow:
        club.gate(uow, "follower")
        account_id = make_account(uow)
        fan = make_person(uow, account_id, subject="fan").person_id
    with pytest.raises(NotFollowing):
        club.visit(fan)
    for follows in (True, False):
        with units(UNIT) as uow:
            people.note_follow(
                uow, account_id=account_id, subject="fan", follows=follows, at=uow.now()
            )
        if follows:
            assert club.shown(fan) == "a"
    with pytest.raises(NotFollowing):
        club.visit(fan)


def test_a_closed_group_keeps_its_queue_until_it_opens(club: Club) -> None:
    fan = club.fan()
    club.visit(fan)
    for state, moved in (("closed", 0), ("open", 1)):
        with club.units(UNIT) as uow:
            service.set_state(
                uow, fan_group_id=club.group_id, creator_id=club.creator_id, state=state
            )
        if state == "closed":
            club.code("a")
        assert club.upkeep.promote() == moved


def test_the_keeper_hears_once_that_a_code_ends_and_once_that_it_is_full(
    club: Club, clock: ManualClock
) -> None:
    club.code("a")
    clock.advance(5 * DAY - timedelta(seconds=1))
    assert club.upkeep.warn() == 0
    clock.advance(timedelta(seconds=1))
    assert club.upkeep.warn() == 1
    clock.advance(DAY)
    assert club.upkeep.warn() == 0
    club.visit(club.fan())
    assert club.upkeep.warn() == 0
    club.visit(club.fan())
    assert club.upkeep.warn() == 1
    assert club.upkeep.warn() == 0
    ends, full = (effect.payload for effect in club.told("customer_message.text"))
    assert {ends["person_id"], full["person_id"]} == {str(club.owner_id)}
    assert "到期" in ends["words"]
    assert "名额" not in ends["words"]
    assert "2/2" in full["words"]
    assert CODE.format("a") not in ends["words"] + full["words"]
    with club.units.reading() as session:
        codes = set(session.scalars(select(Alarm.code)))
    assert codes == {"join_way_expiring", "join_way_nearly_full", "fan_group_full"}


def test_a_named_keeper_hears_instead_of_the_creator(club: Club, clock: ManualClock) -> None:
    keeper = club.fan()
    with club.units(UNIT) as uow:
        offered = service.offer_keeping(uow, fan_group_id=club.group_id, creator_id=club.creator_id)
    with club.units(UNIT) as uow:
        service.take_keeping(uow, code=offered.upper(), person_id=keeper)
    with pytest.raises(KeeperCodeUnknown), club.units(UNIT) as uow:
        service.take_keeping(uow, code=offered, person_id=club.fan())
    club.code("a")
    clock.advance(6 * DAY)
    club.upkeep.warn()
    (warned,) = club.told("customer_message.text")
    assert warned.payload["person_id"] == str(keeper)
    with club.units.reading() as session:
        group = session.get_one(FanGroup, club.group_id)
        assert queries.keeps(session, group, keeper)
        assert queries.keeps(session, group, club.owner_id)


def test_a_code_for_keeping_ends_and_another_creator_cannot_offer_it(
    club: Club, units: UnitsOfWork, clock: ManualClock
) -> None:
    other = Club(units)
    with pytest.raises(FanGroupNotFound), units(UNIT) as uow:
        service.offer_keeping(uow, fan_group_id=club.group_id, creator_id=other.creator_id)
    with units(UNIT) as uow:
        offered = service.offer_keeping(uow, fan_group_id=club.group_id, creator_id=club.creator_id)
    clock.advance(3 * DAY)
    for said in (offered, "", "中文", "'; --"):
        with pytest.raises(KeeperCodeUnknown), units(UNIT) as uow:
            service.take_keeping(uow, code=said, person_id=club.fan())


def test_somebody_elses_group_does_not_exist(club: Club, units: UnitsOfWork) -> None:
    theirs = Club(units)
    mine = {"fan_group_id": theirs.group_id, "creator_id": club.creator_id}
    with units(UNIT) as uow:
        with pytest.raises(FanGroupNotFound):
            service.add_code(uow, said=CODE.format("x"), terms=TERMS, **mine)
        with pytest.raises(FanGroupNotFound):
            service.set_gate(uow, gate="free", **mine)
        with pytest.raises(FanGroupNotFound):
            service.name_keeper(uow, person_id=None, **mine)
