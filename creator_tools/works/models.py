"""Works, their immutable revisions, what is attached, and the checks that let them out."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from creator_tools.kernel.database import Model, one_of

STATES = ("draft", "in_review", "scheduled", "published", "withdrawn", "rejected")
VERDICTS = ("pending", "pass", "needs_person", "risky")


class Work(Model):
    """One publishable thing; what readers see is its live revision."""

    __tablename__ = "works"
    __table_args__ = (
        CheckConstraint(one_of("state", STATES), name="state"),
        CheckConstraint(
            "state <> 'published' OR live_revision_id IS NOT NULL", name="published_has_revision"
        ),
        Index("ix_works_column_id", "column_id", "published_at"),
        Index("ix_works_creator_id", "creator_id"),
        Index("ix_works_due", "publish_at", postgresql_where=text("state = 'scheduled'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    creator_id: Mapped[UUID] = mapped_column(ForeignKey("creators.id"))
    column_id: Mapped[UUID] = mapped_column(ForeignKey("columns.id"))
    title: Mapped[str]
    state: Mapped[str]
    is_free: Mapped[bool]
    draft_revision_id: Mapped[UUID | None]
    live_revision_id: Mapped[UUID | None]
    publish_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class ColumnWork(Model):
    """A work in a column that is not its home, from when until when; ended, never deleted."""

    __tablename__ = "column_works"
    __table_args__ = (
        CheckConstraint("removed_at IS NULL OR removed_at >= added_at", name="removed_after_added"),
        Index("ix_column_works_work_id", "work_id"),
        Index(
            "uq_column_works_standing",
            "column_id",
            "work_id",
            unique=True,
            postgresql_where=text("removed_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    creator_id: Mapped[UUID] = mapped_column(ForeignKey("creators.id"))
    column_id: Mapped[UUID] = mapped_column(ForeignKey("columns.id"))
    work_id: Mapped[UUID] = mapped_column(ForeignKey("works.id"))
    position: Mapped[int]
    added_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class Revision(Model):
    """The content of a work at one moment; never changed, only followed by another."""

    __tablename__ = "revisions"
    __table_args__ = (UniqueConstraint("work_id", "number"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    creator_id: Mapped[UUID] = mapped_column(ForeignKey("creators.id"))
    work_id: Mapped[UUID] = mapped_column(ForeignKey("works.id"))
    number: Mapped[int]
    title: Mapped[str]
    markdown: Mapped[str]
    body_html: Mapped[str]
    preview_html: Mapped[str]
    content_sha256: Mapped[str]
    attachments_count: Mapped[int] = mapped_column(server_default=text("0"))
    created_at: Mapped[datetime]


class Attachment(Model):
    """A media object that a work carries, in whichever of its revisions; the id is for links."""

    __tablename__ = "attachments"
    __table_args__ = (
        UniqueConstraint("work_id", "media_id"),
        UniqueConstraint("id", "creator_id"),
        # Nobody can attach another creator's object, whoever writes the row.
        ForeignKeyConstraint(
            ["media_id", "creator_id"],
            ["media_objects.id", "media_objects.creator_id"],
            name="fk_attachments_own_media",
        ),
        Index("ix_attachments_media_id", "media_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    creator_id: Mapped[UUID] = mapped_column(ForeignKey("creators.id"))
    work_id: Mapped[UUID] = mapped_column(ForeignKey("works.id"))
    media_id: Mapped[UUID]
    created_at: Mapped[datetime]


class RevisionAttachment(Model):
    """What one revision carries: never changed, as the revision is not.

    `is_teased`: the creator lets everybody see its title and size; the bytes stay locked.
    """

    __tablename__ = "revision_attachments"
    __table_args__ = (
        UniqueConstraint("revision_id", "position"),
        ForeignKeyConstraint(
            ["attachment_id", "creator_id"],
            ["attachments.id", "attachments.creator_id"],
            name="fk_revision_attachments_own",
        ),
    )

    revision_id: Mapped[UUID] = mapped_column(ForeignKey("revisions.id"), primary_key=True)
    attachment_id: Mapped[UUID] = mapped_column(primary_key=True)
    creator_id: Mapped[UUID] = mapped_column(ForeignKey("creators.id"))
    position: Mapped[int]
    title: Mapped[str]
    is_teased: Mapped[bool]


class ContentCheck(Model):
    """A verdict on the very bytes of one revision; a person's word beats a machine's."""

    __tablename__ = "content_checks"
    __table_args__ = (
        CheckConstraint(one_of("verdict", VERDICTS), name="verdict"),
        Index(
            "ix_content_checks_open", "requested_at", postgresql_where=text("decided_at IS NULL")
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    creator_id: Mapped[UUID] = mapped_column(ForeignKey("creators.id"))
    work_id: Mapped[UUID] = mapped_column(ForeignKey("works.id"), index=True)
    revision_id: Mapped[UUID] = mapped_column(ForeignKey("revisions.id"), unique=True)
    content_sha256: Mapped[str]
    verdict: Mapped[str]
    detail: Mapped[dict[str, Any]]
    requested_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by_operator_id: Mapped[UUID | None] = mapped_column(ForeignKey("operators.id"))


class Picture(Model):
    """A picture that was uploaded, re-encoded and stored under the hash of its bytes."""

    __tablename__ = "pictures"
    __table_args__ = (UniqueConstraint("creator_id", "sha256"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    creator_id: Mapped[UUID] = mapped_column(ForeignKey("creators.id"))
    sha256: Mapped[str]
    mime: Mapped[str]
    width_px: Mapped[int]
    height_px: Mapped[int]
    size_bytes: Mapped[int]
    created_at: Mapped[datetime]
