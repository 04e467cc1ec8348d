"""Refunds as an operator sees them, the money in suspense, and the life of one refund."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from creator_tools.insights.queries.entries import EntryView, get_entry
from creator_tools.insights.queries.timeline import Step
from creator_tools.kernel.effects import list_of_object
from creator_tools.ledger.queries import find_entries
from creator_tools.orders.models import Order, OrderLine, Payment
from creator_tools.refunds.models import Refund
from creator_tools.refunds.rules import LIVE_STATES

PAGE_SIZE = 50
REFUND_GROUPS: dict[str, tuple[str, ...]] = {
    "waiting": ("requested",),
    "underway": ("approved", "sent", "abnormal"),
    "ended": ("succeeded", "declined", "failed"),
}
# Earliest first: who has waited longest is read first.
_OLDEST_FIRST = ("waiting", "underway")
_RANKS = ("requested", "decided", "posted", "effect_promised", "effect_ended", "sent", "ended")


@dataclass(frozen=True)
class RefundView:
    """One refund in short; the fan is an id here."""

    refund_id: UUID
    refund_no: str
    order_id: UUID | None
    title: str
    rail: str
    cause: str
    state: str
    amount_fen: int
    reason_code: str
    requested_at: datetime


@dataclass(frozen=True)
class RefundPage:
    """Some refunds, how many in all, and where the next page begins."""

    items: tuple[RefundView, ...]
    total_count: int
    next_cursor: UUID | None


@dataclass(frozen=True)
class StrayView:
    """Money in suspense of which nothing is on its way back."""

    payment_id: UUID
    order_id: UUID | None
    trade_no: str
    payment_ref: str | None
    rail: str
    disposition: str
    amount_fen: int
    paid_at: datetime


@dataclass(frozen=True)
class StrayPage:
    """Some of the money in suspense, oldest first, how much there is, where the next begins."""

    items: tuple[StrayView, ...]
    total_count: int
    next_cursor: UUID | None


def list_refunds(
    session: Session, *, group: str, cursor: UUID | None = None, limit: int = PAGE_SIZE
) -> RefundPage:
    """A page of refunds of one group after `cursor` (the last one seen)."""
    is_oldest_first = group in _OLDEST_FIRST
    chosen = Refund.state.in_(REFUND_GROUPS[group])
    asked = select(Refund, _title()).where(chosen)
    if cursor is not None:
        asked = asked.where(Refund.id > cursor if is_oldest_first else Refund.id < cursor)
    order = Refund.id if is_oldest_first else Refund.id.desc()
    found = session.execute(asked.order_by(order).limit(limit + 1)).all()
    shown = tuple(_view(refund, title) for refund, title in found[:limit])
    total = session.scalar(select(func.count(Refund.id)).where(chosen)) or 0
    return RefundPage(shown, total, shown[-1].refund_id if len(found) > limit else None)


def count_waiting_refunds(session: Session) -> int:
    """How many refunds wait for somebody's yes or no."""
    waiting = Refund.state.in_(REFUND_GROUPS["waiting"])
    return session.scalar(select(func.count(Refund.id)).where(waiting)) or 0


def list_strays(
    session: Session, *, cursor: UUID | None = None, limit: int = PAGE_SIZE
) -> StrayPage:
    """A page of the money in suspense after `cursor` (the last payment seen), oldest first."""
    is_going_back = (
        select(Refund.id)
        .where(Refund.payment_id == Payment.id, Refund.state.in_(LIVE_STATES))
        .exists()
    )
    chosen: tuple[ColumnElement[bool], ...] = (Payment.disposition != "settled", ~is_going_back)
    asked = select(Payment).where(*chosen).order_by(Payment.id).limit(limit + 1)
    if cursor is not None:
        asked = asked.where(Payment.id > cursor)
    found = list(session.scalars(asked))
    shown = tuple(
        StrayView(
            one.id,
            one.order_id,
            one.trade_no,
            one.payment_ref,
            one.rail,
            one.disposition,
            one.amount_fen,
            one.paid_at,
        )
        for one in found[:limit]
    )
    total = session.scalar(select(func.count(Payment.id)).where(*chosen)) or 0
    return StrayPage(shown, total, shown[-1].payment_id if len(found) > limit else None)


def refunds_of_order(session: Session, order_id: UUID) -> list[RefundView]:
    """Every refund that has to do with an order, oldest first."""
    found = session.execute(
        select(Refund, _title()).where(Refund.order_id == order_id).order_by(Refund.id)
    )
    return [_view(refund, title) for refund, title in found]


def entries_of_refund(session: Session, refund_id: UUID) -> list[EntryView]:
    """The entries of one refund with their postings, in the order they were posted."""
    kinds = ("refund", "refund_done", "refund_failed")
    keys = [f"{kind}:{refund_id}" for kind in kinds] + [f"refund:{refund_id}/again"]
    return [get_entry(session, entry_id) for entry_id in find_entries(session, keys)]


def timeline_of_refund(session: Session, refund: Refund) -> list[Step]:
    """Everything that happened to a refund, oldest first."""
    steps = [*_own_steps(refund), *_steps_of_effects(session, refund)]
    steps += [
        Step(
            entry.posted_at,
            "posted",
            {"entry_id": entry.entry_id, "kind": entry.kind, "business_day": entry.business_day},
        )
        for entry in entries_of_refund(session, refund.id)
    ]
    return sorted(steps, key=lambda step: (step.at, _RANKS.index(step.code)))


def _own_steps(refund: Refund) -> Iterator[Step]:
    yield Step(
        refund.requested_at,
        "requested",
        {"amount_fen": refund.amount_fen, "actor_type": refund.requested_by},
    )
    if refund.decided_at is not None:
        verdict = "declined" if refund.state == "declined" else "approved"
        facts: dict[str, object] = {"refund_state": verdict, "actor_type": refund.decided_by}
        yield Step(refund.decided_at, "decided", facts)
    if refund.sent_at is not None:
        yield Step(refund.sent_at, "sent", {"refund_ref": refund.external_ref})
    if refund.finished_at is not None:
        ended: dict[str, object] = {
            "refund_state": refund.state,
            "error_code": refund.failure_code,
        }
        yield Step(refund.finished_at, "ended", ended)


def _steps_of_effects(session: Session, refund: Refund) -> Iterator[Step]:
    for effect in list_of_object(session, "refund", refund.id):
        facts: dict[str, object] = {
            "kind": effect.kind,
            "state": effect.state,
            "attempts_count": effect.attempts_count,
            "error_code": effect.error_code,
        }
        yield Step(effect.created_at, "effect_promised", facts)
        if effect.done_at is not None:
            yield Step(effect.done_at, "effect_ended", facts)


def _title() -> ColumnElement[str]:
    first = (
        select(OrderLine.title)
        .join(Order, Order.id == OrderLine.order_id)
        .where(Order.id == Refund.order_id)
        .order_by(OrderLine.line)
        .limit(1)
        .scalar_subquery()
    )
    return func.coalesce(first, "")


def _view(refund: Refund, title: str) -> RefundView:
    return RefundView(
        refund.id,
        refund.refund_no,
        refund.order_id,
        title,
        refund.rail,
        refund.cause,
        refund.state,
        refund.amount_fen,
        refund.reason_code,
        refund.requested_at,
    )
