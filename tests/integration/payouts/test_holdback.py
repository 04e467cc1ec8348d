"""What an earner may take out: what no refund and no rail can take back any more."""

from tests.integration.payouts.conftest import Till

CREATOR_FEN = 886


def test_a_fresh_sale_is_held_until_both_window_and_settlement_are_over(till: Till) -> None:
    order_id = till.sell(settled=False)
    assert (till.balance().available_fen, till.balance().held_fen) == (0, CREATOR_FEN)
    till.later(days=8)
    assert till.balance().held_fen == CREATOR_FEN
    till.settle(order_id)
    assert (till.balance().available_fen, till.balance().held_fen) == (CREATOR_FEN, 0)


def test_settled_money_is_held_while_its_buyer_may_have_it_back(till: Till) -> None:
    till.sell()
    till.later(days=7, seconds=-1)
    assert till.balance().available_fen == 0
    till.later(seconds=1)
    assert till.balance().available_fen == CREATOR_FEN


def test_what_was_paid_out_is_not_available_twice_and_comes_back_when_it_fails(till: Till) -> None:
    till.sell()
    till.later(days=8)
    payout = till.ask(500)
    assert till.balance().available_fen == CREATOR_FEN - 500
    assert till.balance().underway_fen == 500
    till.decline(payout.id)
    assert till.balance().available_fen == CREATOR_FEN
    assert till.balance().underway_fen == 0
    assert till.broken() == []
