"""The certificates with which WeChat Pay signs, and when it was last asked for them.

Why:    A merchant may have certificates, a public key, or both while it changes over; what is
        signed with either must be verified, also when the platform cannot be asked.
Locks:  None that others feel: two new tables.
Deploy: Before the code.
Back:   Drops the tables; the certificates are fetched again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016_platform_certificates"
down_revision = "0012_bills"

_CERTIFICATES, _CHECKS = "platform_certificates", "certificate_checks"
_GRANT = (
    "DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'juanliu_app') THEN "
    f"GRANT SELECT, INSERT ON {_CERTIFICATES} TO juanliu_app; "
    f"GRANT SELECT, INSERT, UPDATE ON {_CHECKS} TO juanliu_app; END IF; END $$"
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.create_table(
        _CERTIFICATES,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("serial_no", sa.String(), nullable=False),
        sa.Column("pem", sa.String(), nullable=False),
        *(_moment(name) for name in ("effective_at", "expires_at", "kept_at")),
        sa.CheckConstraint(
            "effective_at < expires_at", name=op.f(f"ck_{_CERTIFICATES}_term_not_empty")
        ),
        _to_account(_CERTIFICATES),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{_CERTIFICATES}")),
        sa.UniqueConstraint(
            "account_id", "serial_no", name=op.f(f"uq_{_CERTIFICATES}_account_id_serial_no")
        ),
    )
    op.create_table(
        _CHECKS,
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        _moment("next_at"),
        _to_account(_CHECKS),
        sa.PrimaryKeyConstraint("account_id", name=op.f(f"pk_{_CHECKS}")),
    )
    op.execute(
        f"CREATE TRIGGER {_CERTIFICATES}_are_facts BEFORE UPDATE OR DELETE OR TRUNCATE "
        f"ON {_CERTIFICATES} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.execute(_GRANT)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.drop_table(_CHECKS)
    op.drop_table(_CERTIFICATES)


def _moment(name: str) -> sa.Column[sa.DateTime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _to_account(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["account_id"], ["platform_accounts.id"], name=op.f(f"fk_{table}_account_id")
    )
