"""Who may say yes to how much, and how a sum is put on lines."""

from collections.abc import Collection, Sequence

from creator_tools.kernel.fen import Fen, largest_remainder

# The largest refund that one role may approve; None means any. What is not listed approves none.
APPROVAL_LIMITS_FEN: dict[str, int | None] = {"owner": None, "finance": 100_000, "support": 10_000}
# Above this the operator who began a refund is not the one who approves it.
SECOND_PERSON_ABOVE_FEN = 20_000


def approval_limit_fen(roles: Collection[str]) -> int | None:
    """The largest refund that somebody with these roles may approve; None means any, 0 none."""
    limits = [APPROVAL_LIMITS_FEN[role] for role in roles if role in APPROVAL_LIMITS_FEN]
    if None in limits:
        return None
    return max((limit for limit in limits if limit is not None), default=0)


def allotted(amount_fen: int, asked_fen: Sequence[int], left_fen: Sequence[int]) -> list[Fen]:
    """Put a sum on lines: as was asked, or else in proportion to what each line has left.

    Raises:
        ValueError: more than all lines have left.
    """
    if amount_fen > sum(left_fen):
        raise ValueError("more than is left")
    if amount_fen == sum(asked_fen):
        return [Fen(one) for one in asked_fen]
    return largest_remainder(amount_fen, left_fen)
