"""Reading reconciliation: what is due, how far a day is, what differs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Row, func, select, text
from sqlalchemy.orm import Session

from creator_tools.reconciliation.errors import BillDayNotFound, DifferenceNotFound
from creator_tools.reconciliation.models import BillDay, BillFile, BillRow, Difference
from creator_tools.reconciliation.ports import DueDay, KeptBill


@dataclass(frozen=True)
class MatchedSums:
    """What a day comes to: rows, rows that agree, and the money of those, in fen."""

    rows_count: int
    matched_count: int
    paid_fen: int
    refunded_fen: int
    fee_fen: int
    open_count: int
    closed_count: int


# Our side of the rows of a bill: found by unique keys, whatever the day was booked under.
_BESIDE = text("""
SELECT bill.line, bill.kind, bill.payment_ref, bill.trade_no, bill.refund_ref, bill.refund_no,
       bill.merchant, bill.amount_fen, bill.fee_millifen, bill.happened_at,
       entry.id AS entry_id, entry.order_id, entry.payment_id, entry.creator_id, entry.column_id,
       placed.id AS known_order_id, given.id AS known_refund_id,
       CASE WHEN bill.kind = 'refund' THEN given.fee_fen ELSE coalesce(-booked.fee_fen, 0) END
           AS fee_fen,
       abs(booked.receivable_fen) AS receivable_fen,
       EXISTS (SELECT FROM bill_rows AS other WHERE other.entry_id = entry.id) AS is_taken
FROM bill_rows AS bill
LEFT JOIN payments AS payment ON bill.kind = 'payment' AND payment.fact_key = bill.payment_ref
    AND payment.rail = 'jsapi' AND payment.account_id = ANY(:accounts)
LEFT JOIN refunds AS given ON bill.kind = 'refund' AND given.refund_no = bill.refund_no
LEFT JOIN orders AS placed ON placed.trade_no = bill.trade_no
LEFT JOIN journal_entries AS entry ON entry.source_key = CASE
    WHEN bill.kind = 'refund' THEN 'refund_done:' || given.id
    ELSE 'payment:' || payment.id END
LEFT JOIN LATERAL (
    SELECT sum(posting.amount_fen) FILTER (WHERE account.code = :receivable) AS receivable_fen,
           sum(posting.amount_fen) FILTER (WHERE account.kind = 'fee') AS fee_fen
    FROM postings AS posting JOIN ledger_accounts AS account ON account.id = posting.account_id
    WHERE posting.entry_id = entry.id
) AS booked ON true
WHERE bill.bill_file_id = :bill_file_id AND bill.line > :after AND bill.entry_id IS NULL
    AND bill.kind <> 'flow'
    AND (NOT EXISTS (SELECT FROM differences AS listed
                     WHERE listed.bill_file_id = bill.bill_file_id AND listed.line = bill.line)
         OR EXISTS (SELECT FROM differences AS listed
                    WHERE listed.bill_file_id = bill.bill_file_id AND listed.line = bill.line
                      AND listed.closed_at IS NULL AND listed.cause = ANY(:healing)))
ORDER BY bill.line
LIMIT :count
""")

_NOT_ON_BILL = text("""
SELECT entry.id AS entry_id, entry.order_id, entry.kind, sum(posting.amount_fen)::bigint AS ours_fen
FROM journal_entries AS entry
JOIN postings AS posting ON posting.entry_id = entry.id
JOIN ledger_accounts AS account ON account.id = posting.account_id AND account.code = :receivable
WHERE entry.business_day = :day AND entry.kind IN ('payment', 'suspense', 'refund_done')
  AND NOT EXISTS (SELECT FROM bill_rows AS bill WHERE bill.entry_id = entry.id)
  AND NOT EXISTS (SELECT FROM differences AS listed
                  WHERE listed.bill_day_id = :bill_day_id AND listed.entry_id = entry.id)
