"""What a rail says of a refund, and what it means for the books."""

from uuid import UUID

from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.refunds import queries, rules
from creator_tools.refunds.models import Refund
from creator_tools.refunds.ports import RefundStatement
from creator_tools.refunds.rules import RefundAction, RefundState
from creator_tools.refunds.service.outside import record_outside
from creator_tools.refunds.service.undertaking import book, end_access, move, tell, undo

_ACTIONS = {
    "processing": RefundAction.ACCEPT,
    "abnormal": RefundAction.STALL,
    "succeeded": RefundAction.SUCCEED,
    "closed": RefundAction.FAIL,
}


def record_outcome(uow: UnitOfWork, statement: RefundStatement) -> UUID | None:
    """Take in what a rail says of a refund; the same again, late or in any order, changes nothing.

    A refund that nobody began here is booked too: money that went has gone.

    Returns:
        The refund, or None when the rail speaks of a payment we do not know.
    """
    refund_id = queries.find_by_number(uow.session, statement.account_id, statement.refund_no)
    if refund_id is None:
        return record_outside(uow, statement)
    refund = queries.lock(uow.session, refund_id)
    if statement.amount_fen != refund.amount_fen:
        return _restated(uow, refund, statement)
    refund.external_ref = refund.external_ref or statement.refund_ref
    before = RefundState(refund.state)
    action = _ACTIONS[statement.says]
    if before is rules.AFTER[action] or (before in rules.OVER and action is RefundAction.ACCEPT):
        return refund.id
    if rules.next_state(before, action) is None:
        return _restated(uow, refund, statement)
    _act(uow, refund, action, statement)
    return refund.id


def _act(uow: UnitOfWork, refund: Refund, action: RefundAction, statement: RefundStatement) -> None:
    refund.sent_at = refund.sent_at or uow.now()
    match action:
        case RefundAction.ACCEPT:
            move(refund, action)
            refund.next_query_at = rules.next_query_at(refund.sent_at, uow.now())
            uow.audit("refund.sent", "refund", refund.id)
        case RefundAction.STALL:
            move(refund, action)
            refund.next_query_at = uow.now() + rules.QUERY_PERIOD
            uow.audit("refund.abnormal", "refund", refund.id)
            uow.alarm(
                "refund_abnormal",
                str(refund.id),
                amount_fen=refund.amount_fen,
                order_id=str(refund.order_id) if refund.order_id else None,
            )
        case RefundAction.SUCCEED:
            _succeed(uow, refund, statement)
        case RefundAction.FAIL:
            undo(uow, refund, code="closed")
        case _:
            raise AssertionError(f"no rail says {action}")
    uow.session.flush()


def _succeed(uow: UnitOfWork, refund: Refund, statement: RefundStatement) -> None:
    was_undone = refund.state == RefundState.FAILED
    at = statement.at or uow.now()
    if was_undone:
        # We had taken it back on good proof, and the rail paid all the same.
        uow.alarm("refund_restated", str(refund.id), amount_fen=refund.amount_fen)
    move(refund, RefundAction.SUCCEED)
    refund.finished_at, refund.next_query_at, refund.failure_code = at, None, None
    uow.session.flush()
    if was_undone:
        book(uow, refund, "refund", at=uow.now(), again=True)
        end_access(uow, refund)
    book(uow, refund, "refund_done", at=at)
    uow.audit("refund.succeeded", "refund", refund.id, amount_fen=refund.amount_fen)
    tell(uow, refund)


def _restated(uow: UnitOfWork, refund: Refund, statement: RefundStatement) -> UUID:
    """The same number told in another way is no repetition; a person must look at it."""
    uow.alarm(
        "refund_restated",
        str(refund.id),
        amount_fen=statement.amount_fen,
        seen_by=statement.seen_by,
        state=refund.state,
        order_id=str(refund.order_id) if refund.order_id else None,
    )
    return refund.id


def record_absence(uow: UnitOfWork, *, refund_id: UUID, code: str) -> bool:
    """The rail refused the refund and has no trace of its number: nothing went, nothing will.

    Returns:
        False when the refund had ended before.
    """
    refund = queries.lock(uow.session, refund_id)
    if rules.next_state(RefundState(refund.state), RefundAction.FAIL) is None:
        return False
    undo(uow, refund, code=code)
    return True


def note_short_of_funds(uow: UnitOfWork, refund_id: UUID) -> None:
    """The merchant's balance is short: the refund waits under its number, and a person is told."""
    refund = queries.get(uow.session, refund_id)
    uow.alarm("refund_short_of_funds", str(refund.id), amount_fen=refund.amount_fen)


def claim_query(uow: UnitOfWork, refund_id: UUID) -> bool:
    """Take the right to ask the rail about this refund now; moves its next question forward."""
    refund = queries.lock(uow.session, refund_id)
    if refund.next_query_at is None or refund.next_query_at > uow.now():
        return False
    refund.query_attempts_count += 1
    refund.next_query_at = rules.next_query_at(refund.sent_at or uow.now(), uow.now())
    return True
