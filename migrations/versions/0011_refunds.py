"""Refunds, the terms an order was placed under, and what a reader has opened.

Why:    Money goes back: a refund has a row and a number of its own, and its lines say for what.
        The sum of all refunds of a payment is capped by the database too. An order keeps the
        terms of refund that were shown when it was placed; a reader's first opening of a work
        that was sold is the fact by which reading is measured.
Locks:  ACCESS EXCLUSIVE on orders, ledger_accounts and journal_entries for an instant: the new
        column has no default, the longer lists are validated under a lock that lets others write.
Deploy: Before the code.
Back:   Drops the tables and the column; refused by the database once a refund was posted.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011_refunds"
down_revision = "0010_muted_notices"

ACCOUNTS_BEFORE = ("receivable", "fee", "platform_share", "creator_payable", "suspense")
ACCOUNTS_AFTER = (*ACCOUNTS_BEFORE, "refund_in_flight")
ENTRIES_BEFORE = ("payment", "suspense", "fee_true_up", "reversal")
ENTRIES_AFTER = (*ENTRIES_BEFORE, "refund", "refund_done", "refund_failed")

_GRANT = (
    "DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'juanliu_app') THEN "
    "GRANT SELECT, INSERT, UPDATE, DELETE ON refunds, work_openings TO juanliu_app; "
    "GRANT SELECT, INSERT ON refund_lines TO juanliu_app; END IF; END $$"
)
# Whoever adds to what goes back of a payment waits here, so that two at once see each other.
_REFUSE_BEYOND_PAID = """
CREATE FUNCTION refuse_refund_beyond_paid() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    going bigint;
    paid bigint;
