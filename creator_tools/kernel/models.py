"""The kernel's own tables: accounts, what came in, what must go out, who did what.

Facts are never changed: `inbox_facts` and `audit_events` refuse UPDATE and DELETE by trigger and
by role. What may change about a fact (its progress, its sealed payload that is pruned after some
days) lives beside it.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from creator_tools.kernel.database import Model, one_of

ACCOUNT_KINDS = ("oa", "mini", "merchant", "xpay", "wecom")
PROGRESS_STATES = ("new", "done", "parked", "dead")
EFFECT_STATES = ("due", "in_flight", "unknown", "done", "failed", "dead")


class PlatformAccount(Model):
    """One account on a platform: an Official Account, a mini-program, a merchant, …"""

    __tablename__ = "platform_accounts"
    __table_args__ = (
        UniqueConstraint("kind", "external_id"),
        CheckConstraint(one_of("kind", ACCOUNT_KINDS), name="kind"),
        CheckConstraint("freshness_s > 0", name="freshness_positive"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    external_id: Mapped[str]
    name: Mapped[str]
    key_id: Mapped[str]
    sealed_credentials: Mapped[bytes]
    freshness_s: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class PlatformToken(Model):
    """A token that a platform lent us; one owner renews it under a lease."""

    __tablename__ = "platform_tokens"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("platform_accounts.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    key_id: Mapped[str | None]
    sealed_value: Mapped[bytes | None]
    expires_at: Mapped[datetime | None]
    leased_until: Mapped[datetime | None]
    renewed_count: Mapped[int]


class PlatformCertificate(Model):
    """A certificate with which a platform signs: a fact, and public."""

    __tablename__ = "platform_certificates"
    __table_args__ = (
        UniqueConstraint("account_id", "serial_no"),
        CheckConstraint("effective_at < expires_at", name="term_not_empty"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("platform_accounts.id"))
    serial_no: Mapped[str]
    pem: Mapped[str]
    effective_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    kept_at: Mapped[datetime]


class CertificateCheck(Model):
    """When a platform was last asked for its certificates, and when it is asked again."""

    __tablename__ = "certificate_checks"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("platform_accounts.id"), primary_key=True)
    asked_at: Mapped[datetime | None]
    outcome: Mapped[str]
    next_at: Mapped[datetime]


class InboxFact(Model):
    """Something the outside told us, once; `source_key` is what makes it the same fact."""

    __tablename__ = "inbox_facts"
    __table_args__ = (UniqueConstraint("account_id", "source", "source_key"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("platform_accounts.id"))
    source: Mapped[str]
    source_key: Mapped[str]
    kind: Mapped[str]
    received_at: Mapped[datetime]


class InboxPayload(Model):
    """What was said, sealed; pruned after some days, while the fact stays for ever."""

    __tablename__ = "inbox_payloads"

    fact_id: Mapped[UUID] = mapped_column(ForeignKey("inbox_facts.id"), primary_key=True)
    key_id: Mapped[str]
    sealed_payload: Mapped[bytes]
    kept_until: Mapped[datetime] = mapped_column(index=True)


class InboxProgress(Model):
    """How far we are with a fact, and the reply that every repetition gets."""

    __tablename__ = "inbox_progress"
    __table_args__ = (
        CheckConstraint(one_of("state", PROGRESS_STATES), name="state"),
        Index("ix_inbox_progress_due", "next_at", postgresql_where=text("state = 'new'")),
    )

    fact_id: Mapped[UUID] = mapped_column(ForeignKey("inbox_facts.id"), primary_key=True)
    state: Mapped[str]
    attempts_count: Mapped[int]
    next_at: Mapped[datetime]
    handled_at: Mapped[datetime | None]
    error_code: Mapped[str | None]
    reply_key_id: Mapped[str | None]
    sealed_reply: Mapped[bytes | None]


class Effect(Model):
    """One promised call to the outside, with the key that makes a second try harmless."""

    __tablename__ = "effects"
    __table_args__ = (
        UniqueConstraint("kind", "idempotency_key"),
        CheckConstraint(one_of("state", EFFECT_STATES), name="state"),
        Index(
            "ix_effects_due",
            "next_at",
            postgresql_where=text("state IN ('due', 'in_flight', 'unknown')"),
        ),
        Index("ix_effects_object", "object_type", "object_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    idempotency_key: Mapped[str]
    object_type: Mapped[str]
    object_id: Mapped[UUID | None]
    payload: Mapped[dict[str, Any]]
    state: Mapped[str]
    attempts_count: Mapped[int]
    next_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    lease_token: Mapped[UUID | None]
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    external_ref: Mapped[str | None]
    error_code: Mapped[str | None]


class AuditEvent(Model):
    """Who changed what, when; one row in the same commit as every change of state."""

    __tablename__ = "audit_events"
    __table_args__ = (Index("ix_audit_events_object", "object_type", "object_id", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    actor_type: Mapped[str]
    actor_id: Mapped[UUID | None]
    action: Mapped[str]
    object_type: Mapped[str]
    object_id: Mapped[UUID | None]
    facts: Mapped[dict[str, Any]]
    request_id: Mapped[str | None]
    at: Mapped[datetime]


class Alarm(Model):
    """Something a person must look at; open until somebody says what it was."""

    __tablename__ = "alarms"
    __table_args__ = (
        UniqueConstraint("code", "object_key"),
        Index("ix_alarms_open", "raised_at", postgresql_where=text("resolved_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str]
    object_key: Mapped[str]
    facts: Mapped[dict[str, Any]]
    raised_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolution: Mapped[str | None]


class IdempotentRequest(Model):
    """The answer to a request of a client, so that the same key gets the same answer."""

    __tablename__ = "idempotent_requests"

    scope: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_hash: Mapped[str]
    object_id: Mapped[UUID | None]
    response: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime] = mapped_column(index=True)


class Heartbeat(Model):
    """When a loop last ended a round; `/healthz` watches it."""

    __tablename__ = "heartbeats"

    name: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class SearchEntry(Model):
    """What everybody may find of one object: its words, and their single and paired characters."""

    __tablename__ = "search_entries"
    __table_args__ = (
        Index("ix_search_entries_grams", "grams", postgresql_using="gin"),
        Index("ix_search_entries_creator_id", "creator_id"),
    )

    kind: Mapped[str] = mapped_column(primary_key=True)
    object_id: Mapped[UUID] = mapped_column(primary_key=True)
    creator_id: Mapped[UUID]
    text: Mapped[str]
    grams: Mapped[list[str]] = mapped_column(ARRAY(Text))
