"""Creators and the invitations that make them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from creator_tools.kernel.database import Model, one_of

STATES = ("active", "paused")


class Creator(Model):
    """Who earns; a person with a handle and a share."""

    __tablename__ = "creators"
    __table_args__ = (
        CheckConstraint(one_of("state", STATES), name="state"),
        CheckConstraint(
            "platform_share_bp >= 0 AND platform_share_bp <= 10000", name="share_in_range"
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), unique=True)
    handle: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    introduction: Mapped[str]
    platform_share_bp: Mapped[int]
    state: Mapped[str]
    created_at: Mapped[datetime]


class Invitation(Model):
    """A code that makes whoever sends it a creator, once."""

    __tablename__ = "invitations"

    code: Mapped[str] = mapped_column(primary_key=True)
    invited_by_creator_id: Mapped[UUID | None] = mapped_column(ForeignKey("creators.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    used_by_person_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
