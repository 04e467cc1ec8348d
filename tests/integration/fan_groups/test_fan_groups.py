"""A group's door: one seat for each reader, never one too many, never to a stranger."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from creator_tools.access import service as access
from creator_tools.columns.errors import ColumnNotFound
from creator_tools.fan_groups import queries, service
from creator_tools.fan_groups.errors import (
    DoorShownTooOften,
    FanGroupNotFound,
    JoinLinkForeign,
    JoinLinkNeedsScan,
    JoinWayNotFound,
    NoDoorOpen,
    NotEntitled,
    TooManyJoinWays,
)
from creator_tools.fan_groups.models import JoinWay, Seat
from creator_tools.kernel.clock import ManualClock
from creator_tools.kernel.database import open_engine
from creator_tools.kernel.errors import DomainError
from creator_tools.kernel.models import Alarm, AuditEvent
from creator_tools.kernel.rng import seeded_rng
from creator_tools.kernel.text import TextRefused
from creator_tools.kernel.unit_of_work import UnitOfWork, UnitsOfWork
from tests.factories import (
    make_account,
    make_column,
    make_creator,
    make_fan_group,
    make_person,
    make_published_work,
    units_over,
)

UNIT = "fan_groups.seat"
MINUTE = timedelta(minutes=1)
URL = "https://work.weixin.qq.com/gm/0123456789abcdef"


class Club:
    """A column's group and the readers who may enter."""

    def __init__(self, units: UnitsOfWork, *capacities: int) -> None:
        self.units = units
        with units(UNIT) as uow:
            self.creator_person_id = make_person(uow).person_id
            self.creator_id = make_creator(uow, person_id=self.creator_person_id).id
            self.column = make_column(uow, creator_id=self.creator_id)
            self.group = make_fan_group(uow, self.column, capacities=capacities)

    def reader(self) -> UUID:
        with self.units(UNIT) as uow:
            person_id = make_person(uow).person_id
            self.entitle(uow, person_id)
            return person_id

    def entitle(self, uow: UnitOfWork, person_id: UUID) -> UUID:
        order_id = uow.ids.new()
        access.grant(
            uow,
            person_id=person_id,
            creator_id=self.creator_id,
            object_type="column",
            object_id=self.column.id,
            source_kind="order",
            source_id=order_id,
            starts_at=uow.now(),
            ends_at=None,
        )
        return order_id

    def place(self, person_id: UUID, units: UnitsOfWork | None = None) -> service.Place:
        return (units or self.units).run(
            UNIT,
            lambda uow: service.door(uow, fan_group_id=self.group.id, person_id=person_id),
        )

    def door(self, person_id: UUID, units: UnitsOfWork | None = None) -> str:
        """The address of the door that is shown, or nothing for whoever has to wait."""
        place = self.place(person_id, units)
        return place.url if isinstance(place, service.OpenDoor) else ""

    def add(self, capacity_count: int = 1, *, minutes: int | None = None) -> UUID:
        with self.units(UNIT) as uow:
            expires_at = None if minutes is None else uow.now() + minutes * MINUTE
            return service.add_join_way(
                uow,
                fan_group_id=self.group.id,
                url=f"{URL}{capacity_count}{minutes or ''}",
                capacity_count=capacity_count,
                expires_at=expires_at,
            ).id

    def seats(self) -> list[int]:
        """Seats of every way, and the check that counted and reserved ones agree."""
        with self.units.reading() as session:
            ways = queries.list_join_ways(session, self.group.id)
            for way in ways:
                reserved = select(func.count()).where(Seat.join_way_id == way.id)
                assert session.scalar(reserved) == way.seats_count
            return [way.seats_count for way in ways]


def test_fifty_readers_run_for_the_last_seat_and_one_gets_it(
    units: UnitsOfWork, database_url: str, clock: ManualClock
) -> None:
    club = Club(units, 1)
    readers = [club.reader() for _ in range(50)]
    engine = open_engine(database_url, application_name="fifty", pool_size=25)
    crowd = units_over(engine, clock, seeded_rng(11))

    with ThreadPoolExecutor(max_workers=50) as pool:
        answers = list(pool.map(lambda reader: club.door(reader, crowd), readers))
    engine.dispose()
    assert len([url for url in answers if url]) == 1
    assert club.seats() == [1]


def test_a_crowd_fills_one_way_after_the_other_and_none_too_full(
    units: UnitsOfWork, database_url: str, clock: ManualClock
) -> None:
    club = Club(units, 3, 4, 5)
    readers = [club.reader() for _ in range(20)]
    engine = open_engine(database_url, application_name="crowd", pool_size=20)
    crowd = units_over(engine, clock, seeded_rng(12))

    with ThreadPoolExecutor(max_workers=20) as pool:
        doors = list(pool.map(lambda reader: club.door(reader, crowd), readers))
    assert len([url for url in doors if url]) == 12
    engine.dispose()
    assert club.seats() == [3, 4, 5]


