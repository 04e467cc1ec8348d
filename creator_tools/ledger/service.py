"""Posting: the one way money is written down.

What may never happen: an entry that does not sum to zero, a changed or deleted line, the same
cause booked twice. Guards: this function, the unique `source_key`, the deferred trigger at
commit, and a role that cannot UPDATE or DELETE.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from creator_tools.kernel.business_day import business_day_of
from creator_tools.kernel.sheaf import Sheaf
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
    kept = _balanced(cause, lines)
    entry_id = uow.session.execute(
        insert(JournalEntry)
        .values(**_entry_row(uow, cause))
        .on_conflict_do_nothing(index_elements=["source_key"])
        .returning(JournalEntry.id)
    ).scalar_one_or_none()
    if entry_id is None:
        return None
    accounts = _accounts(uow, [line.pot for line in kept])
    uow.session.execute(insert(Posting), _posting_rows(entry_id, kept, accounts))
    return entry_id


def put(
    sheaf: Sheaf,
    uow: UnitOfWork,
    cause: Cause,
    lines: Sequence[Line],
    accounts: Mapping[str, UUID],
) -> None:
    """Put what `post` would write on a sheaf; the cause must be new and its pots known.

    Args:
        accounts: of `KnownPots`, with every pot of the lines.

    Raises:
        EntryUnbalanced: the lines do not sum to zero, or fewer than two are left.
    """
    kept = _balanced(cause, lines)
    entry = _entry_row(uow, cause)
    sheaf.add(JournalEntry, entry)
    for row in _posting_rows(entry["id"], kept, accounts):
        sheaf.add(Posting, row)


def open_pots(uow: UnitOfWork, pots: Sequence[Pot]) -> None:
    """Make the accounts of these pots where they are missing, before a sheaf needs them."""
    _accounts(uow, pots)


class KnownPots:
    """The accounts of pots in one database, remembered: an account once there never changes."""

    def __init__(self) -> None:
        self._accounts: dict[str, UUID] = {}

    def accounts(self, uow: UnitOfWork, pots: Iterable[Pot]) -> Mapping[str, UUID]:
        """The accounts by code that exist already, these pots' among them; one query at most."""
        unknown = {pot.code for pot in pots} - self._accounts.keys()
        if unknown:
            self._accounts.update(_known_accounts(uow, sorted(unknown)))
        return self._accounts


def _balanced(cause: Cause, lines: Sequence[Line]) -> list[Line]:
    kept = [line for line in lines if line.amount_fen != 0]
    if len(kept) < 2 or sum(line.amount_fen for line in kept) != 0:
        raise EntryUnbalanced(source_key=cause.source_key)
    return kept


def _entry_row(uow: UnitOfWork, cause: Cause) -> dict[str, Any]:
    return {
        "id": uow.ids.new(),
        "kind": cause.kind,
        "source_key": cause.source_key,
        "order_id": cause.order_id,
        "payment_id": cause.payment_id,
        "creator_id": cause.creator_id,
        "column_id": cause.column_id,
        "rail": cause.rail,
        "business_day": business_day_of(cause.occurred_at),
        "occurred_at": cause.occurred_at,
        "posted_at": uow.now(),
    }


def _posting_rows(
    entry_id: UUID, kept: Sequence[Line], accounts: Mapping[str, UUID]
) -> list[dict[str, Any]]:
    return [
        {
            "entry_id": entry_id,
            "line": number,
            "account_id": accounts[line.pot.code],
            "amount_fen": line.amount_fen,
        }
        for number, line in enumerate(kept, start=1)
    ]


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
