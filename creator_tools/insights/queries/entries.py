"""Journal entries with their postings, for whoever wants to see behind a number."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from creator_tools.creators.models import Creator
from creator_tools.insights.errors import EntryNotFound
from creator_tools.ledger.models import JournalEntry, LedgerAccount, Posting

PAGE_SIZE = 50
_IN_FLIGHT = "refund_in_flight"
# What revenue is added up from: what came, what went back, and what did not go back after all.
REVENUE_KINDS = ("payment", "refund", "refund_failed")


@dataclass(frozen=True)
class PostingView:
    """One line: so many fen into (negative: out of) the account called `account`."""

    account: str
    kind: str
    amount_fen: int


@dataclass(frozen=True)
class EntryView:
    """One journal entry, readable; its postings sum to zero."""

    entry_id: UUID
    kind: str
    business_day: date
    rail: str
    order_id: UUID | None
    payment_id: UUID | None
    creator_id: UUID | None
    column_id: UUID | None
    occurred_at: datetime
    posted_at: datetime
    postings: tuple[PostingView, ...]

    @property
    def gross_fen(self) -> int:
        """What came, or (negative) went back, by this entry, in fen."""
        moved = sum(line.amount_fen for line in self.postings if line.kind == "receivable")
        on_its_way = sum(line.amount_fen for line in self.postings if line.kind == _IN_FLIGHT)
        return moved if self.kind == "refund_done" else moved + on_its_way


@dataclass(frozen=True)
class EntryFilter:
    """Which entries to show; None means any, and the kind "revenue" those that revenue is of."""

    first: date | None = None
    last: date | None = None
    kind: str | None = None
    rail: str | None = None
    creator_handle: str | None = None
    column_id: UUID | None = None


@dataclass(frozen=True)
class EntryPage:
    """Some entries, newest first, how many there are in all, and where the next page begins."""

    items: tuple[EntryView, ...]
    total_count: int
    next_cursor: UUID | None


def entries(
    session: Session,
    filters: EntryFilter,
    *,
    cursor: UUID | None = None,
    limit: int = PAGE_SIZE,
) -> EntryPage:
    """A page of entries after `cursor` (the last entry seen), newest first."""
    chosen = _filtered(select(JournalEntry), filters)
    total_count = session.scalar(_filtered(select(func.count(JournalEntry.id)), filters)) or 0
    if cursor is not None:
        chosen = chosen.where(JournalEntry.id < cursor)
    found = list(session.scalars(chosen.order_by(JournalEntry.id.desc()).limit(limit + 1)))
    shown = found[:limit]
    next_cursor = shown[-1].id if len(found) > limit else None
    return EntryPage(tuple(_views(session, shown)), total_count, next_cursor)


def get_entry(session: Session, entry_id: UUID) -> EntryView:
    """One entry with its postings.

    Raises:
        EntryNotFound: there is none with this id.
    """
    entry = session.get(JournalEntry, entry_id)
    if entry is None:
        raise EntryNotFound(entry_id=str(entry_id))
    return _views(session, [entry])[0]


def postings_of_order(session: Session, order_id: UUID) -> list[EntryView]:
    """All entries of an order with their postings, in the order they were posted."""
    found = session.scalars(
        select(JournalEntry).where(JournalEntry.order_id == order_id).order_by(JournalEntry.id)
    )
    return _views(session, list(found))


def _filtered(chosen: Select[Any], filters: EntryFilter) -> Select[Any]:
    if filters.first is not None:
        chosen = chosen.where(JournalEntry.business_day >= filters.first)
    if filters.last is not None:
        chosen = chosen.where(JournalEntry.business_day <= filters.last)
    if filters.kind == "revenue":
        # What went back of money in suspense has no creator, and was no revenue before.
        is_somebodys = JournalEntry.creator_id.is_not(None)
        chosen = chosen.where(JournalEntry.kind.in_(REVENUE_KINDS), is_somebodys)
    elif filters.kind is not None:
        chosen = chosen.where(JournalEntry.kind == filters.kind)
    if filters.rail is not None:
        chosen = chosen.where(JournalEntry.rail == filters.rail)
    if filters.column_id is not None:
        chosen = chosen.where(JournalEntry.column_id == filters.column_id)
    if filters.creator_handle is not None:
        named = select(Creator.id).where(Creator.handle == filters.creator_handle)
        chosen = chosen.where(JournalEntry.creator_id.in_(named))
    return chosen


def _views(session: Session, found: list[JournalEntry]) -> list[EntryView]:
    lines: dict[UUID, list[PostingView]] = {entry.id: [] for entry in found}
    rows = session.execute(
        select(Posting.entry_id, LedgerAccount.code, LedgerAccount.kind, Posting.amount_fen)
        .join(LedgerAccount, LedgerAccount.id == Posting.account_id)
        .where(Posting.entry_id.in_(lines))
        .order_by(Posting.entry_id, Posting.line)
    )
    for entry_id, code, kind, amount_fen in rows:
        lines[entry_id].append(PostingView(code, kind, amount_fen))
    return [_view(entry, tuple(lines[entry.id])) for entry in found]


def _view(entry: JournalEntry, postings: tuple[PostingView, ...]) -> EntryView:
    return EntryView(
        entry_id=entry.id,
        kind=entry.kind,
        business_day=entry.business_day,
        rail=entry.rail,
        order_id=entry.order_id,
        payment_id=entry.payment_id,
        creator_id=entry.creator_id,
        column_id=entry.column_id,
        occurred_at=entry.occurred_at,
        posted_at=entry.posted_at,
        postings=postings,
    )
