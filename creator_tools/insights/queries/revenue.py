"""Revenue, added up from postings each time it is asked for.

Payments count on the day they were paid, and refunds against them on the day they were decided:
what a day shows is what it changed. Money in suspense is nobody's revenue until somebody has found
out whose it is, nor is its going back. A debit is positive and a credit negative, so what the
fee, the platform and the creator got is the negative of what stands on their accounts, and the
gross is the sum of the three.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

RevenueBy = Literal["rail", "creator", "column"]


@dataclass(frozen=True)
class RevenueRow:
    """One business day of one rail, creator handle or column id; amounts in fen."""

    business_day: date
    key: str
    orders: int
    gross_fen: int
    fee_fen: int
    platform_fen: int
    creator_fen: int


@dataclass(frozen=True)
class RevenueTotals:
    """The sum of some revenue rows; `gross = fee + platform + creator`, in fen."""

    orders: int
    gross_fen: int
    fee_fen: int
    platform_fen: int
    creator_fen: int


@dataclass(frozen=True)
class Income:
    """What one creator's sales of one business day came to, in fen."""

    orders: int
    gross_fen: int
    creator_fen: int


# One statement for the three keys: the planner sees a constant, the reader one rule.
_REVENUE = text("""
SELECT entry.business_day,
       CASE :by WHEN 'rail' THEN entry.rail
                WHEN 'creator' THEN coalesce(creator.handle, '')
                ELSE coalesce(entry.column_id::text, '') END AS key,
       count(DISTINCT entry.order_id) FILTER (WHERE entry.kind = 'payment') AS orders,
       coalesce(-sum(posting.amount_fen) FILTER (WHERE account.kind IN
           ('fee', 'platform_share', 'creator_payable')), 0)::bigint,
       coalesce(-sum(posting.amount_fen) FILTER (WHERE account.kind = 'fee'), 0)::bigint,
       coalesce(-sum(posting.amount_fen) FILTER (WHERE account.kind = 'platform_share'), 0)::bigint,
       coalesce(-sum(posting.amount_fen) FILTER (WHERE account.kind = 'creator_payable'), 0)::bigint
FROM journal_entries AS entry
JOIN postings AS posting ON posting.entry_id = entry.id
JOIN ledger_accounts AS account ON account.id = posting.account_id
LEFT JOIN creators AS creator ON creator.id = entry.creator_id
WHERE entry.kind IN ('payment', 'refund', 'refund_failed') AND entry.creator_id IS NOT NULL
  AND entry.business_day BETWEEN :first AND :last
GROUP BY 1, 2
ORDER BY 1, 2
""")

_INCOME = text("""
SELECT count(DISTINCT entry.order_id) FILTER (WHERE entry.kind = 'payment'),
       coalesce(-sum(posting.amount_fen) FILTER (WHERE account.kind IN
           ('fee', 'platform_share', 'creator_payable')), 0)::bigint,
       coalesce(-sum(posting.amount_fen) FILTER (WHERE account.kind = 'creator_payable'), 0)::bigint
FROM journal_entries AS entry
JOIN postings AS posting ON posting.entry_id = entry.id
JOIN ledger_accounts AS account ON account.id = posting.account_id
WHERE entry.kind IN ('payment', 'refund', 'refund_failed') AND entry.creator_id = :creator_id
  AND entry.business_day BETWEEN :first AND :last
""")


def revenue(session: Session, *, first: date, last: date, by: RevenueBy) -> list[RevenueRow]:
    """Revenue from `first` to `last`, both business days included, a row per day and key.

    A key is a rail's name, a creator's handle or a column's id. Days and keys without a payment
    have no row.
    """
    found = session.execute(_REVENUE, {"by": by, "first": first, "last": last})
    return [RevenueRow(*row) for row in found]


def total_of(rows: Iterable[RevenueRow]) -> RevenueTotals:
    """The rows added up; the total of a table is the sum of what it shows."""
    kept = list(rows)
    return RevenueTotals(
        orders=sum(row.orders for row in kept),
        gross_fen=sum(row.gross_fen for row in kept),
        fee_fen=sum(row.fee_fen for row in kept),
        platform_fen=sum(row.platform_fen for row in kept),
        creator_fen=sum(row.creator_fen for row in kept),
    )


def income_of_creator(
    session: Session, creator_id: UUID, day: date, last: date | None = None
) -> Income:
    """What the creator's sales came to, before anything is paid out.

    Of one business day, or of those from `day` to `last`, both included.
    """
    span = {"creator_id": creator_id, "first": day, "last": last or day}
    orders, gross_fen, creator_fen = session.execute(_INCOME, span).one()
    return Income(orders, gross_fen, creator_fen)
