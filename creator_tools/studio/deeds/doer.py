"""Who does a deed, and the one step that this creator can take back."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from creator_tools.creators import queries as creators
from creator_tools.creators.models import Creator
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.studio.errors import CreatorPaused, NotACreator
from creator_tools.studio.models import Dialog, Undo
from creator_tools.studio.ports import Desk

UNDO_LIFETIME = timedelta(hours=24)

Step = dict[str, Any]


class Someone(Protocol):
    """Whoever can take a step back: a creator, or the keeper of a creator's group."""

    @property
    def uow(self) -> UnitOfWork:
        """The unit in which it happens."""

    @property
    def person_id(self) -> UUID:
        """Who it is."""

    @property
    def session(self) -> Session:
        """The session of the unit."""


@dataclass(frozen=True)
class Doer:
    """A creator at work in one unit, by whichever door they came."""

    uow: UnitOfWork
    person_id: UUID
    creator: Creator
    desk: Desk

    @property
    def session(self) -> Session:
        """The session of the unit."""
        return self.uow.session


def at_work(uow: UnitOfWork, person_id: UUID, creator: Creator | None, desk: Desk) -> Doer:
    """This person as a creator who may do deeds.

    Raises:
        NotACreator: the person is none.
        CreatorPaused: the person may look at what is theirs, and change nothing.
    """
    if creator is None:
        raise NotACreator
    if creator.state != "active":
        raise CreatorPaused
    return Doer(uow, person_id, creator, desk)


def begin(uow: UnitOfWork, person_id: UUID, desk: Desk) -> Doer:
    """As `at_work`, for a door without a conversation: waits for the person's turn first."""
    take_turn(uow, person_id)
    return at_work(uow, person_id, creators.find_by_person(uow.session, person_id), desk)


def take_turn(uow: UnitOfWork, person_id: UUID) -> Dialog:
    """The person's conversation, locked: what one person does by two doors happens in turn."""
    uow.session.execute(
        insert(Dialog)
        .values(person_id=person_id, step="", memory={}, updated_at=uow.now())
        .on_conflict_do_nothing(index_elements=["person_id"])
    )
    return uow.session.scalars(
        select(Dialog)
        .where(Dialog.person_id == person_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def offer_undo(doer: Someone, sentence: str, step: Step) -> None:
    """Remember how to take the deed back that was just done.

    Args:
        sentence: what the person reads after it was taken back.
    """
    row = insert(Undo).values(
        person_id=doer.person_id,
        command=step,
        sentence=sentence,
        expires_at=doer.uow.now() + UNDO_LIFETIME,
    )
    fresh = ("command", "sentence", "expires_at")
    doer.session.execute(
        row.on_conflict_do_update(
            index_elements=["person_id"], set_={name: row.excluded[name] for name in fresh}
        )
    )


def find_undo(session: Session, person_id: UUID, now: datetime) -> Undo | None:
    """The deed that this person can take back now, or None."""
    kept = session.scalars(
        select(Undo).where(Undo.person_id == person_id).execution_options(populate_existing=True)
    ).one_or_none()
    return kept if kept is not None and kept.expires_at > now else None


def take_undo(doer: Someone) -> Undo | None:
    """The deed that can be taken back, which is then forgotten; None without one."""
    kept = doer.session.scalars(
        select(Undo)
        .where(Undo.person_id == doer.person_id)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if kept is None:
        return None
    doer.session.delete(kept)
    doer.session.flush()
    return kept if kept.expires_at > doer.uow.now() else None