def test_the_second_to_the_last_seat_waits_and_gets_the_next_way(units: UnitsOfWork) -> None:
    club = Club(units, 1, 1)
    first, second = club.reader(), club.reader()
    with ThreadPoolExecutor(max_workers=1) as pool:
        with units(UNIT) as uow:
            taken = service.door(uow, fan_group_id=club.group.id, person_id=first)
            assert isinstance(taken, service.OpenDoor)
            waiting = pool.submit(club.door, second)
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.3)
        assert waiting.result(timeout=60) not in {"", taken.url}
    assert club.seats() == [1, 1]


def test_two_taps_of_one_reader_take_one_seat(units: UnitsOfWork) -> None:
    club = Club(units, 5)
    reader = club.reader()
    with ThreadPoolExecutor(max_workers=1) as pool:
        with units(UNIT) as uow:
            shown = service.door(uow, fan_group_id=club.group.id, person_id=reader)
            assert isinstance(shown, service.OpenDoor)
            again = pool.submit(club.door, reader)
            with pytest.raises(TimeoutError):
                again.result(timeout=0.3)
        assert again.result(timeout=60) == shown.url
    assert club.seats() == [1]


def test_a_stranger_sees_no_door_and_takes_no_seat(units: UnitsOfWork) -> None:
    club, other = Club(units, 5), Club(units, 5)
    with units(UNIT) as uow:
        stranger = make_person(uow).person_id
    for person_id in (stranger, other.reader(), units.ids.new()):
        with pytest.raises(NotEntitled) as refused:
            club.door(person_id)
        assert refused.value.code == "not_entitled"
    assert club.seats() == [0]


def test_a_group_that_is_not_there_is_not_found(units: UnitsOfWork) -> None:
    club = Club(units, 5)
    with pytest.raises(FanGroupNotFound), units(UNIT) as uow:
        service.door(uow, fan_group_id=uow.ids.new(), person_id=club.creator_person_id)


def test_a_right_to_one_work_of_the_column_opens_the_door_until_it_is_refunded(
    units: UnitsOfWork,
) -> None:
    club = Club(units, 5)
    with units(UNIT) as uow:
        work = make_published_work(uow, club.column)
        reader = make_person(uow).person_id
        order_id = uow.ids.new()
        access.grant(
            uow,
            person_id=reader,
            creator_id=club.creator_id,
            object_type="work",
            object_id=work.id,
            source_kind="order",
            source_id=order_id,
            starts_at=uow.now(),
            ends_at=None,
        )
    assert club.door(reader)
    with units(UNIT) as uow:
        access.end_source(uow, source_kind="order", source_id=order_id, reason="退款")
    with pytest.raises(NotEntitled):
        club.door(reader)


def test_the_creator_may_go_through_their_own_door(units: UnitsOfWork) -> None:
    club = Club(units, 5)
    assert club.door(club.creator_person_id)


def test_a_way_is_skipped_from_ten_minutes_before_its_end(
    units: UnitsOfWork, clock: ManualClock
) -> None:
    club = Club(units)
    club.add(10, minutes=60)
    club.add(10)
    clock.advance(50 * MINUTE - timedelta(microseconds=1))
    early = club.door(club.reader())
    clock.advance(timedelta(microseconds=1))
    late = club.door(club.reader())
    assert early != late
    assert club.seats() == [1, 1]


def test_the_same_door_is_shown_again_and_a_new_one_once_it_is_gone(
    units: UnitsOfWork, clock: ManualClock
) -> None:
    club = Club(units)
    burnt = club.add(1)
    reader = club.reader()
    first = club.door(reader)
    assert club.door(reader) == first
    with units(UNIT) as uow:
        replaced = service.replace_join_way(
            uow,
            join_way_id=burnt,
            creator_id=club.creator_id,
            url=f"{URL}new",
            capacity_count=3,
        )
    assert club.door(reader) == replaced.url == f"{URL}new"
    assert club.seats() == [0, 1]
    with units.reading() as session:
        assert session.scalar(select(func.count()).select_from(Seat)) == 1


def test_a_full_group_says_so_alarms_once_and_opens_with_a_new_way(units: UnitsOfWork) -> None:
    club = Club(units, 1)
    seated, waiting = club.reader(), club.reader()
    url = club.door(seated)
    assert club.place(waiting) == service.Queued(1)
    assert club.door(seated) == url
    with units.reading() as session:
        codes = session.scalars(select(Alarm.code)).all()
    assert codes == ["fan_group_full"]
    club.add(1)
    assert club.door(waiting)


