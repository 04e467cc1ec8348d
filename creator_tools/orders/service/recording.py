"""Recording a payment: the one commit in which a coin opens a door."""

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.ledger import rules as ledger_rules
from creator_tools.ledger import service as ledger
from creator_tools.orders import queries, rules
from creator_tools.orders.models import Order, Payment
from creator_tools.orders.ports import FeeTable, PaymentStatement
from creator_tools.orders.rules import Disposition, OrderAction, OrderState
from creator_tools.orders.service.meaning import (
    Sold,
    cause_of,
    entry_of,
    payment_row,
    stated,
    word_of_payment,
)
from creator_tools.orders.service.moving import move, open_doors


@dataclass(frozen=True)
class Recorded:
    """What became of a statement: its payment, its order if any, and whether it was news."""

    payment_id: UUID
    order_id: UUID | None
    disposition: Disposition
    is_new: bool


def record_payment(uow: UnitOfWork, statement: PaymentStatement, *, fees: FeeTable) -> Recorded:
    """Record that a fan's money came in, and open what was bought.

    One commit: the payment, the order's state, the entry (receivable of the rail, fee, platform
    share, creator payable), the entitlement, the promise to tell the buyer. Money that may not
    open anything (a second payment, a wrong amount, an unknown order) goes to suspense with an
    alarm; it is never dropped and never grants.

    Args:
        statement: what a rail said, verified; amounts in fen, times aware.
        fees: the dated table; the fee of the day of payment is accrued.

    Returns:
        What became of it; the same payment again changes nothing and says so.
    """
    payable = queries.lock_payable(
        uow.session,
        statement.trade_no,
        account_id=statement.account_id,
        payer_subject=statement.payer_subject,
    )
    order = payable.order if payable else None
    disposition = _disposition_of(statement, payable)
    payment_id = _insert_payment(uow, statement, order, disposition)
    if payment_id is None:
        known = _find(uow, statement)
        if not _is_another(known, statement):
            return _known(uow, known, statement, disposition)
        return record_payment(uow, _told_apart(statement), fees=fees)
    if order is None or disposition is not Disposition.SETTLED:
        _set_aside(uow, statement, order, disposition, payment_id)
    else:
        _settle(uow, statement, order, payment_id, fees)
    return Recorded(payment_id, order.id if order else None, disposition, is_new=True)


def _disposition_of(statement: PaymentStatement, payable: queries.Payable | None) -> Disposition:
    if payable is None:
        return Disposition.UNKNOWN_ORDER
    return rules.disposition_of(payable.expected, stated(statement, payable.payer_id))


def _insert_payment(
    uow: UnitOfWork, statement: PaymentStatement, order: Order | None, disposition: Disposition
) -> UUID | None:
    row = payment_row(uow, statement, order.id if order else None, disposition)
    return uow.session.execute(
        insert(Payment)
        .values(**row)
        .on_conflict_do_nothing(index_elements=["account_id", "fact_key"])
        .returning(Payment.id)
    ).scalar_one_or_none()


def _find(uow: UnitOfWork, statement: PaymentStatement) -> Payment:
    return uow.session.scalars(
        select(Payment).where(
            Payment.account_id == statement.payee_account_id,
            Payment.fact_key == statement.fact_key,
        )
    ).one()


def _is_another(known: Payment, statement: PaymentStatement) -> bool:
    """Whether the rail names two payments under one key: our number is paid a second time."""
    refs = (known.payment_ref, statement.payment_ref)
    # Our own number, or none, in place of the rail's says nothing of which payment is meant.
    is_named = None not in refs and statement.trade_no not in refs
    return is_named and known.payment_ref != statement.payment_ref


def _told_apart(statement: PaymentStatement) -> PaymentStatement:
    return replace(statement, fact_key=f"{statement.fact_key}:{statement.payment_ref}")


def _known(
    uow: UnitOfWork, payment: Payment, statement: PaymentStatement, disposition: Disposition
) -> Recorded:
    was_set_aside = payment.disposition != Disposition.SETTLED
    if (
        payment.amount_fen != statement.amount_fen
        or payment.trade_no != statement.trade_no
        or (was_set_aside and disposition is Disposition.SETTLED)
    ):
        # The same number told differently is no repetition; somebody must look at it.
        uow.alarm(
            "payment_restated",
            str(payment.id),
            amount_fen=statement.amount_fen,
            seen_by=statement.seen_by,
        )
    return Recorded(payment.id, payment.order_id, Disposition(payment.disposition), is_new=False)


def _set_aside(
    uow: UnitOfWork,
    statement: PaymentStatement,
    order: Order | None,
    disposition: Disposition,
    payment_id: UUID,
) -> None:
    ledger.post(
        uow,
        ledger.Cause(
            kind="suspense",
            source_key=f"payment:{payment_id}",
            rail=statement.rail,
            occurred_at=statement.paid_at,
            order_id=order.id if order else None,
            payment_id=payment_id,
        ),
        ledger_rules.suspense_lines(
            statement.amount_fen,
            rail=statement.rail,
            payee_account_id=statement.payee_account_id,
        ),
    )
    uow.alarm(
        f"payment_{disposition}",
        str(payment_id),
        amount_fen=statement.amount_fen,
        order_id=str(order.id) if order else None,
    )
    uow.audit(
        "payment.set_aside",
        "order",
        order.id if order else None,
        payment_id=str(payment_id),
        disposition=disposition,
        amount_fen=statement.amount_fen,
    )


def _settle(
    uow: UnitOfWork,
    statement: PaymentStatement,
    order: Order,
    payment_id: UUID,
    fees: FeeTable,
) -> None:
    before = OrderState(order.state)
    order.rail = statement.rail
    cause = cause_of(before, statement)
    move(uow, order, OrderAction.PAY, at=statement.paid_at, cause=cause)
    column_id = queries.lines_of(uow.session, order.id)[0].column_id
    sold = Sold(order.id, order.creator_id, column_id, order.amount_fen, order.platform_share_bp)
    ledger.post(uow, *entry_of(statement, sold, payment_id, fees))
    open_doors(uow, order, statement.paid_at)
    uow.promise(**word_of_payment(order.id))
