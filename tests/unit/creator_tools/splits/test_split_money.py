"""Dividing and taking back, whatever the terms: exact, within bounds, back to zero."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creator_tools.kernel.errors import DomainError
from creator_tools.splits.rules import (
    Party,
    SoFar,
    Terms,
    Tier,
    allocate,
    checked,
    give_back,
    hash_of,
)

A, B, C, ME = (UUID(int=number) for number in (1, 2, 3, 9))
TERMS = Terms(
    agreement_id=UUID(int=5),
    number=1,
    creator_id=UUID(int=6),
    creator_person_id=ME,
    column_id=None,
    starts_at=datetime(2026, 5, 1, tzinfo=UTC),
    parties=(Party(A), Party(B)),
    tiers=(Tier({A: 3000, B: 2000}),),
)
_SUMS = st.none() | st.integers(1, 5000)


@st.composite
def terms(draw: st.DrawFn) -> Terms:
    """Terms that can be kept, with every kind of rule in them."""
    parties = []
    for person_id in (A, B, C)[: draw(st.integers(1, 3))]:
        cap_fen, recoup_fen = draw(_SUMS), draw(_SUMS)
        if cap_fen is not None and recoup_fen is not None:
            recoup_fen = min(cap_fen, recoup_fen)
        parties.append(Party(person_id, cap_fen, recoup_fen, draw(st.integers(1, 10_000))))
    ends = sorted(draw(st.sets(st.integers(1, 20_000), max_size=3)))
    tiers = []
    for up_to_fen in (*ends, None):
        shares = [draw(st.integers(1, 10_000 // len(parties))) for _ in parties]
        tiers.append(
            Tier(
                {one.person_id: share for one, share in zip(parties, shares, strict=True)},
                up_to_fen,
            )
        )
    return checked(replace(TERMS, parties=tuple(parties), tiers=tuple(tiers)))


@given(terms(), st.lists(st.integers(0, 9000), max_size=12))
def test_parts_are_within_the_sum_and_the_caps_and_what_is_left_is_the_creators(
    signed: Terms, amounts: list[int]
) -> None:
    so_far = SoFar()
    for amount_fen in amounts:
        parts = allocate(signed, so_far, amount_fen)
        assert all(part_fen >= 0 for part_fen in parts.values())
        assert sum(parts.values()) <= amount_fen
        so_far = so_far.plus(amount_fen, parts)
        for party in signed.parties:
            if party.cap_fen is not None:
                assert so_far.given_fen[party.person_id] <= party.cap_fen


@given(terms(), st.integers(0, 9000), st.lists(st.integers(1, 3000), max_size=8))
def test_what_goes_back_in_pieces_leaves_nobody_below_zero_and_the_last_fen_leaves_zero(
    signed: Terms, amount_fen: int, pieces: list[int]
) -> None:
    held = {who: int(part) for who, part in allocate(signed, SoFar(), amount_fen).items()}
    creator_fen = amount_fen - sum(held.values())
    for piece_fen in [*pieces, amount_fen]:
        back_fen = min(piece_fen, creator_fen + sum(held.values()))
        given_back = give_back(held, creator_fen, back_fen)
        held = {who: held[who] - given_back[who] for who in held}
        creator_fen -= back_fen - sum(given_back.values())
        assert min([creator_fen, *held.values()]) >= 0
    assert (creator_fen, set(held.values()) - {0}) == (0, set())


@given(terms())
def test_terms_are_read_back_as_they_were_spelt(signed: Terms) -> None:
    assert Terms.of(signed.text()) == signed
    assert hash_of(Terms.of(signed.text()).text()) == hash_of(signed.text())


def test_fixed_shares_of_an_example() -> None:
    # 9.90 yuan less fee and platform is 8.86 for the creator: 30 % and 20 % of it, rounded fairly.
    assert allocate(TERMS, SoFar(), 886) == {A: 266, B: 177}


def test_recoup_comes_first_and_then_the_share() -> None:
    signed = replace(TERMS, parties=(Party(A, recoup_fen=1000), Party(B)))
    first = allocate(signed, SoFar(), 600)
    assert first == {A: 600, B: 0}
    second = allocate(signed, SoFar().plus(600, first), 600)
    assert second == {A: 400 + 60, B: 40}


def test_a_part_that_recoups_leaves_the_rest_to_the_shares() -> None:
    signed = replace(TERMS, parties=(Party(A, recoup_fen=1000, recoup_bp=5000), Party(B)))
    assert allocate(signed, SoFar(), 600) == {A: 300, B: 60}


def test_a_cap_gives_the_rest_to_the_creator() -> None:
    signed = replace(TERMS, parties=(Party(A, cap_fen=100), Party(B)))
    assert allocate(signed, SoFar(), 1000) == {A: 100, B: 200}


def test_a_sum_over_the_end_of_a_tier_is_cut_in_pieces() -> None:
    signed = replace(TERMS, tiers=(Tier({A: 5000}, 1000), Tier({A: 1000, B: 1000})))
    assert allocate(signed, SoFar(900, {A: 450}), 600) == {A: 50 + 50, B: 50}


@pytest.mark.parametrize(
    ("parties", "tiers", "code"),
    [
        ((), (Tier({}),), "split_party_missing"),
        ((Party(A), Party(A)), (Tier({A: 1}),), "split_party_doubled"),
        ((Party(ME),), (Tier({ME: 1}),), "split_party_doubled"),
        ((Party(A),), (Tier({A: 0}),), "split_share_invalid"),
        ((Party(A),), (Tier({A: -1}),), "split_share_invalid"),
        ((Party(A),), (Tier({A: 1, B: 1}),), "split_share_invalid"),
        ((Party(A), Party(B)), (Tier({A: 6000, B: 4001}),), "split_shares_too_large"),
        ((Party(A, cap_fen=0),), (Tier({A: 1}),), "split_cap_invalid"),
        ((Party(A, recoup_fen=0),), (Tier({A: 1}),), "split_recoup_invalid"),
        ((Party(A, recoup_bp=0),), (Tier({A: 1}),), "split_recoup_invalid"),
        ((Party(A, cap_fen=5, recoup_fen=6),), (Tier({A: 1}),), "split_recoup_invalid"),
        ((Party(A),), (), "split_tiers_invalid"),
        ((Party(A),), (Tier({A: 1}, 5),), "split_tiers_invalid"),
        ((Party(A),), (Tier({A: 1}, 5), Tier({A: 1}, 5), Tier({A: 1})), "split_tiers_invalid"),
    ],
)
def test_terms_that_cannot_be_kept_are_each_refused_in_their_own_words(
    parties: tuple[Party, ...], tiers: tuple[Tier, ...], code: str
) -> None:
    with pytest.raises(DomainError) as refused:
        checked(replace(TERMS, parties=parties, tiers=tiers))
    assert refused.value.code == code
