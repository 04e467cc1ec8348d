"""Posting: the one way money is written down.

What may never happen: an entry that does not sum to zero, a changed or deleted line, the same
cause booked twice. Guards: this function, the unique `source_key`, the deferred trigger at
commit, and a role that cannot UPDATE or DELETE.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from creator_tools.kernel.business_day import business_day_of
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.ledger.errors import EntryUnbalanced
from creator_tools.ledger.models import JournalEntry, LedgerAccount, Posting
from creator_tools.ledger.rules import Line, Pot


@dataclass(frozen=True)
class Cause:
    """Why an entry exists and what it belongs to; `source_key` makes it happen once."""

    kind: str
    source_key: str
    rail: str
    occurred_at: datetime
    order_id: UUID | None = None
    payment_id: UUID | None = None
    creator_id: UUID | None = None
    column_id: UUID | None = None


def post(uow: UnitOfWork, cause: Cause, lines: Sequence[Line]) -> UUID | None:
    """Write one balanced entry; lines of zero fen are left out.

    Returns:
        The entry's id, or None when this cause was booked before (nothing changes then).

    Raises:
        EntryUnbalanced: the lines do not sum to zero, or fewer than two are left.
    """
    kept = [line for line in lines if line.amount_fen != 0]
    if len(kept) < 2 or sum(line.amount_fen for line in kept) != 0:
        raise EntryUnbalanced(source_key=cause.source_key)
    entry_id = uow.session.execute(
        insert(JournalEntry)
        .values(
            id=uow.ids.new(),
            kind=cause.kind,
            source_key=cause.source_key,
            order_id=cause.order_id,
            payment_id=cause.payment_id,
            creator_id=cause.creator_id,
            column_id=cause.column_id,
            rail=cause.rail,
            business_day=business_day_of(cause.occurred_at),
            occurred_at=cause.occurred_at,
            posted_at=uow.now(),
        )
        .on_conflict_do_nothing(index_elements=["source_key"])
        .returning(JournalEntry.id)
    ).scalar_one_or_none()
    if entry_id is None:
        return None
    accounts = _accounts(uow, [line.pot for line in kept])
    uow.session.execute(
        insert(Posting),
        [
            {
                "entry_id": entry_id,
                "line": number,
                "account_id": accounts[line.pot.code],
                "amount_fen": line.amount_fen,
            }
            for number, line in enumerate(kept, start=1)
        ],
    )
    return entry_id


def _accounts(uow: UnitOfWork, pots: Sequence[Pot]) -> dict[str, UUID]:
    codes = [pot.code for pot in pots]
    known = _known_accounts(uow, codes)
    missing = sorted((pot for pot in pots if pot.code not in known), key=lambda pot: pot.code)
    if not missing:
        return known
    # In the order of their codes, so that two first payments cannot wait for each other.
    uow.session.execute(
        insert(LedgerAccount)
        .values(
            [
                {
                    "id": uow.ids.new(),
                    "code": pot.code,
                    "kind": pot.kind,
                    "rail": pot.rail,
                    "creator_id": pot.creator_id,
                    "created_at": uow.now(),
                }
                for pot in missing
            ]
        )
        .on_conflict_do_nothing(index_elements=["code"])
    )
    return _known_accounts(uow, codes)


def _known_accounts(uow: UnitOfWork, codes: Sequence[str]) -> dict[str, UUID]:
    rows = uow.session.execute(
        select(LedgerAccount.code, LedgerAccount.id).where(LedgerAccount.code.in_(codes))
    )
    return {row.code: row.id for row in rows}
