"""Placing an order: everything its price depended on is frozen here."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from creator_tools.access import queries as access
from creator_tools.catalogue import queries as catalogue
from creator_tools.catalogue.errors import QuoteNotFound
from creator_tools.catalogue.models import Quote
from creator_tools.catalogue.rules import OBSTACLES
from creator_tools.creators import queries as creators
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.orders import queries, rules
from creator_tools.orders.errors import (
    AlreadyOwned,
    NotOnSaleNow,
    NotSellableHere,
    QuoteExpired,
)
from creator_tools.orders.models import Order, OrderLine
from creator_tools.orders.rules import OrderAction, OrderState
from creator_tools.orders.service.moving import move, open_doors


def create(
    uow: UnitOfWork,
    *,
    quote_id: UUID,
    person_id: UUID,
    account_id: UUID,
    payee_account_id: UUID | None,
    refund_terms: dict[str, Any] | None = None,
) -> Order:
    """Place an order on a quote, with everything frozen that its price depended on.

    The same quote again returns the order that stands on it already. So does another quote of
    the same thing at the same price while the person's order for it can still be paid, where the
    rail takes a number more than once: two taps are one order, and one payment.

    Args:
        account_id: the platform account of the buyer's session; the quote must be its own.
        payee_account_id: the merchant account that takes the money; None for what is free.
        refund_terms: the terms of refund that were shown; kept as they are.

    Raises:
        QuoteNotFound: no such quote of this person on this account.
        QuoteExpired, NotOnSaleNow, NotSellableHere, AlreadyOwned: see errors.
    """
    quote = catalogue.get_quote(uow.session, quote_id, person_id)
    uow.session.refresh(quote, with_for_update=True)
    if quote.account_id != account_id:
        raise QuoteNotFound(quote_id=str(quote_id))
    standing = queries.find_of_quote(uow.session, quote_id)
    if standing is not None:
        return standing
    if quote.expires_at <= uow.now():
        raise QuoteExpired
    if quote.rail is None:
        is_taken_off = any(one["code"] in OBSTACLES for one in quote.reasons)
        raise NotOnSaleNow if is_taken_off else NotSellableHere
    product = catalogue.get(uow.session, quote.product_id)
    twin = _open_twin(uow, quote, person_id)
    if twin is not None:
        return twin
    object_type = "work" if product.kind == "work" else "column"
    object_id = product.work_id or product.column_id
    if product.term_days is None and _owns_for_ever(uow, person_id, object_type, object_id):
        raise AlreadyOwned
    order = _insert(uow, quote_id, quote.rail, person_id, payee_account_id)
    order.refund_terms = refund_terms
    uow.session.add(
        OrderLine(
            id=uow.ids.new(),
            creator_id=product.creator_id,
            order_id=order.id,
            line=1,
            product_id=product.id,
            object_type=object_type,
            object_id=object_id,
            column_id=product.column_id,
            term_days=product.term_days,
            title=product.title,
            amount_fen=quote.payable_fen,
        )
    )
    uow.audit("order.created", "order", order.id, rail=order.rail, amount_fen=order.amount_fen)
    uow.session.flush()
    if order.rail == "free":
        _give_away(uow, order)
    return order


def _open_twin(uow: UnitOfWork, quote: Quote, person_id: UUID) -> Order | None:
    if quote.rail not in rules.RETRIABLE_RAILS:
        return None
    # Two taps at once wait for each other here, so that the second finds the order of the first.
    key = f"order:{person_id}:{quote.product_id}"
    uow.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))
    return queries.find_payable(
        uow.session,
        person_id=person_id,
        quote=quote,
        payable_until=uow.now() + rules.PAYABLE_AT_LEAST,
    )


def _owns_for_ever(uow: UnitOfWork, person_id: UUID, object_type: str, object_id: UUID) -> bool:
    held = access.list_entitlements(uow.session, person_id, uow.now())
    return any(
        (one.object_type, one.object_id, one.ends_at) == (object_type, object_id, None)
        for one in held
    )


def _insert(
    uow: UnitOfWork, quote_id: UUID, rail: str, person_id: UUID, payee_account_id: UUID | None
) -> Order:
    quote = catalogue.get_quote(uow.session, quote_id, person_id)
    creator = creators.get(uow.session, quote.creator_id)
    order_id = uow.ids.new()
    expires_at = uow.now() + rules.ORDER_TTL
    order = Order(
        id=order_id,
        trade_no=order_id.hex,
        creator_id=quote.creator_id,
        person_id=person_id,
        account_id=quote.account_id,
        payee_account_id=payee_account_id,
        quote_id=quote.id,
        rail=rail,
        amount_fen=quote.payable_fen,
        currency=rules.CURRENCY,
        platform_share_bp=creator.platform_share_bp,
        state=OrderState.PENDING,
        query_attempts_count=0,
        next_query_at=rules.next_query_at(uow.now(), expires_at, uow.now()),
        created_at=uow.now(),
        expires_at=expires_at,
    )
    uow.session.add(order)
    uow.session.flush()
    return order


def _give_away(uow: UnitOfWork, order: Order) -> None:
    """A free product opens at once; no money moves, so no entry is posted."""
    move(uow, order, OrderAction.PAY, at=uow.now(), cause="free")
    open_doors(uow, order, uow.now())


def note_prepaid(uow: UnitOfWork, order_id: UUID, prepay_ref: str | None) -> None:
    """Remember that the rail took the order and how it calls it."""
    changed = uow.session.execute(
        update(Order)
        .where(Order.id == order_id, Order.prepaid_at.is_(None))
        .values(prepay_ref=prepay_ref, prepaid_at=uow.now())
        .returning(Order.id)
    ).first()
    if changed is not None:
        uow.audit("order.prepaid", "order", order_id)
