"""Asking the rail what became of an order, and closing what nobody paid."""

from uuid import UUID

from sqlalchemy import update

from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.orders import queries, rules
from creator_tools.orders.models import Order
from creator_tools.orders.rules import OrderAction, OrderState
from creator_tools.orders.service.moving import move


def claim_query(uow: UnitOfWork, order_id: UUID, *, at_once: bool = False) -> bool:
    """Take the right to ask the rail about this order now; moves its next query forward.

    Args:
        at_once: somebody waits for the answer, so whether the order is due does not matter.

    Returns:
        False when the order is final, or not due: somebody else may have just asked.
    """
    order = queries.lock(uow.session, order_id)
    if order.next_query_at is None:
        return False
    if order.next_query_at > uow.now() and not at_once:
        return False
    order.query_attempts_count += 1
    if order.closed_at is not None:
        order.next_query_at = rules.next_query_after_close(order.rail, order.closed_at, uow.now())
    else:
        planned_at = rules.next_query_at(order.created_at, order.expires_at, uow.now())
        order.next_query_at = max(planned_at, uow.now() + rules.QUERY_GAP)
    return True


def hasten_query(uow: UnitOfWork, order_id: UUID) -> None:
    """The client says something happened: ask the rail soon, and believe only the rail."""
    soon = uow.now() + rules.QUERY_GAP
    uow.session.execute(
        update(Order)
        .where(Order.id == order_id, Order.state == OrderState.PENDING, Order.next_query_at > soon)
        .values(next_query_at=soon)
    )


def close(uow: UnitOfWork, order_id: UUID, *, cause: str) -> bool:
    """Close an order that the rail has confirmed unpayable; False when it is not pending."""
    order = queries.lock(uow.session, order_id)
    if order.state != OrderState.PENDING:
        return False
    move(uow, order, OrderAction.CLOSE, at=uow.now(), cause=cause)
    return True
