"""Fan groups, the concrete ways into them, and reserved seats."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from creator_tools.kernel.database import Model, one_of

STATES = ("open", "closed")


class FanGroup(Model):
    """A chat group of a column; its link `/g/<code>` stays the same for ever."""

    __tablename__ = "fan_groups"
    __table_args__ = (
        CheckConstraint(one_of("state", STATES), name="state"),
        Index("ix_fan_groups_column_id", "column_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    creator_id: Mapped[UUID] = mapped_column(ForeignKey("creators.id"))
    column_id: Mapped[UUID] = mapped_column(ForeignKey("columns.id"))
    name: Mapped[str]
    code: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str]
    created_at: Mapped[datetime]


class JoinWay(Model):
    """One concrete door of a group: an address with room for so many, until some day."""

    __tablename__ = "join_ways"
    __table_args__ = (
        CheckConstraint("capacity_count > 0", name="capacity_positive"),
        CheckConstraint("seats_count >= 0 AND seats_count <= capacity_count", name="seats_fit"),
        Index("ix_join_ways_open", "fan_group_id", postgresql_where=text("closed_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    creator_id: Mapped[UUID] = mapped_column(ForeignKey("creators.id"))
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("platform_accounts.id"))
    fan_group_id: Mapped[UUID] = mapped_column(ForeignKey("fan_groups.id"))
    url: Mapped[str]
    capacity_count: Mapped[int]
    seats_count: Mapped[int]
    expires_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Seat(Model):
    """A place in a group, reserved for one person who was shown the door."""

    __tablename__ = "seats"
    __table_args__ = (UniqueConstraint("fan_group_id", "person_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    creator_id: Mapped[UUID] = mapped_column(ForeignKey("creators.id"))
    fan_group_id: Mapped[UUID] = mapped_column(ForeignKey("fan_groups.id"))
    join_way_id: Mapped[UUID] = mapped_column(ForeignKey("join_ways.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    reserved_at: Mapped[datetime]
