"""Payouts as an operator sees them, and the life of one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from creator_tools.creators.models import Creator
from creator_tools.insights.queries.entries import EntryView, get_entry
from creator_tools.insights.queries.timeline import Step
from creator_tools.kernel.effects import list_of_object
from creator_tools.ledger.queries import find_entries
from creator_tools.payouts.models import Payout

PAGE_SIZE = 50
PAYOUT_GROUPS: dict[str, tuple[str, ...]] = {
    "waiting": ("requested",),
    "underway": ("approved", "sent", "waiting"),
    "ended": ("succeeded", "declined", "failed", "cancelled"),
}
# Earliest first: who has waited longest is read first.
_OLDEST_FIRST = ("waiting", "underway")
_RANKS = ("requested", "decided", "posted", "effect_promised", "effect_ended", "sent", "ended")


@dataclass(frozen=True)
class PayoutView:
    """One payout in short."""

    payout_id: UUID
    bill_no: str
    creator_name: str
    state: str
    amount_fen: int
    requested_at: datetime


@dataclass(frozen=True)
class PayoutPage:
    """Some payouts, how many in all, and where the next page begins."""

    items: tuple[PayoutView, ...]
    total_count: int
    next_cursor: UUID | None


def list_payouts(
    session: Session, *, group: str, cursor: UUID | None = None, limit: int = PAGE_SIZE
) -> PayoutPage:
    """A page of payouts of one group after `cursor` (the last one seen)."""
    is_oldest_first = group in _OLDEST_FIRST
    chosen = Payout.state.in_(PAYOUT_GROUPS[group])
    asked = (
        select(Payout, Creator.name)
        .join(Creator, Creator.id == Payout.creator_id, isouter=True)
        .where(chosen)
    )
    if cursor is not None:
        asked = asked.where(Payout.id > cursor if is_oldest_first else Payout.id < cursor)
    order = Payout.id if is_oldest_first else Payout.id.desc()
    found = session.execute(asked.order_by(order).limit(limit + 1)).all()
    shown = tuple(
        PayoutView(
            payout.id,
            payout.bill_no,
            name or "",
            payout.state,
            payout.amount_fen,
            payout.requested_at,
        )
        for payout, name in found[:limit]
    )
    total = session.scalar(select(func.count(Payout.id)).where(chosen)) or 0
    return PayoutPage(shown, total, shown[-1].payout_id if len(found) > limit else None)


def entries_of_payout(session: Session, payout_id: UUID) -> list[EntryView]:
    """What a payout has posted, in order."""
    kinds = ("payout", "payout_paid", "payout_returned")
    return [
        get_entry(session, entry_id)
        for entry_id in find_entries(session, [f"{kind}:{payout_id}" for kind in kinds])
    ]


def timeline_of_payout(session: Session, payout: Payout) -> list[Step]:
    """Everything that happened to a payout, oldest first."""
    steps = [*_own_steps(payout), *_steps_of_effects(session, payout.id)]
    steps += [
        Step(
            entry.posted_at,
            "posted",
            {"entry_id": entry.entry_id, "kind": entry.kind, "business_day": entry.business_day},
        )
        for entry in entries_of_payout(session, payout.id)
    ]
    return sorted(steps, key=lambda step: (step.at, _RANKS.index(step.code)))


def _own_steps(payout: Payout) -> Iterator[Step]:
    yield Step(
        payout.requested_at,
        "requested",
        {"amount_fen": payout.amount_fen, "actor_type": payout.requested_by},
    )
    if payout.decided_at is not None:
        verdict = "declined" if payout.state == "declined" else "approved"
        facts: dict[str, object] = {"payout_state": verdict, "actor_type": payout.decided_by}
        yield Step(payout.decided_at, "decided", facts)
    if payout.sent_at is not None:
        yield Step(payout.sent_at, "sent", {"payout_ref": payout.external_ref})
    if payout.finished_at is not None and payout.state != "declined":
        ended: dict[str, object] = {
            "payout_state": payout.state,
            "error_code": payout.failure_code,
        }
        yield Step(payout.finished_at, "ended", ended)


def _steps_of_effects(session: Session, payout_id: UUID) -> Iterator[Step]:
    for effect in list_of_object(session, "payout", payout_id):
        facts: dict[str, object] = {
            "kind": effect.kind,
            "state": effect.state,
            "attempts_count": effect.attempts_count,
            "error_code": effect.error_code,
        }
        yield Step(effect.created_at, "effect_promised", facts)
        if effect.done_at is not None:
            yield Step(effect.done_at, "effect_ended", facts)
