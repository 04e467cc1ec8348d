"""Reading agreements: whose they are, how they stand, what is due to be divided."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from creator_tools.people import queries as people
from creator_tools.splits.errors import SplitNotFound
from creator_tools.splits.models import (
    SplitAgreement,
    SplitDivision,
    SplitMember,
    SplitSignature,
    SplitVersion,
)
from creator_tools.splits.rules import SoFar, Terms

BATCH = 200
# A rail's clock may be ahead of ours, so an entry may be a little older than its payment.
_CLOCKS_APART = timedelta(days=1)

# The version in force for a payment of a column: the column's own agreement before that of all,
# of its versions the latest. `paid` is the payment's entry, `payment` the payment.
IN_FORCE = """
    SELECT version.id, version.agreement_id, version.in_force_at
    FROM split_agreements AS agreement
    JOIN split_versions AS version ON version.agreement_id = agreement.id
    WHERE agreement.creator_id = paid.creator_id
      AND (agreement.column_id IS NULL OR agreement.column_id = paid.column_id)
      AND version.in_force_at <= payment.paid_at
      AND (agreement.ended_at IS NULL OR agreement.ended_at > payment.paid_at)
    ORDER BY agreement.column_id IS NULL, version.in_force_at DESC, version.number DESC LIMIT 1
"""
# A refund is due when its payment was divided or is due itself, which then comes before it.
DUE = f"""
    FROM journal_entries AS entry
    JOIN payments AS payment ON payment.id = entry.payment_id
    JOIN journal_entries AS paid ON paid.order_id = entry.order_id
     AND paid.payment_id = entry.payment_id AND paid.kind = 'payment'
    JOIN LATERAL ({IN_FORCE}) AS version ON true
    WHERE entry.kind IN ('payment', 'refund', 'refund_failed')
      AND NOT EXISTS (SELECT FROM split_divisions AS division WHERE division.entry_id = entry.id)
"""
_DUE_OF_CREATOR = text(
    "SELECT entry.id, entry.kind, entry.source_key, entry.order_id, entry.payment_id, "
    "entry.creator_id, entry.column_id, entry.rail, entry.occurred_at, version.id AS version_id "
    + DUE
    + "AND entry.creator_id = :creator_id AND entry.id >= :first_id "
    "ORDER BY entry.posted_at, entry.id LIMIT :limit"
)
_CREATORS_DUE = text(
    "SELECT DISTINCT entry.creator_id "  # noqa: S608 - a constant
    + DUE
    + "AND entry.creator_id IN (SELECT creator_id FROM split_agreements) AND entry.id >= :first_id"
)
_TOTAL = text("""
    SELECT coalesce(-sum(posting.amount_fen), 0)::bigint FROM split_divisions AS division
    JOIN split_versions AS version ON version.id = division.version_id
    JOIN postings AS posting ON posting.entry_id = division.entry_id
    JOIN ledger_accounts AS account ON account.id = posting.account_id
    WHERE version.agreement_id = :agreement_id AND account.kind = 'creator_payable'
""")
_GIVEN = text("""
    SELECT split_part(account.code, ':', 2)::uuid, -sum(posting.amount_fen)::bigint
    FROM split_divisions AS division
    JOIN split_versions AS version ON version.id = division.version_id
    JOIN postings AS posting ON posting.entry_id = division.split_entry_id
    JOIN ledger_accounts AS account ON account.id = posting.account_id
    WHERE version.agreement_id = :agreement_id AND account.kind = 'party_payable' GROUP BY 1
""")
_HELD = text("""
    SELECT split_part(account.code, ':', 2)::uuid, -sum(posting.amount_fen)::bigint
    FROM split_divisions AS division
    JOIN postings AS posting ON posting.entry_id = division.split_entry_id
    JOIN ledger_accounts AS account ON account.id = posting.account_id
    WHERE division.payment_id = :payment_id AND account.kind = 'party_payable' GROUP BY 1
""")
_PARTS = text("""
    SELECT split_part(account.code, ':', 2)::uuid, -posting.amount_fen
    FROM split_divisions AS division
    JOIN postings AS posting ON posting.entry_id = division.split_entry_id
    JOIN ledger_accounts AS account ON account.id = posting.account_id
    WHERE division.entry_id = :entry_id AND account.kind = 'party_payable'
""")
_CREATOR_PART = text("""
    SELECT coalesce(-sum(posting.amount_fen), 0)::bigint FROM split_divisions AS division
    JOIN postings AS posting ON posting.entry_id = division.entry_id
    JOIN ledger_accounts AS account ON account.id = posting.account_id
    WHERE division.payment_id = :payment_id AND account.kind = 'creator_payable'
