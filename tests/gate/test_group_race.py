"""A thousand people run for three codes of two hundred: six hundred seats, four hundred wait."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from app.wiring.group_upkeep import GroupUpkeep
from creator_tools.fan_groups import queries, service
from creator_tools.fan_groups.models import Seat, Wait
from creator_tools.fan_groups.rules import GroupTerms
from creator_tools.fan_groups.service import OpenDoor, Place, Queued
from creator_tools.kernel.clock import ManualClock
from creator_tools.kernel.database import open_engine
from creator_tools.kernel.rng import seeded_rng
from tests.factories import (
    START,
    make_column,
    make_creator,
    make_fan_group,
    make_person,
    units_over,
)

pytestmark = [pytest.mark.gate, pytest.mark.timeout(1800)]

PEOPLE, CODES, EACH = 1_000, 3, 200
RUNNERS = 24
UNIT = "fan_groups.seat"
TERMS = GroupTerms(code_capacity=EACH)


def test_six_hundred_are_seated_four_hundred_wait_and_nobody_twice(
    clean_database: str, report_count: Callable[[str, int], None]
) -> None:
    clock = ManualClock(START)
    engine = open_engine(
        clean_database, application_name="race", pool_size=RUNNERS, statement_timeout_ms=60_000
    )
    units = units_over(engine, clock, seeded_rng(5))
    with units(UNIT) as uow:
        creator_id = make_creator(uow).id
        group_id = make_fan_group(uow, make_column(uow, creator_id=creator_id), capacities=()).id
        service.set_gate(uow, fan_group_id=group_id, creator_id=creator_id, gate="free")
        for number in range(CODES):
            service.add_code(
                uow,
                fan_group_id=group_id,
                creator_id=creator_id,
                said=f"https://weixin.qq.com/g/AQYAArace{number}",
                terms=TERMS,
            )
        people = [make_person(uow).person_id for _ in range(PEOPLE)]

    def run(person_id: UUID) -> Place:
        return units.run(
            UNIT,
            lambda uow: service.door(uow, fan_group_id=group_id, person_id=person_id, terms=TERMS),
        )

    # Every tenth taps twice, and the clock's errands run all the while.
    taps = people + people[::10]
    upkeep, over = GroupUpkeep(units, TERMS), threading.Event()

    def keep_up() -> None:
        while not over.wait(0.05):
            upkeep.step()

    keeper = threading.Thread(target=keep_up)
    keeper.start()
    try:
        with ThreadPoolExecutor(max_workers=RUNNERS) as pool:
            places = list(pool.map(run, taps))
    finally:
        over.set()
        keeper.join(30)
    with units.reading() as session:
        seated = session.scalars(select(Seat.person_id)).all()
        waiting = session.scalars(select(Wait.person_id)).all()
        ways = queries.list_join_ways(session, group_id)
        shown = [queries.count_ahead(session, group_id, one) + 1 for one in waiting]
    report_count("people who raced for a seat", len(taps))
    report_count("seats given in the race", len(seated))
    report_count("people left in the queue", len(waiting))
    assert [way.seats_count for way in ways] == [EACH] * CODES
    assert len(set(seated)) == len(seated) == CODES * EACH
    assert len(set(waiting)) == len(waiting) == PEOPLE - CODES * EACH
    assert not set(seated) & set(waiting)
    assert sorted(shown) == list(range(1, len(waiting) + 1))
    first = dict(zip(people, places, strict=False))
    doors = Counter(place.url for place in first.values() if isinstance(place, OpenDoor))
    assert all(count <= EACH for count in doors.values())
    assert sum(isinstance(place, Queued) for place in first.values()) >= len(waiting)

    # A day later nobody has said that they are in: everybody who waits gets a place.
    clock.advance(TERMS.seat_life + timedelta(seconds=1))
    for _ in range(40):
        if upkeep.step() == 0:
            break
    with units.reading() as session:
        assert session.scalar(select(func.count()).select_from(Wait)) == 0
        assert set(session.scalars(select(Seat.person_id))) == set(waiting)
        counted = sum(way.seats_count for way in queries.list_join_ways(session, group_id))
    assert counted == len(waiting)
    engine.dispose()
