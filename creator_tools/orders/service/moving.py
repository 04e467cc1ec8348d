"""One step of an order, and the doors that a paid one opens."""

from datetime import datetime
from typing import Any

from creator_tools.access import service as access
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.orders import queries, rules
from creator_tools.orders.models import Order
from creator_tools.orders.rules import OrderAction, OrderState


def move(uow: UnitOfWork, order: Order, action: OrderAction, *, at: datetime, cause: str) -> None:
    """Take an order one step along its transitions, and tell the audit why."""
    before = OrderState(order.state)
    for name, value in step(before, action, order.rail, at).items():
        setattr(order, name, value)
    facts = told_of(before, cause=cause, amount_fen=order.amount_fen, rail=order.rail)
    uow.audit(f"order.{order.state}", "order", order.id, **facts)
    uow.session.flush()


def step(before: OrderState, action: OrderAction, rail: str, at: datetime) -> dict[str, Any]:
    """What an order becomes: the columns that one step along its transitions changes."""
    after: dict[str, Any] = {"state": rules.TRANSITIONS[(before, action)]}
    if action is OrderAction.PAY:
        after |= {"paid_at": at, "closed_at": None, "next_query_at": None}
    if action is OrderAction.CLOSE:
        next_query_at = rules.next_query_after_close(rail, at, at)
        after |= {"closed_at": at, "next_query_at": next_query_at}
    return after


def told_of(before: OrderState, *, cause: str, amount_fen: int, rail: str) -> dict[str, Any]:
    """What the audit says of a step."""
    return {"before": before, "cause": cause, "amount_fen": amount_fen, "rail": rail}


def open_doors(uow: UnitOfWork, order: Order, paid_at: datetime) -> None:
    """Grant what every line of a paid order bought."""
    for line in queries.lines_of(uow.session, order.id):
        granted = access.grant(
            uow,
            person_id=order.person_id,
            creator_id=line.creator_id,
            object_type=line.object_type,
            object_id=line.object_id,
            source_kind="order",
            source_id=order.id,
            starts_at=paid_at,
            ends_at=rules.entitlement_end(paid_at, line.term_days),
        )
        if granted.was_owned and order.amount_fen > 0:
            # Two orders of one thing, placed before either was paid: somebody may want to refund.
            uow.alarm("paid_again", str(order.id), order_id=str(order.id), title=line.title)
