"""Reading refunds: quotes, what went back before, what a gateway must know, what is due."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from creator_tools.access import queries as access
from creator_tools.columns import queries as columns
from creator_tools.kernel.fen import Fen
from creator_tools.ledger.rules import Division
from creator_tools.orders import queries as orders
from creator_tools.orders.models import Order, OrderLine
from creator_tools.people.queries import family_of, subject_of
from creator_tools.refunds import rules
from creator_tools.refunds.errors import RefundNotFound
from creator_tools.refunds.models import Refund, RefundLine
from creator_tools.refunds.ports import RefundFacts
from creator_tools.refunds.rules import LineFacts, RefundQuote, RefundState, Terms
from creator_tools.refunds.rules.reasons import reason_of
from creator_tools.works import queries as works

LATELY = timedelta(days=30)


def quote(session: Session, order: Order, now: datetime) -> RefundQuote:
    """What goes back of a paid order by the terms it was placed under, line by line.

    A mind is changed for less than what a person is asked to look at: the quote says both, what
    the terms give and what is left.
    """
    lines = [_facts_of(session, order, line, now) for line in orders.lines_of(session, order.id)]
    return rules.quote_order(
        Terms.of(order.refund_terms),
        order.rail,
        lines,
        lately_count=count_lately(session, order.person_id, now),
    )


def _facts_of(session: Session, order: Order, line: OrderLine, now: datetime) -> LineFacts:
    returned_fen, is_returned = _returned(session, line.id)
    is_column = line.object_type == "column"
    opened = works.list_published_ids(session, line.object_id) if is_column else [line.object_id]
    promised_count = 0
    if is_column and line.term_days is None:
        promised_count = columns.get(session, line.object_id).promised_count
    return LineFacts(
        line=line.line,
        title=line.title,
        paid_fen=Fen(line.amount_fen),
        returned_fen=Fen(returned_fen),
        is_returned=is_returned,
        elapsed=now - (order.paid_at or now),
        works_count=len(opened),
        read_count=len(access.list_read(session, order.person_id, opened)),
        promised_count=promised_count,
        delivered_count=len(opened),
        term=None if line.term_days is None else timedelta(days=line.term_days),
    )


def _returned(session: Session, line_id: UUID) -> tuple[int, bool]:
    row = session.execute(
        select(
            func.coalesce(func.sum(RefundLine.amount_fen), 0),
            func.coalesce(func.bool_or(RefundLine.ends_access), False),
        )
        .join(Refund, Refund.id == RefundLine.refund_id)
        .where(RefundLine.order_line_id == line_id, Refund.state.in_(rules.LIVE_STATES))
    ).one()
    return int(row[0]), bool(row[1])


def count_lately(session: Session, person_id: UUID, now: datetime) -> int:
    """How often this person got something back in the last thirty days, or is about to."""
    return (
        session.scalar(
            select(func.count(Refund.id)).where(
                Refund.person_id.in_(family_of(person_id)),
                Refund.state.in_(rules.LIVE_STATES),
                Refund.requested_at > now - LATELY,
                Refund.cause == "purchase",
            )
        )
        or 0
    )


def list_live(session: Session, payment_id: UUID) -> list[Refund]:
    """The refunds that count towards what goes back of a payment, oldest first."""
    return list(
        session.scalars(
            select(Refund)
            .where(Refund.payment_id == payment_id, Refund.state.in_(rules.LIVE_STATES))
            .order_by(Refund.id)
        )
    )


def gone_of(refunds: Collection[Refund]) -> Division:
    """What these refunds have taken from whom, added up."""
    decided = [one for one in refunds if one.state != RefundState.REQUESTED]
    return Division(
        Fen(sum(one.amount_fen for one in decided)),
        Fen(sum(one.fee_fen for one in decided)),
        Fen(sum(one.platform_fen for one in decided)),
        Fen(sum(one.creator_fen for one in decided)),
    )


def get(session: Session, refund_id: UUID) -> Refund:
    """One refund.

    Raises:
        RefundNotFound: there is none with this id.
    """
    refund = session.get(Refund, refund_id)
    if refund is None:
        raise RefundNotFound(refund_id=str(refund_id))
    return refund


def lock(session: Session, refund_id: UUID) -> Refund:
    """One refund, locked until the unit ends; its order, if any, is locked before it.

    Raises:
        RefundNotFound: there is none with this id.
    """
    known = get(session, refund_id)
    if known.order_id is not None:
        orders.lock(session, known.order_id)
    return session.scalars(
        select(Refund)
        .where(Refund.id == refund_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def find_by_number(session: Session, account_id: UUID, refund_no: str) -> UUID | None:
    """The refund that a merchant account knows by this number of ours."""
    return session.scalar(
        select(Refund.id).where(Refund.account_id == account_id, Refund.refund_no == refund_no)
    )


def find_by_ref(session: Session, account_id: UUID, external_ref: str) -> UUID | None:
    """The refund that a merchant account knows by this number of its own."""
    return session.scalar(
        select(Refund.id).where(
            Refund.account_id == account_id, Refund.external_ref == external_ref
        )
    )


def list_of_order(session: Session, order_id: UUID) -> list[Refund]:
    """The refunds of what an order bought, newest first."""
    return list(
        session.scalars(
            select(Refund)
            .where(Refund.order_id == order_id, Refund.cause != "stray")
            .order_by(Refund.id.desc())
        )
    )


def are_underway(refunds: Collection[Refund]) -> bool:
    """Whether one of these has not ended yet, so that no other may begin."""
    return any(one.state in rules.UNDERWAY_STATES for one in refunds)


def lines_of(session: Session, refund_id: UUID) -> list[tuple[RefundLine, OrderLine]]:
    """What a decided refund gives back of which line, in order."""
    rows = session.execute(
        select(RefundLine, OrderLine)
        .join(OrderLine, OrderLine.id == RefundLine.order_line_id)
        .where(RefundLine.refund_id == refund_id)
        .order_by(OrderLine.line)
    )
    return [(given, line) for given, line in rows]


def returned_lines(session: Session, order_id: UUID) -> set[UUID]:
    """The lines of an order whose access ended with a refund."""
    return set(
        session.scalars(
            select(RefundLine.order_line_id)
            .join(Refund, Refund.id == RefundLine.refund_id)
            .where(
                Refund.order_id == order_id,
                Refund.state.in_(rules.LIVE_STATES),
                RefundLine.ends_access,
            )
        )
    )


def facts_of(session: Session, refund_id: UUID) -> RefundFacts:
    """What a gateway must know of a refund.

    Raises:
        RefundNotFound: there is none with this id.
    """
    refund = get(session, refund_id)
    payment = orders.get_payment(session, refund.payment_id)
    order = None if refund.order_id is None else orders.find(session, refund.order_id)
    subject = None
    if order is not None:
        subject = subject_of(session, order.person_id, order.account_id)
    return RefundFacts(
        id=refund.id,
        refund_no=refund.refund_no,
        rail=refund.rail,
        account_id=refund.account_id,
        surface_id=order.account_id if order else None,
        person_id=refund.person_id,
        trade_no=payment.trade_no,
        payment_ref=payment.payment_ref,
        amount_fen=Fen(refund.amount_fen),
        total_fen=Fen(payment.amount_fen),
        words=reason_of(refund.reason_code).sentence,
        subject=subject,
        is_over=refund.state not in {RefundState.APPROVED, RefundState.SENT, RefundState.ABNORMAL},
    )


def list_query_due(session: Session, now: datetime, *, limit: int = 50) -> Sequence[UUID]:
    """Refunds about which the rail should be asked again, longest due first."""
    return session.scalars(
        select(Refund.id)
        .where(Refund.next_query_at <= now)
        .order_by(Refund.next_query_at)
        .limit(limit)
    ).all()
