"""The terms of one version: who, by which rule, from when; and their one exact spelling."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from creator_tools.kernel.fen import BASIS_POINTS
from creator_tools.splits.errors import (
    SplitCapInvalid,
    SplitPartyDoubled,
    SplitPartyMissing,
    SplitRecoupInvalid,
    SplitShareInvalid,
    SplitSharesTooLarge,
    SplitTiersInvalid,
)

PARTIES_MAX = 20
TIERS_MAX = 10
SUM_FEN_MAX = 10**13


@dataclass(frozen=True)
class Party:
    """Somebody other than the creator.

    Attributes:
        cap_fen: the most they get by this agreement in all; None for no end.
        recoup_fen: what they get first, before any share; None for nothing.
        recoup_bp: how much of what is divided goes to that, in basis points.
    """

    person_id: UUID
    cap_fen: int | None = None
    recoup_fen: int | None = None
    recoup_bp: int = BASIS_POINTS


@dataclass(frozen=True)
class Tier:
    """The shares that hold until so much was divided in all; the last tier has no end."""

    shares_bp: Mapping[UUID, int]
    up_to_fen: int | None = None


@dataclass(frozen=True)
class Terms:
    """What one version says. Whoever is not named in a tier gets no share in it.

    The creator is no `Party`: theirs is what is left.
    """

    agreement_id: UUID
    number: int
    creator_id: UUID
    creator_person_id: UUID
    column_id: UUID | None
    starts_at: datetime
    parties: tuple[Party, ...]
    tiers: tuple[Tier, ...]

    @property
    def signers(self) -> tuple[UUID, ...]:
        """Everybody who must sign, the creator first."""
        return (self.creator_person_id, *(party.person_id for party in self.parties))

    def text(self) -> str:
        """The one exact spelling of these terms, which is what is signed."""
        return json.dumps(self._as_json(), sort_keys=True, separators=(",", ":"))

    def _as_json(self) -> dict[str, Any]:
        return {
            "agreement": str(self.agreement_id),
            "number": self.number,
            "creator": str(self.creator_id),
            "creator_person": str(self.creator_person_id),
            "column": None if self.column_id is None else str(self.column_id),
            "starts_at": self.starts_at.isoformat(),
            "parties": [
                {
                    "person": str(party.person_id),
                    "cap_fen": party.cap_fen,
                    "recoup_fen": party.recoup_fen,
                    "recoup_bp": party.recoup_bp,
                }
                for party in self.parties
            ],
            "tiers": [
                {
                    "up_to_fen": tier.up_to_fen,
                    "shares_bp": {str(who): share for who, share in tier.shares_bp.items()},
                }
                for tier in self.tiers
            ],
        }

    @classmethod
    def of(cls, text: str) -> "Terms":
        """The terms that were spelt so."""
        told = json.loads(text)
        return cls(
            agreement_id=UUID(told["agreement"]),
            number=told["number"],
            creator_id=UUID(told["creator"]),
            creator_person_id=UUID(told["creator_person"]),
            column_id=None if told["column"] is None else UUID(told["column"]),
            starts_at=datetime.fromisoformat(told["starts_at"]),
            parties=tuple(
                Party(UUID(one["person"]), one["cap_fen"], one["recoup_fen"], one["recoup_bp"])
                for one in told["parties"]
            ),
            tiers=tuple(
                Tier(
                    {UUID(who): share for who, share in one["shares_bp"].items()}, one["up_to_fen"]
                )
                for one in told["tiers"]
            ),
        )


def hash_of(text: str) -> str:
    """The name of one exact spelling: SHA-256 in hexadecimal."""
    return sha256(text.encode()).hexdigest()


def checked(terms: Terms) -> Terms:
    """These terms, if they can be kept.

    Raises:
        SplitPartyMissing, SplitPartyDoubled, SplitShareInvalid, SplitSharesTooLarge,
        SplitCapInvalid, SplitRecoupInvalid, SplitTiersInvalid: see errors.
    """
    if not 0 < len(terms.parties) <= PARTIES_MAX:
        raise SplitPartyMissing
    if len(set(terms.signers)) != len(terms.signers):
        raise SplitPartyDoubled
    for party in terms.parties:
        _check_sums(party)
    _check_tiers(terms)
    return terms


def _check_sums(party: Party) -> None:
    if party.cap_fen is not None and not 0 < party.cap_fen <= SUM_FEN_MAX:
        raise SplitCapInvalid
    if not 0 < party.recoup_bp <= BASIS_POINTS:
        raise SplitRecoupInvalid
    if party.recoup_fen is not None and not 0 < party.recoup_fen <= (party.cap_fen or SUM_FEN_MAX):
        raise SplitRecoupInvalid


def _check_tiers(terms: Terms) -> None:
    ends = [tier.up_to_fen for tier in terms.tiers]
    rising = [end for end in ends[:-1] if end is not None]
    if not ends or ends[-1] is not None or len(ends) > TIERS_MAX or len(rising) != len(ends) - 1:
        raise SplitTiersInvalid
    if any(later <= earlier for earlier, later in zip([0, *rising], rising, strict=False)):
        raise SplitTiersInvalid
    if rising and rising[-1] > SUM_FEN_MAX:
        raise SplitTiersInvalid
    known = {party.person_id for party in terms.parties}
    for tier in terms.tiers:
        if not set(tier.shares_bp) <= known or any(one < 0 for one in tier.shares_bp.values()):
            raise SplitShareInvalid
        if sum(tier.shares_bp.values()) > BASIS_POINTS:
            raise SplitSharesTooLarge
    for party in terms.parties:
        shares = sum(tier.shares_bp.get(party.person_id, 0) for tier in terms.tiers)
        if not shares and party.recoup_fen is None:
            raise SplitShareInvalid
