"""Dividing by signed terms, and taking back what was divided. Whole fen, exactly.

One sum is divided so: first whoever recoups takes their part, in the order of the terms, until
their sum is reached; what is left is cut by the shares of the tier it falls into, and where a
tier ends within it, in pieces; nobody gets beyond their cap. What is nobody's is the creator's.
Whoever still recoups after that has no share in the same sum.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from creator_tools.kernel.fen import BASIS_POINTS, Fen, largest_remainder
from creator_tools.splits.rules.terms import Terms


@dataclass(frozen=True)
class SoFar:
    """What was divided by an agreement before, less what went back: in all, and who got what."""

    total_fen: int = 0
    given_fen: Mapping[UUID, int] = field(default_factory=dict)

    def plus(self, amount_fen: int, parts: Mapping[UUID, int]) -> "SoFar":
        """The same after one more; negative where something went back."""
        given = dict(self.given_fen)
        for person_id, part_fen in parts.items():
            given[person_id] = given.get(person_id, 0) + part_fen
        return SoFar(self.total_fen + amount_fen, given)


def allocate(terms: Terms, so_far: SoFar, amount_fen: int) -> dict[UUID, Fen]:
    """What each party gets of a sum that is the creator's; the rest stays the creator's.

    Raises:
        ValueError: the sum is negative.
    """
    if amount_fen < 0:
        raise ValueError(f"amount_fen is negative: {amount_fen}")
    parts: dict[UUID, int] = {party.person_id: 0 for party in terms.parties}
    recouping = _recoup(terms, so_far, amount_fen, parts)
    taken_fen = sum(parts.values())
    at_fen, left_fen = max(so_far.total_fen, 0) + taken_fen, amount_fen - taken_fen
    for tier in terms.tiers:
        if tier.up_to_fen is not None and at_fen >= tier.up_to_fen:
            continue
        piece_fen = left_fen if tier.up_to_fen is None else min(left_fen, tier.up_to_fen - at_fen)
        shares = [
            0 if one.person_id in recouping else tier.shares_bp.get(one.person_id, 0)
            for one in terms.parties
        ]
        cut = largest_remainder(piece_fen, [*shares, BASIS_POINTS - sum(shares)])
        for party, part_fen in zip(terms.parties, cut, strict=False):
            parts[party.person_id] += part_fen
        at_fen, left_fen = at_fen + piece_fen, left_fen - piece_fen
    return _capped(terms, so_far, parts)


def _recoup(
    terms: Terms, so_far: SoFar, amount_fen: int, parts: dict[UUID, int]
) -> frozenset[UUID]:
    """Put into `parts` what is recouped; gives who has not reached their sum even now."""
    left_fen, still = amount_fen, set()
    for party in terms.parties:
        missing_fen = (party.recoup_fen or 0) - so_far.given_fen.get(party.person_id, 0)
        if missing_fen <= 0:
            continue
        part_fen = min(missing_fen, left_fen * party.recoup_bp // BASIS_POINTS)
        parts[party.person_id] += part_fen
        left_fen -= part_fen
        if part_fen < missing_fen:
            still.add(party.person_id)
    return frozenset(still)


def _capped(terms: Terms, so_far: SoFar, parts: dict[UUID, int]) -> dict[UUID, Fen]:
    given = {}
    for party in terms.parties:
        part_fen = parts[party.person_id]
        if party.cap_fen is not None:
            room_fen = party.cap_fen - so_far.given_fen.get(party.person_id, 0)
            part_fen = min(part_fen, max(room_fen, 0))
        given[party.person_id] = Fen(part_fen)
    return given


def give_back(
    held_fen: Mapping[UUID, int], creator_held_fen: int, back_fen: int
) -> dict[UUID, Fen]:
    """Who gives back how much of a payment, in proportion to what each still has of it.

    By largest remainder, so nobody gives back more than they have, and the last fen leaves all at
    zero.

    Args:
        held_fen: what each party still has of this payment.
        creator_held_fen: what the creator still has of it.
        back_fen: what goes back of the creator's part.

    Raises:
        ValueError: more goes back than is left.
    """
    people = sorted(held_fen)
    weights = [*(held_fen[person_id] for person_id in people), creator_held_fen]
    if back_fen > sum(weights):
        raise ValueError(f"{back_fen} of {sum(weights)} fen cannot go back")
    cut = largest_remainder(back_fen, weights)
    return dict(zip(people, cut, strict=False))
