"""People, their identities and their sessions. Personal data lives in these tables only."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from creator_tools.kernel.database import Model, one_of

SURFACES = ("oa", "mini")


class Person(Model):
    """One human being, however many identities the platforms gave them."""

    __tablename__ = "people"
    __table_args__ = (
        Index(
            "ix_people_merged_into_id",
            "merged_into_id",
            postgresql_where=text("merged_into_id IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    nickname: Mapped[str]
    merged_into_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime]


class Identity(Model):
    """A person as one platform account knows them: (account, subject)."""

    __tablename__ = "identities"
    __table_args__ = (
        UniqueConstraint("account_id", "subject"),
        Index("ix_identities_person_id", "person_id"),
        Index("ix_identities_union_subject", "union_subject"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("platform_accounts.id"))
    subject: Mapped[str]
    union_subject: Mapped[str | None]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    follows: Mapped[bool]
    follow_changed_at: Mapped[datetime | None]
    last_message_at: Mapped[datetime | None]
    session_key_id: Mapped[str | None]
    sealed_session_key: Mapped[bytes | None]
    session_key_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class PersonSession(Model):
    """A signed-in device; only the hash of its token is kept."""

    __tablename__ = "person_sessions"
    __table_args__ = (CheckConstraint(one_of("surface", SURFACES), name="surface"),)

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), index=True)
    identity_id: Mapped[UUID] = mapped_column(ForeignKey("identities.id"), index=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("platform_accounts.id"))
    surface: Mapped[str]
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
