"""From an invitation to signed terms, and to their end.

What may never happen: terms that change after somebody signed them, a signature under other words
than were read, a version that divides a payment from before everybody had signed.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from creator_tools.columns import queries as columns
from creator_tools.creators.models import Creator
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.splits import queries, rules
from creator_tools.splits.errors import (
    SplitEnded,
    SplitExists,
    SplitNotParty,
    SplitOpen,
    SplitPartyUnknown,
    SplitSigned,
    SplitTermsChanged,
    SplitWithdrawn,
)
from creator_tools.splits.models import SplitAgreement, SplitMember, SplitSignature, SplitVersion
from creator_tools.splits.rules import Party, Terms, Tier
from creator_tools.splits.service.turns import from_now, take_turn


def open_agreement(uow: UnitOfWork, *, creator: Creator, column_id: UUID | None) -> UUID:
    """Open an agreement over a column, or over all; the creator is its first member.

    Raises:
        ColumnNotFound: it is no column of this creator's.
        SplitExists: there is one that has not ended.
    """
    if column_id is not None:
        columns.get_of_creator(uow.session, column_id, creator.id)
    agreement_id = uow.ids.new()
    agreement = SplitAgreement(
        id=agreement_id, creator_id=creator.id, column_id=column_id, opened_at=uow.now()
    )
    try:
        with uow.session.begin_nested():
            uow.session.add(agreement)
    except IntegrityError as error:
        raise SplitExists from error
    _add_member(uow, agreement_id, creator.person_id)
    uow.audit("split.opened", "split", agreement_id)
    return agreement_id


def join(uow: UnitOfWork, *, agreement_id: UUID, person_id: UUID) -> None:
    """Let somebody be named in an agreement; again changes nothing.

    Raises:
        SplitNotFound, SplitEnded: see errors.
    """
    _going(queries.get(uow.session, agreement_id))
    if queries.member_of(uow.session, agreement_id, person_id) is None:
        _add_member(uow, agreement_id, person_id)
        uow.audit("split.joined", "split", agreement_id)


def propose(
    uow: UnitOfWork,
    *,
    agreement_id: UUID,
    creator: Creator,
    parties: Sequence[Party],
    tiers: Sequence[Tier],
    starts_at: datetime | None = None,
) -> UUID:
    """Write a version down, for everybody to sign; returns its id.

    Args:
        starts_at: it holds from then on at the earliest; None is as soon as all have signed.

    Raises:
        SplitNotFound, SplitEnded, SplitOpen, SplitPartyUnknown: see errors.
        SplitPartyMissing and its like: the terms cannot be kept, see `rules.checked`.
    """
    take_turn(uow, creator.id)
    agreement = _going(queries.get_own(uow.session, agreement_id, creator.id))
    if queries.waiting_version(uow.session, agreement_id) is not None:
        raise SplitOpen
    known = {person_id for person_id, _ in queries.list_members(uow.session, agreement_id)}
    if not {party.person_id for party in parties} <= known:
        raise SplitPartyUnknown
    terms = rules.checked(
        Terms(
            agreement_id=agreement_id,
            number=queries.last_number(uow.session, agreement_id) + 1,
            creator_id=creator.id,
            creator_person_id=creator.person_id,
            column_id=agreement.column_id,
            starts_at=starts_at or uow.now(),
            parties=tuple(parties),
            tiers=tuple(tiers),
        )
    )
    version_id = uow.ids.new()
    uow.session.add(_version(uow, version_id, terms))
    uow.session.flush()
    uow.audit("split.proposed", "split", agreement_id, number=terms.number)
    return version_id


def sign(uow: UnitOfWork, *, version_id: UUID, person_id: UUID, terms_hash: str) -> bool:
    """Put a person's name under the exact words they read; again changes nothing.

    Returns:
        Whether everybody has signed now.

    Raises:
        SplitNotFound, SplitEnded, SplitWithdrawn, SplitNotParty: see errors.
        SplitTermsChanged: the words that were read are others.
    """
    version = queries.get_version(uow.session, version_id)
    agreement = queries.get(uow.session, version.agreement_id)
    take_turn(uow, agreement.creator_id)
    uow.session.refresh(version)
    uow.session.refresh(agreement)
    _going(agreement)
    if version.withdrawn_at is not None:
        raise SplitWithdrawn
    terms = Terms.of(version.terms)
    signer = queries.member_of(uow.session, agreement.id, person_id)
    if signer is None or signer not in terms.signers:
        raise SplitNotParty
    if terms_hash != version.terms_hash or terms_hash != rules.hash_of(version.terms):
        raise SplitTermsChanged
    signed = queries.signatures_of(uow.session, version_id)
    if signer not in signed:
        _add_signature(uow, version, signer)
        uow.audit("split.signed", "split", agreement.id, number=version.number)
    if version.in_force_at is None and set(terms.signers) == {*signed, signer}:
        version.in_force_at = max(version.starts_at, from_now(uow, agreement.creator_id))
        uow.session.flush()
        uow.audit("split.in_force", "split", agreement.id, number=version.number)
    return version.in_force_at is not None


def withdraw(uow: UnitOfWork, *, version_id: UUID, creator: Creator) -> None:
    """Take a version back that not all have signed; again changes nothing.

    Raises:
        SplitNotFound, SplitSigned: see errors.
    """
    take_turn(uow, creator.id)
    version = queries.get_version(uow.session, version_id)
    queries.get_own(uow.session, version.agreement_id, creator.id)
    uow.session.refresh(version)
    if version.in_force_at is not None:
        raise SplitSigned
    if version.withdrawn_at is None:
        version.withdrawn_at = uow.now()
        uow.session.flush()
        uow.audit("split.withdrawn", "split", version.agreement_id, number=version.number)


def end(uow: UnitOfWork, *, agreement_id: UUID, creator: Creator) -> None:
    """End an agreement from now on; what was paid before is divided still.

    Raises:
        SplitNotFound, SplitEnded: see errors.
    """
    take_turn(uow, creator.id)
    agreement = queries.get_own(uow.session, agreement_id, creator.id)
    uow.session.refresh(agreement)
    _going(agreement)
    waiting = queries.waiting_version(uow.session, agreement_id)
    if waiting is not None:
        waiting.withdrawn_at = uow.now()
    agreement.ended_at = from_now(uow, creator.id)
    uow.session.flush()
    uow.audit("split.ended", "split", agreement_id)


def _going(agreement: SplitAgreement) -> SplitAgreement:
    if agreement.ended_at is not None:
        raise SplitEnded
    return agreement


def _add_member(uow: UnitOfWork, agreement_id: UUID, person_id: UUID) -> None:
    uow.session.execute(
        insert(SplitMember)
        .values(agreement_id=agreement_id, person_id=person_id, joined_at=uow.now())
        .on_conflict_do_nothing()
    )


def _version(uow: UnitOfWork, version_id: UUID, terms: Terms) -> SplitVersion:
    spelt = terms.text()
    return SplitVersion(
        id=version_id,
        agreement_id=terms.agreement_id,
        number=terms.number,
        terms=spelt,
        terms_hash=rules.hash_of(spelt),
        starts_at=terms.starts_at,
        proposed_at=uow.now(),
    )


def _add_signature(uow: UnitOfWork, version: SplitVersion, person_id: UUID) -> None:
    uow.session.add(
        SplitSignature(
            version_id=version.id,
            person_id=person_id,
            terms_hash=version.terms_hash,
            signed_at=uow.now(),
        )
    )
    uow.session.flush()
