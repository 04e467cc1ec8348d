"""Operators, their sessions, and the tries at signing in that throttle the next one."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from creator_tools.kernel.database import Model


class Operator(Model):
    """Someone who answers for the channel."""

    __tablename__ = "operators"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    totp_key_id: Mapped[str]
    sealed_totp_secret: Mapped[bytes]
    totp_last_step: Mapped[int]
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class OperatorSession(Model):
    """A signed-in operator; only the hash of the cookie's token is kept."""

    __tablename__ = "operator_sessions"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    operator_id: Mapped[UUID] = mapped_column(ForeignKey("operators.id"), index=True)
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class SignInAttempt(Model):
    """One try at signing in; counted per login and per address, without a broker."""

    __tablename__ = "sign_in_attempts"
    __table_args__ = (Index("ix_sign_in_attempts_key_at", "throttle_key", "at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    throttle_key: Mapped[str]
    succeeded: Mapped[bool]
    at: Mapped[datetime]
