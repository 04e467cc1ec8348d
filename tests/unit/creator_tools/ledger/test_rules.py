"""Division of money: nothing is lost, nobody is shorted by more than the rules say."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from creator_tools.kernel.fen import Fen, format_yuan, parse_yuan
from creator_tools.ledger import rules

CREATOR = UUID(int=1)
PAYEE = UUID(int=2)
amounts = st.integers(min_value=1, max_value=10**12).map(Fen)
points = st.integers(min_value=0, max_value=10_000)


@given(amounts, points, points)
def test_the_three_parts_add_up_to_the_gross(gross_fen: Fen, rate_bp: int, share_bp: int) -> None:
    cut = rules.divide(gross_fen, rate_bp=rate_bp, platform_share_bp=share_bp)
    assert cut.fee_fen + cut.platform_fen + cut.creator_fen == gross_fen
    assert min(cut.fee_fen, cut.platform_fen, cut.creator_fen) >= 0


@given(amounts, points)
def test_the_fee_is_the_nearest_fen_and_half_goes_up(gross_fen: Fen, rate_bp: int) -> None:
    fee_fen = rules.divide(gross_fen, rate_bp=rate_bp, platform_share_bp=0).fee_fen
    exact_times_20000 = gross_fen * rate_bp * 2
    assert -10_000 < fee_fen * 20_000 - exact_times_20000 <= 10_000


@given(amounts, points, points)
def test_every_payment_entry_balances(gross_fen: Fen, rate_bp: int, share_bp: int) -> None:
    cut = rules.divide(gross_fen, rate_bp=rate_bp, platform_share_bp=share_bp)
    lines = rules.payment_lines(cut, rail="jsapi", payee_account_id=PAYEE, creator_id=CREATOR)
    assert sum(line.amount_fen for line in lines) == 0


def test_the_examples_of_the_house_hold() -> None:
    for rate_bp, fee, platform, creator in (
        (60, 6, 98, 886),
        (100, 10, 98, 882),
        (1200, 119, 87, 784),
    ):
        cut = rules.divide(Fen(990), rate_bp=rate_bp, platform_share_bp=1000)
        assert (cut.fee_fen, cut.platform_fen, cut.creator_fen) == (fee, platform, creator)


@given(st.integers(min_value=0, max_value=10**9))
def test_a_price_that_is_written_can_be_read(amount_fen: int) -> None:
    assert parse_yuan(format_yuan(amount_fen)) == amount_fen


def test_what_is_no_price_is_none() -> None:
    for text in ("", "九块九", "-1", "1.234", "1e3", "9.9.9", "NaN", "１,000", "0x10"):
        assert parse_yuan(text) is None
