"""Visits that came by a shared link."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from creator_tools.kernel.database import Model


class ShareVisit(Model):
    """One person who opened what another had shared; kept once, the first time."""

    __tablename__ = "share_visits"
    __table_args__ = (
        UniqueConstraint("visitor_id", "inviter_id", "object_type", "object_id"),
        Index("ix_share_visits_creator_id", "creator_id", "visited_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    creator_id: Mapped[UUID] = mapped_column(ForeignKey("creators.id"))
    object_type: Mapped[str]
    object_id: Mapped[UUID]
    inviter_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    visitor_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    campaign: Mapped[str]
    visited_at: Mapped[datetime]
