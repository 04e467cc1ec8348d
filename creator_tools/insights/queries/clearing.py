"""Clearing accounts: money that only passes through a pot, and what has stayed in it the longest.

Each object that puts money into such a pot takes all of it out again in the end: a payment until
its rail has settled it or somebody has explained it, a refund or a payout until its rail says how
it ended.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

# The pots whose entries return to zero per object. Money of a payment stands under the payment;
# what is going back or out under its refund or payout, the second part of its entries' source
# keys (compared as text: a key that a hand has spoilt must not stop `verify`).
CLEARING_KINDS = ("receivable", "suspense", "refund_in_flight", "payout_in_flight")

_STANDING = text("""
WITH held AS (
    SELECT posting.account_id, posting.amount_fen, entry.occurred_at,
           CASE WHEN account.kind IN ('refund_in_flight', 'payout_in_flight')
                THEN split_part(entry.source_key, ':', 2)
                ELSE CAST(coalesce(entry.payment_id, entry.id) AS text) END AS object_id
    FROM ledger_accounts AS account
    JOIN postings AS posting ON posting.account_id = account.id
    JOIN journal_entries AS entry ON entry.id = posting.entry_id
    WHERE account.kind = ANY(:kinds)
), standing AS (
    SELECT account_id, object_id, sum(amount_fen) AS left_fen, min(occurred_at) AS since
    FROM held GROUP BY account_id, object_id HAVING sum(amount_fen) <> 0
)
SELECT account.code, account.kind, account.rail, count(one.object_id) AS open_count,
       coalesce(sum(one.left_fen), 0)::bigint AS open_fen, min(one.since) AS oldest_since,
       (array_agg(one.object_id ORDER BY one.since, one.object_id))[1] AS oldest_id
FROM ledger_accounts AS account
LEFT JOIN standing AS one ON one.account_id = account.id
WHERE account.kind = ANY(:kinds)
GROUP BY account.id ORDER BY account.code
""")


@dataclass(frozen=True)
class ClearingAccount:
    """How one clearing pot stands: how many objects are open in it, and the oldest of them.

    `oldest_id` is the id of a payment, a refund or a payout; it and `oldest_age` are None
    where nothing is open. Money that a rail owes is positive, money that we owe negative.
    """

    code: str
    kind: str
    rail: str | None
    open_count: int
    open_fen: int
    oldest_id: str | None
    oldest_since: datetime | None
    oldest_age: timedelta | None


def clearing_accounts(session: Session, now: datetime) -> list[ClearingAccount]:
    """Every clearing account that was ever used, in the order of their codes.

    Goes through all entries of these accounts: for `verify` and for people, not for every scrape.
    """
    found = session.execute(_STANDING, {"kinds": list(CLEARING_KINDS)})
    return [_account(row, now) for row in found]


def _account(row: Any, now: datetime) -> ClearingAccount:
    # A clock of the rail may run a little ahead of ours; nothing is younger than new.
    age = None if row.oldest_since is None else max(now - row.oldest_since, timedelta(0))
    return ClearingAccount(
        code=row.code,
        kind=row.kind,
        rail=row.rail,
        open_count=row.open_count,
        open_fen=row.open_fen,
        oldest_id=row.oldest_id,
        oldest_since=row.oldest_since,
        oldest_age=age,
    )
