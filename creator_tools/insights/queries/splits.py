"""Split agreements as an operator sees them: whose, how they stand, what they divided."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from creator_tools.columns.models import Column
from creator_tools.creators.models import Creator
from creator_tools.insights.queries.entries import EntryView, get_entry
from creator_tools.insights.queries.timeline import Step
from creator_tools.kernel.models import AuditEvent
from creator_tools.splits.models import (
    SplitAgreement,
    SplitDivision,
    SplitVersion,
)

PAGE_SIZE = 50


@dataclass(frozen=True)
class SplitLine:
    """One agreement in the list."""

    agreement_id: UUID
    creator_name: str
    column_title: str | None
    opened_at: datetime
    ended_at: datetime | None
    divided_count: int
    shared_fen: int


@dataclass(frozen=True)
class SplitPage:
    """Some agreements, how many in all, and where the next page begins."""

    items: tuple[SplitLine, ...]
    total_count: int
    next_cursor: UUID | None


_SHARED = text("""
    SELECT count(DISTINCT division.entry_id),
           coalesce(-sum(posting.amount_fen) FILTER (WHERE account.kind = 'party_payable'), 0)
    FROM split_divisions AS division
    JOIN split_versions AS version ON version.id = division.version_id
    LEFT JOIN postings AS posting ON posting.entry_id = division.split_entry_id
    LEFT JOIN ledger_accounts AS account ON account.id = posting.account_id
    WHERE version.agreement_id = :agreement_id
""")


def list_splits(
    session: Session, *, cursor: UUID | None = None, limit: int = PAGE_SIZE
) -> SplitPage:
    """A page of agreements after `cursor` (the last one seen), newest first."""
    asked = (
        select(SplitAgreement, Creator.name, Column.title)
        .join(Creator, Creator.id == SplitAgreement.creator_id)
        .outerjoin(Column, Column.id == SplitAgreement.column_id)
        .order_by(SplitAgreement.id.desc())
        .limit(limit + 1)
    )
    if cursor is not None:
        asked = asked.where(SplitAgreement.id < cursor)
    found = session.execute(asked).all()
    shown = tuple(_line(session, *row) for row in found[:limit])
    total = session.scalar(select(func.count(SplitAgreement.id))) or 0
    return SplitPage(shown, total, shown[-1].agreement_id if len(found) > limit else None)


def split_entries(
    session: Session, agreement_id: UUID, *, limit: int = PAGE_SIZE
) -> list[EntryView]:
    """The latest companions of an agreement with their postings, newest first."""
    found = session.scalars(
        select(SplitDivision.split_entry_id)
        .join(SplitVersion, SplitVersion.id == SplitDivision.version_id)
        .where(SplitVersion.agreement_id == agreement_id, SplitDivision.split_entry_id.is_not(None))
        .order_by(SplitDivision.split_entry_id.desc())
        .limit(limit)
    )
    return [get_entry(session, entry_id) for entry_id in found if entry_id is not None]


def timeline_of_split(session: Session, agreement_id: UUID) -> list[Step]:
    """What was done to an agreement, oldest first."""
    found = session.scalars(
        select(AuditEvent)
        .where(AuditEvent.object_type == "split", AuditEvent.object_id == agreement_id)
        .order_by(AuditEvent.at, AuditEvent.id)
    )
    return [Step(one.at, one.action, {"actor_type": one.actor_type, **one.facts}) for one in found]


def _line(
    session: Session, agreement: SplitAgreement, creator_name: str, title: str | None
) -> SplitLine:
    count, shared_fen = session.execute(_SHARED, {"agreement_id": agreement.id}).one()
    return SplitLine(
        agreement.id,
        creator_name,
        title,
        agreement.opened_at,
        agreement.ended_at,
        count,
        int(shared_fen),
    )
