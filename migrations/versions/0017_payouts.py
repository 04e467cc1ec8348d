"""Payouts: what earners take out, and the two pots' kinds and three entries it needs.

Why:    Money leaves for its earners by transfers that they confirm themselves. Each has a row with a
        number of its own, two people behind it, and the entry that took it off the account.
Locks:  ACCESS EXCLUSIVE on ledger_accounts and journal_entries for an instant: the longer lists are
        validated under a lock that lets others write.
Deploy: Before the code.
Back:   Drops the table; refused by the database once a payout was posted.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017_payouts"
down_revision = "0016_platform_certificates"

ACCOUNTS_BEFORE = (
    "receivable",
    "fee",
    "platform_share",
    "creator_payable",
    "suspense",
    "refund_in_flight",
    "merchant_balance",
)
ACCOUNTS_AFTER = (*ACCOUNTS_BEFORE, "payout_in_flight")
ENTRIES_BEFORE = (
    "payment",
    "suspense",
    "fee_true_up",
    "reversal",
    "refund",
    "refund_done",
    "refund_failed",
    "settlement",
)
ENTRIES_AFTER = (*ENTRIES_BEFORE, "payout", "payout_paid", "payout_returned")
_STATES = (
    "requested",
    "approved",
    "sent",
    "waiting",
    "succeeded",
    "declined",
    "failed",
    "cancelled",
)
_GRANT = (
    "DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'juanliu_app') THEN "
    "GRANT SELECT, INSERT, UPDATE ON payouts TO juanliu_app; END IF; END $$"
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    _allow("ledger_accounts", ACCOUNTS_AFTER)
    _allow("journal_entries", ENTRIES_AFTER)
    _add_payouts()
    op.execute(_GRANT)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    _allow("ledger_accounts", ACCOUNTS_BEFORE)
    _allow("journal_entries", ENTRIES_BEFORE)
    op.drop_table("payouts")


def _add_payouts() -> None:
    op.create_table(
        "payouts",
        _id("id"),
        sa.Column("bill_no", sa.String(), nullable=False),
        sa.Column("pot_code", sa.String(), nullable=False),
        _id("creator_id", nullable=True),
        _id("person_id"),
        _id("account_id"),
        _id("surface_id"),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        _id("replaces_id", nullable=True),
        sa.Column("requested_by", sa.String(), nullable=False),
        _id("requested_by_id", nullable=True),
        _moment("requested_at", nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        _id("decided_by_id", nullable=True),
        _moment("decided_at"),
        sa.Column("decision_words", sa.String(), nullable=True),
        sa.Column("external_ref", sa.String(), nullable=True),
        sa.Column("package", sa.String(), nullable=True),
        _moment("confirm_until"),
        _moment("sent_at"),
        _moment("finished_at"),
        sa.Column("failure_code", sa.String(), nullable=True),
        sa.Column("query_attempts_count", sa.BigInteger(), nullable=False),
        _moment("next_query_at"),
        *_checks(),
        *(
            sa.ForeignKeyConstraint([name], [f"{table}.id"], name=op.f(f"fk_payouts_{name}"))
            for name, table in (
                ("creator_id", "creators"),
                ("person_id", "people"),
                ("account_id", "platform_accounts"),
                ("surface_id", "platform_accounts"),
                ("replaces_id", "payouts"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payouts")),
        *(
            sa.UniqueConstraint(name, name=op.f(f"uq_payouts_{name}"))
            for name in ("bill_no", "replaces_id", "external_ref")
        ),
    )
    op.create_index(
        "ix_payouts_query_due",
        "payouts",
        ["next_query_at"],
        postgresql_where=sa.text("next_query_at IS NOT NULL"),
    )
    op.create_index("ix_payouts_pot_code", "payouts", ["pot_code", "id"])
    op.create_index("ix_payouts_person_id", "payouts", ["person_id", "requested_at"])
    op.create_index("ix_payouts_state", "payouts", ["state", "id"])


def _checks() -> list[sa.CheckConstraint]:
    states = ", ".join(f"'{state}'" for state in _STATES)
    rules = {
        "state": f"state IN ({states})",
        "amount_positive": "amount_fen > 0",
        "two_people": "state IN ('requested', 'declined') "
        "OR (decided_by IS NOT NULL AND decided_by_id IS DISTINCT FROM requested_by_id)",
        "finished_has_time": "(state IN ('succeeded', 'failed', 'cancelled', 'declined')) "
        "= (finished_at IS NOT NULL)",
    }
    return [
        sa.CheckConstraint(rule, name=op.f(f"ck_payouts_{name}")) for name, rule in rules.items()
    ]


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
