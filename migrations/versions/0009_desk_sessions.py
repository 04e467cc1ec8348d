"""Browsers at a desk that ask to be let into the studio, and their sessions.

Why:    A creator writes at a desk too, where WeChat does not sign them in: the browser shows a code
        and the creator says yes in WeChat.
Locks:  None that others feel: one new table.
Deploy: Before the code.
Back:   Drops the table; every desk is signed out.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009_desk_sessions"
down_revision = "0008_column_works"

_TABLE = "studio_desk_sessions"
_GRANT = (
    "DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'juanliu_app') THEN "
    f"GRANT SELECT, INSERT, UPDATE, DELETE ON {_TABLE} TO juanliu_app; END IF; END $$"
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.create_table(
        _TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("link_hash", sa.LargeBinary(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("browser", sa.String(), nullable=False),
        sa.Column("address_hash", sa.LargeBinary(), nullable=False),
        _moment("asked_at", nullable=False),
        _moment("expires_at", nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        _moment("confirmed_at"),
        _moment("last_seen_at"),
        _moment("revoked_at"),
        sa.CheckConstraint(
            "(person_id IS NULL) = (confirmed_at IS NULL)",
            name=op.f(f"ck_{_TABLE}_confirmed_by_somebody"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f(f"fk_{_TABLE}_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{_TABLE}")),
        sa.UniqueConstraint("token_hash", name=op.f(f"uq_{_TABLE}_token_hash")),
        sa.UniqueConstraint("link_hash", name=op.f(f"uq_{_TABLE}_link_hash")),
    )
    op.create_index(
        f"ix_{_TABLE}_code", _TABLE, ["code"], postgresql_where=sa.text("confirmed_at IS NULL")
    )
    op.create_index(f"ix_{_TABLE}_person_id", _TABLE, ["person_id"])
    op.create_index(f"ix_{_TABLE}_address_hash", _TABLE, ["address_hash", "asked_at"])
    op.create_index(f"ix_{_TABLE}_expires_at", _TABLE, ["expires_at"])
    op.execute(_GRANT)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.drop_table(_TABLE)


def _moment(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)
