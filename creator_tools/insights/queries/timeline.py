"""The life of one order, from the quote to the last effect, out of what was really written."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from creator_tools.access.models import Entitlement, EntitlementSource
from creator_tools.catalogue.models import Quote
from creator_tools.insights.errors import ReportOrderNotFound
from creator_tools.insights.queries.entries import postings_of_order
from creator_tools.kernel.effects import list_of_object
from creator_tools.kernel.models import AuditEvent, Effect
from creator_tools.orders.models import Order, Payment
from creator_tools.refunds.models import Refund

# What happens in one commit carries one moment; the rank keeps cause before consequence.
_RANKS = (
    "quoted",
    "created",
    "prepaid",
    "payment_seen",
    "posted",
    "access_opened",
    "audited",
    "refund",
    "effect_promised",
    "effect_ended",
    "access_ended",
    "closed",
)


@dataclass(frozen=True)
class Step:
    """One thing that happened to an order; `facts` may be shown to an operator."""

    at: datetime
    code: str
    facts: dict[str, object] = field(default_factory=dict)


def timeline_of_order(session: Session, order_id: UUID) -> list[Step]:
    """Everything that happened to the order, oldest first.

    Raises:
        ReportOrderNotFound: there is no such order.
    """
    order = session.get(Order, order_id)
    if order is None:
        raise ReportOrderNotFound(order_id=str(order_id))
    steps = [
        *_steps_of_order(session, order),
        *_steps_of_payments(session, order_id),
        *_steps_of_entries(session, order_id),
        *_steps_of_access(session, order_id),
        *_steps_of_refunds(session, order_id),
        *_steps_of_audit(session, order_id),
        *_steps_of_effects(session, order_id),
    ]
    return sorted(steps, key=lambda step: (step.at, _RANKS.index(step.code)))


def _steps_of_order(session: Session, order: Order) -> Iterator[Step]:
    quote = session.get(Quote, order.quote_id)
    if quote is not None:
        yield Step(
            quote.created_at,
            "quoted",
            {
                "payable_fen": quote.payable_fen,
                "rail": quote.rail,
                "reasons": [reason["sentence"] for reason in quote.reasons],
            },
        )
    yield Step(
        order.created_at, "created", {"amount_fen": order.amount_fen, "trade_no": order.trade_no}
    )
    if order.prepaid_at is not None:
        yield Step(order.prepaid_at, "prepaid", {"rail": order.rail})
    if order.closed_at is not None:
        yield Step(order.closed_at, "closed")


def _steps_of_payments(session: Session, order_id: UUID) -> Iterator[Step]:
    chosen = select(Payment).where(Payment.order_id == order_id)
    for payment in session.scalars(chosen):
        facts: dict[str, object] = {
            "seen_by": payment.seen_by,
            "disposition": payment.disposition,
            "amount_fen": payment.amount_fen,
            "rail": payment.rail,
            "payment_ref": payment.payment_ref,
            "paid_at": payment.paid_at,
        }
        yield Step(payment.seen_at, "payment_seen", facts)


def _steps_of_entries(session: Session, order_id: UUID) -> Iterator[Step]:
    for entry in postings_of_order(session, order_id):
        facts: dict[str, object] = {
            "entry_id": entry.entry_id,
            "kind": entry.kind,
            "gross_fen": entry.gross_fen,
            "business_day": entry.business_day,
        }
        yield Step(entry.posted_at, "posted", facts)


def _steps_of_access(session: Session, order_id: UUID) -> Iterator[Step]:
    chosen = (
        select(EntitlementSource, Entitlement)
        .join(Entitlement, Entitlement.id == EntitlementSource.entitlement_id)
        .where(EntitlementSource.kind == "order", EntitlementSource.source_id == order_id)
    )
    for source, entitlement in session.execute(chosen):
        facts: dict[str, object] = {
            "object_type": entitlement.object_type,
            "object_id": entitlement.object_id,
            "starts_at": source.starts_at,
            "ends_at": source.ends_at,
        }
        yield Step(source.created_at, "access_opened", facts)
        if source.ended_at is not None:
            yield Step(source.ended_at, "access_ended", {"reason": source.ended_reason})


def _steps_of_refunds(session: Session, order_id: UUID) -> Iterator[Step]:
    for refund in session.scalars(select(Refund).where(Refund.order_id == order_id)):
        facts: dict[str, object] = {"amount_fen": refund.amount_fen}
        yield Step(refund.requested_at, "refund", facts | {"refund_state": "requested"})
        if refund.decided_at is not None:
            verdict = "declined" if refund.state == "declined" else "approved"
            yield Step(refund.decided_at, "refund", facts | {"refund_state": verdict})
        if refund.finished_at is not None:
            yield Step(refund.finished_at, "refund", facts | {"refund_state": refund.state})


def _steps_of_audit(session: Session, order_id: UUID) -> Iterator[Step]:
    chosen = select(AuditEvent).where(
        AuditEvent.object_type == "order", AuditEvent.object_id == order_id
    )
    for event in session.scalars(chosen):
        facts: dict[str, object] = {"action": event.action, "actor_type": event.actor_type}
        yield Step(event.at, "audited", facts)


def _steps_of_effects(session: Session, order_id: UUID) -> Iterator[Step]:
    for effect in list_of_object(session, "order", order_id):
        yield Step(effect.created_at, "effect_promised", _facts_of(effect))
        if effect.done_at is not None:
            yield Step(effect.done_at, "effect_ended", _facts_of(effect))


def _facts_of(effect: Effect) -> dict[str, object]:
    return {
        "kind": effect.kind,
        "state": effect.state,
        "attempts_count": effect.attempts_count,
        "error_code": effect.error_code,
    }
