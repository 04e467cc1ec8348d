"""Inviting creators, becoming one, and what a creator may change about themselves."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from creator_tools.creators import queries
from creator_tools.creators.errors import (
    CreatorNotFound,
    HandleTaken,
    InvitationExpired,
    InvitationUnknown,
    InvitationUsed,
    TooManyInvitations,
)
from creator_tools.creators.models import STATES, Creator, Invitation
from creator_tools.creators.rules import (
    CODE_LENGTH,
    INTRODUCTION_CHARS_MAX,
    INVITATION_DAYS_MAX,
    NAME_CHARS_MAX,
    PLATFORM_SHARE_BP_DEFAULT,
    UNUSED_INVITATIONS_MAX,
    clean_handle,
    proposed_handles,
    tidied_code,
)
from creator_tools.kernel import rng, searching
from creator_tools.kernel.text import TextRefused, clean_body, clean_count, clean_line
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.people.queries import nickname_of, survivor_of

KIND = "creator"


def invite(uow: UnitOfWork, *, by_creator_id: UUID | None = None, days: int = 30) -> str:
    """Make an invitation that is good once, for `days` days; returns its code.

    Raises:
        TextRefused: `days` is not between 1 and 365.
        TooManyInvitations: this creator's codes of before were not used yet.
        CreatorNotFound: there is no such creator.
    """
    clean_count(days, "days", 1, INVITATION_DAYS_MAX)
    if by_creator_id is not None:
        _may_invite(uow, by_creator_id)
    code = rng.short_code(uow.rng, CODE_LENGTH)
    uow.session.add(
        Invitation(
            code=code,
            invited_by_creator_id=by_creator_id,
            created_at=uow.now(),
            expires_at=uow.now() + timedelta(days=days),
        )
    )
    uow.session.flush()
    # The code is a key to the house, so the audit does not hold it.
    uow.audit("invitation.made", "creator", by_creator_id, days=days)
    return code


def _may_invite(uow: UnitOfWork, creator_id: UUID) -> None:
    # Locked, so two who ask at once for the same creator are counted one after the other.
    creator = _lock(uow, creator_id)
    unused = queries.unused_invitations(uow.session, creator.id, uow.now())
    if len(unused) >= UNUSED_INVITATIONS_MAX:
        raise TooManyInvitations(limit=UNUSED_INVITATIONS_MAX)


def become_creator(
    uow: UnitOfWork, *, person_id: UUID, code: str, name: str | None = None
) -> Creator:
    """Make a person a creator by an invitation, which is used up.

    Who is a creator already stays the creator they are, and the invitation stays good.

    Args:
        name: shown to readers; the person's nickname if None, "新创作者" without one.

    Raises:
        InvitationUnknown, InvitationUsed, InvitationExpired: the code makes nobody a creator.
        TextRefused: the name cannot be kept.
    """
    # Two messages of the same person wait for each other here, so the second finds the creator.
    person_key = str(survivor_of(uow.session, person_id) or person_id)
    uow.session.execute(
        select(func.pg_advisory_xact_lock(func.hashtextextended(f"creator:{person_key}", 0)))
    )
    existing = queries.find_by_person(uow.session, person_id)
    if existing is not None:
        return existing
    shown = _name_for(uow, person_id, name)
    _use_invitation(uow, tidied_code(code), person_id)
    creator = _insert(uow, person_id, shown)
    uow.audit("creator.made", "creator", creator.id)
    return creator


def _name_for(uow: UnitOfWork, person_id: UUID, name: str | None) -> str:
    if name is not None:
        return clean_line(name, "name", NAME_CHARS_MAX)
    try:
        return clean_line(nickname_of(uow.session, person_id), "name", NAME_CHARS_MAX)
    except TextRefused:
        return "新创作者"


def _use_invitation(uow: UnitOfWork, code: str, person_id: UUID) -> None:
    # One guarded statement: of two who send the same code at once, one finds it used.
    used = uow.session.scalar(
        update(Invitation)
        .where(
            Invitation.code == code,
            Invitation.used_at.is_(None),
            Invitation.expires_at > uow.now(),
        )
        .values(used_at=uow.now(), used_by_person_id=person_id)
        .returning(Invitation.code)
    )
    if used is not None:
        return
    invitation = uow.session.get(Invitation, code, populate_existing=True)
    if invitation is None:
        raise InvitationUnknown
    raise InvitationUsed if invitation.used_at is not None else InvitationExpired


def _insert(uow: UnitOfWork, person_id: UUID, name: str) -> Creator:
    for handle in proposed_handles(name, uow.rng):
        creator_id = uow.session.scalar(
            insert(Creator)
            .values(
                id=uow.ids.new(),
                person_id=person_id,
                handle=handle,
                name=name,
                introduction="",
                platform_share_bp=PLATFORM_SHARE_BP_DEFAULT,
                state="active",
                created_at=uow.now(),
            )
            .on_conflict_do_nothing(index_elements=["handle"])
            .returning(Creator.id)
        )
        if creator_id is not None:
            creator = queries.get(uow.session, creator_id)
            note_findable(uow, creator)
            return creator
    raise HandleTaken(handle=handle)


def rename(uow: UnitOfWork, *, creator_id: UUID, name: str) -> Creator:
    """Change the name that readers see.

    Raises:
        TextRefused: the name cannot be kept.
        CreatorNotFound: there is no such creator.
    """
    cleaned = clean_line(name, "name", NAME_CHARS_MAX)
    creator = _lock(uow, creator_id)
    before, creator.name = creator.name, cleaned
    note_findable(uow, creator)
    uow.audit("creator.renamed", "creator", creator.id, before=before, after=cleaned)
    return creator


def introduce(uow: UnitOfWork, *, creator_id: UUID, introduction: str) -> Creator:
    """Change what a creator says about themselves; an empty text takes it away.

    Raises:
        TextRefused: the introduction cannot be kept.
        CreatorNotFound: there is no such creator.
    """
    cleaned = clean_body(introduction, "introduction", INTRODUCTION_CHARS_MAX, 0)
    creator = _lock(uow, creator_id)
    creator.introduction = cleaned
    note_findable(uow, creator)
    uow.audit("creator.introduced", "creator", creator.id)
    return creator


def change_handle(uow: UnitOfWork, *, creator_id: UUID, handle: str) -> Creator:
    """Take another handle; the old one is free at once.

    Raises:
        TextRefused: no handle looks like this.
        HandleTaken: another creator has it.
        CreatorNotFound: there is no such creator.
    """
    wanted = clean_handle(handle)
    creator = _lock(uow, creator_id)
    before = creator.handle
    try:
        with uow.session.begin_nested():
            creator.handle = wanted
    except IntegrityError as error:
        raise HandleTaken(handle=wanted) from error
    uow.audit("creator.handle_changed", "creator", creator.id, before=before, after=wanted)
    return creator


def set_state(uow: UnitOfWork, *, creator_id: UUID, state: str) -> Creator:
    """Let a creator work, or pause them.

    Raises:
        ValueError: there is no such state.
        CreatorNotFound: there is no such creator.
    """
    if state not in STATES:
        raise ValueError(f"no state of a creator is called {state!r}")
    creator = _lock(uow, creator_id)
    before, creator.state = creator.state, state
    uow.audit("creator.state_changed", "creator", creator.id, before=before, after=state)
    return creator


def note_findable(uow: UnitOfWork, creator: Creator) -> None:
    """Let a creator be found by their name and what they say about themselves."""
    text = f"{creator.name}\n{creator.introduction}"
    searching.put(uow, KIND, creator.id, creator_id=creator.id, text=text)


def note_missing(uow: UnitOfWork, *, limit: int) -> int:
    """Let creators be found that are not yet, as after an upgrade; returns how many."""
    lost = uow.session.scalars(
        select(Creator).where(~searching.is_noted(KIND, Creator.id)).limit(limit)
    ).all()
    for creator in lost:
        note_findable(uow, creator)
    return len(lost)


def _lock(uow: UnitOfWork, creator_id: UUID) -> Creator:
    creator = uow.session.get(Creator, creator_id, with_for_update=True, populate_existing=True)
    if creator is None:
        raise CreatorNotFound(creator_id=str(creator_id))
    return creator
