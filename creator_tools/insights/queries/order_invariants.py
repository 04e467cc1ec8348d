"""What must hold for orders and payments: paid once, in full, on the books, with a trace."""

from creator_tools.insights.queries.invariant import Invariant

_PAID_ORDERS = "SELECT count(*) FROM orders WHERE state IN ('paid', 'refunded')"
_ALL_ORDERS = "SELECT count(*) FROM orders"
_SETTLED = "SELECT count(*) FROM payments WHERE disposition = 'settled'"
_STRAYS = "SELECT count(*) FROM payments WHERE disposition <> 'settled'"

ORDER_INVARIANTS = (
    Invariant(
        "orders.paid_has_payment",
        "已付款的订单恰有一笔结清的支付，免费订单没有",
        "A paid order has exactly one settled payment; one for nothing has none",
        _PAID_ORDERS,
        "SELECT orders.id AS order_id, count(payment.id) AS payments FROM orders "
        "LEFT JOIN payments AS payment ON payment.order_id = orders.id "
        "AND payment.disposition = 'settled' "
        "WHERE orders.state IN ('paid', 'refunded') GROUP BY orders.id "
        "HAVING count(payment.id) <> CASE WHEN orders.amount_fen > 0 THEN 1 ELSE 0 END",
    ),
    Invariant(
        "orders.paid_has_entry",
        "已付款的订单恰有一张收款凭证，免费订单没有",
        "A paid order has exactly one payment entry; one for nothing has none",
        _PAID_ORDERS,
        "SELECT orders.id AS order_id, count(entry.id) AS entries FROM orders "
        "LEFT JOIN journal_entries AS entry ON entry.order_id = orders.id "
        "AND entry.kind = 'payment' "
        "WHERE orders.state IN ('paid', 'refunded') GROUP BY orders.id "
        "HAVING count(entry.id) <> CASE WHEN orders.amount_fen > 0 THEN 1 ELSE 0 END",
    ),
    Invariant(
        "orders.state_fits_times",
        "订单状态与付款、关闭时间相符",
        "An order's state fits its times",
        _ALL_ORDERS,
        "SELECT id AS order_id, state FROM orders "
        "WHERE (state IN ('paid', 'refunded')) <> (paid_at IS NOT NULL) "
        "OR (state = 'closed' AND closed_at IS NULL) "
        "OR (state = 'pending' AND closed_at IS NOT NULL)",
    ),
    Invariant(
        "orders.amount_is_quoted",
        "订单金额等于报价，也等于各订单行之和",
        "An order's amount is what was quoted, and the sum of its lines",
        _ALL_ORDERS,
        "SELECT orders.id AS order_id, orders.amount_fen, quote.payable_fen, "
        "(SELECT sum(line.amount_fen) FROM order_lines AS line WHERE line.order_id = orders.id) "
        "AS lines_fen FROM orders LEFT JOIN quotes AS quote ON quote.id = orders.quote_id "
        "WHERE orders.amount_fen IS DISTINCT FROM quote.payable_fen "
        "OR orders.creator_id IS DISTINCT FROM quote.creator_id "
        "OR orders.account_id IS DISTINCT FROM quote.account_id "
        "OR orders.amount_fen IS DISTINCT FROM "
        "(SELECT sum(line.amount_fen) FROM order_lines AS line WHERE line.order_id = orders.id)",
    ),
    Invariant(
        "orders.paid_is_told",
        "每个已付款的订单都有操作记录，金额一致",
        "Every paid order has its audit event, with the same amount",
        _PAID_ORDERS,
        "SELECT orders.id AS order_id FROM orders WHERE orders.state IN ('paid', 'refunded') "
        "AND NOT EXISTS (SELECT FROM audit_events AS event WHERE event.object_type = 'order' "
        "AND event.object_id = orders.id AND event.action = 'order.paid' "
        "AND event.facts ->> 'amount_fen' = CAST(orders.amount_fen AS text))",
    ),
    Invariant(
        "orders.not_left_open",
        "未付款的订单不会在过期一天后仍然敞开",
        "No unpaid order stays open for a day after it expired",
        "SELECT count(*) FROM orders WHERE state = 'pending'",
        "SELECT id AS order_id, expires_at FROM orders "
        "WHERE state = 'pending' "
        "AND expires_at < CAST(:quiet_at AS timestamptz) - interval '1 day'",
    ),
    Invariant(
        "payments.settled_agrees",
        "结清的支付在金额、币种、商户、单号、通道和时间上与订单一致",
        "A settled payment agrees with its order on amount, currency, payee, number, rail, time",
        _SETTLED,
        "SELECT payment.id AS payment_id, payment.order_id, payment.amount_fen AS paid_fen, "
        "orders.amount_fen AS ordered_fen FROM payments AS payment "
        "LEFT JOIN orders ON orders.id = payment.order_id WHERE payment.disposition = 'settled' "
        "AND (orders.id IS NULL OR payment.amount_fen <> orders.amount_fen "
        "OR payment.currency <> orders.currency OR payment.trade_no <> orders.trade_no "
        "OR payment.rail <> orders.rail OR payment.paid_at IS DISTINCT FROM orders.paid_at "
        "OR payment.account_id IS DISTINCT FROM orders.payee_account_id)",
    ),
    Invariant(
        "payments.settled_is_paid",
        "结清的支付对应的订单一定是已付款",
        "The order of a settled payment is paid",
        _SETTLED,
        "SELECT payment.id AS payment_id, payment.order_id FROM payments AS payment "
        "LEFT JOIN orders ON orders.id = payment.order_id WHERE payment.disposition = 'settled' "
        "AND (orders.paid_at IS NULL OR orders.state NOT IN ('paid', 'refunded'))",
    ),
    Invariant(
        "payments.once",
        "同一支付事实只记一次，每个订单至多一笔结清",
        "One payment per fact, and at most one settled per order",
        "SELECT count(*) FROM payments",
        "SELECT min(fact_key) AS fact_key, count(*) AS payments FROM payments "
        "GROUP BY account_id, fact_key HAVING count(*) > 1 "
        "UNION ALL SELECT min(fact_key), count(*) FROM payments WHERE disposition = 'settled' "
        "GROUP BY order_id HAVING count(*) > 1",
    ),
    Invariant(
        "payments.stray_is_suspended",
        "对不上的款项都挂了账，金额一致",
        "Money that fits no order stands in suspense, to the fen",
        _STRAYS,
        "SELECT payment.id AS payment_id, payment.disposition FROM payments AS payment "
        "LEFT JOIN journal_entries AS entry ON entry.payment_id = payment.id "
        "AND entry.kind = 'suspense' "
        "WHERE payment.disposition <> 'settled' AND (entry.id IS NULL "
        "OR payment.amount_fen IS DISTINCT FROM (SELECT -sum(posting.amount_fen) "
        "FROM postings AS posting JOIN ledger_accounts AS account "
        "ON account.id = posting.account_id "
        "WHERE posting.entry_id = entry.id AND account.kind = 'suspense')) "
        "UNION ALL SELECT entry.id, 'entry without a stray payment' "
        "FROM journal_entries AS entry LEFT JOIN payments AS payment "
        "ON payment.id = entry.payment_id AND payment.disposition <> 'settled' "
        "WHERE entry.kind = 'suspense' AND payment.id IS NULL",
    ),
    Invariant(
        "payments.stray_has_alarm",
        "对不上的款项都有告警",
        "Money that fits no order has its alarm",
        _STRAYS,
        "SELECT payment.id AS payment_id, payment.disposition FROM payments AS payment "
        "WHERE payment.disposition <> 'settled' AND NOT EXISTS (SELECT FROM alarms AS alarm "
        "WHERE alarm.code = 'payment_' || payment.disposition "
        "AND alarm.object_key = CAST(payment.id AS text))",
    ),
)
