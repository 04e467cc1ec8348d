"""Reading who sits at the operators' desk."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from creator_tools.kernel.resealing import SealedPlace
from creator_tools.operators.models import Operator, OperatorSession, SignInAttempt
from creator_tools.operators.rules import (
    ROLES,
    SESSION_IDLE,
    SESSION_TOUCH_AFTER,
    THROTTLE_WINDOW,
    token_hash,
)

__all__ = [
    "ROLES",
    "SEALED_TOTP_SECRETS",
    "ListedOperator",
    "SignedInOperator",
    "failures_within_window",
    "find_signed_in",
    "list_operators",
    "totp_purpose",
]
SEALED_TOTP_SECRETS = SealedPlace(
    "one-time-code secrets",
    Operator,
    "totp_key_id",
    "sealed_totp_secret",
    lambda row: totp_purpose(row.id),
)


@dataclass(frozen=True)
class SignedInOperator:
    """An operator with a live session."""

    id: UUID
    login: str
    roles: frozenset[str]
    is_touch_due: bool
    """The session was last written down a while ago: `service.touch_session` keeps it alive."""


@dataclass(frozen=True)
class ListedOperator:
    """An operator as colleagues see them."""

    id: UUID
    login: str
    roles: tuple[str, ...]
    created_at: datetime
    disabled_at: datetime | None


def find_signed_in(session: Session, token: str, now: datetime) -> SignedInOperator | None:
    """Whose session this token is; None when it is unknown, ended, too old or idle too long."""
    row = session.execute(
        select(Operator.id, Operator.login, Operator.roles, OperatorSession.last_seen_at)
        .join(Operator, Operator.id == OperatorSession.operator_id)
        .where(
            OperatorSession.token_hash == token_hash(token),
            OperatorSession.revoked_at.is_(None),
            OperatorSession.expires_at > now,
            OperatorSession.last_seen_at > now - SESSION_IDLE,
            Operator.disabled_at.is_(None),
        )
    ).one_or_none()
    if row is None:
        return None
    is_touch_due = now - row.last_seen_at >= SESSION_TOUCH_AFTER
    return SignedInOperator(row.id, row.login, frozenset(row.roles), is_touch_due)


def list_operators(session: Session) -> list[ListedOperator]:
    """Every operator, the oldest first, disabled ones too."""
    rows = session.scalars(select(Operator).order_by(Operator.created_at, Operator.id))
    return [
        ListedOperator(row.id, row.login, tuple(row.roles), row.created_at, row.disabled_at)
        for row in rows
    ]


def failures_within_window(
    session: Session, key: str, now: datetime, *, since_success: bool
) -> tuple[int, datetime | None]:
    """How many tries under `key` failed in the last 15 minutes, and when the oldest of them was.

    Args:
        since_success: forget what failed before the last success.
    """
    window = [SignInAttempt.throttle_key == key, SignInAttempt.at > now - THROTTLE_WINDOW]
    failed = [*window, SignInAttempt.succeeded.is_(False)]
    if since_success:
        last = session.scalar(
            select(SignInAttempt.id)
            .where(*window, SignInAttempt.succeeded)
            .order_by(SignInAttempt.at.desc(), SignInAttempt.id.desc())
            .limit(1)
        )
        if last is not None:
            failed.append(SignInAttempt.id > last)
    row = session.execute(select(func.count(), func.min(SignInAttempt.at)).where(*failed)).one()
    return row[0], row[1]


def totp_purpose(operator_id: UUID) -> str:
    """What binds a sealed one-time-code secret to its operator."""
    return f"totp:{operator_id}"
