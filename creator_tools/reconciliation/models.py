"""Days of bills, their files and rows, and what did not match."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from creator_tools.kernel.database import Model, one_of
from creator_tools.reconciliation.rules import CAUSES

STATES = ("due", "matched")
KINDS = ("trade", "flow")
ROW_KINDS = ("payment", "refund", "flow", "unread")


class BillDay(Model):
    """One day of one merchant account: due until its bills were fetched and matched.

    `certified_at`: every row is matched and no difference is open; `certificate_sha256` is over
    what the certificate says.
    """

    __tablename__ = "bill_days"
    __table_args__ = (
        UniqueConstraint("account_id", "day"),
        CheckConstraint(one_of("state", STATES), name="state"),
        CheckConstraint("(state = 'due') = (matched_at IS NULL)", name="matched_has_time"),
        CheckConstraint(
            "(certified_at IS NULL) = (certificate_sha256 IS NULL)", name="certificate_is_whole"
        ),
        Index("ix_bill_days_due", "next_at", postgresql_where=sql("next_at IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("platform_accounts.id"))
    day: Mapped[date]
    state: Mapped[str]
    attempts_count: Mapped[int]
    next_at: Mapped[datetime | None]
    failure_code: Mapped[str | None]
    created_at: Mapped[datetime]
    matched_at: Mapped[datetime | None]
    certified_at: Mapped[datetime | None]
    certificate_sha256: Mapped[str | None]


class BillFile(Model):
    """A kept bill, proven against the hash that was told and against its own totals."""

    __tablename__ = "bill_files"
    __table_args__ = (
        UniqueConstraint("bill_day_id", "kind"),
        CheckConstraint(one_of("kind", KINDS), name="kind"),
        CheckConstraint("rows_count >= 0 AND size_bytes >= 0", name="counts_not_negative"),
        CheckConstraint("(sha256 = '') = (size_bytes = 0)", name="empty_has_no_file"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    bill_day_id: Mapped[UUID] = mapped_column(ForeignKey("bill_days.id"))
    kind: Mapped[str]
    sha1: Mapped[str]
    sha256: Mapped[str]
    size_bytes: Mapped[int]
    rows_count: Mapped[int]
    kept_at: Mapped[datetime]


class BillRow(Model):
    """One row of a bill; `entry_id` is the entry that it is about, once they agree."""

    __tablename__ = "bill_rows"
    __table_args__ = (
        CheckConstraint(one_of("kind", ROW_KINDS), name="kind"),
        Index(
            "uq_bill_rows_entry_id",
            "entry_id",
            unique=True,
            postgresql_where=sql("entry_id IS NOT NULL"),
        ),
        Index("ix_bill_rows_payment_ref", "payment_ref"),
    )

    bill_file_id: Mapped[UUID] = mapped_column(ForeignKey("bill_files.id"), primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    payment_ref: Mapped[str]
    trade_no: Mapped[str]
    refund_ref: Mapped[str]
    refund_no: Mapped[str]
    merchant: Mapped[str]
    amount_fen: Mapped[int]
    fee_millifen: Mapped[int]
    happened_at: Mapped[datetime | None]
    words: Mapped[str]
    entry_id: Mapped[UUID | None] = mapped_column(ForeignKey("journal_entries.id"))


class Difference(Model):
    """What does not match: the cause, both sides, and how it was explained."""

    __tablename__ = "differences"
    __table_args__ = (
        UniqueConstraint("bill_day_id", "cause", "object_key"),
        CheckConstraint(one_of("cause", CAUSES), name="cause"),
        CheckConstraint(
            "(closed_at IS NULL) = (closed_by IS NULL) AND (closed_at IS NULL) = (words = '')",
            name="closed_with_words",
        ),
        ForeignKeyConstraint(
            ["bill_file_id", "line"],
            ["bill_rows.bill_file_id", "bill_rows.line"],
            name="fk_differences_row",
        ),
        Index("ix_differences_row", "bill_file_id", "line"),
        Index("ix_differences_open", "bill_day_id", postgresql_where=sql("closed_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    bill_day_id: Mapped[UUID] = mapped_column(ForeignKey("bill_days.id"))
    cause: Mapped[str]
    object_key: Mapped[str]
    bill_file_id: Mapped[UUID | None]
    line: Mapped[int | None]
    entry_id: Mapped[UUID | None] = mapped_column(ForeignKey("journal_entries.id"))
    order_id: Mapped[UUID | None] = mapped_column(ForeignKey("orders.id"))
    ours_fen: Mapped[int | None]
    theirs_fen: Mapped[int | None]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None]
    closed_by_id: Mapped[UUID | None]
    words: Mapped[str]
