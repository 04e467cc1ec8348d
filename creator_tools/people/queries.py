"""Reading who somebody is."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ScalarSelect, Select, SQLColumnExpression, func, or_, select
from sqlalchemy.orm import Session, aliased

from creator_tools.kernel.resealing import SealedPlace
from creator_tools.kernel.sealing import Sealed, Sealer
from creator_tools.kernel.unit_of_work import UnitsOfWork
from creator_tools.people.models import Identity, Person, PersonSession
from creator_tools.people.rules import (
    SESSION_IDLE,
    SESSION_TOUCH_AFTER,
    TEXT_CHECK_WITHIN,
    token_hash,
)

SEALED_SESSION_KEYS = SealedPlace(
    "session keys",
    Identity,
    "session_key_id",
    "sealed_session_key",
    lambda row: session_key_purpose(row.id),
)


@dataclass(frozen=True)
class SignedIn:
    """Who holds a live session, and through which account they came."""

    person_id: UUID
    identity_id: UUID
    account_id: UUID
    surface: str
    is_touch_due: bool
    """The session was last written down a while ago: `service.touch_session` keeps it alive."""


@dataclass(frozen=True, repr=False)
class SessionKey:
    """A mini-program session key, open; keep it short-lived and unprinted."""

    value: str
    at: datetime


# Of the values of `session_values`; its rows are read by `signed_in_of`.
FIND_SESSION = """
    SELECT i.person_id, s.identity_id, s.account_id, s.surface, s.last_seen_at
    FROM person_sessions s JOIN identities i ON i.id = s.identity_id
    WHERE s.token_hash = %(token_hash)s AND s.revoked_at IS NULL
      AND s.expires_at > %(now)s AND s.last_seen_at > %(idle_since)s
"""


def find_session(session: Session, token: str, now: datetime) -> SignedIn | None:
    """Who this token belongs to; None when it is unknown, revoked, too old or idle too long.

    The person is read through the identity, so a session outlives the merging of two people.
    """
    values = session_values(token, now)
    found = session.connection().exec_driver_sql(FIND_SESSION, values).one_or_none()
    return None if found is None else signed_in_of(tuple(found), now)


def glance_at_session(units: UnitsOfWork, token: str, now: datetime) -> SignedIn | None:
    """As `find_session`, where this one query is all that is asked."""
    rows = units.glance(FIND_SESSION, session_values(token, now))
    return signed_in_of(rows[0], now) if rows else None


def session_values(token: str, now: datetime) -> dict[str, Any]:
    """What `FIND_SESSION` asks for, of this token."""
    return {"token_hash": token_hash(token), "now": now, "idle_since": now - SESSION_IDLE}


def signed_in_of(row: tuple[Any, ...], now: datetime) -> SignedIn:
    """Who it is that a row of `FIND_SESSION` speaks of."""
    person_id, identity_id, account_id, surface, last_seen_at = row
    is_touch_due = now - last_seen_at >= SESSION_TOUCH_AFTER
    return SignedIn(person_id, identity_id, account_id, surface, is_touch_due)


def family_of(person_id: UUID) -> Select[UUID]:
    """The ids of this person and of everyone who is the same human, for `.in_(…)`.

    Rows that were written before two people were merged keep the old id; reading by family finds
    them. Works for the survivor's id as well as for one that was merged away.
    """
    asked = aliased(Person)
    survivor = (
        select(func.coalesce(asked.merged_into_id, asked.id))
        .where(asked.id == person_id)
        .scalar_subquery()
    )
    return select(Person.id).where(or_(Person.id == survivor, Person.merged_into_id == survivor))


def survivor_at(person_id: SQLColumnExpression[UUID]) -> ScalarSelect[UUID]:
    """The id that stands for a human today, as a part of a larger query."""
    asked = aliased(Person)
    return (
        select(func.coalesce(asked.merged_into_id, asked.id))
        .where(asked.id == person_id)
        .scalar_subquery()
    )


def person_at(
    account_id: UUID | SQLColumnExpression[UUID], subject: str | SQLColumnExpression[str]
) -> ScalarSelect[UUID]:
    """Who it is today whom `account_id` calls `subject`, as a part of a larger query."""
    return (
        select(func.coalesce(Person.merged_into_id, Person.id))
        .join(Identity, Identity.person_id == Person.id)
        .where(Identity.account_id == account_id, Identity.subject == subject)
        .scalar_subquery()
    )


def survivor_of(session: Session, person_id: UUID) -> UUID | None:
    """The id that stands for this human today; None for an unknown id."""
    return session.scalar(
        select(func.coalesce(Person.merged_into_id, Person.id)).where(Person.id == person_id)
    )


def nickname_of(session: Session, person_id: UUID) -> str:
    """The nickname of this human, or an empty text."""
    survivor = survivor_of(session, person_id)
    return session.scalar(select(Person.nickname).where(Person.id == survivor)) or ""


@dataclass(frozen=True)
class Acquaintance:
    """How a person is known on one account; the platform's name for them stays out."""

    account_id: UUID
    follows: bool
    last_message_at: datetime | None
    known_since: datetime


