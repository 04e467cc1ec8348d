"""What people do not want to be told: kinds of notices that they switched off.

Why:    Whoever waits for a seat, writes works or keeps a group gets messages of the account, and
        could not say that they do not want them.
Locks:  None that others feel: one new table.
Deploy: Before the code.
Back:   Drops the table; everybody is told everything again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010_muted_notices"
down_revision = "0009_desk_sessions"

_TABLE = "muted_notices"
_GRANT = (
    "DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'juanliu_app') THEN "
    f"GRANT SELECT, INSERT, UPDATE, DELETE ON {_TABLE} TO juanliu_app; END IF; END $$"
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.create_table(
        _TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("muted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('seat', 'review', 'keeping')", name=op.f(f"ck_{_TABLE}_kind")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f(f"fk_{_TABLE}_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{_TABLE}")),
        sa.UniqueConstraint("person_id", "kind", name=op.f(f"uq_{_TABLE}_person_id_kind")),
    )
    op.execute(_GRANT)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.drop_table(_TABLE)
