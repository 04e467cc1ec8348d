"""An order whose purchase went back, and one for which it did not after all."""

from uuid import UUID

from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.orders import queries
from creator_tools.orders.rules import OrderAction, OrderState
from creator_tools.orders.service.moving import move


def give_back(uow: UnitOfWork, order_id: UUID, *, cause: str) -> None:
    """All that a paid order bought has gone back; one that says so already stays as it is."""
    order = queries.lock(uow.session, order_id)
    if order.state == OrderState.PAID:
        move(uow, order, OrderAction.REFUND, at=uow.now(), cause=cause)


def keep(uow: UnitOfWork, order_id: UUID, *, cause: str) -> None:
    """What went back did not: the order is paid as it was before."""
    order = queries.lock(uow.session, order_id)
    if order.state == OrderState.REFUNDED:
        move(uow, order, OrderAction.KEEP, at=uow.now(), cause=cause)