@dataclass(frozen=True)
class Device:
    """A session that a person opened."""

    surface: str
    opened_at: datetime
    last_seen_at: datetime
    is_ended: bool


def acquaintances(session: Session, person_id: UUID) -> list[Acquaintance]:
    """Where and how this human is known, the oldest first."""
    rows = session.scalars(
        select(Identity)
        .where(Identity.person_id.in_(family_of(person_id)))
        .order_by(Identity.created_at, Identity.id)
    )
    return [
        Acquaintance(one.account_id, one.follows, one.last_message_at, one.created_at)
        for one in rows
    ]


def devices(session: Session, person_id: UUID, now: datetime) -> list[Device]:
    """The sessions that this human opened and that are still kept, the latest first."""
    rows = session.scalars(
        select(PersonSession)
        .where(PersonSession.person_id.in_(family_of(person_id)))
        .order_by(PersonSession.created_at.desc())
        .limit(100)
    )
    return [
        Device(
            one.surface,
            one.created_at,
            one.last_seen_at,
            one.revoked_at is not None or one.expires_at <= now,
        )
        for one in rows
    ]


def subject_of(session: Session, person_id: UUID, account_id: UUID) -> str | None:
    """How `account_id` calls this person; the youngest identity if there are several."""
    return session.scalar(
        select(Identity.subject)
        .where(Identity.person_id.in_(family_of(person_id)), Identity.account_id == account_id)
        .order_by(Identity.created_at.desc(), Identity.id.desc())
        .limit(1)
    )


def find_person(session: Session, account_id: UUID, subject: str) -> UUID | None:
    """Whom `account_id` calls `subject`, or None."""
    return session.scalar(
        select(Identity.person_id).where(
            Identity.account_id == account_id, Identity.subject == subject
        )
    )


def people_of_unions(session: Session, union_subjects: Collection[str]) -> dict[str, UUID]:
    """Whom we know among those that the platform names across the owner's accounts."""
    rows = session.execute(
        select(Identity.union_subject, func.coalesce(Person.merged_into_id, Person.id))
        .join(Person, Person.id == Identity.person_id)
        .where(Identity.union_subject.in_(union_subjects))
    )
    return {union: person_id for union, person_id in rows if union is not None}


def session_key_of(session: Session, sealer: Sealer, identity_id: UUID) -> SessionKey | None:
    """The session key that this identity's last login brought, opened, or None."""
    row = session.get(Identity, identity_id)
    if row is None or row.sealed_session_key is None or row.session_key_id is None:
        return None
    if row.session_key_at is None:
        return None
    sealed = Sealed(row.session_key_id, row.sealed_session_key)
    opened = sealer.open(sealed, purpose=session_key_purpose(identity_id))
    return SessionKey(opened.decode(), row.session_key_at)


def session_key_purpose(identity_id: UUID) -> str:
    """What binds a sealed session key to its identity."""
    return f"session_key:{identity_id}"


def eligible_for_text_check(
    session: Session, person_id: UUID, account_ids: Collection[UUID], now: datetime
) -> str | None:
    """The subject in whose name a text may be checked: active there within 2 h, or None."""
    since = now - TEXT_CHECK_WITHIN
    seen = select(PersonSession.identity_id).where(PersonSession.last_seen_at >= since)
    return session.scalar(
        select(Identity.subject)
        .where(
            Identity.person_id.in_(family_of(person_id)),
            Identity.account_id.in_(account_ids),
            or_(
                Identity.session_key_at >= since,
                Identity.last_message_at >= since,
                Identity.id.in_(seen.where(PersonSession.identity_id == Identity.id)),
            ),
        )
        .order_by(Identity.created_at.desc())
        .limit(1)
    )


def is_follower(session: Session, person_id: UUID) -> bool:
    """Whether this human follows one of our accounts now."""
    follows = select(Identity.id).where(
        Identity.person_id.in_(family_of(person_id)), Identity.follows.is_(True)
    )
    return session.scalar(select(follows.exists())) is True


def last_heard_at(session: Session, person_id: UUID, account_id: UUID) -> datetime | None:
    """When this human last wrote to the account or tapped its menu, or None."""
    return session.scalar(
        select(func.max(Identity.last_message_at)).where(
            Identity.person_id.in_(family_of(person_id)), Identity.account_id == account_id
        )
    )
