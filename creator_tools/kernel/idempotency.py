"""Same key and body: the same answer. Same key, other body: refused.

The row is made in the unit that does the work, so the key and the work exist together or not at
all; the answer is stored when it is known.
"""

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from creator_tools.kernel.errors import FieldError, IdempotencyKeyReused, InputRefused
from creator_tools.kernel.models import IdempotentRequest
from creator_tools.kernel.unit_of_work import UnitOfWork

KEY_LENGTH_MIN = 8
KEY_LENGTH_MAX = 128


def request_hash(body: dict[str, Any]) -> str:
    """A hash of a request's meaning: key order and spacing do not count."""
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


def begin(
    uow: UnitOfWork, *, scope: str, key: str, body: dict[str, Any]
) -> IdempotentRequest | None:
    """Take the key for this unit; returns the earlier request if there was one.

    A second request at the same time waits here until the first one's unit ends.

    Raises:
        InputRefused: the key is missing, too short or too long.
        IdempotencyKeyReused: the key came with another body before.
    """
    if (
        not KEY_LENGTH_MIN <= len(key) <= KEY_LENGTH_MAX
        or not key.isascii()
        or not key.isprintable()
    ):
        raise InputRefused(
            fields=(
                FieldError(
                    "Idempotency-Key",
                    "invalid",
                    f"Idempotency-Key 需要 {KEY_LENGTH_MIN}–{KEY_LENGTH_MAX} 个可见 ASCII 字符",
                ),
            )
        )
    digest = request_hash(body)
    taken = uow.session.execute(
        insert(IdempotentRequest)
        .values(scope=scope, key=key, request_hash=digest, created_at=uow.now())
        .on_conflict_do_nothing()
        .returning(IdempotentRequest.key)
    ).first()
    if taken is not None:
        return None
    earlier = uow.session.scalars(
        select(IdempotentRequest)
        .where(IdempotentRequest.scope == scope, IdempotentRequest.key == key)
        .with_for_update()
    ).one()
    if earlier.request_hash != digest:
        raise IdempotencyKeyReused
    return earlier


def attach(uow: UnitOfWork, *, scope: str, key: str, object_id: UUID) -> None:
    """Remember which object the request made, so that a repetition can go on with it."""
    _update(uow, scope, key, object_id=object_id)


def finish(uow: UnitOfWork, *, scope: str, key: str, response: dict[str, Any]) -> dict[str, Any]:
    """Store the answer that every repetition gets, and give it.

    When two requests with one key worked at once, the first answer stands for both.
    """
    row = (IdempotentRequest.scope == scope, IdempotentRequest.key == key)
    standing: dict[str, Any] | None = uow.session.scalar(
        select(IdempotentRequest.response).where(*row).with_for_update()
    )
    if standing is not None:
        return standing
    _update(uow, scope, key, response=response)
    return response


def _update(uow: UnitOfWork, scope: str, key: str, **values: object) -> None:
    uow.session.execute(
        update(IdempotentRequest)
        .where(IdempotentRequest.scope == scope, IdempotentRequest.key == key)
        .values(**values)
    )


def is_expired(request: IdempotentRequest, now: datetime, *, days: int) -> bool:
    """Whether the answer is older than we promise to keep it."""
    return (now - request.created_at).days >= days


def prune(uow: UnitOfWork, *, scope_prefix: str, kept: timedelta, limit: int = 1000) -> int:
    """Forget answers that are older than we promise to keep them; returns how many.

    Args:
        scope_prefix: the scopes that begin so, as "orders:".
    """
    old = (
        select(IdempotentRequest.scope, IdempotentRequest.key)
        .where(
            IdempotentRequest.created_at < uow.now() - kept,
            IdempotentRequest.scope.startswith(scope_prefix, autoescape=True),
        )
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    gone = uow.session.execute(
        delete(IdempotentRequest)
        .where(tuple_(IdempotentRequest.scope, IdempotentRequest.key).in_(old))
        .returning(IdempotentRequest.key)
    )
    return len(gone.all())


def release(uow: UnitOfWork, *, scope: str, key: str) -> None:
    """Give the key back after a refusal, so that a mended request may use it; answers stay."""
    uow.session.execute(
        delete(IdempotentRequest).where(
            IdempotentRequest.scope == scope,
            IdempotentRequest.key == key,
            IdempotentRequest.response.is_(None),
        )
    )