def test_a_closed_group_lets_nobody_in(units: UnitsOfWork) -> None:
    club = Club(units, 5)
    reader = club.reader()
    for state, is_open in (("closed", False), ("open", True)):
        with units(UNIT) as uow:
            service.set_state(
                uow, fan_group_id=club.group.id, creator_id=club.creator_id, state=state
            )
        if is_open:
            assert club.door(reader)
        else:
            with pytest.raises(NoDoorOpen):
                club.door(reader)
        with units.reading() as session:
            assert len(queries.list_of_column(session, club.column.id)) == int(is_open)


def test_a_door_is_shown_five_times_a_minute_and_each_time_is_audited(
    units: UnitsOfWork, clock: ManualClock
) -> None:
    club = Club(units, 5)
    reader, other = club.reader(), club.reader()
    for _ in range(5):
        club.door(reader)
    with pytest.raises(DoorShownTooOften):
        club.door(reader)
    club.door(other)
    clock.advance(MINUTE)
    club.door(reader)
    with units.reading() as session:
        shown = select(func.count()).where(
            AuditEvent.action == "fan_group.door_shown", AuditEvent.object_id == reader
        )
        assert session.scalar(shown) == 6
        facts = session.scalars(select(AuditEvent.facts)).all()
    assert "weixin.qq.com" not in str(facts)


def test_two_people_who_are_one_have_one_seat(units: UnitsOfWork, clock: ManualClock) -> None:
    club = Club(units, 5)
    with units(UNIT) as uow:
        oa, mini = make_account(uow, "oa"), make_account(uow, "mini")
        older = make_person(uow, oa, subject="a", union_subject="u").person_id
    clock.advance(MINUTE)
    with units(UNIT) as uow:
        younger = make_person(uow, mini, subject="b").person_id
        club.entitle(uow, younger)
    url = club.door(younger)
    with units(UNIT) as uow:
        make_person(uow, mini, subject="b", union_subject="u")
    assert club.door(older) == url
    assert club.door(younger) == url
    assert club.seats() == [1]


def test_the_link_is_found_by_its_code_and_stays(units: UnitsOfWork) -> None:
    club = Club(units, 5)
    code = club.group.code
    with units(UNIT) as uow:
        service.rename(uow, fan_group_id=club.group.id, creator_id=club.creator_id, name="新名字🎉")
    with units.reading() as session:
        for spelling in (code, code.upper()):
            found = queries.find_by_code(session, spelling)
            assert found is not None
            assert (found.id, found.name) == (club.group.id, "新名字🎉")
        for unknown in ("", "nosuchcode", "' OR 1=1", "\x00", "编号", "\ud83d", "x" * 10_000):
            assert queries.find_by_code(session, unknown) is None


def test_somebody_elses_group_column_or_way_does_not_exist(units: UnitsOfWork) -> None:
    club, other = Club(units, 5), Club(units, 5)
    with units.reading() as session:
        way_id = queries.list_join_ways(session, club.group.id)[0].id
    nobody = units.ids.new()
    for group_id, its_way_id, column_id in (
        (club.group.id, way_id, club.column.id),
        (nobody, nobody, nobody),
    ):
        with units(UNIT) as uow:
            mine = {"creator_id": other.creator_id}
            with pytest.raises(FanGroupNotFound):
                service.rename(uow, fan_group_id=group_id, name="偷", **mine)
            with pytest.raises(FanGroupNotFound):
                service.set_state(uow, fan_group_id=group_id, state="closed", **mine)
            with pytest.raises(FanGroupNotFound):
                service.add_join_way(uow, fan_group_id=group_id, url=URL, capacity_count=1, **mine)
            with pytest.raises(FanGroupNotFound):
                queries.get_of_creator(uow.session, group_id, other.creator_id)
            with pytest.raises(JoinWayNotFound):
                service.close_join_way(uow, join_way_id=its_way_id, **mine)
            with pytest.raises(JoinWayNotFound):
                service.replace_join_way(
                    uow, join_way_id=its_way_id, url=URL, capacity_count=1, **mine
                )
            with pytest.raises(ColumnNotFound):
                service.create(uow, column_id=column_id, name="偷", **mine)
    with units.reading() as session:
        assert queries.get(session, club.group.id).name == club.group.name
        assert [way.closed_at for way in queries.list_join_ways(session, club.group.id)] == [None]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://work.weixin.qq.com/gm/1",
        "javascript:alert(1)",
        "https://",
        "https://127.0.0.1/",
        "https://localhost/",
        "https://[::1]/",
        "https://user:password@work.weixin.qq.com/",
        "https://work.weixin.qq.com@evil.example/",
        "https://work.weixin.qq.com:8443/",
        "https://work.weixin.qq.com:99999/",
        "https://work.weixin.qq.com\\@evil.example/",
        "https://工作.example/",
        "//evil.example/x",
        "/h5/",
        "/\\evil.example",
        "data:text/html,x",
        "https://work.weixin.qq.com/gm/1 x",
        "https://a.example/" + "x" * 500,
    ],
)
def test_an_address_that_is_no_door_is_refused(units: UnitsOfWork, url: str) -> None:
    club = Club(units)
    with pytest.raises(TextRefused) as refused, units(UNIT) as uow:
        service.add_join_way(uow, fan_group_id=club.group.id, url=url, capacity_count=1)
    assert refused.value.fields[0].field == "url"
    assert club.seats() == []


