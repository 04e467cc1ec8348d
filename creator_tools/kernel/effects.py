"""Promises to the outside, and the loop that makes each one certain.

Claim (commit) → call → record (commit, guarded by the lease). A call that may have happened is
"unknown", which is a state with a policy, not an error: some effects may be sent again under the
same key, some must be asked about, some are given up because twice is worse than never.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from creator_tools.kernel.models import Effect
from creator_tools.kernel.rng import Rng
from creator_tools.kernel.unit_of_work import UnitOfWork

LEASE_S = 60


class OnUnknown(StrEnum):
    """What an effect does when nobody knows whether it happened."""

    SEND_AGAIN = "send_again"
    GIVE_UP = "give_up"


@dataclass(frozen=True)
class EffectPolicy:
    """How long to try, and what "unknown" means for this kind.

    `alarms_when_refused`: a refusal is not an answer to live with; a person must look at it.
    """

    attempts_max: int
    first_delay_s: float
    delay_s_max: float
    on_unknown: OnUnknown
    alarms_when_refused: bool = False


class Outcome(StrEnum):
    """How one try ended."""

    DONE = "done"
    NOT_DONE = "not_done"
    UNKNOWN = "unknown"
    REFUSED = "refused"


@dataclass(frozen=True)
class ClaimedEffect:
    """An effect that this process may try now, until its lease ends.

    `may_have_happened`: an earlier try ended without a word, perhaps after its call.
    """

    id: UUID
    kind: str
    idempotency_key: str
    object_id: UUID | None
    payload: dict[str, Any]
    attempts_count: int
    lease_token: UUID
    may_have_happened: bool = False


def claim(
    uow: UnitOfWork,
    *,
    limit: int = 20,
    kinds: tuple[str, ...] = (),
    other_than: tuple[str, ...] = (),
) -> list[ClaimedEffect]:
    """Lease due effects to this process; rows somebody else works on are skipped.

    Args:
        limit: how many can be tried before the lease of the last one ends.
        kinds, other_than: only these kinds, or all but these.
    """
    now = uow.now()
    due = (
        select(Effect)
        .where(
            Effect.state.in_(("due", "unknown", "in_flight")),
            Effect.next_at <= now,
            or_(Effect.leased_until.is_(None), Effect.leased_until < now),
        )
        .order_by(Effect.next_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    if kinds:
        due = due.where(Effect.kind.in_(kinds))
    if other_than:
        due = due.where(Effect.kind.not_in(other_than))
    claimed = []
    for effect in uow.session.scalars(due):
        was_left = effect.state == "in_flight"
        effect.state = "in_flight"
        effect.attempts_count += 1
        effect.leased_until = now + timedelta(seconds=LEASE_S)
        effect.lease_token = uow.ids.new()
        claimed.append(
            ClaimedEffect(
                effect.id,
                effect.kind,
                effect.idempotency_key,
                effect.object_id,
                effect.payload,
                effect.attempts_count,
                effect.lease_token,
                was_left,
            )
        )
    return claimed


def settle(
    uow: UnitOfWork,
    claimed: ClaimedEffect,
    outcome: Outcome,
    policy: EffectPolicy,
    *,
    external_ref: str | None = None,
    error_code: str | None = None,
) -> bool:
    """Write down how a try ended; False when the lease was taken over meanwhile."""
    state, next_at = _next(outcome, policy, claimed.attempts_count, uow.now(), uow.rng)
    kept = uow.session.execute(
        update(Effect)
        .where(Effect.id == claimed.id, Effect.lease_token == claimed.lease_token)
        .values(
            state=state,
            next_at=next_at,
            leased_until=None,
            lease_token=None,
            done_at=uow.now() if state == "done" else None,
            external_ref=external_ref,
            error_code=error_code,
        )
        .returning(Effect.id)
    ).first()
    if kept is not None and state == "dead":
        uow.alarm("effect_dead", f"{claimed.kind}:{claimed.idempotency_key}", error_code=error_code)
    if kept is not None and outcome is Outcome.REFUSED and policy.alarms_when_refused:
        uow.alarm(
            "effect_refused", f"{claimed.kind}:{claimed.idempotency_key}", error_code=error_code
        )
    return kept is not None


def is_over(outcome: Outcome, policy: EffectPolicy, attempts_count: int) -> bool:
    """Whether a try that ended like this leaves the promise unkept for good."""
    if outcome is Outcome.DONE:
        return False
    if outcome is Outcome.REFUSED:
        return True
    gives_up = outcome is Outcome.UNKNOWN and policy.on_unknown is OnUnknown.GIVE_UP
    return gives_up or attempts_count >= policy.attempts_max


def _next(
    outcome: Outcome, policy: EffectPolicy, attempts_count: int, now: datetime, rng: Rng
) -> tuple[str, datetime]:
    if outcome is Outcome.DONE:
        return "done", now
    if outcome is Outcome.REFUSED:
        return "failed", now
    if outcome is Outcome.UNKNOWN and policy.on_unknown is OnUnknown.GIVE_UP:
        return "failed", now
    if attempts_count >= policy.attempts_max:
        return "dead", now
    delay_s = min(policy.delay_s_max, policy.first_delay_s * 2 ** (attempts_count - 1))
    state = "unknown" if outcome is Outcome.UNKNOWN else "due"
    return state, now + timedelta(seconds=delay_s * (0.5 + rng.random() / 2))


def list_of_object(session: Session, object_type: str, object_id: UUID) -> list[Effect]:
    """The effects promised for one object, oldest first; for timelines."""
    return list(
        session.scalars(
            select(Effect)
            .where(Effect.object_type == object_type, Effect.object_id == object_id)
            .order_by(Effect.id)
        )
    )
