"""Asking for a refund: quoted under the order's lock, one at a time, decided at once if it may."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from creator_tools.kernel.text import clean_line
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.orders import queries as orders
from creator_tools.orders.models import Order, Payment
from creator_tools.refunds import queries, rules
from creator_tools.refunds.errors import (
    NothingToRefund,
    RefundLineUnknown,
    RefundReasonUnknown,
    RefundTooLarge,
    RefundUnderway,
)
from creator_tools.refunds.models import Refund
from creator_tools.refunds.rules import RefundQuote, RefundState
from creator_tools.refunds.rules.reasons import STRAY
from creator_tools.refunds.service.undertaking import undertake

WORDS_CHARS_MAX = 200


def ask(
    uow: UnitOfWork,
    *,
    order_id: UUID,
    reason_code: str,
    words: str = "",
    lines: Collection[int] | None = None,
    amount_fen: int | None = None,
    by_fan: bool = True,
) -> Refund:
    """Ask for what the terms give of an order, or for more in the hope of a person's yes.

    What the terms give a fan without anybody's yes is decided in this very commit. Where they give
    nothing, the rest of what was paid is asked for and a person decides.

    Args:
        lines: which lines; None means all.
        amount_fen: what an operator asks for on a fan's behalf; None means what is quoted.
        by_fan: the fan asks; an operator's asking is never decided at once here.

    Raises:
        OrderNotFound: there is no such order.
        NothingToRefund, RefundUnderway, RefundReasonUnknown, RefundLineUnknown, RefundTooLarge:
            see errors.
        InputRefused: the words are too long.
    """
    if rules.asked_reason(reason_code) is None:
        raise RefundReasonUnknown
    said = clean_line(words, "words", WORDS_CHARS_MAX) if words.strip() else ""
    order = orders.lock(uow.session, order_id)
    payment = orders.settled_payment(uow.session, order_id)
    if order.state != "paid" or payment is None:
        raise NothingToRefund
    _refuse_second(uow, payment.id)
    quoted = _chosen(queries.quote(uow.session, order, uow.now()), lines)
    if not quoted.is_possible:
        raise NothingToRefund
    asked_fen = quoted.refundable_fen or quoted.left_fen if amount_fen is None else amount_fen
    if not 0 < asked_fen <= quoted.left_fen:
        raise RefundTooLarge(left_fen=quoted.left_fen)
    refund = _insert(
        uow,
        payment,
        order,
        cause="purchase",
        amount_fen=asked_fen,
        reason_code=reason_code,
        words=said,
        quote=quoted.as_json(),
    )
    if by_fan and quoted.is_self_service and asked_fen == quoted.refundable_fen:
        undertake(uow, refund)
    return refund


def ask_for_stray(uow: UnitOfWork, *, payment_id: UUID, words: str = "") -> Refund:
    """Ask that money in suspense goes back to whoever paid it.

    Raises:
        NothingToRefund: this payment bought something, went back before, or its rail cannot.
        RefundUnderway: it is on its way back.
        InputRefused: the words are too long.
    """
    said = clean_line(words, "words", WORDS_CHARS_MAX) if words.strip() else ""
    payment = orders.get_payment(uow.session, payment_id)
    order = None
    if payment.order_id is not None:
        order = orders.lock(uow.session, payment.order_id)
    _take_turn(uow, payment_id)
    _refuse_second(uow, payment_id)
    left_fen = payment.amount_fen - sum(
        one.amount_fen for one in queries.list_live(uow.session, payment_id)
    )
    is_old = uow.now() - payment.paid_at >= rules.RAIL_REFUNDS_FOR
    if payment.disposition == "settled" or left_fen <= 0 or is_old:
        raise NothingToRefund
    if payment.rail not in rules.REFUNDABLE_RAILS:
        raise NothingToRefund
    return _insert(
        uow,
        payment,
        order,
        cause="stray",
        amount_fen=left_fen,
        reason_code=STRAY.code,
        words=said,
        quote={"disposition": payment.disposition},
    )


def _take_turn(uow: UnitOfWork, payment_id: UUID) -> None:
    # The same lock that the database takes when it adds up what goes back of this payment.
    key = func.hashtextextended(f"refunds:{payment_id}", 0)
    uow.session.execute(select(func.pg_advisory_xact_lock(key)))


def _refuse_second(uow: UnitOfWork, payment_id: UUID) -> None:
    live = queries.list_live(uow.session, payment_id)
    if any(one.state in rules.UNDERWAY_STATES for one in live):
        raise RefundUnderway


def _chosen(quoted: RefundQuote, lines: Collection[int] | None) -> RefundQuote:
    if lines is None:
        return quoted
    numbers = {line.line for line in quoted.lines}
    if not lines or not set(lines) <= numbers:
        raise RefundLineUnknown
    return quoted.only(sorted(set(lines)))


def _insert(
    uow: UnitOfWork,
    payment: Payment,
    order: Order | None,
    *,
    cause: str,
    amount_fen: int,
    reason_code: str,
    words: str,
    quote: dict[str, Any],
) -> Refund:
    refund_id = uow.ids.new()
    refund = Refund(
        id=refund_id,
        refund_no=refund_id.hex,
        creator_id=order.creator_id if order else None,
        order_id=order.id if order else None,
        payment_id=payment.id,
        person_id=order.person_id if order else None,
        account_id=payment.account_id,
        rail=payment.rail,
        cause=cause,
        state=RefundState.REQUESTED,
        amount_fen=amount_fen,
        fee_fen=0,
        platform_fen=0,
        creator_fen=0,
        reason_code=reason_code,
        reason_words=words,
        quote=quote,
        requested_by=uow.actor.type,
        requested_by_id=uow.actor.id,
        requested_at=uow.now(),
        query_attempts_count=0,
    )
    uow.session.add(refund)
    uow.session.flush()
    uow.audit("refund.requested", "refund", refund_id, amount_fen=amount_fen, reason=reason_code)
    return refund