GROUP BY entry.id
ORDER BY entry.id
""")

# What moved on the balance, beside what the trade bill says should have moved; per number. A row
# that stands there twice is listed as such and counts once.
_FLOWS = text("""
WITH moved AS (
    SELECT bill.payment_ref AS number, sum(bill.amount_fen)::bigint AS fen,
           string_agg(DISTINCT bill.words, ', ') AS words, min(bill.line) AS line
    FROM bill_rows AS bill WHERE bill.bill_file_id = :flow_file_id AND bill.kind = 'flow'
    GROUP BY bill.payment_ref
), told AS (
    SELECT one.number, sum(one.net_fen)::bigint AS fen FROM (
        SELECT DISTINCT bill.kind,
               CASE bill.kind WHEN 'refund' THEN bill.refund_ref ELSE bill.payment_ref END
                   AS number,
               CASE bill.kind WHEN 'refund' THEN -1 ELSE 1 END * bill.amount_fen
                   - sign(bill.fee_millifen) * div(abs(bill.fee_millifen) * 2 + 1000, 2000)
                   AS net_fen
        FROM bill_rows AS bill
        WHERE bill.bill_file_id = :trade_file_id AND bill.kind IN ('payment', 'refund')
          AND bill.merchant = :merchant
    ) AS one GROUP BY one.number
)
SELECT coalesce(moved.number, told.number) AS number, moved.fen AS moved_fen, told.fen AS told_fen,
       moved.words, moved.line
