"""What one creator earned and from whom, added up from postings each time it is asked for.

Payments and refunds count as for revenue; the list of sales is of payments alone. A buyer is a
nickname and a number that means nothing elsewhere: no subject, no phone, no id of a person leaves
this file.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

PAGE_SIZE = 30
ALIAS_LENGTH = 4


@dataclass(frozen=True)
class IncomeRow:
    """One business day of one product; `gross = fee + platform + creator`, in fen."""

    business_day: date
    product_id: UUID
    title: str
    orders: int
    gross_fen: int
    fee_fen: int
    platform_fen: int
    creator_fen: int


@dataclass(frozen=True)
class Sale:
    """One paid order as its creator sees it; amounts in fen."""

    entry_id: UUID
    business_day: date
    paid_at: datetime
    buyer_name: str
    buyer_alias: str
    product_id: UUID
    title: str
    rail: str
    gross_fen: int
    creator_fen: int


@dataclass(frozen=True)
class SalesPage:
    """Some sales, newest first, and where the next page begins."""

    items: tuple[Sale, ...]
    next_cursor: UUID | None


@dataclass(frozen=True)
class SalesFilter:
    """Which sales to show; None means any."""

    first: date | None = None
    last: date | None = None
    product_id: UUID | None = None


# An order has one line today; with more, its money would stand under the first.
_INCOME = text("""
SELECT entry.business_day, line.product_id, max(product.title),
       count(DISTINCT entry.order_id) FILTER (WHERE entry.kind = 'payment'),
       coalesce(-sum(posting.amount_fen) FILTER (WHERE account.kind IN
           ('fee', 'platform_share', 'creator_payable')), 0)::bigint,
       coalesce(-sum(posting.amount_fen) FILTER (WHERE account.kind = 'fee'), 0)::bigint,
       coalesce(-sum(posting.amount_fen) FILTER (WHERE account.kind = 'platform_share'), 0)::bigint,
       coalesce(-sum(posting.amount_fen) FILTER (WHERE account.kind = 'creator_payable'), 0)::bigint
FROM journal_entries AS entry
JOIN order_lines AS line ON line.order_id = entry.order_id AND line.line = 1
JOIN products AS product ON product.id = line.product_id
JOIN postings AS posting ON posting.entry_id = entry.id
JOIN ledger_accounts AS account ON account.id = posting.account_id
WHERE entry.kind IN ('payment', 'refund', 'refund_failed') AND entry.creator_id = :creator_id
  AND entry.business_day BETWEEN :first AND :last
GROUP BY 1, 2
ORDER BY 1, 3, 2
""")

_SALES = text("""
SELECT entry.id, entry.business_day, entry.occurred_at, human.nickname, human.id,
       line.product_id, line.title, entry.rail, money.gross_fen, money.creator_fen
FROM journal_entries AS entry
JOIN orders ON orders.id = entry.order_id
JOIN order_lines AS line ON line.order_id = orders.id AND line.line = 1
JOIN people AS buyer ON buyer.id = orders.person_id
JOIN people AS human ON human.id = coalesce(buyer.merged_into_id, buyer.id)
CROSS JOIN LATERAL (
    SELECT coalesce(sum(amount_fen) FILTER (WHERE account.kind = 'receivable'), 0)::bigint
               AS gross_fen,
           coalesce(-sum(amount_fen) FILTER (WHERE account.kind = 'creator_payable'), 0)::bigint
               AS creator_fen
    FROM postings JOIN ledger_accounts AS account ON account.id = postings.account_id
    WHERE postings.entry_id = entry.id
) AS money
WHERE entry.kind = 'payment' AND entry.creator_id = :creator_id
  AND (CAST(:first AS date) IS NULL OR entry.business_day >= :first)
  AND (CAST(:last AS date) IS NULL OR entry.business_day <= :last)
  AND (CAST(:product_id AS uuid) IS NULL OR line.product_id = :product_id)
  AND (CAST(:before AS uuid) IS NULL OR entry.id < :before)
ORDER BY entry.id DESC
LIMIT :limit
""")


def creator_income(
    session: Session, creator_id: UUID, *, first: date, last: date
) -> list[IncomeRow]:
    """What a creator earned from `first` to `last`, a row per business day and product."""
    asked = {"creator_id": creator_id, "first": first, "last": last}
    return [IncomeRow(*row) for row in session.execute(_INCOME, asked)]


def creator_sales(
    session: Session,
    creator_id: UUID,
    filters: SalesFilter,
    *,
    cursor: UUID | None = None,
    limit: int = PAGE_SIZE,
) -> SalesPage:
    """A page of a creator's sales after `cursor` (the last one seen), newest first."""
    asked = {
        "creator_id": creator_id,
        "first": filters.first,
        "last": filters.last,
        "product_id": filters.product_id,
        "before": cursor,
        "limit": limit + 1,
    }
    found = [_sale(creator_id, row) for row in session.execute(_SALES, asked)]
    shown = tuple(found[:limit])
    return SalesPage(shown, shown[-1].entry_id if len(found) > limit else None)


def alias_of(creator_id: UUID, person_id: UUID) -> str:
    """What a creator may call a person without a name; it means nothing anywhere else."""
    # Bound to the creator, so that two creators cannot compare their readers by it.
    digest = hashlib.sha256(f"{creator_id}:{person_id}".encode()).hexdigest()
    return digest[:ALIAS_LENGTH]


def _sale(creator_id: UUID, row: Any) -> Sale:
    return Sale(row[0], row[1], row[2], row[3], alias_of(creator_id, row[4]), *row[5:])
