"""Many rows at once, copied from one that the services made.

Growth is shown on rows that look like the real ones. Made one by one they would take longer than
all that is measured; here a row is copied as it is, with what makes it another one replaced.
"""

from uuid import UUID

import psycopg

from benchmarks.ground import DATABASE, Ground, PendingOrder

_NUMBERED = """
CREATE TEMP TABLE fresh ON COMMIT DROP AS
SELECT %(first)s + n AS number, gen_random_uuid() AS person, gen_random_uuid() AS quote,
       gen_random_uuid() AS placed, gen_random_uuid() AS payment, gen_random_uuid() AS entry,
       gen_random_uuid() AS held
FROM generate_series(1, %(count)s) n
"""
_ORDERS = (
    """
INSERT INTO people SELECT r.* FROM fresh f, orders o JOIN people p ON p.id = o.person_id,
    jsonb_populate_record(p, jsonb_build_object('id', f.person)) r WHERE o.id = %(like)s
""",
    """
INSERT INTO identities SELECT r.* FROM fresh f, orders o
    JOIN identities i ON i.person_id = o.person_id, jsonb_populate_record(i, jsonb_build_object(
        'id', gen_random_uuid(), 'person_id', f.person, 'subject', %(called)s || f.number)) r
    WHERE o.id = %(like)s
""",
    """
INSERT INTO quotes SELECT r.* FROM fresh f, orders o JOIN quotes q ON q.id = o.quote_id,
    jsonb_populate_record(q, jsonb_build_object('id', f.quote, 'person_id', f.person)) r
    WHERE o.id = %(like)s
""",
    """
INSERT INTO orders SELECT r.* FROM fresh f, orders o, jsonb_populate_record(o, jsonb_build_object(
    'id', f.placed, 'trade_no', replace(f.placed::text, '-', ''), 'person_id', f.person,
    'quote_id', f.quote)) r WHERE o.id = %(like)s
""",
    """
INSERT INTO order_lines SELECT r.* FROM fresh f, order_lines l,
    jsonb_populate_record(l, jsonb_build_object('id', gen_random_uuid(), 'order_id', f.placed)) r
    WHERE l.order_id = %(like)s
""",
)


def lay_orders(ground: Ground, count: int, *, first: int = 0) -> list[PendingOrder]:
    """So many more pending orders, each of somebody new, like the first one of the ground.

    Args:
        first: the number of the first; numbers of one ground must not meet.
    """
    like = {"like": ground.orders[0].order_id, "count": count, "first": first, "called": "o-mass-"}
    with ground.cluster.connect(DATABASE) as connection, connection.transaction():
        for statement in (_NUMBERED, *_ORDERS):
            connection.execute(statement, like)
        rows = connection.execute("SELECT placed, 'o-mass-' || number FROM fresh").fetchall()
    tidy(ground)
    return [PendingOrder(UUID(str(placed)), str(subject)) for placed, subject in rows]


def tidy(ground: Ground, database: str = DATABASE) -> None:
    """Let the planner know what was laid, and nothing of it be tidied up while we measure."""
    with ground.cluster.connect(database) as connection:
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")


def number_of(connection: psycopg.Connection, query: str) -> int:
    """The one number that a query gives."""
    row = connection.execute(query.encode()).fetchone()
    return int(row[0]) if row is not None else 0


# --- history --------------------------------------------------------------------------------

_PAID = (
    """
INSERT INTO payments SELECT r.* FROM fresh f, payments p,
    jsonb_populate_record(p, jsonb_build_object('id', f.payment, 'order_id', f.placed,
        'fact_key', %(called)s || f.number, 'payment_ref', %(called)s || f.number,
        'trade_no', replace(f.placed::text, '-', ''))) r WHERE p.order_id = %(like)s
""",
    """
INSERT INTO journal_entries SELECT r.* FROM fresh f, journal_entries e,
    jsonb_populate_record(e, jsonb_build_object('id', f.entry, 'order_id', f.placed,
        'payment_id', f.payment, 'source_key', 'payment:' || f.payment)) r
    WHERE e.order_id = %(like)s
""",
    """
INSERT INTO postings SELECT r.* FROM fresh f, journal_entries e
    JOIN postings s ON s.entry_id = e.id,
    jsonb_populate_record(s, jsonb_build_object('entry_id', f.entry)) r WHERE e.order_id = %(like)s
""",
    """
INSERT INTO entitlements SELECT r.* FROM fresh f, entitlement_sources s
    JOIN entitlements e ON e.id = s.entitlement_id,
    jsonb_populate_record(e, jsonb_build_object('id', f.held, 'person_id', f.person)) r
    WHERE s.source_id = %(like)s
""",
    """
INSERT INTO entitlement_sources SELECT r.* FROM fresh f, entitlement_sources s,
    jsonb_populate_record(s, jsonb_build_object('id', gen_random_uuid(), 'entitlement_id', f.held,
        'source_id', f.placed)) r WHERE s.source_id = %(like)s
""",
)
_WORKS = (
    """
CREATE TEMP TABLE fresh_works ON COMMIT DROP AS
SELECT gen_random_uuid() AS work, gen_random_uuid() AS revision FROM generate_series(1, %(count)s)
""",
    """
INSERT INTO works SELECT r.* FROM fresh_works f, works w, jsonb_populate_record(w,
    jsonb_build_object('id', f.work, 'state', 'draft', 'draft_revision_id', NULL,
        'live_revision_id', NULL)) r WHERE w.id = %(like)s
""",
    """
INSERT INTO revisions SELECT r.* FROM fresh_works f, works w
    JOIN revisions v ON v.id = w.live_revision_id,
    jsonb_populate_record(v, jsonb_build_object('id', f.revision, 'work_id', f.work)) r
    WHERE w.id = %(like)s
""",
    """
UPDATE works w SET state = 'published', draft_revision_id = f.revision,
    live_revision_id = f.revision FROM fresh_works f WHERE w.id = f.work
""",
)


def lay_history(
    ground: Ground, database: str, *, orders: int, works: int, called: str = "past"
) -> None:
    """So many more paid orders of as many fans, and works, like the first ones of the ground.

    Args:
        called: how their names begin; two histories of one database are called differently.
    """
    with ground.cluster.connect(database) as connection, connection.transaction():
        past = {"like": ground.orders[0].order_id, "count": orders, "first": 0}
        for statement in (_NUMBERED, *_ORDERS, *_PAID):
            connection.execute(statement, past | {"called": f"{called}-"})
    with ground.cluster.connect(database) as connection, connection.transaction():
        for statement in _WORKS:
            connection.execute(statement, {"like": ground.work_id, "count": works})
