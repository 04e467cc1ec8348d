"""What must hold for the ledger: balanced, caused, divided by the rule, never twice."""

from creator_tools.insights.queries.invariant import Invariant

_PAYMENT_ENTRIES = "SELECT count(*) FROM journal_entries WHERE kind = 'payment'"
_ALL_ENTRIES = "SELECT count(*) FROM journal_entries"
_ALL_POSTINGS = "SELECT count(*) FROM postings"

_DIVIDED = """
WITH divided AS (
    SELECT entry.id AS entry_id, entry.order_id, entry.rail, entry.business_day,
           coalesce(sum(posting.amount_fen) FILTER (WHERE account.kind = 'receivable'), 0)
               AS gross_fen,
           coalesce(-sum(posting.amount_fen) FILTER (WHERE account.kind = 'fee'), 0) AS fee_fen,
           coalesce(-sum(posting.amount_fen) FILTER (WHERE account.kind = 'platform_share'), 0)
               AS platform_fen,
           coalesce(-sum(posting.amount_fen) FILTER (WHERE account.kind = 'creator_payable'), 0)
               AS creator_fen
    FROM journal_entries AS entry
    LEFT JOIN postings AS posting ON posting.entry_id = entry.id
    LEFT JOIN ledger_accounts AS account ON account.id = posting.account_id
    WHERE entry.kind = 'payment'
    GROUP BY entry.id
)
"""

