"""What a conversation has to remember: the step, the draft, a pending yes, the last undo."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
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
