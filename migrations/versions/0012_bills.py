"""Bills of rails: days, files, rows, differences; the balance that a rail has settled.

Why:    Every row of a rail's bill is matched with what was booked, or listed with its cause. A
        matched row settles: the rail owes it no more, the merchant's balance has it.
Locks:  ACCESS EXCLUSIVE on ledger_accounts and journal_entries for an instant: the longer lists
        are validated under a lock that lets others write.
Deploy: Before the code.
Back:   Drops the tables; refused by the database once something was settled.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012_bills"
down_revision = "0011_refunds"

ACCOUNTS_BEFORE = (
    "receivable",
    "fee",
    "platform_share",
    "creator_payable",
    "suspense",
    "refund_in_flight",
)
ACCOUNTS_AFTER = (*ACCOUNTS_BEFORE, "merchant_balance")
ENTRIES_BEFORE = (
    "payment",
    "suspense",
    "fee_true_up",
    "reversal",
    "refund",
    "refund_done",
    "refund_failed",
)
ENTRIES_AFTER = (*ENTRIES_BEFORE, "settlement")
CAUSES = (
    "row_unreadable",
    "row_foreign",
    "row_doubled",
    "payment_unrecorded",
    "payment_unknown",
    "refund_unrecorded",
    "refund_unknown",
    "amount_differs",
    "payment_not_on_bill",
    "refund_not_on_bill",
    "flow_differs",
    "flow_missing",
    "flow_unexplained",
)

_GRANT = (
    "DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'juanliu_app') THEN "
    "GRANT SELECT, INSERT, UPDATE ON bill_days, differences TO juanliu_app; "
    "GRANT SELECT, INSERT ON bill_files, bill_rows TO juanliu_app; "
    "GRANT UPDATE (entry_id) ON bill_rows TO juanliu_app; END IF; END $$"
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    _allow("ledger_accounts", ACCOUNTS_AFTER)
    _allow("journal_entries", ENTRIES_AFTER)
    _add_days()
    _add_files()
    _add_rows()
    _add_differences()
    op.execute(
        "CREATE TRIGGER bill_files_are_facts BEFORE UPDATE OR DELETE OR TRUNCATE "
        "ON bill_files FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.execute(_GRANT)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    _allow("ledger_accounts", ACCOUNTS_BEFORE)
    _allow("journal_entries", ENTRIES_BEFORE)
    for table in ("differences", "bill_rows", "bill_files", "bill_days"):
        op.drop_table(table)


def _add_days() -> None:
    op.create_table(
        "bill_days",
        _id("id"),
        _id("account_id"),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts_count", sa.BigInteger(), nullable=False),
        _moment("next_at"),
        sa.Column("failure_code", sa.String(), nullable=True),
        _moment("created_at", nullable=False),
        _moment("matched_at"),
        _moment("certified_at"),
        sa.Column("certificate_sha256", sa.String(), nullable=True),
        sa.CheckConstraint("state IN ('due', 'matched')", name=op.f("ck_bill_days_state")),
        sa.CheckConstraint(
            "(state = 'due') = (matched_at IS NULL)", name=op.f("ck_bill_days_matched_has_time")
        ),
        sa.CheckConstraint(
            "(certified_at IS NULL) = (certificate_sha256 IS NULL)",
            name=op.f("ck_bill_days_certificate_is_whole"),
        ),
        _to("bill_days", "account_id", "platform_accounts"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bill_days")),
        sa.UniqueConstraint("account_id", "day", name=op.f("uq_bill_days_account_id_day")),
    )
    op.create_index(
        "ix_bill_days_due",
        "bill_days",
        ["next_at"],
        postgresql_where=sa.text("next_at IS NOT NULL"),
    )


def _add_files() -> None:
    op.create_table(
        "bill_files",
        _id("id"),
        _id("bill_day_id"),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("sha1", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("rows_count", sa.BigInteger(), nullable=False),
        _moment("kept_at", nullable=False),
        sa.CheckConstraint("kind IN ('trade', 'flow')", name=op.f("ck_bill_files_kind")),
        sa.CheckConstraint(
            "rows_count >= 0 AND size_bytes >= 0", name=op.f("ck_bill_files_counts_not_negative")
        ),
        sa.CheckConstraint(
            "(sha256 = '') = (size_bytes = 0)", name=op.f("ck_bill_files_empty_has_no_file")
        ),
        _to("bill_files", "bill_day_id", "bill_days"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bill_files")),
        sa.UniqueConstraint("bill_day_id", "kind", name=op.f("uq_bill_files_bill_day_id_kind")),
    )


def _add_rows() -> None:
    op.create_table(
        "bill_rows",
        _id("bill_file_id"),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("payment_ref", "trade_no", "refund_ref", "refund_no", "merchant")
        ),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("fee_millifen", sa.BigInteger(), nullable=False),
        _moment("happened_at"),
        sa.Column("words", sa.String(), nullable=False),
        _id("entry_id", nullable=True),
        sa.CheckConstraint(
            "kind IN ('payment', 'refund', 'flow', 'unread')", name=op.f("ck_bill_rows_kind")
        ),
        _to("bill_rows", "bill_file_id", "bill_files"),
        _to("bill_rows", "entry_id", "journal_entries"),
        sa.PrimaryKeyConstraint("bill_file_id", "line", name=op.f("pk_bill_rows")),
    )
    op.create_index(
        "uq_bill_rows_entry_id",
        "bill_rows",
        ["entry_id"],
        unique=True,
        postgresql_where=sa.text("entry_id IS NOT NULL"),
    )
    op.create_index("ix_bill_rows_payment_ref", "bill_rows", ["payment_ref"])


def _add_differences() -> None:
    listed = ", ".join(f"'{cause}'" for cause in CAUSES)
    op.create_table(
        "differences",
        _id("id"),
        _id("bill_day_id"),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("object_key", sa.String(), nullable=False),
        _id("bill_file_id", nullable=True),
        sa.Column("line", sa.BigInteger(), nullable=True),
        _id("entry_id", nullable=True),
        _id("order_id", nullable=True),
        sa.Column("ours_fen", sa.BigInteger(), nullable=True),
        sa.Column("theirs_fen", sa.BigInteger(), nullable=True),
        _moment("opened_at", nullable=False),
        _moment("closed_at"),
        sa.Column("closed_by", sa.String(), nullable=True),
        _id("closed_by_id", nullable=True),
        sa.Column("words", sa.String(), nullable=False),
        sa.CheckConstraint(f"cause IN ({listed})", name=op.f("ck_differences_cause")),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (closed_by IS NULL) AND (closed_at IS NULL) = (words = '')",
            name=op.f("ck_differences_closed_with_words"),
        ),
        _to("differences", "bill_day_id", "bill_days"),
        _to("differences", "entry_id", "journal_entries"),
        _to("differences", "order_id", "orders"),
        sa.ForeignKeyConstraint(
            ["bill_file_id", "line"],
            ["bill_rows.bill_file_id", "bill_rows.line"],
            name="fk_differences_row",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_differences")),
        sa.UniqueConstraint(
            "bill_day_id",
            "cause",
            "object_key",
            name=op.f("uq_differences_bill_day_id_cause_object_key"),
        ),
    )
    op.create_index("ix_differences_row", "differences", ["bill_file_id", "line"])
    op.create_index(
        "ix_differences_open",
        "differences",
        ["bill_day_id"],
        postgresql_where=sa.text("closed_at IS NULL"),
    )


def _allow(table: str, kinds: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    op.execute(f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_kind")
    op.execute(
        f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_kind CHECK (kind IN ({listed})) NOT VALID"
    )
    op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT ck_{table}_kind")


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))


def _id(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def _moment(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)
