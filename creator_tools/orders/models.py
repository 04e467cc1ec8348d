"""Orders, their lines, and every payment that was ever seen."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from creator_tools.kernel.database import Model, one_of

RAILS = ("jsapi", "xpay_android", "xpay_ios", "free")
STATES = ("pending", "paid", "closed", "refunded")
DISPOSITIONS = (
    "settled",
    "second_payment",
    "wrong_amount",
    "wrong_currency",
    "wrong_account",
    "wrong_goods",
    "wrong_payer",
    "unknown_order",
)
SEEN_BY = ("notification", "query", "delivery")


class Order(Model):
    """The intent to buy, with everything frozen that the price depended on."""

    __tablename__ = "orders"
    __table_args__ = (
        CheckConstraint(one_of("state", STATES), name="state"),
        CheckConstraint(one_of("rail", RAILS), name="rail"),
        CheckConstraint("amount_fen >= 0", name="amount_not_negative"),
        CheckConstraint(
            "state = 'pending' OR state = 'closed' OR paid_at IS NOT NULL", name="paid_has_time"
        ),
        Index("ix_orders_person_id", "person_id", "id"),
        Index("ix_orders_creator_id", "creator_id", "id"),
        Index(
            "ix_orders_query_due",
            "next_query_at",
            postgresql_where=text("next_query_at IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    trade_no: Mapped[str] = mapped_column(unique=True)
    creator_id: Mapped[UUID] = mapped_column(ForeignKey("creators.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("platform_accounts.id"))
    payee_account_id: Mapped[UUID | None] = mapped_column(ForeignKey("platform_accounts.id"))
    quote_id: Mapped[UUID] = mapped_column(ForeignKey("quotes.id"), unique=True)
    rail: Mapped[str]
    amount_fen: Mapped[int]
    currency: Mapped[str]
    platform_share_bp: Mapped[int]
    state: Mapped[str]
    prepay_ref: Mapped[str | None]
    prepaid_at: Mapped[datetime | None]
    query_attempts_count: Mapped[int]
    next_query_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    refund_terms: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


class OrderLine(Model):
    """One allocated part of an order: which product, for how much, for how long."""

    __tablename__ = "order_lines"
    __table_args__ = (
        UniqueConstraint("order_id", "line"),
        CheckConstraint("amount_fen >= 0", name="amount_not_negative"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    creator_id: Mapped[UUID] = mapped_column(ForeignKey("creators.id"))
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    line: Mapped[int]
    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id"))
    object_type: Mapped[str]
    object_id: Mapped[UUID]
    column_id: Mapped[UUID] = mapped_column(ForeignKey("columns.id"))
    term_days: Mapped[int | None]
    title: Mapped[str]
    amount_fen: Mapped[int]


class Payment(Model):
    """A verified statement of a rail that money came; inserted once, never changed."""

    __tablename__ = "payments"
    __table_args__ = (
        UniqueConstraint("account_id", "fact_key"),
        CheckConstraint(one_of("rail", RAILS), name="rail"),
        CheckConstraint(one_of("disposition", DISPOSITIONS), name="disposition"),
        CheckConstraint(one_of("seen_by", SEEN_BY), name="seen_by"),
        CheckConstraint("amount_fen > 0", name="amount_positive"),
        CheckConstraint(
            "disposition = 'unknown_order' OR order_id IS NOT NULL", name="known_has_order"
        ),
        Index(
            "uq_payments_settled_order",
            "order_id",
            unique=True,
            postgresql_where=text("disposition = 'settled'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("platform_accounts.id"))
    fact_key: Mapped[str]
    rail: Mapped[str]
    trade_no: Mapped[str]
    payment_ref: Mapped[str | None]
    order_id: Mapped[UUID | None] = mapped_column(ForeignKey("orders.id"), index=True)
    amount_fen: Mapped[int]
    currency: Mapped[str]
    disposition: Mapped[str]
    seen_by: Mapped[str]
    facts: Mapped[dict[str, Any]]
    paid_at: Mapped[datetime]
    seen_at: Mapped[datetime]