""")
_OWN_PART = text("""
    SELECT coalesce(-sum(posting.amount_fen), 0)::bigint FROM postings AS posting
    JOIN ledger_accounts AS account ON account.id = posting.account_id
    WHERE posting.entry_id = :entry_id AND account.kind = 'creator_payable'
""")
_LAST_PAID = text("""
    SELECT max(payment.paid_at) FROM split_divisions AS division
    JOIN split_versions AS version ON version.id = division.version_id
    JOIN split_agreements AS agreement ON agreement.id = version.agreement_id
    JOIN payments AS payment ON payment.id = division.payment_id
    WHERE agreement.creator_id = :creator_id
""")


@dataclass(frozen=True)
class Due:
    """One entry that wants its companion, in the words of the ledger."""

    entry_id: UUID
    kind: str
    source_key: str
    order_id: UUID
    payment_id: UUID
    creator_id: UUID
    column_id: UUID | None
    rail: str
    occurred_at: datetime
    version_id: UUID


@dataclass(frozen=True)
class PartyView:
    """One who must sign: name, whether they have, and what came to them by this agreement."""

    person_id: UUID
    name: str
    signed_at: datetime | None


@dataclass(frozen=True)
class VersionView:
    """One version with who has signed it."""

    id: UUID
    number: int
    terms: Terms
    terms_hash: str
    state: str
    proposed_at: datetime
    in_force_at: datetime | None
    withdrawn_at: datetime | None
    signers: tuple[PartyView, ...]


def get(session: Session, agreement_id: UUID) -> SplitAgreement:
    """One agreement.

    Raises:
        SplitNotFound: there is none with this id.
    """
    agreement = session.get(SplitAgreement, agreement_id)
    if agreement is None:
        raise SplitNotFound(agreement_id=str(agreement_id))
    return agreement


def get_own(session: Session, agreement_id: UUID, creator_id: UUID) -> SplitAgreement:
    """One agreement of a creator's.

    Raises:
        SplitNotFound: there is none, or it is another creator's.
    """
    agreement = get(session, agreement_id)
    if agreement.creator_id != creator_id:
        raise SplitNotFound(agreement_id=str(agreement_id))
    return agreement


def get_of_person(session: Session, agreement_id: UUID, person_id: UUID) -> SplitAgreement:
    """One agreement that this human has joined.

    Raises:
        SplitNotFound: there is none, or they are no member of it.
    """
    agreement = get(session, agreement_id)
    if member_of(session, agreement_id, person_id) is None:
        raise SplitNotFound(agreement_id=str(agreement_id))
    return agreement


def member_of(session: Session, agreement_id: UUID, person_id: UUID) -> UUID | None:
    """The id under which this human joined an agreement, or None."""
    return session.scalar(
        select(SplitMember.person_id)
        .where(
            SplitMember.agreement_id == agreement_id,
            SplitMember.person_id.in_(people.family_of(person_id)),
        )
        .order_by(SplitMember.joined_at)
        .limit(1)
    )


def list_members(session: Session, agreement_id: UUID) -> list[tuple[UUID, str]]:
    """Who has joined an agreement, by id and name, in the order in which they came."""
    found = session.scalars(
        select(SplitMember.person_id)
        .where(SplitMember.agreement_id == agreement_id)
        .order_by(SplitMember.joined_at, SplitMember.person_id)
    )
    return [(one, people.nickname_of(session, one)) for one in found]


def list_of_creator(session: Session, creator_id: UUID) -> list[SplitAgreement]:
    """The agreements of a creator, newest first."""
    return list(
        session.scalars(
            select(SplitAgreement)
            .where(SplitAgreement.creator_id == creator_id)
            .order_by(SplitAgreement.id.desc())
        )
    )


def list_of_person(session: Session, person_id: UUID) -> list[SplitAgreement]:
    """The agreements that this human has joined, newest first."""
    joined = select(SplitMember.agreement_id).where(
        SplitMember.person_id.in_(people.family_of(person_id))
    )
    return list(
        session.scalars(
            select(SplitAgreement)
            .where(SplitAgreement.id.in_(joined))
            .order_by(SplitAgreement.id.desc())
        )
    )


def list_versions(session: Session, agreement_id: UUID) -> list[VersionView]:
    """The versions of an agreement with their signatures, newest first."""
    found = session.scalars(
        select(SplitVersion)
        .where(SplitVersion.agreement_id == agreement_id)
        .order_by(SplitVersion.number.desc())
    ).all()
    return [_view(session, version) for version in found]


def waiting_version(session: Session, agreement_id: UUID) -> SplitVersion | None:
    """The version of an agreement that waits for signatures, or None."""
    return session.scalars(
        select(SplitVersion).where(
            SplitVersion.agreement_id == agreement_id,
            SplitVersion.in_force_at.is_(None),
            SplitVersion.withdrawn_at.is_(None),
        )
    ).one_or_none()


def get_version(session: Session, version_id: UUID) -> SplitVersion:
    """One version.

    Raises:
        SplitNotFound: there is none with this id.
    """
    version = session.get(SplitVersion, version_id)
    if version is None:
        raise SplitNotFound(version_id=str(version_id))
    return version


def last_number(session: Session, agreement_id: UUID) -> int:
    """The number of the newest version of an agreement, 0 without one."""
    asked = select(func.max(SplitVersion.number)).where(SplitVersion.agreement_id == agreement_id)
    return session.scalar(asked) or 0


def signatures_of(session: Session, version_id: UUID) -> dict[UUID, SplitSignature]:
    """Who has signed a version."""
    found = session.scalars(select(SplitSignature).where(SplitSignature.version_id == version_id))
    return {one.person_id: one for one in found}


def division_of(session: Session, entry_id: UUID) -> SplitDivision | None:
    """How an entry was divided, or None."""
    return session.get(SplitDivision, entry_id)


def list_due(
    session: Session, creator_id: UUID, *, since: datetime | None, limit: int = BATCH
) -> list[Due]:
    """The entries of a creator that want a companion, in the order in which they were posted.

    Args:
        since: looks at what was posted from then on; None looks at all.
    """
    asked = {"creator_id": creator_id, "first_id": _first_id(since), "limit": limit}
    return [Due(*row) for row in session.execute(_DUE_OF_CREATOR, asked)]


def list_creators_due(session: Session, *, since: datetime | None) -> list[UUID]:
    """Whose entries want a companion."""
    asked = {"first_id": _first_id(since)}
    return [row[0] for row in session.execute(_CREATORS_DUE, asked)]


def first_in_force_at(session: Session, creator_id: UUID | None = None) -> datetime | None:
    """When the first version of a creator's, or of anybody's, came into force; None without one."""
    asked = select(func.min(SplitVersion.in_force_at))
    if creator_id is not None:
        asked = asked.join(SplitAgreement, SplitAgreement.id == SplitVersion.agreement_id).where(
            SplitAgreement.creator_id == creator_id
        )
    first: datetime | None = session.scalar(asked)
    return None if first is None else first - _CLOCKS_APART


def so_far(session: Session, agreement_id: UUID) -> SoFar:
    """What an agreement has divided, added up from postings."""
    asked = {"agreement_id": agreement_id}
    total_fen = session.execute(_TOTAL, asked).scalar_one()
    return SoFar(total_fen, {row[0]: row[1] for row in session.execute(_GIVEN, asked)})


def held_of(session: Session, payment_id: UUID) -> dict[UUID, int]:
    """What each party still has of one payment, added up from postings."""
    found = session.execute(_HELD, {"payment_id": payment_id})
    return {row[0]: row[1] for row in found}


def parts_of(session: Session, entry_id: UUID) -> dict[UUID, int]:
    """What the companion of one entry gave each party; negative where it took."""
    found = session.execute(_PARTS, {"entry_id": entry_id})
    return {row[0]: row[1] for row in found}


def divided_of(session: Session, payment_id: UUID) -> int:
    """What is left of the creator's part of one payment, by the entries that were divided."""
    return int(session.execute(_CREATOR_PART, {"payment_id": payment_id}).scalar_one())


