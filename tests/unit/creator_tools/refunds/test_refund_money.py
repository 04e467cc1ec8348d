"""Money that goes back, over all sums: it adds up, never exceeds, and the last fen clears all."""

from hypothesis import given, settings
from hypothesis import strategies as st

from creator_tools.kernel.fen import Fen, largest_remainder
from creator_tools.ledger.rules import Division, divide, divide_back
from creator_tools.refunds import rules

PAID = st.tuples(st.integers(1, 5_000_000), st.integers(0, 10_000), st.integers(0, 10_000))
CUTS = st.lists(st.integers(1, 5_000_000), min_size=1, max_size=6)
NOTHING = Division(Fen(0), Fen(0), Fen(0), Fen(0))


def plus(one: Division, other: Division) -> Division:
    return Division(
        Fen(one.gross_fen + other.gross_fen),
        Fen(one.fee_fen + other.fee_fen),
        Fen(one.platform_fen + other.platform_fen),
        Fen(one.creator_fen + other.creator_fen),
    )


def pieces(gross_fen: int, cuts: list[int]) -> list[int]:
    """The gross in pieces of about these sizes; the last takes the rest."""
    found, left_fen = [], gross_fen
    for cut in cuts:
        piece = min(cut, left_fen)
        if piece:
            found.append(piece)
        left_fen -= piece
    return [*found, left_fen] if left_fen else found


@given(total=st.integers(0, 10**9), weights=st.lists(st.integers(0, 10**7), min_size=1, max_size=8))
def test_a_cut_sums_exactly_and_nobody_gets_more_than_in_proportion(
    total: int, weights: list[int]
) -> None:
    whole = sum(weights)
    if total and not whole:
        return
    parts = largest_remainder(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        exact_down = total * weight // whole if whole else 0
        assert exact_down <= part <= exact_down + 1
        assert total > whole or part <= weight


@settings(max_examples=500)
@given(paid=PAID, cuts=CUTS)
def test_refunds_of_a_payment_reverse_it_to_the_fen(
    paid: tuple[int, int, int], cuts: list[int]
) -> None:
    gross_fen, rate_bp, share_bp = paid
    division = divide(Fen(gross_fen), rate_bp=rate_bp, platform_share_bp=share_bp)
    gone = NOTHING
    for piece in pieces(gross_fen, cuts):
        back = divide_back(division, gone, Fen(piece))
        assert back.fee_fen + back.platform_fen + back.creator_fen == piece
        assert min(back.fee_fen, back.platform_fen, back.creator_fen) >= 0
        gone = plus(gone, back)
        assert gone.fee_fen <= division.fee_fen
        assert gone.platform_fen <= division.platform_fen
        assert gone.creator_fen <= division.creator_fen
        # The rail's own rule, as its books have it.
        stays_fen = gross_fen - gone.gross_fen
        kept_fen = (2 * division.fee_fen * stays_fen + gross_fen) // (2 * gross_fen)
        assert division.fee_fen - gone.fee_fen == kept_fen
    assert gone == division


@settings(max_examples=300)
@given(paid=PAID, cuts=CUTS, chance=st.randoms(use_true_random=False))
def test_a_refund_that_failed_leaves_room_for_exactly_itself(
    paid: tuple[int, int, int], cuts: list[int], chance: object
) -> None:
    gross_fen, rate_bp, share_bp = paid
    division = divide(Fen(gross_fen), rate_bp=rate_bp, platform_share_bp=share_bp)
    live: list[Division] = []

    def gone() -> Division:
        total = NOTHING
        for one in live:
            total = plus(total, one)
        return total

    for piece in pieces(gross_fen, cuts):
        live.append(divide_back(division, gone(), Fen(piece)))
        if live and chance.random() < 0.4:  # type: ignore[attr-defined]
            live.pop(chance.randrange(len(live)))  # type: ignore[attr-defined]
    left_fen = gross_fen - gone().gross_fen
    if left_fen:
        live.append(divide_back(division, gone(), Fen(left_fen)))
    assert gone() == division


@given(
    left=st.lists(st.integers(0, 10_000), min_size=1, max_size=5),
    wanted=st.integers(0, 50_000),
)
def test_a_sum_put_on_lines_gives_no_line_more_than_it_has(left: list[int], wanted: int) -> None:
    amount_fen = min(wanted, sum(left))
    given_fen = rules.allotted(amount_fen, [0] * len(left), left)
    assert sum(given_fen) == amount_fen
    assert all(one <= most for one, most in zip(given_fen, left, strict=True))
