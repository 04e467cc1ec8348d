"""A work may stand in further columns besides its home.

Why:    One piece can belong to two series. `works.column_id` stays the home, where a work is
        priced and counted and which it never leaves; here is where else it stands, or stood.
Locks:  None that anybody feels; a new table.
Deploy: Before the code that uses it; older code knows homes alone.
Back:   Drops the table: works stand in their homes alone, and rights that only a further column
        gave open them no more.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008_column_works"
down_revision = "0007_seats_and_queues"

_IF_ROLE = "DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'juanliu_app') THEN {} END IF; END $$"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.create_table(
        "column_works",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creator_id", sa.Uuid(), nullable=False),
        sa.Column("column_id", sa.Uuid(), nullable=False),
        sa.Column("work_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "removed_at IS NULL OR removed_at >= added_at",
            name=op.f("ck_column_works_removed_after_added"),
        ),
        sa.ForeignKeyConstraint(
            ["creator_id"], ["creators.id"], name=op.f("fk_column_works_creator_id")
        ),
        sa.ForeignKeyConstraint(
            ["column_id"], ["columns.id"], name=op.f("fk_column_works_column_id")
        ),
        sa.ForeignKeyConstraint(["work_id"], ["works.id"], name=op.f("fk_column_works_work_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_column_works")),
    )
    op.create_index("ix_column_works_work_id", "column_works", ["work_id"])
    op.create_index(
        "uq_column_works_standing",
        "column_works",
        ["column_id", "work_id"],
        unique=True,
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.execute(
        _IF_ROLE.format("GRANT SELECT, INSERT, UPDATE, DELETE ON column_works TO juanliu_app;")
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.drop_table("column_works")
