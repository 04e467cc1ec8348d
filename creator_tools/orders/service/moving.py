"""One step of an order, and the doors that a paid one opens."""

from datetime import datetime

from creator_tools.access import service as access
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.orders import queries, rules
from creator_tools.orders.models import Order
from creator_tools.orders.rules import OrderAction, OrderState


def move(uow: UnitOfWork, order: Order, action: OrderAction, *, at: datetime, cause: str) -> None:
    """Take an order one step along its transitions, and tell the audit why."""
    before = OrderState(order.state)
    order.state = rules.TRANSITIONS[(before, action)]
    if action is OrderAction.PAY:
        order.paid_at = at
        order.closed_at = None
        order.next_query_at = None
    if action is OrderAction.CLOSE:
        order.closed_at = at
        order.next_query_at = rules.next_query_after_close(order.rail, at, at)
    uow.audit(
        f"order.{order.state}",
        "order",
        order.id,
        before=before,
        cause=cause,
        amount_fen=order.amount_fen,
        rail=order.rail,
    )
    uow.session.flush()


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