FROM moved FULL JOIN told ON told.number = moved.number
WHERE moved.fen IS DISTINCT FROM told.fen
ORDER BY 1
""")


def list_due(session: Session, now: datetime, limit: int = 4) -> list[DueDay]:
    """Days whose time has come, the oldest first."""
    rows = session.execute(
        select(BillDay.id, BillDay.account_id, BillDay.day, BillDay.attempts_count)
        .where(BillDay.next_at <= now)
        .order_by(BillDay.day, BillDay.id)
        .limit(limit)
    )
    return [DueDay(*row) for row in rows]


def find_day(session: Session, account_id: UUID, day: date) -> BillDay | None:
    """The day of one merchant account, if it was opened."""
    return session.scalars(
        select(BillDay).where(BillDay.account_id == account_id, BillDay.day == day)
    ).one_or_none()


def get_day(session: Session, bill_day_id: UUID) -> BillDay:
    """One day.

    Raises:
        BillDayNotFound: there is none.
    """
    found = session.get(BillDay, bill_day_id)
    if found is None:
        raise BillDayNotFound
    return found


def newest_day(session: Session, account_id: UUID) -> date | None:
    """The newest day that was opened for an account."""
    return session.scalar(select(func.max(BillDay.day)).where(BillDay.account_id == account_id))


def first_business(session: Session, rail: str) -> date | None:
    """The first business day on which this rail moved money."""
    found: date | None = session.scalar(
        text(
            "SELECT min(business_day) FROM journal_entries "
            "WHERE rail = :rail AND kind IN ('payment', 'suspense')"
        ),
        {"rail": rail},
    )
    return found


def has_business(session: Session, day: date, receivable: str) -> bool:
    """Whether anything was booked on this day that its bill should show."""
    found = session.scalar(
        text(
            "SELECT EXISTS (SELECT FROM journal_entries AS entry "
            "JOIN postings AS posting ON posting.entry_id = entry.id "
            "JOIN ledger_accounts AS account ON account.id = posting.account_id "
            "AND account.code = :receivable WHERE entry.business_day = :day "
            "AND entry.kind IN ('payment', 'suspense', 'refund_done'))"
        ),
        {"day": day, "receivable": receivable},
    )
    return bool(found)


def kept_bills(session: Session, bill_day_id: UUID) -> dict[str, tuple[UUID, KeptBill]]:
    """The kept files of a day by their kind."""
    rows = session.scalars(select(BillFile).where(BillFile.bill_day_id == bill_day_id))
    return {
        row.kind: (
            row.id,
            KeptBill(
                "flow" if row.kind == "flow" else "trade",
                row.sha1,
                row.sha256,
                row.size_bytes,
                row.rows_count,
            ),
        )
        for row in rows
    }


def count_rows(session: Session, bill_file_id: UUID) -> tuple[int, int]:
    """How many rows of a file are in, and the last line of them (0 without any)."""
    count, last = session.execute(
        select(func.count(), func.coalesce(func.max(BillRow.line), 0)).where(
            BillRow.bill_file_id == bill_file_id
        )
    ).one()
    return int(count), int(last)


def rows_beside(
    session: Session,
    *,
    bill_file_id: UUID,
    accounts: Sequence[UUID],
    receivable: str,
    healing: Sequence[str],
    after: int,
    count: int,
) -> Sequence[Row[tuple[object, ...]]]:
    """The next rows of a trade bill that are neither matched nor listed, with our side of each.

    Args:
        accounts: the accounts a payment of this merchant may have been recorded under.
        receivable: the pot that our side must have moved.
        healing: the causes whose rows are looked at again while they are open.
        after: the line after which to begin; count: how many rows at most.
    """
    return session.execute(
        _BESIDE,
        {
            "bill_file_id": bill_file_id,
            "accounts": list(accounts),
            "receivable": receivable,
            "healing": list(healing),
            "after": after,
            "count": count,
        },
    ).all()


def booked_and_not_on_bill(
    session: Session, bill_day: BillDay, receivable: str
) -> Sequence[Row[tuple[object, ...]]]:
    """What we booked on this day and no bill shows."""
    return session.execute(
        _NOT_ON_BILL,
        {"bill_day_id": bill_day.id, "day": bill_day.day, "receivable": receivable},
    ).all()


def flows_beside(
    session: Session, *, flow_file_id: UUID, trade_file_id: UUID, merchant: str
) -> Sequence[Row[tuple[object, ...]]]:
    """The numbers whose movements on the balance are not what the trade bill says."""
    return session.execute(
        _FLOWS,
        {"flow_file_id": flow_file_id, "trade_file_id": trade_file_id, "merchant": merchant},
    ).all()


def open_differences(
    session: Session, bill_day_id: UUID, causes: Sequence[str] | None = None
) -> list[Difference]:
    """The open differences of a day, of these causes or of all."""
    query = select(Difference).where(
        Difference.bill_day_id == bill_day_id, Difference.closed_at.is_(None)
    )
    if causes is not None:
        query = query.where(Difference.cause.in_(causes))
    return list(session.scalars(query.order_by(Difference.id)))


def lock_difference(session: Session, difference_id: UUID) -> Difference:
    """One difference, held until the unit ends.

    Raises:
        DifferenceNotFound: there is none.
    """
    found = session.get(Difference, difference_id, with_for_update=True)
    if found is None:
        raise DifferenceNotFound
    return found


def sums_of(session: Session, bill_day_id: UUID) -> MatchedSums:
    """What a day comes to, added up from its rows and differences."""
    trade = (
        select(BillRow)
        .join(BillFile, BillFile.id == BillRow.bill_file_id)
        .where(BillFile.bill_day_id == bill_day_id, BillFile.kind == "trade")
        .subquery()
    )
    is_in = trade.c.entry_id.is_not(None)
    whole = func.sign(trade.c.fee_millifen) * func.div(
        func.abs(trade.c.fee_millifen) * 2 + 1000, 2000
    )
    rows = session.execute(
        select(
            func.count(),
            func.count().filter(is_in),
            func.coalesce(func.sum(trade.c.amount_fen).filter(is_in, trade.c.kind == "payment"), 0),
            func.coalesce(func.sum(trade.c.amount_fen).filter(is_in, trade.c.kind == "refund"), 0),
            func.coalesce(func.sum(whole).filter(is_in), 0),
        ).select_from(trade)
    ).one()
    ended = Difference.closed_at.is_not(None)
    open_count, closed_count = session.execute(
        select(func.count().filter(~ended), func.count().filter(ended)).where(
            Difference.bill_day_id == bill_day_id
        )
    ).one()
    rows_count, matched_count, paid_fen, refunded_fen, fee_fen = (int(one) for one in rows)
    return MatchedSums(
        rows_count=rows_count,
        matched_count=matched_count,
        paid_fen=paid_fen,
        refunded_fen=refunded_fen,
        fee_fen=fee_fen,
        open_count=int(open_count),
        closed_count=int(closed_count),
    )
