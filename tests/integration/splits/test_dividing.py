"""What a payment is divided into, what a refund takes back, and what stays as it was."""

from creator_tools.kernel.fen import Fen
from tests.integration.splits.conftest import Table

CREATOR_FEN = 886


def test_a_payment_is_divided_once_by_the_shares_in_force(table: Table) -> None:
    table.agreed()
    table.bought()
    assert table.stands() == (CREATOR_FEN, 0)
    assert table.divide() == 1
    assert table.stands() == (CREATOR_FEN - 266, 266)
    assert table.divide() == 0
    assert table.broken() == []


def test_what_was_paid_before_the_last_signature_is_not_touched(table: Table) -> None:
    table.bought()
    version_id = table.proposed(table.opened())
    table.sign(version_id, table.author_id)
    table.later(seconds=1)
    assert table.divide() == 0
    table.sign(version_id)
    assert table.divide() == 0
    assert table.stands() == (CREATOR_FEN, 0)


def test_refunds_in_parts_take_back_to_the_last_fen(table: Table) -> None:
    table.agreed()
    order_id = table.bought()
    table.divide()
    for amount_fen in (333, 657):
        asked = table.ask(order_id, by_fan=False)
        refund = table.approve(asked.id, amount_fen=Fen(amount_fen), keeps_access=True)
        table.divide()
        creator_fen, author_fen = table.stands()
        assert creator_fen >= 0 <= author_fen
        table.hear(table.told(refund.id, "succeeded"))
        assert table.broken() == []
    assert table.stands() == (0, 0)


def test_a_refund_that_fails_gives_back_what_it_had_taken(table: Table) -> None:
    table.agreed()
    order_id = table.bought()
    asked = table.ask(order_id, by_fan=False)
    refund = table.approve(asked.id, amount_fen=Fen(500), keeps_access=True)
    assert table.divide() == 2
    table.hear(table.told(refund.id, "closed"))
    assert table.divide() == 1
    assert table.stands() == (CREATOR_FEN - 266, 266)
    assert table.broken() == []


def test_a_new_version_replaces_the_older_when_all_have_signed(table: Table) -> None:
    agreement_id = table.agreed()
    table.bought()
    second = table.proposed(agreement_id, share_bp=5000)
    table.sign(second, table.author_id)
    table.divide()
    assert table.stands()[1] == 266
    table.sign(second)
    table.later(seconds=1)
    table.shop = table.shop.stranger()
    table.bought()
    table.divide()
    assert table.stands()[1] == 266 + 443
    assert table.broken() == []


def test_a_cap_and_a_sum_to_recoup_count_what_came_before(table: Table) -> None:
    table.agreed(share_bp=1000, cap_fen=1000, recoup_fen=900)
    parts = []
    for _ in range(3):
        table.bought()
        table.divide()
        parts.append(table.stands()[1])
        table.shop = table.shop.stranger()
    # 886 all to recoup; 14 and a tenth of 872; up to the cap.
    assert parts == [886, 886 + 14 + 87, 1000]
    assert table.broken() == []


def test_an_agreement_that_ended_divides_what_was_paid_before_and_nothing_after(
    table: Table,
) -> None:
    agreement_id = table.agreed()
    table.bought()
    table.later(seconds=1)
    table.end(agreement_id)
    table.later(seconds=1)
    table.shop = table.shop.stranger()
    table.bought()
    assert table.divide() == 1
    assert table.stands() == (2 * CREATOR_FEN - 266, 266)
    assert table.broken() == []


def test_what_waits_too_long_to_be_divided_is_found(table: Table) -> None:
    table.agreed()
    table.bought()
    table.later(minutes=11)
    assert table.broken() == ["splits.divided_in_time"]
