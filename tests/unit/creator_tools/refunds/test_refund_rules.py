"""What the terms give, to the fen, and who may say yes."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.refund_terms import RefundTermsTable
from creator_tools.kernel.fen import Fen
from creator_tools.refunds import rules
from creator_tools.refunds.rules import LineFacts, RefundAction, RefundState, Terms
from creator_tools.refunds.rules.states import TRANSITIONS

TERMS = Terms.of(RefundTermsTable.load().on(datetime(2026, 5, 20, tzinfo=UTC).date()))


def facts(**said: Any) -> LineFacts:
    known: dict[str, Any] = {
        "line": 1,
        "title": "光影课",
        "paid_fen": Fen(9900),
        "returned_fen": Fen(0),
        "is_returned": False,
        "elapsed": timedelta(days=3),
        "works_count": 10,
        "read_count": 0,
    }
    return LineFacts(**(known | said))


@pytest.mark.parametrize(
    ("said", "refundable_fen", "code"),
    [
        ({"elapsed": timedelta(hours=2), "read_count": 10}, 9900, "within_grace"),
        ({"read_count": 1}, 9900, "hardly_read"),
        ({"read_count": 2}, 7920, "part_used"),
        ({"read_count": 3}, 6930, "part_used"),
        ({"read_count": 10}, 0, "all_used"),
        ({"works_count": 0}, 9900, "hardly_read"),
        ({"works_count": 3, "read_count": 1}, 6600, "part_used"),
        # Three of thirty days have passed, and a fifth is read: the fifth counts.
        ({"term": timedelta(days=30), "read_count": 2}, 7920, "part_used"),
        ({"term": timedelta(days=4), "read_count": 2}, 2475, "part_used"),
        ({"elapsed": timedelta(days=8)}, 0, "too_late"),
        (
            {"elapsed": timedelta(days=8), "promised_count": 12, "delivered_count": 10},
            1650,
            "promise_open",
        ),
        ({"read_count": 10, "promised_count": 12, "delivered_count": 10}, 1650, "promise_open"),
        (
            {"elapsed": timedelta(days=181), "promised_count": 12, "delivered_count": 1},
            0,
            "too_late",
        ),
        ({"elapsed": timedelta(days=365)}, 0, "too_old_for_rail"),
        ({"returned_fen": Fen(900)}, 9000, "hardly_read"),
        ({"read_count": 3, "returned_fen": Fen(7000)}, 0, "part_used"),
    ],
)
def test_what_the_terms_give(said: dict[str, Any], refundable_fen: int, code: str) -> None:
    quoted = rules.quote_line(TERMS, "jsapi", facts(**said))
    assert (quoted.refundable_fen, quoted.reasons[0].code) == (refundable_fen, code)


def test_every_reason_speaks_both_languages() -> None:
    quoted = rules.quote_line(TERMS, "jsapi", facts(returned_fen=Fen(100)))
    for reason in (*quoted.reasons, *rules.ASKED_REASONS):
        assert reason.sentence
        assert (
            reason.sentence_en.isascii() or "“" in reason.sentence_en or "¥" in (reason.sentence_en)
        )


@given(
    paid=st.integers(0, 5_000_000),
    returned=st.integers(0, 5_000_000),
    days=st.integers(0, 400),
    works=st.integers(0, 50),
    read=st.integers(0, 50),
    promised=st.integers(0, 50),
    delivered=st.integers(0, 50),
    rail=st.sampled_from(["jsapi", "xpay_android", "xpay_ios"]),
)
def test_no_quote_is_more_than_what_is_left(
    paid: int,
    returned: int,
    days: int,
    works: int,
    read: int,
    promised: int,
    delivered: int,
    rail: str,
) -> None:
    quoted = rules.quote_line(
        TERMS,
        rail,
        facts(
            paid_fen=Fen(paid),
            returned_fen=Fen(min(returned, paid)),
            elapsed=timedelta(days=days),
            works_count=works,
            read_count=min(read, works),
            promised_count=promised,
            delivered_count=delivered,
        ),
    )
    assert 0 <= quoted.refundable_fen <= quoted.left_fen <= paid
    assert quoted.left_fen == paid - min(returned, paid)


def test_more_than_a_fan_may_have_alone_needs_a_yes() -> None:
    large = facts(paid_fen=Fen(20_001))
    assert not rules.quote_order(TERMS, "jsapi", [large], lately_count=0).is_self_service
    small = facts(paid_fen=Fen(20_000))
    assert rules.quote_order(TERMS, "jsapi", [small], lately_count=2).is_self_service
    assert not rules.quote_order(TERMS, "jsapi", [small], lately_count=3).is_self_service


@pytest.mark.parametrize(
    ("roles", "limit_fen"),
    [
        (("owner",), None),
        (("support", "owner"), None),
        (("finance", "support"), 100_000),
        (("support",), 10_000),
        (("editor",), 0),
        ((), 0),
    ],
)
def test_a_limit_is_that_of_the_strongest_role(
    roles: tuple[str, ...], limit_fen: int | None
) -> None:
    assert rules.approval_limit_fen(roles) == limit_fen


def test_no_end_is_left_but_by_money_that_went_after_all() -> None:
    ends = {RefundState.SUCCEEDED, RefundState.DECLINED, RefundState.FAILED}
    left = {key for key in TRANSITIONS if key[0] in ends}
    assert left == {(RefundState.FAILED, RefundAction.SUCCEED)}


def test_questions_come_ever_slower_and_never_stop() -> None:
    since = datetime(2026, 5, 20, tzinfo=UTC)
    at, asked = since, []
    for _ in range(12):
        later = rules.next_query_at(since, at)
        asked.append((later - at).total_seconds())
        at = later
    assert asked[:7] == [20, 40, 120, 300, 600, 1200, 3600]
    assert set(asked[7:]) == {6 * 3600}
