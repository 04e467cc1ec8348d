"""Terms stand in line: no paid day is lost, none is counted twice."""

import itertools
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from creator_tools.access.rules import Term, closed_up, in_line

NOON = datetime(2026, 5, 20, 4, tzinfo=UTC)
DAY = timedelta(days=1)
PURCHASES = st.lists(st.tuples(st.integers(0, 100), st.integers(1, 400)), min_size=1, max_size=8)


def bought(purchases: list[tuple[int, int]]) -> list[Term]:
    terms: list[Term] = []
    for day, days in sorted(purchases):
        start = NOON + day * DAY
        terms.append(in_line(Term(start, start + days * DAY), terms))
    return terms


def length(terms: list[Term]) -> timedelta:
    total = timedelta()
    for term in terms:
        assert term.ends_at is not None
        total += term.ends_at - term.starts_at
    return total


@given(PURCHASES)
def test_terms_bought_one_after_the_other_never_overlap(purchases: list[tuple[int, int]]) -> None:
    terms = bought(purchases)
    assert length(terms) == sum((days * DAY for _, days in purchases), timedelta())
    for before, after in itertools.pairwise(terms):
        assert before.ends_at is not None
        assert after.starts_at >= before.ends_at


@given(PURCHASES, st.integers(0, 500))
def test_closing_up_leaves_no_gap_and_loses_no_day(
    purchases: list[tuple[int, int]], now_day: int
) -> None:
    terms, now = bought(purchases), NOON + now_day * DAY
    running = [term for term in terms if term.starts_at <= now]
    waiting = [term for term in terms if term.starts_at > now]
    ended_early = running[:-1]
    moved = closed_up(waiting, ended_early, now)
    assert length(moved) == length(waiting)
    free_at = max([now, *(term.ends_at for term in ended_early if term.ends_at)])
    for old, new in zip(waiting, moved, strict=True):
        assert new.starts_at == min(old.starts_at, free_at)
        assert new.ends_at is not None
        free_at = new.ends_at


def test_for_ever_neither_waits_nor_makes_wait() -> None:
    running = Term(NOON, NOON + 30 * DAY)
    forever = Term(NOON + DAY, None)
    assert in_line(forever, [running]) == forever
    term = Term(NOON + DAY, NOON + 31 * DAY)
    assert in_line(term, [forever]) == term
    assert in_line(term, [forever, running]) == Term(NOON + 30 * DAY, NOON + 60 * DAY)
    assert closed_up([forever], [running], NOON) == [forever]


def test_a_term_that_ended_makes_nobody_wait() -> None:
    over = Term(NOON, NOON + DAY)
    wanted = Term(NOON + DAY, NOON + 2 * DAY)
    assert in_line(wanted, [over]) == wanted
