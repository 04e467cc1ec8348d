"""Refunds that nobody began here: in the merchant's console, or by Apple."""

from uuid import UUID

from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.orders import queries as orders
from creator_tools.orders.models import Order, Payment
from creator_tools.refunds import queries
from creator_tools.refunds.models import Refund
from creator_tools.refunds.ports import RefundStatement
from creator_tools.refunds.rules import RefundState
from creator_tools.refunds.rules.reasons import OUTSIDE
from creator_tools.refunds.service.undertaking import book, end_access, put_through


def record_outside(uow: UnitOfWork, statement: RefundStatement) -> UUID | None:
    """Book a refund that nobody began here, and end the access that its money had opened.

    Only what has gone is booked; one that is on its way, stalled or closed is only told of. Access
    ends with the last fen, since nobody said for what the others went. A sum that cannot be,
    because more had gone back before, is left to a person with an alarm.

    Returns:
        The refund, or None when nothing was booked.
    """
    known = queries.find_by_ref(uow.session, statement.account_id, statement.refund_ref)
    if known is not None:
        return known
    payment = orders.find_payment_by_ref(
        uow.session,
        statement.account_id,
        trade_no=statement.trade_no,
        payment_ref=statement.payment_ref,
    )
    if statement.says != "succeeded" or payment is None:
        _tell(uow, "refund_foreign", statement)
        return None
    order = None if payment.order_id is None else orders.lock(uow.session, payment.order_id)
    known = queries.find_by_ref(uow.session, statement.account_id, statement.refund_ref)
    if known is not None:
        return known
    gone_fen = sum(one.amount_fen for one in queries.list_live(uow.session, payment.id))
    if gone_fen + statement.amount_fen > payment.amount_fen:
        _tell(uow, "refund_beyond_paid", statement)
        return None
    is_last = gone_fen + statement.amount_fen == payment.amount_fen
    refund = _insert(uow, payment, order, statement, keeps_access=not is_last)
    _tell(uow, "refund_from_outside", statement)
    return refund.id


def _insert(
    uow: UnitOfWork,
    payment: Payment,
    order: Order | None,
    statement: RefundStatement,
    *,
    keeps_access: bool,
) -> Refund:
    is_purchase = payment.disposition == "settled"
    at = statement.at or uow.now()
    refund_id = uow.ids.new()
    refund = Refund(
        id=refund_id,
        refund_no=refund_id.hex,
        creator_id=order.creator_id if order and is_purchase else None,
        order_id=order.id if order else None,
        payment_id=payment.id,
        person_id=order.person_id if order else None,
        account_id=payment.account_id,
        rail=payment.rail,
        cause="outside",
        state=RefundState.SUCCEEDED,
        amount_fen=statement.amount_fen,
        fee_fen=0,
        platform_fen=0,
        creator_fen=0,
        reason_code=OUTSIDE.code,
        reason_words="",
        quote={},
        requested_by="platform",
        requested_at=at,
        decided_by="platform",
        decided_at=at,
        external_ref=statement.refund_ref,
        sent_at=at,
        finished_at=at,
        query_attempts_count=0,
    )
    uow.session.add(refund)
    uow.session.flush()
    if is_purchase:
        put_through(uow, refund, keeps_access=keeps_access)
    book(uow, refund, "refund", at=at)
    book(uow, refund, "refund_done", at=at)
    end_access(uow, refund)
    uow.audit("refund.from_outside", "refund", refund.id, amount_fen=refund.amount_fen)
    return refund


def _tell(uow: UnitOfWork, code: str, statement: RefundStatement) -> None:
    uow.alarm(
        code,
        f"{statement.account_id}:{statement.refund_ref}",
        amount_fen=statement.amount_fen,
        trade_no=statement.trade_no,
        state=statement.says,
    )
