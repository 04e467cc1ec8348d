"""What must hold for bills: every row matched or listed, every settlement whole, no silent end."""

from creator_tools.insights.queries.invariant import Invariant

_ROWS = (
    "SELECT count(*) FROM bill_rows AS bill JOIN bill_files AS file ON file.id = bill.bill_file_id "
    "JOIN bill_days AS day ON day.id = file.bill_day_id WHERE day.state = 'matched'"
)
_MATCHED_DAYS = "SELECT count(*) FROM bill_days WHERE state = 'matched'"
_SETTLED = "SELECT count(*) FROM bill_rows WHERE entry_id IS NOT NULL"

BILL_INVARIANTS = (
    Invariant(
        "bills.row_matched_or_listed",
        "账单的每一行要么对上一张凭证，要么列为差异，不会两者都是",
        "Every row of a bill is matched with one entry or listed as a difference, never both",
        _ROWS,
        "SELECT bill.bill_file_id, bill.line FROM bill_rows AS bill "
        "JOIN bill_files AS file ON file.id = bill.bill_file_id "
        "JOIN bill_days AS day ON day.id = file.bill_day_id "
        "LEFT JOIN LATERAL (SELECT count(*) AS listed, "
        "count(*) FILTER (WHERE one.closed_at IS NULL) AS open FROM differences AS one "
        "WHERE one.bill_file_id = bill.bill_file_id AND one.line = bill.line) AS said ON true "
        "WHERE day.state = 'matched' AND bill.kind <> 'flow' "
        "AND ((bill.entry_id IS NULL AND said.listed = 0) "
        "OR (bill.entry_id IS NOT NULL AND said.open > 0))",
    ),
    Invariant(
        "bills.file_is_whole",
        "核对过的每一天都有两份账单，行数与账单自己说的一致",
        "A matched day has both its bills, with as many rows as they say",
        _MATCHED_DAYS,
        "SELECT day.id AS bill_day_id, count(file.id) AS files FROM bill_days AS day "
        "LEFT JOIN bill_files AS file ON file.bill_day_id = day.id "
        "AND file.rows_count = (SELECT count(*) FROM bill_rows AS bill "
        "WHERE bill.bill_file_id = file.id) "
        "WHERE day.state = 'matched' GROUP BY day.id HAVING count(file.id) <> 2",
    ),
    Invariant(
        "bills.booked_is_on_bill",
        "核对过的日子里，我们入账的每一笔都在账单里，或列为差异",
        "What was booked on a matched day, before it was matched, is on a bill or listed",
        "SELECT count(*) FROM journal_entries AS entry "
        "JOIN bill_days AS day ON day.day = entry.business_day AND day.state = 'matched' "
        "WHERE entry.rail = 'jsapi' AND entry.kind IN ('payment', 'suspense', 'refund_done')",
        "SELECT entry.id AS entry_id, day.id AS bill_day_id FROM journal_entries AS entry "
        "JOIN bill_days AS day ON day.day = entry.business_day AND day.state = 'matched' "
        "WHERE entry.rail = 'jsapi' AND entry.kind IN ('payment', 'suspense', 'refund_done') "
        # A payment that was being recorded while the day was matched is looked at the next time.
        "AND entry.posted_at < day.matched_at - interval '1 minute' "
        "AND EXISTS (SELECT FROM postings AS posting JOIN ledger_accounts AS account "
        "ON account.id = posting.account_id WHERE posting.entry_id = entry.id "
        "AND account.code = 'receivable:jsapi:' || day.account_id) "
        "AND NOT EXISTS (SELECT FROM bill_rows AS bill WHERE bill.entry_id = entry.id) "
        "AND NOT EXISTS (SELECT FROM differences AS one WHERE one.entry_id = entry.id)",
    ),
    Invariant(
        "bills.settled_to_zero",
        "对上账单的每一笔，通道应收恰好结清，且只结一次",
        "What was matched is settled once, and its receivable is zero afterwards",
        _SETTLED,
        "SELECT bill.entry_id, sum(posting.amount_fen) AS left_fen FROM bill_rows AS bill "
        "LEFT JOIN journal_entries AS settled "
        "ON settled.source_key = 'settlement:' || bill.entry_id "
        "LEFT JOIN postings AS posting ON posting.entry_id IN (bill.entry_id, settled.id) "
        "AND posting.account_id IN "
        "(SELECT account.id FROM ledger_accounts AS account WHERE account.kind = 'receivable') "
        "WHERE bill.entry_id IS NOT NULL GROUP BY bill.entry_id, settled.id "
        "HAVING settled.id IS NULL OR sum(posting.amount_fen) <> 0",
    ),
    Invariant(
        "bills.settlement_has_row",
        "每张结算凭证都来自账单里的一行",
        "A settlement has a row of a bill behind it",
        "SELECT count(*) FROM journal_entries WHERE kind = 'settlement'",
        "SELECT entry.id AS entry_id FROM journal_entries AS entry "
        "WHERE entry.kind = 'settlement' AND NOT EXISTS (SELECT FROM bill_rows AS bill "
        "WHERE entry.source_key = 'settlement:' || bill.entry_id)",
    ),
    Invariant(
        "bills.certified_has_none_open",
        "有零差异证明的日子没有未处理的差异，差异关闭必有原因",
        "A certified day has no open difference, and a closed difference has its reason",
        _MATCHED_DAYS,
        "SELECT day.id AS bill_day_id, one.id AS difference_id FROM bill_days AS day "
        "JOIN differences AS one ON one.bill_day_id = day.id "
        "WHERE (day.certified_at IS NOT NULL AND one.closed_at IS NULL "
        "AND one.opened_at <= day.certified_at) "
        "OR (one.closed_at IS NOT NULL AND btrim(one.words) = '')",
    ),
)
