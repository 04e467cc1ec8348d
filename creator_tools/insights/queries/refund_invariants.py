"""What must hold for refunds: never beyond what was paid, reversed to the fen, gone or returned."""

from creator_tools.insights.queries.invariant import Invariant

_REFUNDS = "SELECT count(*) FROM refunds"
_DECIDED = "SELECT count(*) FROM refunds WHERE state NOT IN ('requested', 'declined')"
_PURCHASES = (
    "SELECT count(*) FROM refunds WHERE creator_id IS NOT NULL AND cause <> 'stray' "
    "AND state NOT IN ('requested', 'declined')"
)

# What the entries of every refund come to, by kind of account.
_POSTED = """
WITH posted AS (
    SELECT refund.id,
           count(DISTINCT entry.id) FILTER (WHERE entry.kind = 'refund') AS decided,
           count(DISTINCT entry.id) FILTER (WHERE entry.kind = 'refund_done') AS done,
           count(DISTINCT entry.id) FILTER (WHERE entry.kind = 'refund_failed') AS undone,
           coalesce(sum(posting.amount_fen) FILTER (WHERE account.kind = 'refund_in_flight'), 0)
               AS in_flight_fen,
           coalesce(sum(posting.amount_fen) FILTER (WHERE account.kind = 'receivable'), 0)
               AS receivable_fen,
           coalesce(sum(posting.amount_fen) FILTER (WHERE account.kind = 'fee'), 0) AS fee_fen,
           coalesce(sum(posting.amount_fen) FILTER (WHERE account.kind = 'platform_share'), 0)
               AS platform_fen,
           coalesce(sum(posting.amount_fen) FILTER (WHERE account.kind = 'creator_payable'), 0)
               AS creator_fen,
           coalesce(sum(posting.amount_fen) FILTER (WHERE account.kind = 'suspense'), 0)
               AS suspense_fen
    FROM refunds AS refund
    LEFT JOIN journal_entries AS entry ON entry.source_key IN (
        'refund:' || refund.id, 'refund:' || refund.id || '/again',
        'refund_done:' || refund.id, 'refund_failed:' || refund.id)
    LEFT JOIN postings AS posting ON posting.entry_id = entry.id
    LEFT JOIN ledger_accounts AS account ON account.id = posting.account_id
    GROUP BY refund.id
)
"""

