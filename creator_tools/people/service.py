"""Recognising people, merging two that are one, and keeping their sessions."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from creator_tools.kernel import rng
from creator_tools.kernel.text import TextRefused, clean_line
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.people.errors import IdentityNotFound
from creator_tools.people.models import SURFACES, Identity, Person, PersonSession
from creator_tools.people.queries import session_key_purpose
from creator_tools.people.rules import (
    NICKNAME_CHARS_MAX,
    SESSION_LIFE,
    token_hash,
    without_controls,
)


@dataclass(frozen=True)
class Recognised:
    """Who it is; `is_new` says that this account had never shown us this subject."""

    person_id: UUID
    identity_id: UUID
    is_new: bool


@dataclass(frozen=True)
class _Known:
    identity_id: UUID
    person_id: UUID
    union_subject: str | None


def recognise(
    uow: UnitOfWork,
    *,
    account_id: UUID,
    subject: str,
    union_subject: str | None = None,
    nickname: str | None = None,
) -> Recognised:
    """Find or make the person whom `account_id` calls `subject`.

    A `union_subject` ties identities of several accounts to one human: the oldest person
    survives, identities move there, and rows written for the others are found by
    `queries.family_of`. Safe when the same stranger comes through two doors at once.

    Args:
        subject: the account's name for the person; opaque.
        union_subject: the platform's name for the human across accounts, if it told us.
        nickname: as the platform gave it; cleaned, never refused. An empty one changes nothing.
    """
    known = _find(uow, account_id, subject)
    is_new = False
    news = union_subject if known is None or known.union_subject != union_subject else None
    if news is not None:
        # Before any row is locked: whoever ties the same human together waits here, not in a knot.
        uow.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(news, 0))))
    if known is None:
        known, is_new = _arrive(uow, account_id, subject, union_subject)
    person_id = known.person_id
    if news is not None:
        person_id = _unite(uow, known, news)
    if nickname is not None:
        _note_nickname(uow, person_id, nickname)
    return Recognised(person_id, known.identity_id, is_new)


def _find(uow: UnitOfWork, account_id: UUID, subject: str) -> _Known | None:
    row = uow.session.execute(
        select(Identity.id, Identity.person_id, Identity.union_subject).where(
            Identity.account_id == account_id, Identity.subject == subject
        )
    ).one_or_none()
    return None if row is None else _Known(*row)


def _arrive(
    uow: UnitOfWork, account_id: UUID, subject: str, union_subject: str | None
) -> tuple[_Known, bool]:
    person_id = _person_of_union(uow, union_subject)
    made_person_id = None
    if person_id is None:
        person_id = made_person_id = uow.ids.new()
        uow.session.execute(insert(Person).values(id=person_id, nickname="", created_at=uow.now()))
    identity_id = uow.session.scalar(
        insert(Identity)
        .values(
            id=uow.ids.new(),
            account_id=account_id,
            subject=subject,
            union_subject=union_subject,
            person_id=person_id,
            follows=False,
            created_at=uow.now(),
        )
        .on_conflict_do_nothing(index_elements=["account_id", "subject"])
        .returning(Identity.id)
    )
    if identity_id is not None:
        uow.audit("person.arrived", "person", person_id, is_new_person=made_person_id is not None)
        return _Known(identity_id, person_id, union_subject), True
    # Another unit was faster with the same stranger; ours never existed for anybody.
    if made_person_id is not None:
        uow.session.execute(delete(Person).where(Person.id == made_person_id))
    winner = _find(uow, account_id, subject)
    assert winner is not None
    return winner, False


def _person_of_union(uow: UnitOfWork, union_subject: str | None) -> UUID | None:
    if union_subject is None:
        return None
    # Held until we commit: a merge through another union must not move this person away meanwhile.
    return uow.session.scalar(
        select(Person.id)
        .join(Identity, Identity.person_id == Person.id)
        .where(Identity.union_subject == union_subject)
        .order_by(Person.created_at, Person.id)
        .limit(1)
        .with_for_update(of=Person, key_share=True)
    )


def _unite(uow: UnitOfWork, known: _Known, union_subject: str) -> UUID:
    """Give the identity its union subject and make one person of all who share it."""
    if known.union_subject != union_subject:
        uow.session.execute(
            update(Identity)
            .where(Identity.id == known.identity_id)
            .values(union_subject=union_subject)
        )
    people = _lock_people_of(uow, union_subject)
    survivor, *losers = [person.id for person in people]
    if losers:
        _merge(uow, survivor, losers)
    return survivor


def _lock_people_of(uow: UnitOfWork, union_subject: str) -> list[Person]:
    """Everyone who shares the union subject, locked, the oldest first."""
    sharing = select(Identity.person_id).where(Identity.union_subject == union_subject)
    while True:
        before = set(uow.session.scalars(sharing))
        people = list(
            uow.session.scalars(
                select(Person)
                .where(Person.id.in_(before))
                .order_by(Person.id)
                # Not against those who only refer to a person: they write rows of their own,
                # and may hold an identity that we are about to move.
                .with_for_update(key_share=True)
                .execution_options(populate_existing=True)
            )
        )
        # While we waited for a lock, a merge through another union may have moved identities.
        if set(uow.session.scalars(sharing)) == before:
            return sorted(people, key=lambda person: (person.created_at, person.id))


def _merge(uow: UnitOfWork, survivor: UUID, losers: list[UUID]) -> None:
    uow.session.execute(
        update(Identity).where(Identity.person_id.in_(losers)).values(person_id=survivor)
    )
    uow.session.execute(
        update(Person)
        .where(or_(Person.id.in_(losers), Person.merged_into_id.in_(losers)))
        .values(merged_into_id=survivor)
    )
    for loser in losers:
        uow.audit("people.merged", "person", survivor, merged_person_id=str(loser))


def _note_nickname(uow: UnitOfWork, person_id: UUID, nickname: str) -> None:
    try:
        cleaned = clean_line(without_controls(nickname), "nickname", NICKNAME_CHARS_MAX)
    except TextRefused:
        return
    uow.session.execute(
        update(Person)
        .where(Person.id == person_id, Person.nickname != cleaned)
        .values(nickname=cleaned)
    )


def note_follow(
    uow: UnitOfWork, *, account_id: UUID, subject: str, follows: bool, at: datetime
) -> Recognised:
    """Note that a person follows or left `account_id`; an older statement changes nothing."""
    recognised = recognise(uow, account_id=account_id, subject=subject)
    changed = uow.session.scalar(
        update(Identity)
        .where(
            Identity.id == recognised.identity_id,
            or_(Identity.follow_changed_at.is_(None), Identity.follow_changed_at <= at),
        )
        .values(follows=follows, follow_changed_at=at)
        .returning(Identity.id)
    )
    if changed is not None:
        action = "identity.followed" if follows else "identity.unfollowed"
        uow.audit(action, "person", recognised.person_id)
    return recognised


def note_message(uow: UnitOfWork, *, identity_id: UUID, at: datetime) -> None:
    """Note when a person last spoke to us.

    Not audited: the inbox keeps each message, and this is only its newest time.
    """
    uow.session.execute(
        update(Identity)
        .where(
            Identity.id == identity_id,
            or_(Identity.last_message_at.is_(None), Identity.last_message_at < at),
        )
        .values(last_message_at=at)
    )


def store_session_key(uow: UnitOfWork, *, identity_id: UUID, session_key: str) -> None:
    """Keep, sealed, the session key that a mini-program login brought.

    Raises:
        IdentityNotFound: there is no such identity.
    """
    sealed = uow.sealer.seal(session_key.encode(), purpose=session_key_purpose(identity_id))
    person_id = uow.session.scalar(
        update(Identity)
        .where(Identity.id == identity_id)
        .values(
            session_key_id=sealed.key_id,
            sealed_session_key=sealed.ciphertext,
            session_key_at=uow.now(),
        )
        .returning(Identity.person_id)
    )
    if person_id is None:
        raise IdentityNotFound
    uow.audit("identity.session_key_stored", "person", person_id)


def open_session(uow: UnitOfWork, *, identity_id: UUID, surface: str) -> str:
    """Sign a person in on one device; returns the bearer token, which is kept as a hash only.

    The session ends after 30 days, or after 7 days without being seen.

    Raises:
        IdentityNotFound: there is no such identity.
        ValueError: `surface` is not one of `SURFACES`.
    """
    if surface not in SURFACES:
        raise ValueError(f"no surface is called {surface!r}")
    identity = uow.session.get(Identity, identity_id, populate_existing=True)
    if identity is None:
        raise IdentityNotFound
    token = rng.token(uow.rng)
    uow.session.add(
        PersonSession(
            token_hash=token_hash(token),
            person_id=identity.person_id,
            identity_id=identity.id,
            account_id=identity.account_id,
            surface=surface,
            created_at=uow.now(),
            last_seen_at=uow.now(),
            expires_at=uow.now() + SESSION_LIFE,
        )
    )
    uow.session.flush()
    uow.audit("session.opened", "person", identity.person_id, surface=surface)
    return token


def touch_session(uow: UnitOfWork, token: str) -> None:
    """Note that a live session was seen; call it when `SignedIn.is_touch_due` says so.

    Not audited: nothing changed but the time.
    """
    uow.session.execute(
        update(PersonSession)
        .where(
            PersonSession.token_hash == token_hash(token),
            PersonSession.revoked_at.is_(None),
            PersonSession.last_seen_at < uow.now(),
        )
        .values(last_seen_at=uow.now())
    )


def revoke_session(uow: UnitOfWork, token: str) -> None:
    """End a session; an unknown or ended one is left as it is."""
    person_id = uow.session.scalar(
        update(PersonSession)
        .where(PersonSession.token_hash == token_hash(token), PersonSession.revoked_at.is_(None))
        .values(revoked_at=uow.now())
        .returning(PersonSession.person_id)
    )
    if person_id is not None:
        uow.audit("session.revoked", "person", person_id)


def prune_sessions(uow: UnitOfWork, *, limit: int = 1000) -> int:
    """Forget sessions whose time is over, ended or not; returns how many."""
    old = (
        select(PersonSession.token_hash)
        .where(PersonSession.expires_at <= uow.now())
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    gone = uow.session.scalars(
        delete(PersonSession)
        .where(PersonSession.token_hash.in_(old))
        .returning(PersonSession.token_hash)
    )
    return len(gone.all())
