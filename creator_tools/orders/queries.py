"""Reading orders: for their buyer, for the sweep, for a gateway."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import String, Uuid, bindparam, cast, column, exists, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.orm import Session
from sqlalchemy.sql import TableValuedAlias

from creator_tools.catalogue import queries as catalogue
from creator_tools.catalogue.models import Quote
from creator_tools.kernel.fen import Fen
from creator_tools.kernel.sheaf import array_of, run
from creator_tools.orders.errors import OrderNotFound, PaymentNotFound
from creator_tools.orders.models import Order, OrderLine, Payment
from creator_tools.orders.ports import OrderFacts, PaymentStatement
from creator_tools.orders.rules import Expected, OrderState
from creator_tools.people import queries as people


@dataclass(frozen=True)
class Payable:
    """A locked order, with what a payment of it is compared with."""

    order: Order
    expected: Expected
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
    if row is None:
        return None
    order, goods_id, buyer_id, payer_id = row
    expected = Expected(
        OrderState(order.state),
        order.account_id,
        order.payee_account_id,
        order.amount_fen,
        order.currency,
        goods_id,
        buyer_id,
    )
    return Payable(order, expected, payer_id)


@dataclass(frozen=True)
class PayableLine:
    """A locked order of one line, as plain values, with what a payment of it is compared with.

    `position` is that of the statement that asked for it.
    """

    position: int
    order_id: UUID
    creator_id: UUID
    platform_share_bp: int
    expected: Expected
    payer_id: UUID | None
    object_type: str
    object_id: UUID
    column_id: UUID
    line_creator_id: UUID
    term_days: int | None


def _asked_for() -> TableValuedAlias:
    given = ("account_id", Uuid()), ("trade_no", String()), ("subject", String())
    more = ("payee_account_id", Uuid()), ("fact_key", String())
    named = (*given, *more)
    arrays = [cast(bindparam(f"{name}s", type_=String()), ARRAY(kind)) for name, kind in named]
    return (
        func.unnest(*arrays)
        .table_valued(*(column(*one) for one in named), with_ordinality="position", name="asked")
        .render_derived()
    )


_ASKED = _asked_for()
_LINES_COUNT = (
    select(func.count()).where(OrderLine.order_id == Order.id).correlate(Order).scalar_subquery()
)
_IS_KNOWN = exists().where(
    Payment.account_id == _ASKED.c.payee_account_id, Payment.fact_key == _ASKED.c.fact_key
)
_LOCK_PAYABLE_LINES = (
    select(
        _ASKED.c.position,
        Order.id,
        Order.creator_id,
        Order.platform_share_bp,
        Order.state,
        Order.account_id,
        Order.payee_account_id,
        Order.amount_fen,
        Order.currency,
        catalogue.goods_id_at(Order.account_id, Order.amount_fen).label("goods_id"),
        people.survivor_at(Order.person_id).label("buyer_id"),
        people.person_at(_ASKED.c.account_id, _ASKED.c.subject).label("payer_id"),
        OrderLine.object_type,
        OrderLine.object_id,
        OrderLine.column_id,
        OrderLine.creator_id.label("line_creator_id"),
        OrderLine.term_days,
    )
    .select_from(_ASKED)
    .join(Order, Order.trade_no == _ASKED.c.trade_no)
    .join(OrderLine, OrderLine.order_id == Order.id)
    .where(_LINES_COUNT == 1, ~_IS_KNOWN)
    .order_by(Order.id)
    .with_for_update(of=Order, skip_locked=True)
)


# Put into words once: SQLAlchemy would look the statement through for every batch.
_LOCKING = _LOCK_PAYABLE_LINES.compile(dialect=PGDialect_psycopg())  # type: ignore[no-untyped-call] # SQLAlchemy leaves it untyped


def lock_payable_lines(
    session: Session, statements: Sequence[PaymentStatement]
) -> list[PayableLine]:
    """The orders of these statements, locked until the unit ends, in one round trip.

    Left out, for the long way: an order that somebody else holds, one of more lines than one,
    and whatever was paid by a payment that is known already. Nobody is waited for. The numbers
    of the statements differ from each other.
    """
    values = {
        "account_ids": array_of([one.account_id for one in statements], Uuid()),
        "trade_nos": array_of([one.trade_no for one in statements], String()),
        "subjects": array_of([one.payer_subject or "" for one in statements], String()),
        "payee_account_ids": array_of([one.payee_account_id for one in statements], Uuid()),
        "fact_keys": array_of([one.fact_key for one in statements], String()),
    }
    found = run(session, str(_LOCKING), _LOCKING.construct_params(values))
    return [_payable_line(tuple(row)) for row in found]


def _payable_line(row: tuple[Any, ...]) -> PayableLine:
    position, order_id, creator_id, share_bp, state, account_id, payee_id, amount_fen = row[:8]
    currency, goods_id, buyer_id, payer_id, *line = row[8:]
    expected = Expected(
        OrderState(state), account_id, payee_id, amount_fen, currency, goods_id, buyer_id
    )
    return PayableLine(position - 1, order_id, creator_id, share_bp, expected, payer_id, *line)


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


def find_payable(
    session: Session, *, person_id: UUID, quote: Quote, payable_until: datetime
) -> Order | None:
    """The person's pending order for what `quote` is about, at its price, if it lives long enough.

    Args:
        payable_until: when the order must still be open, so that the buyer has time to pay.
    """
    return session.scalars(
        select(Order)
        .join(OrderLine, OrderLine.order_id == Order.id)
        .where(
            Order.person_id == person_id,
            Order.account_id == quote.account_id,
            Order.state == "pending",
            Order.rail == quote.rail,
            Order.amount_fen == quote.payable_fen,
            Order.expires_at > payable_until,
            OrderLine.product_id == quote.product_id,
        )
        .order_by(Order.id.desc())
        .limit(1)
    ).first()


def list_unheard(session: Session, quote: Quote, *, limit: int = 3) -> list[Order]:
    """Pending orders of what `quote` is about that its person was shown a pay sheet for.

    Newest first, of every rail and price: any of them may have been paid without our knowing.
    """
    return list(
        session.scalars(
            select(Order)
            .join(OrderLine, OrderLine.order_id == Order.id)
            .where(
                Order.person_id.in_(people.family_of(quote.person_id)),
                Order.state == "pending",
                Order.prepaid_at.is_not(None),
                OrderLine.product_id == quote.product_id,
            )
            .order_by(Order.id.desc())
            .limit(limit)
        )
    )


def lines_of(session: Session, order_id: UUID) -> list[OrderLine]:
    """The lines of an order, in order."""
    return list(
        session.scalars(
            select(OrderLine).where(OrderLine.order_id == order_id).order_by(OrderLine.line)
        )
    )


def settled_payment(session: Session, order_id: UUID) -> Payment | None:
    """The payment by which an order was paid, or None: not paid yet, or free."""
    return session.scalars(
        select(Payment).where(Payment.order_id == order_id, Payment.disposition == "settled")
    ).one_or_none()


def get_payment(session: Session, payment_id: UUID) -> Payment:
    """One payment that was seen, whatever became of it.

    Raises:
        PaymentNotFound: there is none with this id.
    """
    payment = session.get(Payment, payment_id)
    if payment is None:
        raise PaymentNotFound
    return payment


def find_payment_by_ref(
    session: Session, account_id: UUID, *, trade_no: str, payment_ref: str | None
) -> Payment | None:
    """The payment that a rail speaks of: by its own number, or by ours where that is all it says.

    Of several under our number, the one that settled the order is meant.
    """
    of_account = select(Payment).where(Payment.account_id == account_id)
    if payment_ref is not None:
        found = session.scalars(
            of_account.where(Payment.payment_ref == payment_ref).limit(1)
        ).first()
        if found is not None:
            return found
    return session.scalars(
        of_account.where(Payment.trade_no == trade_no)
        .order_by((Payment.disposition == "settled").desc(), Payment.id)
        .limit(1)
    ).first()


def list_of_person(
    session: Session, person_id: UUID, *, before: UUID | None = None, limit: int = 50
) -> list[Order]:
    """A person's orders, newest first.

    Args:
        before: the order that ended the page before.
    """
    older = () if before is None else (Order.id < before,)
    return list(
        session.scalars(
            select(Order)
            .where(Order.person_id.in_(people.family_of(person_id)), *older)
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
