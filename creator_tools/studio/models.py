"""What the studio has to remember: conversations, a pending yes, the last undo, desks."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from creator_tools.kernel.database import Model


class Dialog(Model):
    """Where a person's conversation stands."""

    __tablename__ = "studio_dialogs"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), primary_key=True)
    step: Mapped[str]
    memory: Mapped[dict[str, Any]]
    updated_at: Mapped[datetime]


class Confirmation(Model):
    """A dangerous command that waits for its code."""

    __tablename__ = "studio_confirmations"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), primary_key=True)
    code: Mapped[str]
    command: Mapped[dict[str, Any]]
    attempts_count: Mapped[int]
    expires_at: Mapped[datetime]


class Undo(Model):
    """How to take back the last step that can be taken back."""

    __tablename__ = "studio_undos"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), primary_key=True)
    command: Mapped[dict[str, Any]]
    sentence: Mapped[str]
    expires_at: Mapped[datetime]


class DeskSession(Model):
    """A browser at a desk that asked to be let in; a creator's session once they said yes.

    Only hashes are kept of what the browser holds and of what its QR code says. `last_seen_at` is
    set when the browser came back after the yes; until then it is no session.
    """

    __tablename__ = "studio_desk_sessions"
    __table_args__ = (
        CheckConstraint(
            "(person_id IS NULL) = (confirmed_at IS NULL)", name="confirmed_by_somebody"
        ),
        Index(
            "ix_studio_desk_sessions_code", "code", postgresql_where=text("confirmed_at IS NULL")
        ),
        Index("ix_studio_desk_sessions_person_id", "person_id"),
        Index("ix_studio_desk_sessions_address_hash", "address_hash", "asked_at"),
        Index("ix_studio_desk_sessions_expires_at", "expires_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    link_hash: Mapped[bytes] = mapped_column(unique=True)
    code: Mapped[str]
    browser: Mapped[str]
    address_hash: Mapped[bytes]
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    confirmed_at: Mapped[datetime | None]
    last_seen_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
