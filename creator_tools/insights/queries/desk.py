"""Lists for the operator's desk: alarms, the outside calls and what came in, and the audit."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from creator_tools.columns.models import Column
from creator_tools.creators.models import Creator
from creator_tools.kernel.models import Alarm, AuditEvent, Effect, InboxFact, InboxProgress
from creator_tools.operators.models import Operator

PAGE_SIZE = 50
_WAITING = ("due", "in_flight", "unknown")
_FAILED = ("failed", "dead")
EFFECT_GROUPS: dict[str, tuple[str, ...]] = {
    "waiting": _WAITING,
    "failed": _FAILED,
    "done": ("done",),
}
INBOX_GROUPS: dict[str, tuple[str, ...]] = {
    "waiting": ("new",),
    "failed": ("dead", "parked"),
    "done": ("done",),
}

Item = TypeVar("Item")


@dataclass(frozen=True)
class Page(Generic[Item]):
    """Some rows, newest first, how many there are in all, and where the next page begins."""

    items: tuple[Item, ...]
    total_count: int
    next_cursor: UUID | None


@dataclass(frozen=True)
class AlarmView:
    """Something a person must look at, or has."""

    id: UUID
    code: str
    object_key: str
    facts: dict[str, Any]
    raised_at: datetime
    resolved_at: datetime | None
    resolution: str | None


@dataclass(frozen=True)
class EffectView:
    """One outside call; its payload stays out of sight."""

    id: UUID
    kind: str
    state: str
    object_type: str
    object_id: UUID | None
    attempts_count: int
    error_code: str | None
    created_at: datetime
    next_at: datetime
    done_at: datetime | None


@dataclass(frozen=True)
class InboxView:
    """One fact that came in; what it said stays sealed."""

    id: UUID
    source: str
    kind: str
    state: str
    attempts_count: int
    error_code: str | None
    received_at: datetime
    handled_at: datetime | None


@dataclass(frozen=True)
class AuditView:
    """Who did what to which object, when."""

    id: UUID
    at: datetime
    actor_type: str
    actor_name: str | None
    action: str
    object_type: str
    object_id: UUID | None
    facts: dict[str, Any]
    request_id: str | None


def list_alarms(
    session: Session, *, resolved: bool, cursor: UUID | None = None, limit: int = PAGE_SIZE
) -> Page[AlarmView]:
    """Open alarms, or those that somebody explained."""
    matching = Alarm.resolved_at.is_not(None) if resolved else Alarm.resolved_at.is_(None)
    chosen = select(
        Alarm.id,
        Alarm.code,
        Alarm.object_key,
        Alarm.facts,
        Alarm.raised_at,
        Alarm.resolved_at,
        Alarm.resolution,
    ).where(matching)
    if cursor is not None:
        chosen = chosen.where(Alarm.id < cursor)
    total = session.scalar(select(func.count(Alarm.id)).where(matching)) or 0
    found = [
        AlarmView(*row)
        for row in session.execute(chosen.order_by(Alarm.id.desc()).limit(limit + 1))
    ]
    return _page(found, total, limit)


def list_effects(
    session: Session, *, group: str, cursor: UUID | None = None, limit: int = PAGE_SIZE
) -> Page[EffectView]:
    """Outside calls of one group: "waiting", "failed" or "done"."""
    matching = Effect.state.in_(EFFECT_GROUPS[group])
    chosen: Select[*tuple[Any, ...]] = select(
        Effect.id,
        Effect.kind,
        Effect.state,
        Effect.object_type,
        Effect.object_id,
        Effect.attempts_count,
        Effect.error_code,
        Effect.created_at,
        Effect.next_at,
        Effect.done_at,
    ).where(matching)
    if cursor is not None:
        chosen = chosen.where(Effect.id < cursor)
    total = session.scalar(select(func.count(Effect.id)).where(matching)) or 0
    found = [
        EffectView(*row)
        for row in session.execute(chosen.order_by(Effect.id.desc()).limit(limit + 1))
    ]
    return _page(found, total, limit)


def list_inbox(
    session: Session, *, group: str, cursor: UUID | None = None, limit: int = PAGE_SIZE
) -> Page[InboxView]:
    """Facts that came in, of one group: "waiting", "failed" or "done"."""
    matching = InboxProgress.state.in_(INBOX_GROUPS[group])
    chosen = (
        select(
            InboxFact.id,
            InboxFact.source,
            InboxFact.kind,
            InboxProgress.state,
            InboxProgress.attempts_count,
            InboxProgress.error_code,
            InboxFact.received_at,
            InboxProgress.handled_at,
        )
        .join(InboxProgress, InboxProgress.fact_id == InboxFact.id)
        .where(matching)
    )
    if cursor is not None:
        chosen = chosen.where(InboxFact.id < cursor)
    total = session.scalar(select(func.count(InboxProgress.fact_id)).where(matching)) or 0
    found = [
        InboxView(*row)
        for row in session.execute(chosen.order_by(InboxFact.id.desc()).limit(limit + 1))
    ]
    return _page(found, total, limit)


def list_audit(
    session: Session,
    *,
    object_id: UUID | None = None,
    action: str | None = None,
    cursor: UUID | None = None,
    limit: int = PAGE_SIZE,
) -> Page[AuditView]:
    """Audit events, newest first, of one object or one action where asked."""
    chosen = (
        select(
            AuditEvent.id,
            AuditEvent.at,
            AuditEvent.actor_type,
            Operator.login,
            AuditEvent.action,
            AuditEvent.object_type,
            AuditEvent.object_id,
            AuditEvent.facts,
            AuditEvent.request_id,
        )
        .outerjoin(Operator, Operator.id == AuditEvent.actor_id)
        .order_by(AuditEvent.id.desc())
    )
    chosen = _of_object(chosen, object_id, action)
    total = session.scalar(_of_object(select(func.count(AuditEvent.id)), object_id, action)) or 0
    if cursor is not None:
        chosen = chosen.where(AuditEvent.id < cursor)
    found = [AuditView(*row) for row in session.execute(chosen.limit(limit + 1))]
    return _page(found, total, limit)


def count_open_alarms(session: Session) -> int:
    """How many alarms wait for a person."""
    return session.scalar(select(func.count(Alarm.id)).where(Alarm.resolved_at.is_(None))) or 0


def names_of_columns(session: Session, column_ids: set[UUID]) -> dict[UUID, str]:
    """The titles of columns, for a table whose keys are their ids."""
    rows = session.execute(select(Column.id, Column.title).where(Column.id.in_(column_ids)))
    return {row.id: row.title for row in rows}


def names_of_creators(session: Session, handles: set[str]) -> dict[str, str]:
    """The names of creators, for a table whose keys are their handles."""
    rows = session.execute(select(Creator.handle, Creator.name).where(Creator.handle.in_(handles)))
    return {row.handle: row.name for row in rows}


def _of_object(
    chosen: Select[*tuple[Any, ...]], object_id: UUID | None, action: str | None
) -> Select[*tuple[Any, ...]]:
    if object_id is not None:
        chosen = chosen.where(AuditEvent.object_id == object_id)
    if action is not None:
        chosen = chosen.where(AuditEvent.action == action)
    return chosen


def _page(found: list[Any], total_count: int, limit: int) -> Page[Any]:
    shown = tuple(found[:limit])
    next_cursor = shown[-1].id if len(found) > limit else None
    return Page(shown, total_count, next_cursor)
