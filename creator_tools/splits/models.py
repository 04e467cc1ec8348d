"""Agreements, who joined, dated versions, signatures, and what was divided by which version."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from creator_tools.kernel.database import Model


class SplitAgreement(Model):
    """How a column's income, or all of a creator's, is divided; one at a time for each."""

    __tablename__ = "split_agreements"
    __table_args__ = (
        Index(
            "uq_split_agreements_open",
            "creator_id",
            "column_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    creator_id: Mapped[UUID] = mapped_column(ForeignKey("creators.id"), index=True)
    column_id: Mapped[UUID | None] = mapped_column(ForeignKey("columns.id"))
    opened_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class SplitMember(Model):
    """Somebody who opened the creator's link: may be a party, and is none yet."""

    __tablename__ = "split_members"

    agreement_id: Mapped[UUID] = mapped_column(ForeignKey("split_agreements.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), primary_key=True, index=True)
    joined_at: Mapped[datetime]


class SplitVersion(Model):
    """Terms in their one exact spelling; never changed, only signed or withdrawn.

    `in_force_at` is set by the last signature: the later of it and the stated date.
    """

    __tablename__ = "split_versions"
    __table_args__ = (
        UniqueConstraint("agreement_id", "number"),
        CheckConstraint("in_force_at IS NULL OR withdrawn_at IS NULL", name="signed_or_withdrawn"),
        CheckConstraint("in_force_at >= starts_at", name="not_before_its_date"),
        Index(
            "uq_split_versions_waiting",
            "agreement_id",
            unique=True,
            postgresql_where=text("in_force_at IS NULL AND withdrawn_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    agreement_id: Mapped[UUID] = mapped_column(ForeignKey("split_agreements.id"))
    number: Mapped[int]
    terms: Mapped[str]
    terms_hash: Mapped[str]
    starts_at: Mapped[datetime]
    proposed_at: Mapped[datetime]
    in_force_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]


class SplitSignature(Model):
    """Who agreed to which exact words, and when. A fact."""

    __tablename__ = "split_signatures"

    version_id: Mapped[UUID] = mapped_column(ForeignKey("split_versions.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), primary_key=True)
    terms_hash: Mapped[str]
    signed_at: Mapped[datetime]


class SplitDivision(Model):
    """That one entry was divided, by which version; no companion where no fen fell off. A fact."""

    __tablename__ = "split_divisions"
    __table_args__ = (UniqueConstraint("split_entry_id"),)

    entry_id: Mapped[UUID] = mapped_column(ForeignKey("journal_entries.id"), primary_key=True)
    version_id: Mapped[UUID] = mapped_column(ForeignKey("split_versions.id"), index=True)
    payment_id: Mapped[UUID] = mapped_column(ForeignKey("payments.id"), index=True)
    split_entry_id: Mapped[UUID | None] = mapped_column(ForeignKey("journal_entries.id"))
    divided_at: Mapped[datetime]
