"""Reading the ledger: what a payment was cut into, by its own postings."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from creator_tools.kernel.fen import Fen
from creator_tools.ledger.models import JournalEntry, LedgerAccount, Posting
from creator_tools.ledger.rules import Division


def division_of(session: Session, payment_id: UUID) -> Division | None:
    """How a settled payment was cut, added up from what was posted; None for any other."""
    rows = session.execute(
        select(LedgerAccount.kind, func.sum(Posting.amount_fen))
        .join(Posting, Posting.account_id == LedgerAccount.id)
        .join(JournalEntry, JournalEntry.id == Posting.entry_id)
        .where(JournalEntry.payment_id == payment_id, JournalEntry.kind == "payment")
        .group_by(LedgerAccount.kind)
    )
    posted: dict[str, int] = {kind: int(total) for kind, total in rows}
    if not posted:
        return None
    return Division(
        Fen(posted.get("receivable", 0)),
        Fen(-posted.get("fee", 0)),
        Fen(-posted.get("platform_share", 0)),
        Fen(-posted.get("creator_payable", 0)),
    )


def find_entries(session: Session, source_keys: Sequence[str]) -> list[UUID]:
    """The entries with these causes, in the order in which they were posted."""
    return list(
        session.scalars(
            select(JournalEntry.id)
            .where(JournalEntry.source_key.in_(source_keys))
            .order_by(JournalEntry.id)
        )
    )
