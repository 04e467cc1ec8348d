"""When a rail is asked, and what a payment must look like."""

from datetime import UTC, datetime, timedelta

import pytest

from creator_tools.orders import rules

PLACED = datetime(2026, 5, 20, 2, 0, tzinfo=UTC)
EXPIRES = PLACED + rules.ORDER_TTL


def asked_at(until: timedelta) -> list[int]:
    """The seconds after placing at which the rail is asked, when every question is on time."""
    seconds, at = [], PLACED
    while at - PLACED < until:
        at = rules.next_query_at(PLACED, EXPIRES, at)
        seconds.append(int((at - PLACED).total_seconds()))
    return seconds


def test_the_first_minute_is_asked_five_times_and_expiry_once() -> None:
    asked = asked_at(timedelta(minutes=31))
    assert asked[:5] == [5, 10, 20, 40, 60]
    assert [second for second in asked if second == 1800] == [1800]


def test_a_worker_that_slept_asks_at_the_next_moment_and_not_in_two_hours() -> None:
    woke = PLACED + timedelta(minutes=29)
    assert rules.next_query_at(PLACED, EXPIRES, woke) == EXPIRES


def test_long_after_expiry_the_rail_is_asked_every_half_hour() -> None:
    late = PLACED + timedelta(days=3)
    assert rules.next_query_at(PLACED, EXPIRES, late) - late == rules.QUERY_PERIOD


@pytest.mark.parametrize("rail", ["xpay_android", "xpay_ios"])
def test_a_number_that_only_lapses_is_asked_about_after_it_closed(rail: str) -> None:
    asked, at = [], EXPIRES
    while (due := rules.next_query_after_close(rail, EXPIRES, at)) is not None:
        asked.append(due - EXPIRES)
        at = due
    assert asked == list(rules.QUERIES_AFTER_CLOSE)


def test_a_number_that_the_rail_closed_is_not_asked_about_again() -> None:
    assert rules.next_query_after_close("jsapi", EXPIRES, EXPIRES) is None
