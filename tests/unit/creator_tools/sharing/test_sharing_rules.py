"""A shared link says who shared it, until when and of what; whatever was altered says nothing."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from creator_tools.sharing.rules import CARD, Invitation, read, sign

NOW = datetime(2026, 5, 20, 2, 0, tzinfo=UTC)
SECRET = "0123456789abcdef"
WORK = UUID(int=5)
GIVEN = Invitation(UUID(int=9), CARD)
TOKEN = sign(SECRET, GIVEN, "work", WORK, NOW)


def test_what_was_signed_is_read() -> None:
    assert read(SECRET, TOKEN, "work", WORK, NOW + timedelta(days=28)) == GIVEN


def test_a_page_loaded_twice_shares_the_same_link() -> None:
    assert sign(SECRET, GIVEN, "work", WORK, NOW + timedelta(hours=3)) == TOKEN


def test_it_ends_after_thirty_days_at_most() -> None:
    assert read(SECRET, TOKEN, "work", WORK, NOW + timedelta(days=30)) is None


def test_it_is_of_one_object_one_kind_and_one_house() -> None:
    assert read(SECRET, TOKEN, "work", UUID(int=6), NOW) is None
    assert read(SECRET, TOKEN, "column", WORK, NOW) is None
    assert read("another secret", TOKEN, "work", WORK, NOW) is None


def test_no_character_can_be_changed() -> None:
    for at, char in enumerate(TOKEN):
        for other in "A-_9z":
            if other != char:
                altered = TOKEN[:at] + other + TOKEN[at + 1 :]
                assert read(SECRET, altered, "work", WORK, NOW) is None, at


@pytest.mark.parametrize(
    "nonsense", ["", "x", "=" * 40, "中文", "%00", TOKEN + "A", TOKEN[:-1], "A" * 500]
)
def test_nonsense_says_nothing(nonsense: str) -> None:
    assert read(SECRET, nonsense, "work", WORK, NOW) is None


def test_a_campaign_is_a_short_plain_word() -> None:
    with pytest.raises(ValueError, match="no campaign"):
        sign(SECRET, Invitation(UUID(int=9), "双十一"), "work", WORK, NOW)