def own_part_of(session: Session, entry_id: UUID) -> int:
    """What one entry gave the creator, in fen; negative where it took."""
    return int(session.execute(_OWN_PART, {"entry_id": entry_id}).scalar_one())


def last_divided_paid_at(session: Session, creator_id: UUID) -> datetime | None:
    """When the latest payment was paid of which something was divided, or None."""
    found: datetime | None = session.execute(_LAST_PAID, {"creator_id": creator_id}).scalar_one()
    return found


def _first_id(since: datetime | None) -> UUID:
    """The least id that was made from this moment on: ids begin with their milliseconds."""
    millis = 0 if since is None else int(since.timestamp() * 1000)
    return UUID(int=millis << 80)


def _view(session: Session, version: SplitVersion) -> VersionView:
    terms, signed = Terms.of(version.terms), signatures_of(session, version.id)
    state = "waiting"
    if version.withdrawn_at is not None:
        state = "withdrawn"
    elif version.in_force_at is not None:
        state = "signed"
    return VersionView(
        version.id,
        version.number,
        terms,
        version.terms_hash,
        state,
        version.proposed_at,
        version.in_force_at,
        version.withdrawn_at,
        _signers(session, terms.signers, signed),
    )


def _signers(
    session: Session, people_ids: Sequence[UUID], signed: dict[UUID, SplitSignature]
) -> tuple[PartyView, ...]:
    return tuple(
        PartyView(
            one,
            people.nickname_of(session, one),
            signed[one].signed_at if one in signed else None,
        )
        for one in people_ids
    )
