"""Split agreements: members, dated versions, signatures, divisions; what a party is owed.

Why:    A creator shares what a column earns with others by terms that all have signed. What a
        party gets is theirs in the ledger, on a pot of their own, by an entry beside each payment.
Locks:  ACCESS EXCLUSIVE on ledger_accounts and journal_entries for an instant: the longer lists
        are validated under a lock that lets others write.
Deploy: Before the code.
Back:   Drops the tables; refused by the database once something was divided.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018_splits"
down_revision = "0017_payouts"

ACCOUNTS_BEFORE = (
    "receivable",
    "fee",
    "platform_share",
    "creator_payable",
    "suspense",
    "refund_in_flight",
    "merchant_balance",
    "payout_in_flight",
)
ACCOUNTS_AFTER = (*ACCOUNTS_BEFORE, "party_payable")
ENTRIES_BEFORE = (
    "payment",
    "suspense",
    "fee_true_up",
    "reversal",
    "refund",
    "refund_done",
    "refund_failed",
    "settlement",
    "payout",
    "payout_paid",
    "payout_returned",
)
ENTRIES_AFTER = (*ENTRIES_BEFORE, "split")

_GRANT = (
    "DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'juanliu_app') THEN "
    "GRANT SELECT, INSERT, UPDATE ON split_agreements, split_versions TO juanliu_app; "
    "GRANT SELECT, INSERT ON split_members, split_signatures, split_divisions TO juanliu_app; "
    "END IF; END $$"
)
# What was proposed stays as it was; it is signed by all or withdrawn, once.
_REFUSE_REWRITE = """
CREATE FUNCTION refuse_split_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.agreement_id, NEW.number, NEW.terms, NEW.terms_hash, NEW.starts_at,
        NEW.proposed_at)
       IS DISTINCT FROM (OLD.id, OLD.agreement_id, OLD.number, OLD.terms, OLD.terms_hash,
        OLD.starts_at, OLD.proposed_at)
       OR (OLD.in_force_at IS NOT NULL AND NEW.in_force_at IS DISTINCT FROM OLD.in_force_at)
       OR (OLD.withdrawn_at IS NOT NULL AND NEW.withdrawn_at IS DISTINCT FROM OLD.withdrawn_at)
    THEN
        RAISE EXCEPTION 'split version % is not rewritten', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    _allow("ledger_accounts", ACCOUNTS_AFTER)
    _allow("journal_entries", ENTRIES_AFTER)
    _add_agreements()
    _add_versions()
    _add_divisions()
    op.execute(_REFUSE_REWRITE)
    op.execute(
        "CREATE TRIGGER split_versions_stay BEFORE UPDATE ON split_versions "
        "FOR EACH ROW EXECUTE FUNCTION refuse_split_rewrite()"
    )
    op.execute(
        "CREATE TRIGGER split_versions_are_kept BEFORE DELETE OR TRUNCATE "
        "ON split_versions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    for table in ("split_signatures", "split_divisions"):
        op.execute(
            f"CREATE TRIGGER {table}_are_facts BEFORE UPDATE OR DELETE OR TRUNCATE "
            f"ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    op.execute(_GRANT)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    _allow("ledger_accounts", ACCOUNTS_BEFORE)
    _allow("journal_entries", ENTRIES_BEFORE)
    for table in (
        "split_divisions",
        "split_signatures",
        "split_versions",
        "split_members",
        "split_agreements",
    ):
        op.drop_table(table)
    op.execute("DROP FUNCTION refuse_split_rewrite()")


def _add_agreements() -> None:
    op.create_table(
        "split_agreements",
        _id("id"),
        _id("creator_id"),
        _id("column_id", nullable=True),
        _moment("opened_at", nullable=False),
        _moment("ended_at"),
        _to("split_agreements", "creator_id", "creators"),
        _to("split_agreements", "column_id", "columns"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_split_agreements")),
    )
    op.create_index("ix_split_agreements_creator_id", "split_agreements", ["creator_id"])
    op.create_index(
        "uq_split_agreements_open",
        "split_agreements",
        ["creator_id", "column_id"],
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "split_members",
        _id("agreement_id"),
        _id("person_id"),
        _moment("joined_at", nullable=False),
        _to("split_members", "agreement_id", "split_agreements"),
        _to("split_members", "person_id", "people"),
        sa.PrimaryKeyConstraint("agreement_id", "person_id", name=op.f("pk_split_members")),
    )
    op.create_index("ix_split_members_person_id", "split_members", ["person_id"])


def _add_versions() -> None:
    op.create_table(
        "split_versions",
        _id("id"),
        _id("agreement_id"),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("terms", sa.String(), nullable=False),
        sa.Column("terms_hash", sa.String(), nullable=False),
        _moment("starts_at", nullable=False),
        _moment("proposed_at", nullable=False),
        _moment("in_force_at"),
        _moment("withdrawn_at"),
        sa.CheckConstraint(
            "in_force_at IS NULL OR withdrawn_at IS NULL",
            name=op.f("ck_split_versions_signed_or_withdrawn"),
        ),
        sa.CheckConstraint(
            "in_force_at >= starts_at", name=op.f("ck_split_versions_not_before_its_date")
        ),
        _to("split_versions", "agreement_id", "split_agreements"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_split_versions")),
        sa.UniqueConstraint(
            "agreement_id", "number", name=op.f("uq_split_versions_agreement_id_number")
        ),
    )
    op.create_index(
        "uq_split_versions_waiting",
        "split_versions",
        ["agreement_id"],
        unique=True,
        postgresql_where=sa.text("in_force_at IS NULL AND withdrawn_at IS NULL"),
    )
    op.create_table(
        "split_signatures",
        _id("version_id"),
        _id("person_id"),
        sa.Column("terms_hash", sa.String(), nullable=False),
        _moment("signed_at", nullable=False),
        _to("split_signatures", "version_id", "split_versions"),
        _to("split_signatures", "person_id", "people"),
        sa.PrimaryKeyConstraint("version_id", "person_id", name=op.f("pk_split_signatures")),
    )


def _add_divisions() -> None:
    op.create_table(
        "split_divisions",
        _id("entry_id"),
        _id("version_id"),
        _id("payment_id"),
        _id("split_entry_id", nullable=True),
        _moment("divided_at", nullable=False),
        _to("split_divisions", "entry_id", "journal_entries"),
        _to("split_divisions", "version_id", "split_versions"),
        _to("split_divisions", "payment_id", "payments"),
        _to("split_divisions", "split_entry_id", "journal_entries"),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_split_divisions")),
        sa.UniqueConstraint("split_entry_id", name=op.f("uq_split_divisions_split_entry_id")),
    )
    op.create_index("ix_split_divisions_version_id", "split_divisions", ["version_id"])
    op.create_index("ix_split_divisions_payment_id", "split_divisions", ["payment_id"])


def _allow(table: str, kinds: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    op.execute(f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_kind")
    op.execute(
        f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_kind CHECK (kind IN ({listed})) NOT VALID"
    )
    op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT ck_{table}_kind")


def _to(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))


def _id(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def _moment(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)
