"""Facts stay facts: an unbalanced entry is refused, ledger, facts and audit never change.

Why:    A guard stands twice: once in the code that explains, once in the table that cannot
        forget. A script, a hand at psql or a bug to come meets the same refusal.
Locks:  ACCESS EXCLUSIVE for an instant on tables that are still empty.
Deploy: With 0001, before the code.
Back:   Drops the triggers; the rows stay.
"""

from alembic import op

revision = "0002_guards"
down_revision = "0001_ground"

IMMUTABLE = (
    "journal_entries",
    "postings",
    "ledger_accounts",
    "payments",
    "inbox_facts",
    "audit_events",
    "revisions",
    "order_lines",
)

_REFUSE_CHANGE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are facts and never change', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$
"""

_REFUSE_UNBALANCED = """
CREATE FUNCTION refuse_unbalanced_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    entry uuid := CASE WHEN TG_TABLE_NAME = 'postings' THEN (to_jsonb(NEW)->>'entry_id')::uuid
                       ELSE (to_jsonb(NEW)->>'id')::uuid END;
    lines bigint;
    total numeric;
BEGIN
    SELECT count(*), coalesce(sum(amount_fen), 0) INTO lines, total
    FROM postings WHERE entry_id = entry;
    IF lines < 2 OR total <> 0 THEN
        RAISE EXCEPTION 'journal entry % does not balance: % lines, sum % fen', entry, lines, total
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.execute(_REFUSE_CHANGE)
    op.execute(_REFUSE_UNBALANCED)
    for table in IMMUTABLE:
        op.execute(
            f"CREATE TRIGGER {table}_are_facts BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    for table in ("postings", "journal_entries"):
        op.execute(
            f"CREATE CONSTRAINT TRIGGER {table}_balance AFTER INSERT ON {table} "
            "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW "
            "EXECUTE FUNCTION refuse_unbalanced_entry()"
        )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    for table in ("postings", "journal_entries"):
        op.execute(f"DROP TRIGGER {table}_balance ON {table}")
    for table in IMMUTABLE:
        op.execute(f"DROP TRIGGER {table}_are_facts ON {table}")
    op.execute("DROP FUNCTION refuse_unbalanced_entry()")
    op.execute("DROP FUNCTION refuse_change()")
