"""Money as whole fen.

One yuan is 100 fen. No amount in this project is ever a float or a Decimal: WeChat speaks fen
on the wire, the ledger stores fen, and yuan appears only in `format_yuan`, on its way to a
human eye, and in `parse_yuan`, on its way from a human hand.
"""

import re
from collections.abc import Sequence
from typing import NewType

Fen = NewType("Fen", int)

BASIS_POINTS = 10_000
# The platform refuses more than this for one payment; a typing slip is likelier than a sale.
PRICE_FEN_MAX = 5_000_000
_YUAN = re.compile(r"^(?:¥|￥)?(\d{1,9})(?:[.。](\d{1,2}))?(?:元|块)?$")


def share_rounded_down(total_fen: Fen, share_bp: int) -> Fen:
    """The share of `total_fen`, rounded down so that the rest keeps the odd fen.

    Raises:
        ValueError: `share_bp` is not between 0 and 10000.
    """
    if not 0 <= share_bp <= BASIS_POINTS:
        raise ValueError(f"share_bp out of range: {share_bp}")
    return Fen(total_fen * share_bp // BASIS_POINTS)


def fee_rounded_half_up(gross_fen: Fen, rate_bp: int) -> Fen:
    """The rail's fee on `gross_fen` at `rate_bp`, rounded half up as the platforms do."""
    if gross_fen < 0:
        raise ValueError(f"gross_fen is negative: {gross_fen}")
    if not 0 <= rate_bp <= BASIS_POINTS:
        raise ValueError(f"rate_bp out of range: {rate_bp}")
    return Fen((gross_fen * rate_bp * 2 + BASIS_POINTS) // (BASIS_POINTS * 2))


def largest_remainder(total_fen: int, weights: Sequence[int]) -> list[Fen]:
    """Cut `total_fen` in proportion to `weights`; the parts are whole fen and sum exactly.

    Every part is first rounded down; the fen that are left go to the largest remainders, and of
    equal ones to the earlier. No part is larger than its weight while the total is not larger
    than all weights together.

    Raises:
        ValueError: something negative, or a total to be cut by no weight at all.
    """
    whole = sum(weights)
    if total_fen < 0 or any(weight < 0 for weight in weights) or (total_fen and not whole):
        raise ValueError("a total and its weights are not negative, and one weight is positive")
    if not total_fen:
        return [Fen(0) for _ in weights]
    parts = [total_fen * weight // whole for weight in weights]
    by_remainder = sorted(
        range(len(weights)), key=lambda place: (-(total_fen * weights[place] % whole), place)
    )
    for place in by_remainder[: total_fen - sum(parts)]:
        parts[place] += 1
    return [Fen(part) for part in parts]


def format_yuan(amount_fen: int) -> str:
    """`990` as `9.90`, `-5` as `-0.05`; for people, never for arithmetic."""
    sign = "-" if amount_fen < 0 else ""
    yuan, fen = divmod(abs(amount_fen), 100)
    return f"{sign}{yuan}.{fen:02d}"


def parse_yuan(text: str) -> Fen | None:
    """What a person typed as a price ("9.9", "¥9.90元") in fen, or None if it is no price."""
    match = _YUAN.match(text.strip().translate(_FULL_WIDTH))
    if match is None:
        return None
    whole, fraction = match.group(1), (match.group(2) or "").ljust(2, "0")
    return Fen(int(whole) * 100 + int(fraction))


_FULL_WIDTH = str.maketrans("０１２３４５６７８９．", "0123456789.")
