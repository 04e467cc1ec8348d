"""Ledger tables: accounts, journal entries, postings. Inserted once, never changed.

A debit is positive, a credit negative; the postings of an entry sum to zero, which a deferred
constraint trigger checks at commit (see migrations).
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from creator_tools.kernel.database import Model, one_of

ACCOUNT_KINDS = (
    "receivable",
    "fee",
    "platform_share",
    "creator_payable",
    "suspense",
    "refund_in_flight",
    "merchant_balance",
    "payout_in_flight",
    "party_payable",
)
ENTRY_KINDS = (
    "payment",
    "suspense",
    "fee_true_up",
    "reversal",
    "refund",
    "refund_done",
    "refund_failed",
    "settlement",
    "payout",
    "payout_paid",
    "payout_returned",
    "split",
)
RAILS = ("jsapi", "xpay_android", "xpay_ios", "free")


class LedgerAccount(Model):
    """A named pot; `code` says which (`receivable:jsapi:…`, `creator_payable:…`)."""

    __tablename__ = "ledger_accounts"
    __table_args__ = (CheckConstraint(one_of("kind", ACCOUNT_KINDS), name="kind"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    rail: Mapped[str | None]
    creator_id: Mapped[UUID | None] = mapped_column(ForeignKey("creators.id"))
    created_at: Mapped[datetime]


class JournalEntry(Model):
    """A balanced set of postings with one cause; `source_key` makes it happen once."""

    __tablename__ = "journal_entries"
    __table_args__ = (
        UniqueConstraint("source_key"),
        CheckConstraint(one_of("kind", ENTRY_KINDS), name="kind"),
        CheckConstraint(one_of("rail", RAILS), name="rail"),
        Index("ix_journal_entries_business_day", "business_day", "kind"),
        Index("ix_journal_entries_order_id", "order_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    source_key: Mapped[str]
    order_id: Mapped[UUID | None] = mapped_column(ForeignKey("orders.id"))
    payment_id: Mapped[UUID | None] = mapped_column(ForeignKey("payments.id"))
    creator_id: Mapped[UUID | None] = mapped_column(ForeignKey("creators.id"))
    column_id: Mapped[UUID | None] = mapped_column(ForeignKey("columns.id"))
    rail: Mapped[str]
    business_day: Mapped[date]
    occurred_at: Mapped[datetime]
    posted_at: Mapped[datetime]


class Posting(Model):
    """One line of an entry: so many fen into (or, negative, out of) one account."""

    __tablename__ = "postings"
    __table_args__ = (
        CheckConstraint("amount_fen <> 0", name="amount_not_zero"),
        Index("ix_postings_account_id", "account_id"),
    )

    entry_id: Mapped[UUID] = mapped_column(ForeignKey("journal_entries.id"), primary_key=True)
    line: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_accounts.id"))
    amount_fen: Mapped[int]