LEDGER_INVARIANTS = (
    Invariant(
        "ledger.balanced",
        "每张凭证的分录合计为零",
        "The postings of every entry sum to zero",
        _ALL_POSTINGS,
        "SELECT entry_id, sum(amount_fen) AS off_by_fen FROM postings "
        "GROUP BY entry_id HAVING sum(amount_fen) <> 0",
    ),
    Invariant(
        "ledger.two_lines",
        "每张凭证至少有两条分录，且没有零额分录",
        "Every entry has at least two postings, none of them zero",
        _ALL_ENTRIES,
        "SELECT entry.id AS entry_id, count(posting.line) AS lines FROM journal_entries AS entry "
        "LEFT JOIN postings AS posting ON posting.entry_id = entry.id GROUP BY entry.id "
        "HAVING count(posting.line) < 2 OR count(*) FILTER (WHERE posting.amount_fen = 0) > 0",
    ),
    Invariant(
        "ledger.no_orphan",
        "每条分录都属于存在的凭证和科目",
        "Every posting belongs to an entry and an account that exist",
        _ALL_POSTINGS,
        "SELECT posting.entry_id, posting.line FROM postings AS posting "
        "LEFT JOIN journal_entries AS entry ON entry.id = posting.entry_id "
        "LEFT JOIN ledger_accounts AS account ON account.id = posting.account_id "
        "WHERE entry.id IS NULL OR account.id IS NULL",
    ),
    Invariant(
        "ledger.once",
        "同一来源只记一张凭证，同一笔支付也只记一张",
        "One entry per source key, and one per payment",
        _ALL_ENTRIES,
        "SELECT min(source_key) AS source_key, count(*) AS entries FROM journal_entries "
        "GROUP BY source_key HAVING count(*) > 1 "
        "UNION ALL SELECT min(source_key), count(*) FROM journal_entries "
        "WHERE payment_id IS NOT NULL AND kind IN ('payment', 'suspense') "
        "GROUP BY payment_id HAVING count(*) > 1",
    ),
    Invariant(
        "ledger.has_cause",
        "每张收款凭证都有已结清的支付和已付款的订单",
        "Every payment entry has its settled payment and its paid order",
        _PAYMENT_ENTRIES,
        "SELECT entry.id AS entry_id, entry.order_id FROM journal_entries AS entry "
        "LEFT JOIN orders ON orders.id = entry.order_id "
        "LEFT JOIN payments AS payment ON payment.id = entry.payment_id "
        "AND payment.order_id = entry.order_id AND payment.disposition = 'settled' "
        "WHERE entry.kind = 'payment' "
        "AND (orders.paid_at IS NULL OR orders.state NOT IN ('paid', 'refunded') "
        "OR payment.id IS NULL)",
    ),
    Invariant(
        "ledger.gross_is_payment",
        "凭证的应收金额等于支付金额",
        "What an entry says the rail owes us is what the payment says was paid",
        "SELECT count(*) FROM journal_entries WHERE kind IN ('payment', 'suspense')",
        "SELECT entry.id AS entry_id, payment.amount_fen AS paid_fen, "
        "sum(posting.amount_fen) FILTER (WHERE account.kind = 'receivable') AS receivable_fen "
        "FROM journal_entries AS entry "
        "LEFT JOIN payments AS payment ON payment.id = entry.payment_id "
        "LEFT JOIN postings AS posting ON posting.entry_id = entry.id "
        "LEFT JOIN ledger_accounts AS account ON account.id = posting.account_id "
        "WHERE entry.kind IN ('payment', 'suspense') GROUP BY entry.id, payment.amount_fen "
        "HAVING payment.amount_fen IS DISTINCT FROM "
        "sum(posting.amount_fen) FILTER (WHERE account.kind = 'receivable')",
    ),
    Invariant(
        "ledger.divided_by_rule",
        "平台分成按订单冻结的比例向下取整，其余归创作者",
        "The platform's share is the order's rate rounded down, the creator gets the rest",
        _PAYMENT_ENTRIES,
        _DIVIDED  # noqa: S608 - both are constants
        + "SELECT divided.entry_id, gross_fen, fee_fen, platform_fen, creator_fen, "
        "orders.platform_share_bp FROM divided JOIN orders ON orders.id = divided.order_id "
        "WHERE gross_fen <= 0 OR fee_fen < 0 OR fee_fen > gross_fen "
        "OR platform_fen <> floor((gross_fen - fee_fen) * orders.platform_share_bp / 10000) "
        "OR creator_fen <> gross_fen - fee_fen - platform_fen",
    ),
    Invariant(
        "ledger.fee_by_table",
        "通道手续费等于当日费率表算出的金额",
        "The fee is what the dated table says for that rail and day",
        "SELECT count(*) FROM journal_entries WHERE kind = 'payment' "
        "AND rail = ANY(CAST(:fee_rails AS text[]))",
        _DIVIDED  # noqa: S608 - both are constants
        + "SELECT entry_id, gross_fen, fee_fen, rate.bp AS rate_bp FROM divided "
        "JOIN LATERAL (SELECT dated.bp FROM unnest(CAST(:fee_rails AS text[]), "
        "CAST(:fee_since AS date[]), CAST(:fee_bp AS bigint[])) AS dated (rail, since, bp) "
        "WHERE dated.rail = divided.rail AND dated.since <= divided.business_day "
        "ORDER BY dated.since DESC LIMIT 1) AS rate ON true "
        "WHERE fee_fen <> floor((gross_fen * rate.bp * 2 + 10000) / 20000)",
    ),
    Invariant(
        "ledger.accounts_fit",
        "分录的科目与凭证的通道、创作者和种类相符",
        "The accounts of an entry fit its rail, its creator and its kind",
        _ALL_POSTINGS,
        "SELECT entry.id AS entry_id, account.code FROM postings AS posting "
        "JOIN journal_entries AS entry ON entry.id = posting.entry_id "
        "JOIN ledger_accounts AS account ON account.id = posting.account_id "
        "WHERE split_part(account.code, ':', 1) <> account.kind "
        "OR (account.rail IS NOT NULL AND account.rail <> entry.rail) "
        "OR (account.kind = 'receivable' AND account.rail IS NULL) "
        "OR (account.kind = 'creator_payable' "
        "AND (account.creator_id IS NULL OR account.creator_id IS DISTINCT FROM entry.creator_id)) "
        "OR (entry.kind = 'payment' AND account.kind = 'suspense') "
        "OR (entry.kind = 'suspense' AND account.kind NOT IN ('receivable', 'suspense')) "
        "OR (entry.kind IN ('payment', 'suspense') "
        "AND (account.kind = 'receivable') <> (posting.amount_fen > 0))",
    ),
    Invariant(
        "ledger.entry_matches_order",
        "收款凭证的创作者、专栏与订单相符，通道与支付相符",
        "An entry carries its order's creator and column, and its payment's rail",
        _PAYMENT_ENTRIES,
        "SELECT entry.id AS entry_id, entry.order_id FROM journal_entries AS entry "
        "JOIN orders ON orders.id = entry.order_id "
        "JOIN payments AS payment ON payment.id = entry.payment_id "
        "WHERE entry.kind = 'payment' AND (entry.creator_id IS DISTINCT FROM orders.creator_id "
        "OR entry.rail <> payment.rail OR NOT EXISTS (SELECT FROM order_lines AS line "
        "WHERE line.order_id = orders.id AND line.column_id = entry.column_id))",
    ),
    Invariant(
        "ledger.business_day",
        "凭证的账务日就是发生时刻的北京日期",
        "An entry's business day is the Beijing date of its moment, and that of its payment",
        _ALL_ENTRIES,
        "SELECT entry.id AS entry_id, entry.business_day FROM journal_entries AS entry "
        "LEFT JOIN payments AS payment ON payment.id = entry.payment_id "
        "WHERE entry.business_day "
        "<> CAST((entry.occurred_at AT TIME ZONE 'UTC') + interval '8 hours' AS date) "
        "OR (entry.kind = 'payment' AND entry.occurred_at <> payment.paid_at)",
    ),
)
