"""Reading orders: for their buyer, for the sweep, for a gateway."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from creator_tools.catalogue import queries as catalogue
from creator_tools.kernel.fen import Fen
from creator_tools.orders.errors import OrderNotFound
from creator_tools.orders.models import Order, OrderLine
from creator_tools.orders.ports import OrderFacts
from creator_tools.people import queries as people


@dataclass(frozen=True)
class Payable:
    """A locked order, with what a payment of it is compared with."""

    order: Order
    goods_id: str | None
    buyer_id: UUID
    payer_id: UUID | None


def lock_payable(
    session: Session, trade_no: str, *, account_id: UUID, payer_subject: str | None
) -> Payable | None:
    """The order with this number, locked until the unit ends, in one round trip.

    Buyer and payer are given as the ids that stand for them today, so that two people who
    turned out to be one are one.
    """
    row = session.execute(
        select(
            Order,
            catalogue.goods_id_at(Order.account_id, Order.amount_fen),
            people.survivor_at(Order.person_id),
            people.person_at(account_id, payer_subject or ""),
        )
        .where(Order.trade_no == trade_no)
        .with_for_update(of=Order)
    ).one_or_none()
    return None if row is None else Payable(*row)


def lock(session: Session, order_id: UUID) -> Order:
    """The order, locked until the unit ends.

    Raises:
        OrderNotFound: there is none.
    """
    order = session.scalars(
        select(Order).where(Order.id == order_id).with_for_update()
    ).one_or_none()
    if order is None:
        raise OrderNotFound
    return order


def get_of_person(session: Session, order_id: UUID, person_id: UUID) -> Order:
    """The person's own order; somebody else's is "not found", like one that never was.

    Raises:
        OrderNotFound: there is none that this person placed.
    """
    order = session.scalars(
        select(Order).where(Order.id == order_id, Order.person_id.in_(people.family_of(person_id)))
    ).one_or_none()
    if order is None:
        raise OrderNotFound
    return order


def find(session: Session, order_id: UUID) -> Order | None:
    """The order with this id, whoever's it is; for the system's own work."""
    return session.get(Order, order_id)


def find_of_quote(session: Session, quote_id: UUID) -> Order | None:
    """The order that was placed on a quote, if any."""
    return session.scalars(select(Order).where(Order.quote_id == quote_id)).one_or_none()


def lines_of(session: Session, order_id: UUID) -> list[OrderLine]:
    """The lines of an order, in order."""
    return list(
        session.scalars(
            select(OrderLine).where(OrderLine.order_id == order_id).order_by(OrderLine.line)
        )
    )


def list_of_person(session: Session, person_id: UUID, *, limit: int = 50) -> list[Order]:
    """A person's orders, newest first."""
    return list(
        session.scalars(
            select(Order)
            .where(Order.person_id.in_(people.family_of(person_id)))
            .order_by(Order.id.desc())
            .limit(limit)
        )
    )


def facts_of(session: Session, order_id: UUID) -> OrderFacts:
    """What a gateway must know of an order.

    Raises:
        OrderNotFound: there is no such order, or it needs no gateway.
    """
    order = session.get(Order, order_id)
    if order is None or order.payee_account_id is None:
        raise OrderNotFound
    tier = None
    if order.rail.startswith("xpay"):
        tier = catalogue.find_live_tier(session, order.account_id, order.amount_fen)
    return OrderFacts(
        id=order.id,
        trade_no=order.trade_no,
        rail=order.rail,
        account_id=order.account_id,
        payee_account_id=order.payee_account_id,
        person_id=order.person_id,
        amount_fen=Fen(order.amount_fen),
        title=lines_of(session, order.id)[0].title,
        goods_id=tier.goods_id if tier else None,
        created_at=order.created_at,
        expires_at=order.expires_at,
    )


def list_query_due(
    session: Session, now: datetime, *, rails: Collection[str], limit: int = 50
) -> list[UUID]:
    """Orders on these rails whose rail should be asked again, longest due first."""
    return list(
        session.scalars(
            select(Order.id)
            .where(Order.next_query_at <= now, Order.rail.in_(rails))
            .order_by(Order.next_query_at)
            .limit(limit)
        )
    )


def has_sold(session: Session, object_type: str, object_id: UUID) -> bool:
    """Whether anybody ever paid for this object."""
    return session.execute(
        select(
            exists().where(
                OrderLine.object_type == object_type,
                OrderLine.object_id == object_id,
                OrderLine.order_id == Order.id,
                Order.paid_at.is_not(None),
            )
        )
    ).scalar_one()
