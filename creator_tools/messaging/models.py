"""What people do not want to be told."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from creator_tools.kernel.database import Model, one_of
from creator_tools.messaging.rules import NOTICES


class MutedNotice(Model):
    """One kind of notice that one person switched off; gone again when they switch it on."""

    __tablename__ = "muted_notices"
    __table_args__ = (
        CheckConstraint(one_of("kind", NOTICES), name="kind"),
        UniqueConstraint("person_id", "kind"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    kind: Mapped[str]
    muted_at: Mapped[datetime]
