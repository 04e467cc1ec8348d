"""Entitlements: the right to open a thing, and the sources that keep it alive."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from creator_tools.kernel.database import Model, one_of

OBJECT_TYPES = ("work", "column")
SOURCE_KINDS = ("order", "gift", "operator")


class Entitlement(Model):
    """A person's right to open one object; alive while one of its sources is."""

    __tablename__ = "entitlements"
    __table_args__ = (
        UniqueConstraint("person_id", "object_type", "object_id"),
        CheckConstraint(one_of("object_type", OBJECT_TYPES), name="object_type"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    creator_id: Mapped[UUID] = mapped_column(ForeignKey("creators.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    object_type: Mapped[str]
    object_id: Mapped[UUID]
    created_at: Mapped[datetime]


class WorkOpening(Model):
    """The first time a person opened a work that had been sold; by this, reading is measured."""

    __tablename__ = "work_openings"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), primary_key=True)
    work_id: Mapped[UUID] = mapped_column(ForeignKey("works.id"), primary_key=True)
    opened_at: Mapped[datetime]


class EntitlementSource(Model):
    """Why an entitlement exists, and until when; ended, never deleted."""

    __tablename__ = "entitlement_sources"
    __table_args__ = (
        UniqueConstraint("kind", "source_id", "entitlement_id"),
        CheckConstraint(one_of("kind", SOURCE_KINDS), name="kind"),
        CheckConstraint("(ended_at IS NULL) = (ended_reason IS NULL)", name="end_has_reason"),
        CheckConstraint("ends_at IS NULL OR ends_at > starts_at", name="ends_after_start"),
        Index(
            "ix_entitlement_sources_live",
            "entitlement_id",
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    entitlement_id: Mapped[UUID] = mapped_column(ForeignKey("entitlements.id"))
    kind: Mapped[str]
    source_id: Mapped[UUID]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_reason: Mapped[str | None]
    created_at: Mapped[datetime]
