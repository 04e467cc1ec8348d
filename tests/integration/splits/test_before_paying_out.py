"""What belongs to others is off the creator's account before any of it is paid out."""

import pytest

from creator_tools.payouts.errors import PayoutTooLarge
from tests.integration.payouts.conftest import Till, till
from tests.integration.splits.conftest import Table

__all__ = ["till"]


def test_asking_for_all_of_it_finds_the_others_part_gone(table: Table, till: Till) -> None:
    table.agreed()
    till.sell()
    till.later(days=8)
    with pytest.raises(PayoutTooLarge):
        till.ask(886)
    payout = till.ask(886 - 266)
    assert till.balance().available_fen == 0
    assert table.stands() == (0, 266)
    till.decline(payout.id)
    assert table.stands() == (886 - 266, 266)
    assert table.divide() == 0