@pytest.mark.parametrize(
    ("url", "refusal"),
    [
        ("https://weixin.qq.com/g/AwYAAtheGroupOfTheMorning", JoinLinkNeedsScan),
        ("https://u.wechat.com/abc", JoinLinkForeign),
        ("https://mp.weixin.qq.com/s/abc", JoinLinkForeign),
        ("https://work.weixin.qq.com/", JoinLinkForeign),
        ("https://work.weixin.qq.com/gm/", JoinLinkForeign),
        ("https://work.weixin.qq.com/ca/cawcde1234", JoinLinkForeign),
        ("https://work.weixin.qq.com/gm/a/../../x", JoinLinkForeign),
        ("https://evil.example/work.weixin.qq.com/gm/abc", JoinLinkForeign),
        ("https://work.weixin.qq.com.evil.example/gm/abc", JoinLinkForeign),
        ("https://xwork.weixin.qq.com/gm/abc", JoinLinkForeign),
        ("https://evil.example/weixin.qq.com/g/abc", JoinLinkForeign),
    ],
)
def test_an_address_that_leads_into_no_group_is_refused(
    units: UnitsOfWork, url: str, refusal: type[DomainError]
) -> None:
    club = Club(units)
    with pytest.raises(refusal), units(UNIT) as uow:
        service.add_join_way(uow, fan_group_id=club.group.id, url=url, capacity_count=1)
    assert club.seats() == []


@pytest.mark.parametrize(
    "typed",
    [f"{URL}\n", f"{URL}\u202e", URL.replace("work", "Work"), URL.replace("com/", "com:443/")],
)
def test_the_link_of_a_group_of_wecom_is_taken_as_it_was_meant(
    units: UnitsOfWork, typed: str
) -> None:
    club = Club(units)
    with units(UNIT) as uow:
        way = service.add_join_way(uow, fan_group_id=club.group.id, url=typed, capacity_count=1)
        assert way.url == typed.strip("\n\u202e")


def test_a_way_from_before_links_were_judged_lets_people_in_and_comes_back(
    units: UnitsOfWork,
) -> None:
    club = Club(units, 3)
    elsewhere = "https://club.example/join"
    with units(UNIT) as uow:
        way = uow.session.scalars(select(JoinWay)).one()
        way.url = elsewhere
    assert club.door(club.reader()) == elsewhere
    with units(UNIT) as uow:
        mine = {"join_way_id": way.id, "creator_id": club.creator_id}
        service.close_join_way(uow, **mine)
        again = service.open_rest(uow, **mine)
        assert (again.url, again.capacity_count) == (elsewhere, 2)
    assert club.door(club.reader()) == elsewhere


@pytest.mark.parametrize("capacity_count", [0, -1, 2001, 10**30, True])
def test_a_capacity_out_of_range_is_refused(units: UnitsOfWork, capacity_count: int) -> None:
    club = Club(units)
    with pytest.raises(TextRefused) as refused:
        club.add(capacity_count)
    assert refused.value.fields[0].field == "capacity_count"


@pytest.mark.parametrize("minutes", [-5, 0, 10])
def test_a_way_that_is_as_good_as_gone_is_not_opened(units: UnitsOfWork, minutes: int) -> None:
    club = Club(units)
    with pytest.raises(TextRefused) as refused, units(UNIT) as uow:
        service.add_join_way(
            uow,
            fan_group_id=club.group.id,
            url=URL,
            capacity_count=1,
            expires_at=uow.now() + minutes * MINUTE,
        )
    assert refused.value.fields[0].field == "expires_at"


def test_a_refused_replacement_closes_nothing(units: UnitsOfWork) -> None:
    club = Club(units)
    way_id = club.add(1)
    with pytest.raises(TextRefused), units(UNIT) as uow:
        service.replace_join_way(
            uow, join_way_id=way_id, creator_id=club.creator_id, url="坏", capacity_count=1
        )
    with units.reading() as session:
        assert session.get_one(JoinWay, way_id).closed_at is None


def test_a_group_has_a_hundred_open_ways_at_most(units: UnitsOfWork) -> None:
    club = Club(units, *([1] * 100))
    with pytest.raises(TooManyJoinWays):
        club.add(1)
