"""Refunds and their lines. A line is a fact; the row of a refund tells how far it has come."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from creator_tools.kernel.database import Model, one_of
from creator_tools.refunds.rules import CAUSES, RefundState

RAILS = ("jsapi", "xpay_android", "xpay_ios", "free")
_STATES = tuple(state.value for state in RefundState)


class Refund(Model):
    """One refund of one payment; `refund_no` is ours, made before the first call, for ever.

    `quote` is what was said when it was asked for; the parts are zero until it is decided, and
    stay zero for money that belonged to nobody.
    """

    __tablename__ = "refunds"
    __table_args__ = (
        CheckConstraint(one_of("rail", RAILS), name="rail"),
        CheckConstraint(one_of("cause", CAUSES), name="cause"),
        CheckConstraint(one_of("state", _STATES), name="state"),
        CheckConstraint("amount_fen > 0", name="amount_positive"),
        CheckConstraint(
            "(fee_fen = 0 AND platform_fen = 0 AND creator_fen = 0) "
            "OR fee_fen + platform_fen + creator_fen = amount_fen",
            name="parts_are_the_whole",
        ),
        CheckConstraint(
            "fee_fen >= 0 AND platform_fen >= 0 AND creator_fen >= 0", name="parts_not_negative"
        ),
        CheckConstraint("(state = 'requested') = (decided_at IS NULL)", name="decided_by_somebody"),
        CheckConstraint("cause <> 'purchase' OR order_id IS NOT NULL", name="purchase_has_order"),
        CheckConstraint(
            "(state IN ('succeeded', 'failed')) = (finished_at IS NOT NULL)",
            name="finished_has_time",
        ),
        Index(
            "uq_refunds_underway",
            "payment_id",
            unique=True,
            postgresql_where=text("state IN ('requested', 'approved', 'sent')"),
        ),
        Index(
            "uq_refunds_external_ref",
            "account_id",
            "external_ref",
            unique=True,
            postgresql_where=text("external_ref IS NOT NULL"),
        ),
        Index(
            "ix_refunds_query_due",
            "next_query_at",
            postgresql_where=text("next_query_at IS NOT NULL"),
        ),
        Index("ix_refunds_person_id", "person_id", "requested_at"),
        Index("ix_refunds_state", "state", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    refund_no: Mapped[str] = mapped_column(unique=True)
    creator_id: Mapped[UUID | None] = mapped_column(ForeignKey("creators.id"))
    order_id: Mapped[UUID | None] = mapped_column(ForeignKey("orders.id"), index=True)
    payment_id: Mapped[UUID] = mapped_column(ForeignKey("payments.id"), index=True)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("platform_accounts.id"))
    rail: Mapped[str]
    cause: Mapped[str]
    state: Mapped[str]
    amount_fen: Mapped[int]
    fee_fen: Mapped[int]
    platform_fen: Mapped[int]
    creator_fen: Mapped[int]
    reason_code: Mapped[str]
    reason_words: Mapped[str]
    quote: Mapped[dict[str, Any]]
    requested_by: Mapped[str]
    requested_by_id: Mapped[UUID | None]
    requested_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    decided_by_id: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    decision_words: Mapped[str | None]
    external_ref: Mapped[str | None]
    sent_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    failure_code: Mapped[str | None]
    query_attempts_count: Mapped[int]
    next_query_at: Mapped[datetime | None]


class RefundLine(Model):
    """What of one order line goes back by a decided refund, and whether its access ends."""

    __tablename__ = "refund_lines"
    __table_args__ = (CheckConstraint("amount_fen >= 0", name="amount_not_negative"),)

    refund_id: Mapped[UUID] = mapped_column(ForeignKey("refunds.id"), primary_key=True)
    order_line_id: Mapped[UUID] = mapped_column(
        ForeignKey("order_lines.id"), primary_key=True, index=True
    )
    amount_fen: Mapped[int]
    ends_access: Mapped[bool]
