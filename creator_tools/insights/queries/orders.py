"""Orders as an operator sees them: what, by whom, for how much, how far."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from creator_tools.creators.models import Creator
from creator_tools.insights.errors import ReportOrderNotFound
from creator_tools.kernel.database import as_uuid
from creator_tools.orders.models import Order, OrderLine

PAGE_SIZE = 50


@dataclass(frozen=True)
class OrderView:
    """One order in short; the buyer is an id here, never a name or a subject."""

    order_id: UUID
    trade_no: str
    title: str
    creator_handle: str
    creator_name: str
    person_id: UUID
    rail: str
    amount_fen: int
    platform_share_bp: int
    state: str
    created_at: datetime
    paid_at: datetime | None


@dataclass(frozen=True)
class OrderPage:
    """Some orders, newest first, how many in all, and where the next page begins."""

    items: tuple[OrderView, ...]
    total_count: int
    next_cursor: UUID | None


def find_order(session: Session, reference: str) -> UUID | None:
    """The id of the order with this id or trade number, or None."""
    if not reference.isprintable():
        return None  # PostgreSQL refuses some of these characters, and no number has them
    order_id = as_uuid(reference)
    named = Order.trade_no == reference
    if order_id is not None:
        named = or_(named, Order.id == order_id)
    return session.scalar(select(Order.id).where(named).limit(1))


def get_order(session: Session, order_id: UUID) -> OrderView:
    """One order in short.

    Raises:
        ReportOrderNotFound: there is none with this id.
    """
    row = session.execute(_short().where(Order.id == order_id)).first()
    if row is None:
        raise ReportOrderNotFound(order_id=str(order_id))
    return OrderView(*row)


def list_orders(
    session: Session,
    *,
    state: str | None = None,
    cursor: UUID | None = None,
    limit: int = PAGE_SIZE,
) -> OrderPage:
    """A page of orders after `cursor` (the last order seen), newest first."""
    chosen, counted = _short(), select(func.count(Order.id))
    if state is not None:
        chosen, counted = chosen.where(Order.state == state), counted.where(Order.state == state)
    if cursor is not None:
        chosen = chosen.where(Order.id < cursor)
    found = [OrderView(*row) for row in session.execute(chosen.limit(limit + 1))]
    shown = found[:limit]
    next_cursor = shown[-1].order_id if len(found) > limit else None
    return OrderPage(tuple(shown), session.scalar(counted) or 0, next_cursor)


def _short() -> Select[*tuple[Any, ...]]:
    title = (
        select(OrderLine.title)
        .where(OrderLine.order_id == Order.id)
        .order_by(OrderLine.line)
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(
            Order.id,
            Order.trade_no,
            func.coalesce(title, ""),
            Creator.handle,
            Creator.name,
            Order.person_id,
            Order.rail,
            Order.amount_fen,
            Order.platform_share_bp,
            Order.state,
            Order.created_at,
            Order.paid_at,
        )
        .join(Creator, Creator.id == Order.creator_id)
        .order_by(Order.id.desc())
    )
