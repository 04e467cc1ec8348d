"""Payouts: one row each, which tells how far it has come."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from creator_tools.kernel.database import Model, one_of
from creator_tools.payouts.rules import PayoutState

_STATES = tuple(state.value for state in PayoutState)


class Payout(Model):
    """One transfer to one person; `bill_no` is ours, made before the first call, for ever.

    `pot_code` names the account it is taken from. The package is what the receiver's WeChat needs
    to take the money: nobody else's can use it, and it goes when the payout has ended.
    """

    __tablename__ = "payouts"
    __table_args__ = (
        CheckConstraint(one_of("state", _STATES), name="state"),
        CheckConstraint("amount_fen > 0", name="amount_positive"),
        CheckConstraint(
            "state IN ('requested', 'declined') "
            "OR (decided_by IS NOT NULL AND decided_by_id IS DISTINCT FROM requested_by_id)",
            name="two_people",
        ),
        CheckConstraint(
            "(state IN ('succeeded', 'failed', 'cancelled', 'declined')) "
            "= (finished_at IS NOT NULL)",
            name="finished_has_time",
        ),
        Index(
            "ix_payouts_query_due",
            "next_query_at",
            postgresql_where=text("next_query_at IS NOT NULL"),
        ),
        Index("ix_payouts_pot_code", "pot_code", "id"),
        Index("ix_payouts_person_id", "person_id", "requested_at"),
        Index("ix_payouts_state", "state", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    bill_no: Mapped[str] = mapped_column(unique=True)
    pot_code: Mapped[str]
    creator_id: Mapped[UUID | None] = mapped_column(ForeignKey("creators.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("platform_accounts.id"))
    surface_id: Mapped[UUID] = mapped_column(ForeignKey("platform_accounts.id"))
    amount_fen: Mapped[int]
    state: Mapped[str]
    replaces_id: Mapped[UUID | None] = mapped_column(ForeignKey("payouts.id"), unique=True)
    requested_by: Mapped[str]
    requested_by_id: Mapped[UUID | None]
    requested_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    decided_by_id: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    decision_words: Mapped[str | None]
    external_ref: Mapped[str | None] = mapped_column(unique=True)
    package: Mapped[str | None]
    confirm_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    failure_code: Mapped[str | None]
    query_attempts_count: Mapped[int]
    next_query_at: Mapped[datetime | None]
