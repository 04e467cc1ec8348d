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
       gen_random_uuid() AS placed
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
        'id', gen_random_uuid(), 'person_id', f.person, 'subject', 'o-mass-' || f.number)) r
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
    like = {"like": ground.orders[0].order_id, "count": count, "first": first}
    with ground.cluster.connect(DATABASE) as connection, connection.transaction():
        connection.execute(_NUMBERED, like)
        for statement in _ORDERS:
            connection.execute(statement, like)
        rows = connection.execute("SELECT placed, 'o-mass-' || number FROM fresh").fetchall()
    tidy(ground)
    return [PendingOrder(UUID(str(placed)), str(subject)) for placed, subject in rows]


def tidy(ground: Ground) -> None:
    """Let the planner know what was laid, and nothing of it be tidied up while we measure."""
    with ground.cluster.connect(DATABASE) as connection:
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")


def number_of(connection: psycopg.Connection, query: str) -> int:
    """The one number that a query gives."""
    row = connection.execute(query.encode()).fetchone()
    return int(row[0]) if row is not None else 0
