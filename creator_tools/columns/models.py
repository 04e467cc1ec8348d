"""Columns: a series with a field, a promise and a state."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from creator_tools.kernel.database import Model, one_of

FIELD_KINDS = ("interest", "occupation")
STATES = ("open", "paused", "closed")


class Column(Model):
    """A creator's series; the promise says how often and how many works will come."""

    __tablename__ = "columns"
    __table_args__ = (
        UniqueConstraint("creator_id", "title"),
        CheckConstraint(one_of("field_kind", FIELD_KINDS), name="field_kind"),
        CheckConstraint(one_of("state", STATES), name="state"),
        CheckConstraint("promised_count >= 0", name="promised_count_not_negative"),
        Index("ix_columns_creator_id", "creator_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    creator_id: Mapped[UUID] = mapped_column(ForeignKey("creators.id"))
    title: Mapped[str]
    introduction: Mapped[str]
    field_kind: Mapped[str]
    field_name: Mapped[str]
    promised_cadence: Mapped[str]
    promised_count: Mapped[int]
    state: Mapped[str]
    created_at: Mapped[datetime]
