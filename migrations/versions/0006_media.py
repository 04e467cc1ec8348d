"""Audio, video and files: stored objects, uploads on their way, what revisions carry.

Why:    A work carries more than words. The bytes lie in the file store; here is whose they are,
        what they are, and which revision shows them.
Locks:  ACCESS EXCLUSIVE on revisions for an instant (a column with a constant default); the rest
        is new.
Deploy: Before the code that uses it; older code leaves the new column at its default.
Back:   Drops the tables and the column; the bytes in the file store stay and are nobody's.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006_media"
down_revision = "0005_search_and_shares"

TABLES = (
    "media_objects",
    "media_uploads",
    "media_openings",
    "attachments",
    "revision_attachments",
)
_IF_ROLE = "DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'juanliu_app') THEN {} END IF; END $$"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.add_column(
        "revisions",
        sa.Column("attachments_count", sa.BigInteger(), server_default="0", nullable=False),
    )
    _create_media_objects()
    _create_media_uploads()
    _create_attachments()
    op.execute(
        "CREATE TRIGGER revision_attachments_are_facts BEFORE UPDATE OR DELETE OR TRUNCATE "
        "ON revision_attachments FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        _IF_ROLE.format(
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON {', '.join(TABLES)} TO juanliu_app; "
            "REVOKE UPDATE, DELETE ON revision_attachments FROM juanliu_app;"
        )
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    for table in reversed(TABLES):
        op.drop_table(table)
    op.drop_column("revisions", "attachments_count")


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _number(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.String(), nullable=nullable)


def _creator(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["creator_id"], ["creators.id"], name=op.f(f"fk_{table}_creator_id")
    )


def _create_media_objects() -> None:
    op.create_table(
        "media_objects",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creator_id", sa.Uuid(), nullable=False),
        _text("sha256"),
        _text("kind"),
        _text("mime"),
        _number("size_bytes"),
        _number("duration_ms", nullable=True),
        _number("width_px", nullable=True),
        _number("height_px", nullable=True),
        sa.Column("peaks", postgresql.JSONB(none_as_null=True), nullable=True),
        _number("poster_size_bytes", nullable=True),
        _text("playable_mime", nullable=True),
        _number("playable_size_bytes", nullable=True),
        _text("preparation"),
        _text("failure", nullable=True),
        _number("attempts_count"),
        _moment("next_at"),
        _moment("stored_at", nullable=True),
        _moment("dropped_at", nullable=True),
        _moment("created_at"),
        sa.CheckConstraint(
            "kind IN ('audio', 'video', 'file')", name=op.f("ck_media_objects_kind")
        ),
        sa.CheckConstraint(
            "preparation IN ('pending', 'ready', 'failed')",
            name=op.f("ck_media_objects_preparation"),
        ),
        sa.CheckConstraint("size_bytes > 0", name=op.f("ck_media_objects_size_is_positive")),
        _creator("media_objects"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media_objects")),
        sa.UniqueConstraint("id", "creator_id", name=op.f("uq_media_objects_id_creator_id")),
    )
    op.create_index(
        "uq_media_objects_kept",
        "media_objects",
        ["creator_id", "sha256"],
        unique=True,
        postgresql_where=sa.text("dropped_at IS NULL"),
    )
    op.create_index(
        "ix_media_objects_due",
        "media_objects",
        ["next_at"],
        postgresql_where=sa.text("preparation = 'pending' AND dropped_at IS NULL"),
    )
    op.create_index("ix_media_objects_unused", "media_objects", ["created_at"])
    op.create_table(
        "media_openings",
        sa.Column("media_id", sa.Uuid(), nullable=False),
        sa.Column("business_day", sa.Date(), nullable=False),
        _number("openings_count"),
        sa.ForeignKeyConstraint(
            ["media_id"], ["media_objects.id"], name=op.f("fk_media_openings_media_id")
        ),
        sa.PrimaryKeyConstraint("media_id", "business_day", name=op.f("pk_media_openings")),
    )


def _create_media_uploads() -> None:
    op.create_table(
        "media_uploads",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creator_id", sa.Uuid(), nullable=False),
        _text("filename"),
        _number("size_bytes"),
        _number("received_bytes"),
        sa.Column("parts", postgresql.JSONB(), nullable=False),
        _text("state"),
        sa.Column("media_id", sa.Uuid(), nullable=True),
        _moment("created_at"),
        _moment("updated_at"),
        sa.CheckConstraint(
            "state IN ('open', 'complete', 'given_up')", name=op.f("ck_media_uploads_state")
        ),
        sa.CheckConstraint(
            "received_bytes >= 0 AND received_bytes <= size_bytes",
            name=op.f("ck_media_uploads_fits"),
        ),
        _creator("media_uploads"),
        sa.ForeignKeyConstraint(
            ["media_id"], ["media_objects.id"], name=op.f("fk_media_uploads_media_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media_uploads")),
    )
    op.create_index("ix_media_uploads_creator_id", "media_uploads", ["creator_id", "state"])
    op.create_index("ix_media_uploads_updated_at", "media_uploads", ["updated_at"])


def _create_attachments() -> None:
    op.create_table(
        "attachments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creator_id", sa.Uuid(), nullable=False),
        sa.Column("work_id", sa.Uuid(), nullable=False),
        sa.Column("media_id", sa.Uuid(), nullable=False),
        _moment("created_at"),
        _creator("attachments"),
        sa.ForeignKeyConstraint(["work_id"], ["works.id"], name=op.f("fk_attachments_work_id")),
        sa.ForeignKeyConstraint(
            ["media_id", "creator_id"],
            ["media_objects.id", "media_objects.creator_id"],
            name="fk_attachments_own_media",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
        sa.UniqueConstraint("work_id", "media_id", name=op.f("uq_attachments_work_id_media_id")),
        sa.UniqueConstraint("id", "creator_id", name=op.f("uq_attachments_id_creator_id")),
    )
    op.create_index("ix_attachments_media_id", "attachments", ["media_id"])
    op.create_table(
        "revision_attachments",
        sa.Column("revision_id", sa.Uuid(), nullable=False),
        sa.Column("attachment_id", sa.Uuid(), nullable=False),
        sa.Column("creator_id", sa.Uuid(), nullable=False),
        _number("position"),
        _text("title"),
        sa.Column("is_teased", sa.Boolean(), nullable=False),
        _creator("revision_attachments"),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revisions.id"], name=op.f("fk_revision_attachments_revision_id")
        ),
        sa.ForeignKeyConstraint(
            ["attachment_id", "creator_id"],
            ["attachments.id", "attachments.creator_id"],
            name="fk_revision_attachments_own",
        ),
        sa.PrimaryKeyConstraint(
            "revision_id", "attachment_id", name=op.f("pk_revision_attachments")
        ),
        sa.UniqueConstraint(
            "revision_id", "position", name=op.f("uq_revision_attachments_revision_id_position")
        ),
    )
