"""Days of bills for the desk: how far each is, and what differs."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

PAGE = 31


@dataclass(frozen=True)
class BillDayLine:
    """One day in the list."""

    id: UUID
    day: date
    state: str
    failure_code: str | None
    attempts_count: int
    matched_at: datetime | None
    certified_at: datetime | None
    rows_count: int
    open_count: int
    closed_count: int


class BillDayPage(TypedDict):
    """Days, the newest first, and where the next page begins."""

    items: list[BillDayLine]
    next_cursor: str | None


_LIST = text("""
SELECT day.id, day.day, day.state, day.failure_code, day.attempts_count, day.matched_at,
       day.certified_at,
       coalesce((SELECT sum(file.rows_count) FROM bill_files AS file
                 WHERE file.bill_day_id = day.id AND file.kind = 'trade'), 0)::bigint,
       (SELECT count(*) FROM differences AS one
        WHERE one.bill_day_id = day.id AND one.closed_at IS NULL),
       (SELECT count(*) FROM differences AS one
        WHERE one.bill_day_id = day.id AND one.closed_at IS NOT NULL)
FROM bill_days AS day
WHERE CAST(:before AS date) IS NULL OR day.day < :before
ORDER BY day.day DESC, day.id
LIMIT :limit
""")

_DIFFERENCES = text("""
SELECT one.id, one.cause, one.object_key, one.line, one.entry_id, one.order_id, one.ours_fen,
       one.theirs_fen, one.opened_at, one.closed_at, one.closed_by, one.words,
       operator.login AS closed_by_login, bill.payment_ref, bill.trade_no, bill.refund_no,
       bill.words AS row_words
FROM differences AS one
LEFT JOIN bill_rows AS bill ON bill.bill_file_id = one.bill_file_id AND bill.line = one.line
LEFT JOIN operators AS operator ON operator.id = one.closed_by_id
WHERE one.bill_day_id = :bill_day_id
ORDER BY one.closed_at IS NOT NULL, one.id
LIMIT :limit
""")

_SETTLED = text("""
SELECT account.kind, account.code, sum(posting.amount_fen)::bigint AS fen
FROM bill_files AS file
JOIN bill_rows AS bill ON bill.bill_file_id = file.id AND bill.entry_id IS NOT NULL
JOIN journal_entries AS entry ON entry.source_key IN
    ('settlement:' || bill.entry_id, 'fee_true_up:' || bill.entry_id)
JOIN postings AS posting ON posting.entry_id = entry.id
JOIN ledger_accounts AS account ON account.id = posting.account_id
WHERE file.bill_day_id = :bill_day_id
GROUP BY account.kind, account.code ORDER BY account.code
""")
DIFFERENCES_SHOWN_MAX = 200


def list_bill_days(session: Session, *, before: date | None = None) -> BillDayPage:
    """Days, the newest first."""
    rows = session.execute(_LIST, {"before": before, "limit": PAGE + 1}).all()
    shown = [BillDayLine(*row) for row in rows[:PAGE]]
    return {
        "items": shown,
        "next_cursor": shown[-1].day.isoformat() if len(rows) > PAGE else None,
    }


def list_differences(session: Session, bill_day_id: UUID) -> list[dict[str, Any]]:
    """What differs on a day, open ones first; the first two hundred."""
    rows = session.execute(
        _DIFFERENCES, {"bill_day_id": bill_day_id, "limit": DIFFERENCES_SHOWN_MAX}
    )
    return [dict(row) for row in rows.mappings()]


def settled_by_day(session: Session, bill_day_id: UUID) -> list[dict[str, Any]]:
    """What the settlement of a day moved, by account, in fen."""
    return [dict(row) for row in session.execute(_SETTLED, {"bill_day_id": bill_day_id}).mappings()]
