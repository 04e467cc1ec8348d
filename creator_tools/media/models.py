"""Stored objects, and the uploads that become them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from creator_tools.kernel.database import Model, one_of

KINDS = ("audio", "video", "file")
PREPARATIONS = ("pending", "ready", "failed")
UPLOAD_STATES = ("open", "complete", "given_up")


class MediaObject(Model):
    """One file of one creator; the same bytes again are the same object.

    The bytes lie under the object's own id, so that two creators with the same file share nothing
    and a removal cannot meet somebody else's arrival.
    """

    __tablename__ = "media_objects"
    __table_args__ = (
        CheckConstraint(one_of("kind", KINDS), name="kind"),
        CheckConstraint(one_of("preparation", PREPARATIONS), name="preparation"),
        CheckConstraint("size_bytes > 0", name="size_is_positive"),
        UniqueConstraint("id", "creator_id"),
        Index(
            "uq_media_objects_kept",
            "creator_id",
            "sha256",
            unique=True,
            postgresql_where=text("dropped_at IS NULL"),
        ),
        Index(
            "ix_media_objects_due",
            "next_at",
            postgresql_where=text("preparation = 'pending' AND dropped_at IS NULL"),
        ),
        Index("ix_media_objects_unused", "created_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    creator_id: Mapped[UUID] = mapped_column(ForeignKey("creators.id"))
    sha256: Mapped[str]
    kind: Mapped[str]
    mime: Mapped[str]
    size_bytes: Mapped[int]
    duration_ms: Mapped[int | None]
    width_px: Mapped[int | None]
    height_px: Mapped[int | None]
    peaks: Mapped[list[int] | None] = mapped_column(JSONB(none_as_null=True))
    poster_size_bytes: Mapped[int | None]
    playable_mime: Mapped[str | None]
    playable_size_bytes: Mapped[int | None]
    preparation: Mapped[str]
    failure: Mapped[str | None]
    attempts_count: Mapped[int]
    next_at: Mapped[datetime]
    stored_at: Mapped[datetime | None]
    dropped_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class MediaUpload(Model):
    """A file on its way, part after part; `parts` names what has arrived, in order."""

    __tablename__ = "media_uploads"
    __table_args__ = (
        CheckConstraint(one_of("state", UPLOAD_STATES), name="state"),
        CheckConstraint("received_bytes >= 0 AND received_bytes <= size_bytes", name="fits"),
        Index("ix_media_uploads_creator_id", "creator_id", "state"),
        Index("ix_media_uploads_updated_at", "updated_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    creator_id: Mapped[UUID] = mapped_column(ForeignKey("creators.id"))
    filename: Mapped[str]
    size_bytes: Mapped[int]
    received_bytes: Mapped[int]
    parts: Mapped[list[Any]] = mapped_column(JSONB)
    state: Mapped[str]
    media_id: Mapped[UUID | None] = mapped_column(ForeignKey("media_objects.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class MediaOpening(Model):
    """How often a file was opened on one business day; whoever opened it is not kept."""

    __tablename__ = "media_openings"

    media_id: Mapped[UUID] = mapped_column(ForeignKey("media_objects.id"), primary_key=True)
    business_day: Mapped[date] = mapped_column(primary_key=True)
    openings_count: Mapped[int]
