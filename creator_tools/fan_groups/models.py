"""Fan groups, the concrete ways into them, reserved seats, and the queue for the next one."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from creator_tools.kernel.database import Model, one_of

STATES = ("open", "closed")
GATES = ("free", "follower", "buyer")
WAY_KINDS = ("link", "qr", "wecom")
SEAT_STATES = ("reserved", "confirmed")


class FanGroup(Model):
    """A chat group of a column; its link `/g/<code>` stays the same for ever.

    The keeper is told when a way in is about to end: the creator, unless another person is named.
    Whoever sends the keeper's code becomes the keeper, once.
    """

    __tablename__ = "fan_groups"
    __table_args__ = (
        CheckConstraint(one_of("state", STATES), name="state"),
        CheckConstraint(one_of("gate", GATES), name="gate"),
        CheckConstraint(
            "(keeper_code IS NULL) = (keeper_code_expires_at IS NULL)", name="keeper_code_ends"
        ),
        Index("ix_fan_groups_column_id", "column_id"),
        Index(
            "ix_fan_groups_keeper_person_id",
            "keeper_person_id",
            postgresql_where=text("keeper_person_id IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    creator_id: Mapped[UUID] = mapped_column(ForeignKey("creators.id"))
    column_id: Mapped[UUID] = mapped_column(ForeignKey("columns.id"))
    name: Mapped[str]
    code: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str]
    gate: Mapped[str]
    keeper_person_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    keeper_code: Mapped[str | None] = mapped_column(unique=True)
    keeper_code_expires_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class JoinWay(Model):
    """One concrete door of a group: a link or a code with room for so many, until some day.

    `url` is what the link or the code says. `expiry_warned_at` and `full_warned_at` say when the
    keeper was told, once each. A way of kind `wecom` has the platform's name for it in
    `external_ref`.
    """

    __tablename__ = "join_ways"
    __table_args__ = (
        CheckConstraint(one_of("kind", WAY_KINDS), name="kind"),
        CheckConstraint("capacity_count > 0", name="capacity_positive"),
        CheckConstraint("seats_count >= 0 AND seats_count <= capacity_count", name="seats_fit"),
        CheckConstraint(
            "kind <> 'wecom' OR (account_id IS NOT NULL AND external_ref IS NOT NULL)",
            name="wecom_is_known_there",
        ),
        Index("ix_join_ways_open", "fan_group_id", postgresql_where=text("closed_at IS NULL")),
        Index(
            "uq_join_ways_external_ref",
            "account_id",
            "external_ref",
            unique=True,
            postgresql_where=text("external_ref IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    creator_id: Mapped[UUID] = mapped_column(ForeignKey("creators.id"))
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("platform_accounts.id"))
    fan_group_id: Mapped[UUID] = mapped_column(ForeignKey("fan_groups.id"))
    kind: Mapped[str]
    external_ref: Mapped[str | None]
    url: Mapped[str]
    capacity_count: Mapped[int]
    seats_count: Mapped[int]
    expires_at: Mapped[datetime | None]
    expiry_warned_at: Mapped[datetime | None]
    full_warned_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Seat(Model):
    """A place in a group for one person who was shown the door.

    Reserved, it lapses; confirmed, by the person or by the platform, it stays. A seat from before
    anybody asked has no `confirmed_at`. `room_ref` is the platform's name for the room in which
    the person was seen.
    """

    __tablename__ = "seats"
    __table_args__ = (
        UniqueConstraint("fan_group_id", "person_id"),
        CheckConstraint(one_of("state", SEAT_STATES), name="state"),
        CheckConstraint("(state = 'confirmed') = (lapses_at IS NULL)", name="lapses_or_confirmed"),
        Index("ix_seats_lapses_at", "lapses_at", postgresql_where=text("lapses_at IS NOT NULL")),
        Index("ix_seats_join_way_id", "join_way_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    creator_id: Mapped[UUID] = mapped_column(ForeignKey("creators.id"))
    fan_group_id: Mapped[UUID] = mapped_column(ForeignKey("fan_groups.id"))
    join_way_id: Mapped[UUID] = mapped_column(ForeignKey("join_ways.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    state: Mapped[str]
    reserved_at: Mapped[datetime]
    lapses_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    room_ref: Mapped[str | None]


class Wait(Model):
    """A person in the queue for a seat; the oldest gets the next one."""

    __tablename__ = "seat_waits"
    __table_args__ = (
        UniqueConstraint("fan_group_id", "person_id"),
        Index("ix_seat_waits_queue", "fan_group_id", "waits_since", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    creator_id: Mapped[UUID] = mapped_column(ForeignKey("creators.id"))
    fan_group_id: Mapped[UUID] = mapped_column(ForeignKey("fan_groups.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    waits_since: Mapped[datetime]


class Room(Model):
    """A room of the platform behind a `wecom` way, as it was when it was read last."""

    __tablename__ = "group_rooms"
    __table_args__ = (UniqueConstraint("account_id", "room_ref"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    creator_id: Mapped[UUID] = mapped_column(ForeignKey("creators.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("platform_accounts.id"))
    fan_group_id: Mapped[UUID] = mapped_column(ForeignKey("fan_groups.id"))
    room_ref: Mapped[str]
    members_count: Mapped[int]
    known_count: Mapped[int]
    read_at: Mapped[datetime]
