"""What a payment means, row by row. Recorded alone or in a batch, it means the same."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from creator_tools.kernel.business_day import business_day_of
from creator_tools.kernel.fen import Fen
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.ledger import rules as ledger_rules
from creator_tools.ledger.service import Cause
from creator_tools.orders.ports import FeeTable, PaymentStatement
from creator_tools.orders.rules import Disposition, OrderState, Stated


@dataclass(frozen=True)
class Sold:
    """What of an order its entry needs."""

    order_id: UUID
    creator_id: UUID
    column_id: UUID
    amount_fen: int
    platform_share_bp: int


def stated(statement: PaymentStatement, payer_id: UUID | None) -> Stated:
    """What a statement says, in the words of the rule; `payer_id` is who its payer is today."""
    return Stated(
        statement.account_id,
        statement.payee_account_id,
        statement.amount_fen,
        statement.currency,
        statement.goods_id,
        statement.quantity,
        statement.payer_subject is not None,
        payer_id,
    )


def payment_row(
    uow: UnitOfWork, statement: PaymentStatement, order_id: UUID | None, disposition: Disposition
) -> dict[str, Any]:
    """The payment itself."""
    return {
        "id": uow.ids.new(),
        "account_id": statement.payee_account_id,
        "fact_key": statement.fact_key,
        "rail": statement.rail,
        "trade_no": statement.trade_no,
        "payment_ref": statement.payment_ref,
        "order_id": order_id,
        "amount_fen": statement.amount_fen,
        "currency": statement.currency,
        "disposition": disposition,
        "seen_by": statement.seen_by,
        "facts": statement.facts,
        "paid_at": statement.paid_at,
        "seen_at": uow.now(),
    }


def cause_of(before: OrderState, statement: PaymentStatement) -> str:
    """Why an order became paid, for the audit."""
    return "late_payment" if before is OrderState.CLOSED else statement.seen_by


def entry_of(
    statement: PaymentStatement, sold: Sold, payment_id: UUID, fees: FeeTable
) -> tuple[Cause, list[ledger_rules.Line]]:
    """The entry of a settled payment: its cause, and the gross cut in four."""
    rate_bp, _ = fees.rate_for(statement.rail, business_day_of(statement.paid_at))
    division = ledger_rules.divide(
        Fen(sold.amount_fen), rate_bp=rate_bp, platform_share_bp=sold.platform_share_bp
    )
    cause = Cause(
        kind="payment",
        source_key=f"payment:{payment_id}",
        rail=statement.rail,
        occurred_at=statement.paid_at,
        order_id=sold.order_id,
        payment_id=payment_id,
        creator_id=sold.creator_id,
        column_id=sold.column_id,
    )
    lines = ledger_rules.payment_lines(
        division,
        rail=statement.rail,
        payee_account_id=statement.payee_account_id,
        creator_id=sold.creator_id,
    )
    return cause, lines


def word_of_payment(order_id: UUID) -> dict[str, Any]:
    """The promise to tell the buyer, as `promise` takes it."""
    return {
        "kind": "customer_message.paid",
        "idempotency_key": f"paid:{order_id}",
        "object_type": "order",
        "object_id": order_id,
    }