BEGIN
    IF NEW.state IN ('declined', 'failed') THEN
        RETURN NEW;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('refunds:' || NEW.payment_id::text, 0));
    SELECT coalesce(sum(amount_fen), 0) INTO going FROM refunds
    WHERE payment_id = NEW.payment_id AND id <> NEW.id AND state NOT IN ('declined', 'failed');
    SELECT amount_fen INTO paid FROM payments WHERE id = NEW.payment_id;
    IF going + NEW.amount_fen > paid THEN
        RAISE EXCEPTION 'refunds of payment % would be % of % fen', NEW.payment_id,
            going + NEW.amount_fen, paid USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.add_column("orders", sa.Column("refund_terms", postgresql.JSONB(), nullable=True))
    _allow("ledger_accounts", ACCOUNTS_AFTER)
    _allow("journal_entries", ENTRIES_AFTER)
    _add_refunds()
    _add_lines()
    _add_openings()
    op.execute(_REFUSE_BEYOND_PAID)
    op.execute(
        "CREATE TRIGGER refunds_within_payment BEFORE INSERT OR UPDATE ON refunds "
        "FOR EACH ROW EXECUTE FUNCTION refuse_refund_beyond_paid()"
    )
    op.execute(
        "CREATE TRIGGER refund_lines_are_facts BEFORE UPDATE OR DELETE OR TRUNCATE "
        "ON refund_lines FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.execute(_GRANT)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    _allow("ledger_accounts", ACCOUNTS_BEFORE)
    _allow("journal_entries", ENTRIES_BEFORE)
    op.drop_table("work_openings")
    op.drop_table("refund_lines")
    op.drop_table("refunds")
    op.execute("DROP FUNCTION refuse_refund_beyond_paid()")
    op.drop_column("orders", "refund_terms")


def _add_refunds() -> None:
    op.create_table(
        "refunds",
        _id("id"),
        sa.Column("refund_no", sa.String(), nullable=False),
        _id("creator_id", nullable=True),
        _id("order_id", nullable=True),
        _id("payment_id"),
        _id("person_id", nullable=True),
        _id("account_id"),
        sa.Column("rail", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("fee_fen", sa.BigInteger(), nullable=False),
        sa.Column("platform_fen", sa.BigInteger(), nullable=False),
        sa.Column("creator_fen", sa.BigInteger(), nullable=False),
        sa.Column("reason_code", sa.String(), nullable=False),
        sa.Column("reason_words", sa.String(), nullable=False),
        sa.Column("quote", postgresql.JSONB(), nullable=False),
        sa.Column("requested_by", sa.String(), nullable=False),
        _id("requested_by_id", nullable=True),
        _moment("requested_at", nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        _id("decided_by_id", nullable=True),
        _moment("decided_at"),
        sa.Column("decision_words", sa.String(), nullable=True),
        sa.Column("external_ref", sa.String(), nullable=True),
        _moment("sent_at"),
        _moment("finished_at"),
        sa.Column("failure_code", sa.String(), nullable=True),
        sa.Column("query_attempts_count", sa.BigInteger(), nullable=False),
        _moment("next_query_at"),
        *_refund_checks(),
        *(
            sa.ForeignKeyConstraint([name], [f"{table}.id"], name=op.f(f"fk_refunds_{name}"))
            for name, table in (
                ("creator_id", "creators"),
                ("order_id", "orders"),
                ("payment_id", "payments"),
                ("person_id", "people"),
                ("account_id", "platform_accounts"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refunds")),
        sa.UniqueConstraint("refund_no", name=op.f("uq_refunds_refund_no")),
    )
    op.create_index(
        "uq_refunds_underway",
        "refunds",
        ["payment_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('requested', 'approved', 'sent')"),
    )
    op.create_index(
        "uq_refunds_external_ref",
        "refunds",
        ["account_id", "external_ref"],
        unique=True,
        postgresql_where=sa.text("external_ref IS NOT NULL"),
    )
    op.create_index(
        "ix_refunds_query_due",
        "refunds",
        ["next_query_at"],
        postgresql_where=sa.text("next_query_at IS NOT NULL"),
    )
    op.create_index("ix_refunds_order_id", "refunds", ["order_id"])
    op.create_index("ix_refunds_payment_id", "refunds", ["payment_id"])
    op.create_index("ix_refunds_person_id", "refunds", ["person_id", "requested_at"])
    op.create_index("ix_refunds_state", "refunds", ["state", "id"])


def _refund_checks() -> list[sa.CheckConstraint]:
    states = "'requested', 'approved', 'sent', 'abnormal', 'succeeded', 'declined', 'failed'"
    rules = {
        "rail": "rail IN ('jsapi', 'xpay_android', 'xpay_ios', 'free')",
        "cause": "cause IN ('purchase', 'stray', 'outside')",
        "state": f"state IN ({states})",
        "amount_positive": "amount_fen > 0",
        "parts_are_the_whole": "(fee_fen = 0 AND platform_fen = 0 AND creator_fen = 0) "
        "OR fee_fen + platform_fen + creator_fen = amount_fen",
        "parts_not_negative": "fee_fen >= 0 AND platform_fen >= 0 AND creator_fen >= 0",
        "decided_by_somebody": "(state = 'requested') = (decided_at IS NULL)",
        "purchase_has_order": "cause <> 'purchase' OR order_id IS NOT NULL",
        "finished_has_time": "(state IN ('succeeded', 'failed')) = (finished_at IS NOT NULL)",
    }
    return [
        sa.CheckConstraint(rule, name=op.f(f"ck_refunds_{name}")) for name, rule in rules.items()
    ]


def _add_lines() -> None:
    op.create_table(
        "refund_lines",
        _id("refund_id"),
        _id("order_line_id"),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("ends_access", sa.Boolean(), nullable=False),
        sa.CheckConstraint("amount_fen >= 0", name=op.f("ck_refund_lines_amount_not_negative")),
        sa.ForeignKeyConstraint(
            ["refund_id"], ["refunds.id"], name=op.f("fk_refund_lines_refund_id")
        ),
        sa.ForeignKeyConstraint(
            ["order_line_id"], ["order_lines.id"], name=op.f("fk_refund_lines_order_line_id")
        ),
        sa.PrimaryKeyConstraint("refund_id", "order_line_id", name=op.f("pk_refund_lines")),
    )
    op.create_index("ix_refund_lines_order_line_id", "refund_lines", ["order_line_id"])


def _add_openings() -> None:
    op.create_table(
        "work_openings",
        _id("person_id"),
        _id("work_id"),
        _moment("opened_at", nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_work_openings_person_id")
        ),
        sa.ForeignKeyConstraint(["work_id"], ["works.id"], name=op.f("fk_work_openings_work_id")),
        sa.PrimaryKeyConstraint("person_id", "work_id", name=op.f("pk_work_openings")),
    )


def _allow(table: str, kinds: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    op.execute(f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_kind")
    op.execute(
        f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_kind CHECK (kind IN ({listed})) NOT VALID"
    )
    op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT ck_{table}_kind")


def _id(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def _moment(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)
