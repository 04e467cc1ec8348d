"""What must hold for payouts: two people, one number, reserved and then paid or returned."""

from creator_tools.insights.queries.invariant import Invariant

_PAYOUTS = "SELECT count(*) FROM payouts"
_POSTED = """
WITH posted AS (
    SELECT payout.id, payout.state, payout.amount_fen, payout.pot_code,
           count(DISTINCT entry.id) FILTER (WHERE entry.kind = 'payout') AS taken,
           count(DISTINCT entry.id) FILTER (WHERE entry.kind = 'payout_paid') AS paid,
           count(DISTINCT entry.id) FILTER (WHERE entry.kind = 'payout_returned') AS returned,
           coalesce(sum(posting.amount_fen) FILTER (WHERE account.kind = 'payout_in_flight'), 0)
               AS in_flight_fen,
           coalesce(sum(posting.amount_fen) FILTER (WHERE account.code = payout.pot_code), 0)
               AS taken_fen
    FROM payouts AS payout
    LEFT JOIN journal_entries AS entry ON entry.source_key IN (
        'payout:' || payout.id, 'payout_paid:' || payout.id, 'payout_returned:' || payout.id)
    LEFT JOIN postings AS posting ON posting.entry_id = entry.id
    LEFT JOIN ledger_accounts AS account ON account.id = posting.account_id
    GROUP BY payout.id
)
"""

PAYOUT_INVARIANTS = (
    Invariant(
        "payouts.two_people",
        "每笔提现由两个人经手，申请的人、收款的人都不能审批",
        "Two people are behind a payout; neither asker nor receiver approved it",
        _PAYOUTS,
        "SELECT id AS payout_id FROM payouts WHERE state NOT IN ('requested', 'declined') "
        "AND (decided_by_id IS NULL OR decided_by_id IS NOT DISTINCT FROM requested_by_id "
        "OR decided_by_id = person_id)",
    ),
    Invariant(
        "payouts.replaces_failed",
        "重新发起的提现，前一笔必须已经失败或撤销",
        "A payout replaces only one that failed or was taken back",
        _PAYOUTS,
        "SELECT payout.id AS payout_id FROM payouts AS payout "
        "JOIN payouts AS before ON before.id = payout.replaces_id "
        "WHERE before.state NOT IN ('failed', 'cancelled')",
    ),
    Invariant(
        "payouts.posted_as_they_stand",
        "每笔提现先从账户扣下，之后要么付出、要么退回，恰好一次",
        "What a payout took is on its way, paid, or returned: one of the three, to the fen",
        _PAYOUTS,
        _POSTED  # noqa: S608 - both are constants
        + "SELECT id AS payout_id, state, taken, paid, returned FROM posted "
        "WHERE taken <> 1 "
        "OR (state = 'succeeded') <> (paid = 1) "
        "OR (state IN ('declined', 'failed', 'cancelled')) <> (returned = 1) "
        "OR in_flight_fen <> CASE WHEN paid + returned = 0 THEN -amount_fen ELSE 0 END "
        "OR taken_fen <> CASE WHEN returned = 0 THEN amount_fen ELSE 0 END",
    ),
    Invariant(
        "payouts.entries_have_payouts",
        "每张提现凭证都对应一笔提现",
        "No payout entry without its payout",
        "SELECT count(*) FROM journal_entries "
        "WHERE kind IN ('payout', 'payout_paid', 'payout_returned')",
        "SELECT entry.id AS entry_id FROM journal_entries AS entry "
        "WHERE entry.kind IN ('payout', 'payout_paid', 'payout_returned') AND NOT EXISTS ("
        "SELECT FROM payouts AS payout WHERE entry.source_key = entry.kind || ':' || payout.id)",
    ),
    Invariant(
        "payouts.in_flight_is_theirs",
        "在途提现的余额等于还没有结束的提现之和",
        "What is in flight is the sum of the payouts that have not ended",
        _PAYOUTS,
        "WITH underway AS (SELECT account_id, sum(amount_fen) AS amount_fen FROM payouts "
        "WHERE state IN ('requested', 'approved', 'sent', 'waiting') GROUP BY account_id), "
        "booked AS (SELECT account.code, -sum(posting.amount_fen) AS amount_fen "
        "FROM ledger_accounts AS account "
        "JOIN postings AS posting ON posting.account_id = account.id "
        "WHERE account.kind = 'payout_in_flight' GROUP BY account.code) "
        "SELECT booked.code, booked.amount_fen, underway.amount_fen AS underway_fen FROM booked "
        "FULL JOIN underway ON booked.code = 'payout_in_flight:' || underway.account_id "
        "WHERE coalesce(booked.amount_fen, 0) <> coalesce(underway.amount_fen, 0)",
    ),
    Invariant(
        "payouts.underway_is_followed",
        "已经发出的提现，都有下一次查询的时间",
        "Whatever was sent is asked about again",
        _PAYOUTS,
        "SELECT id AS payout_id, state FROM payouts "
        "WHERE (state IN ('sent', 'waiting')) <> (next_query_at IS NOT NULL)",
    ),
)