REFUND_INVARIANTS = (
    Invariant(
        "refunds.within_payment",
        "一笔款项的全部退款加起来不超过付款金额",
        "All refunds of a payment together are no more than was paid",
        _REFUNDS,
        "SELECT payment.id AS payment_id, payment.amount_fen AS paid_fen, "
        "sum(refund.amount_fen) AS going_fen FROM refunds AS refund "
        "JOIN payments AS payment ON payment.id = refund.payment_id "
        "WHERE refund.state NOT IN ('declined', 'failed') "
        "GROUP BY payment.id HAVING sum(refund.amount_fen) > payment.amount_fen",
    ),
    Invariant(
        "refunds.one_underway",
        "同一笔款项同时只有一笔退款在处理，退款单号不重复",
        "One refund of a payment at a time, each with a number of its own",
        _REFUNDS,
        "SELECT min(refund_no) AS refund_no, count(*) AS refunds FROM refunds "
        "WHERE state IN ('requested', 'approved', 'sent') GROUP BY payment_id HAVING count(*) > 1 "
        "UNION ALL SELECT refund_no, count(*) FROM refunds GROUP BY refund_no HAVING count(*) > 1 "
        "UNION ALL SELECT min(refund_no), count(*) FROM refunds WHERE external_ref IS NOT NULL "
        "GROUP BY account_id, external_ref HAVING count(*) > 1",
    ),
    Invariant(
        "refunds.fits_its_payment",
        "退款的通道、商户、订单与付款一致",
        "A refund has its payment's rail, merchant account and order",
        _REFUNDS,
        "SELECT refund.id AS refund_id FROM refunds AS refund "
        "JOIN payments AS payment ON payment.id = refund.payment_id "
        "WHERE refund.rail <> payment.rail OR refund.account_id <> payment.account_id "
        "OR refund.order_id IS DISTINCT FROM payment.order_id "
        "OR (refund.cause = 'purchase') <> (payment.disposition = 'settled' "
        "AND refund.cause <> 'outside') "
        "OR (refund.cause = 'stray' AND payment.disposition = 'settled')",
    ),
    Invariant(
        "refunds.parts_within_division",
        "退款从手续费、平台、创作者各扣多少，都不超过付款时各得多少",
        "No part of the refunds of a payment is larger than what that part got",
        _PURCHASES,
        "WITH paid AS (SELECT entry.payment_id, "
        "-coalesce(sum(posting.amount_fen) FILTER (WHERE account.kind = 'fee'), 0) AS fee_fen, "
        "-coalesce(sum(posting.amount_fen) FILTER (WHERE account.kind = 'platform_share'), 0) "
        "AS platform_fen, "
        "-coalesce(sum(posting.amount_fen) FILTER (WHERE account.kind = 'creator_payable'), 0) "
        "AS creator_fen FROM journal_entries AS entry "
        "JOIN postings AS posting ON posting.entry_id = entry.id "
        "JOIN ledger_accounts AS account ON account.id = posting.account_id "
        "WHERE entry.kind = 'payment' GROUP BY entry.payment_id), "
        "gone AS (SELECT payment_id, sum(amount_fen) AS amount_fen, sum(fee_fen) AS fee_fen, "
        "sum(platform_fen) AS platform_fen, sum(creator_fen) AS creator_fen FROM refunds "
        "WHERE state NOT IN ('declined', 'failed') AND state <> 'requested' "
        "GROUP BY payment_id) "
        "SELECT gone.payment_id FROM gone JOIN paid ON paid.payment_id = gone.payment_id "
        "JOIN payments AS payment ON payment.id = gone.payment_id "
        "WHERE gone.fee_fen > paid.fee_fen OR gone.platform_fen > paid.platform_fen "
        "OR gone.creator_fen > paid.creator_fen OR (gone.amount_fen = payment.amount_fen "
        "AND (gone.fee_fen, gone.platform_fen, gone.creator_fen) "
        "<> (paid.fee_fen, paid.platform_fen, paid.creator_fen))",
    ),
    Invariant(
        "refunds.posted_as_decided",
        "退款的分录与退款记录的金额、各方份额和状态完全一致",
        "The entries of a refund come to what its row says, part by part and by how it ended",
        _DECIDED,
        _POSTED  # noqa: S608 - both are constants
        + "SELECT refund.id AS refund_id, refund.state, posted.in_flight_fen, "
        "posted.receivable_fen FROM refunds AS refund JOIN posted ON posted.id = refund.id "
        "WHERE CASE WHEN refund.state IN ('requested', 'declined') "
        "THEN posted.decided + posted.done + posted.undone > 0 "
        "WHEN refund.state = 'failed' THEN posted.decided <> 1 OR posted.undone <> 1 "
        "OR posted.done <> 0 OR (posted.in_flight_fen, posted.receivable_fen, posted.fee_fen, "
        "posted.platform_fen, posted.creator_fen, posted.suspense_fen) <> (0, 0, 0, 0, 0, 0) "
        "ELSE posted.decided - posted.undone <> 1 "
        "OR (posted.done = 1) <> (refund.state = 'succeeded') "
        "OR posted.in_flight_fen "
        "<> CASE WHEN refund.state = 'succeeded' THEN 0 ELSE -refund.amount_fen END "
        "OR posted.receivable_fen "
        "<> CASE WHEN refund.state = 'succeeded' THEN -refund.amount_fen ELSE 0 END "
        "OR (posted.fee_fen, posted.platform_fen, posted.creator_fen) "
        "<> (refund.fee_fen, refund.platform_fen, refund.creator_fen) "
        "OR posted.fee_fen + posted.platform_fen + posted.creator_fen + posted.suspense_fen "
        "<> refund.amount_fen END",
    ),
    Invariant(
        "refunds.entry_has_refund",
        "每张退款凭证都对应一笔退款",
        "Every entry of a refund names a refund that exists",
        "SELECT count(*) FROM journal_entries "
        "WHERE kind IN ('refund', 'refund_done', 'refund_failed')",
        "SELECT entry.id AS entry_id, entry.source_key FROM journal_entries AS entry "
        "WHERE entry.kind IN ('refund', 'refund_done', 'refund_failed') "
        "AND NOT EXISTS (SELECT FROM refunds AS refund "
        "WHERE CAST(refund.id AS text) = split_part(split_part(entry.source_key, ':', 2), '/', 1) "
        "AND refund.payment_id = entry.payment_id "
        "AND entry.kind = split_part(entry.source_key, ':', 1))",
    ),
    Invariant(
        "refunds.in_flight_is_owed",
        "在途退款科目的余额，正好是还没有到终态的退款之和",
        "What stands in flight is the sum of the decided refunds that have not ended",
        "SELECT count(*) FROM refunds WHERE state IN ('approved', 'sent', 'abnormal')",
        "SELECT account.code, coalesce(sum(posting.amount_fen), 0) AS in_flight_fen "
        "FROM ledger_accounts AS account "
        "LEFT JOIN postings AS posting ON posting.account_id = account.id "
        "WHERE account.kind = 'refund_in_flight' GROUP BY account.id "
        "HAVING coalesce(sum(posting.amount_fen), 0) <> -coalesce((SELECT sum(refund.amount_fen) "
        "FROM refunds AS refund WHERE refund.state IN ('approved', 'sent', 'abnormal') "
        "AND account.code = 'refund_in_flight:' || refund.rail || ':' || refund.account_id), 0)",
    ),
    Invariant(
        "refunds.lines_are_the_sum",
        "退款行之和等于退款金额，每个订单行退的不超过付的",
        "The lines of a refund are its sum, and no order line gives back more than it cost",
        _PURCHASES,
        "SELECT refund.id AS refund_id, NULL::uuid AS order_line_id FROM refunds AS refund "
        "LEFT JOIN refund_lines AS given ON given.refund_id = refund.id "
        "WHERE refund.creator_id IS NOT NULL AND refund.cause <> 'stray' "
        "AND refund.state NOT IN ('requested', 'declined') GROUP BY refund.id "
        "HAVING coalesce(sum(given.amount_fen), 0) <> refund.amount_fen "
        "UNION ALL SELECT NULL, line.id FROM order_lines AS line "
        "JOIN refund_lines AS given ON given.order_line_id = line.id "
        "JOIN refunds AS refund ON refund.id = given.refund_id "
        "AND refund.state NOT IN ('declined', 'failed') "
        "GROUP BY line.id HAVING sum(given.amount_fen) > line.amount_fen",
    ),
    Invariant(
        "refunds.order_agrees",
        "订单为已退款，当且仅当它的每一行都已退回",
        "An order is refunded exactly when each of its lines went back",
        "SELECT count(*) FROM orders WHERE state IN ('paid', 'refunded')",
        "SELECT orders.id AS order_id, orders.state FROM orders "
        "WHERE orders.state IN ('paid', 'refunded') AND (orders.state = 'refunded') <> "
        "NOT EXISTS (SELECT FROM order_lines AS line WHERE line.order_id = orders.id "
        "AND NOT EXISTS (SELECT FROM refund_lines AS given "
        "JOIN refunds AS refund ON refund.id = given.refund_id "
        "WHERE given.order_line_id = line.id AND given.ends_access "
        "AND refund.state NOT IN ('declined', 'failed')))",
    ),
    Invariant(
        "refunds.returned_is_shut",
        "退回的内容，这笔订单不再打开",
        "A line that went back opens nothing by its order any more",
        "SELECT count(*) FROM refund_lines WHERE ends_access",
        "SELECT refund.id AS refund_id, source.id AS source_id FROM refund_lines AS given "
        "JOIN refunds AS refund ON refund.id = given.refund_id "
        "AND refund.state NOT IN ('declined', 'failed') "
        "JOIN order_lines AS line ON line.id = given.order_line_id "
        "JOIN entitlement_sources AS source ON source.kind = 'order' "
        "AND source.source_id = line.order_id AND source.ended_at IS NULL "
        "JOIN entitlements AS entitlement ON entitlement.id = source.entitlement_id "
        "AND entitlement.object_type = line.object_type AND entitlement.object_id = line.object_id "
        "WHERE given.ends_access",
    ),
    Invariant(
        "refunds.decided_is_promised",
        "每笔决定了的退款都有一个发送动作和一条操作记录",
        "Every decided refund of ours has its promise to the rail and its audit event",
        _DECIDED,
        "SELECT refund.id AS refund_id FROM refunds AS refund "
        "WHERE refund.state NOT IN ('requested', 'declined') AND refund.cause <> 'outside' "
        "AND (NOT EXISTS (SELECT FROM effects AS effect WHERE effect.kind = 'refund.send' "
        "AND effect.idempotency_key = 'refund:' || refund.refund_no) "
        "OR NOT EXISTS (SELECT FROM audit_events AS event WHERE event.object_type = 'refund' "
        "AND event.object_id = refund.id AND event.action = 'refund.approved' "
        "AND event.facts ->> 'amount_fen' = CAST(refund.amount_fen AS text)))",
    ),
    Invariant(
        "refunds.bad_end_has_alarm",
        "失败或异常的退款都有告警",
        "A refund that failed or is stuck has its alarm",
        "SELECT count(*) FROM refunds WHERE state IN ('failed', 'abnormal')",
        "SELECT refund.id AS refund_id, refund.state FROM refunds AS refund "
        "WHERE refund.state IN ('failed', 'abnormal') AND NOT EXISTS (SELECT FROM alarms AS alarm "
        "WHERE alarm.code = 'refund_' || refund.state "
        "AND alarm.object_key = CAST(refund.id AS text))",
    ),
)
