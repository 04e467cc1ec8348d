"""A conversation: where it stands, what it listed, what it waits for, what can be taken back."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import InstrumentedAttribute, Session

from creator_tools.creators import queries as creators
from creator_tools.creators.models import Creator
from creator_tools.kernel import rng
from creator_tools.kernel.database import as_uuid
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.studio.deeds.doer import Doer, at_work, take_turn
from creator_tools.studio.models import Confirmation, Dialog, Undo
from creator_tools.studio.ports import Desk

CONFIRMATION_LIFETIME = timedelta(minutes=10)
CONFIRMATION_TRIES_MAX = 3
# After so long nobody remembers which list a number was of.
DIALOG_KEPT = timedelta(days=90)
LISTED_MAX = 60
ANSWER_CHARS_MAX = 600

Link = tuple[str, str]


@dataclass(frozen=True)
class Answer:
    """A reply: words, and links as (label, path) that the edge makes absolute."""

    text: str
    links: tuple[Link, ...] = ()


@dataclass
class Talk:
    """One message's view of a conversation, with all that handlers may use."""

    uow: UnitOfWork
    person_id: UUID
    desk: Desk
    dialog: Dialog
    creator: Creator | None

    @property
    def session(self) -> Session:
        """The session of the unit."""
        return self.uow.session

    def doer(self) -> Doer:
        """The creator who speaks, about to do something.

        Raises:
            NotACreator, CreatorPaused: nobody who may.
        """
        return at_work(self.uow, self.person_id, self.creator, self.desk)

    @property
    def step(self) -> str:
        """What the conversation waits for; empty when for nothing."""
        return self.dialog.step

    def wait_for(self, step: str) -> None:
        """Wait for the next message to answer `step`."""
        self.dialog.step = step
        self.dialog.updated_at = self.uow.now()

    def recall(self, key: str) -> Any:
        """What was remembered under `key`, or None."""
        return self.dialog.memory.get(key)

    def remember(self, **facts: Any) -> None:
        """Remember facts; a None forgets."""
        merged = {**self.dialog.memory, **facts}
        self.dialog.memory = {key: fact for key, fact in merged.items() if fact is not None}
        self.dialog.updated_at = self.uow.now()

    def recall_id(self, key: str) -> UUID | None:
        """An id that was remembered under `key`, or None."""
        kept = self.recall(key)
        return as_uuid(kept) if isinstance(kept, str) else None

    def listed(self, number: int | None) -> tuple[str, UUID] | None:
        """The (kind, id) of the item that was shown under `number`, or None."""
        items = self.recall("items") or []
        if number is None or not 1 <= number <= len(items):
            return None
        kind, key = items[number - 1]
        return str(kind), UUID(str(key))

    def remember_list(self, items: list[tuple[str, UUID]]) -> None:
        """Remember what is listed, so that a number means an item."""
        kept = [[kind, str(key)] for kind, key in items[:LISTED_MAX]]
        self.remember(items=kept, shown=0)


def open_talk(uow: UnitOfWork, person_id: UUID, desk: Desk) -> Talk:
    """The conversation of a person, locked: two messages of one person take turns."""
    dialog = take_turn(uow, person_id)
    return Talk(uow, person_id, desk, dialog, creators.find_by_person(uow.session, person_id))


def ask_confirmation(talk: Talk, command: dict[str, Any]) -> str:
    """Keep a dangerous command until its code comes; returns the code of 4 digits."""
    code = rng.digits(talk.uow.rng, 4)
    row = insert(Confirmation).values(
        person_id=talk.person_id,
        code=code,
        command=command,
        attempts_count=0,
        expires_at=talk.uow.now() + CONFIRMATION_LIFETIME,
    )
    fresh = ("code", "command", "attempts_count", "expires_at")
    talk.session.execute(
        row.on_conflict_do_update(
            index_elements=["person_id"], set_={name: row.excluded[name] for name in fresh}
        )
    )
    return code


def find_confirmation(talk: Talk) -> Confirmation | None:
    """The command that waits for its code, or None when none does (any more)."""
    pending = talk.session.scalars(
        select(Confirmation)
        .where(Confirmation.person_id == talk.person_id)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if pending is None or pending.expires_at <= talk.uow.now():
        return None
    return pending if pending.attempts_count < CONFIRMATION_TRIES_MAX else None


def forget_confirmation(talk: Talk) -> None:
    """Let a waiting command go."""
    talk.session.execute(delete(Confirmation).where(Confirmation.person_id == talk.person_id))


def prune(uow: UnitOfWork, *, limit: int = 1000) -> int:
    """Forget conversations that nobody goes on with, and what can be confirmed or undone no more.

    A conversation that keeps somebody's text stays, however long ago it was.

    Returns:
        How many rows are gone.
    """
    now = uow.now()
    return (
        _prune(uow, Confirmation.person_id, Confirmation.expires_at <= now, limit)
        + _prune(uow, Undo.person_id, Undo.expires_at <= now, limit)
        + _prune(
            uow,
            Dialog.person_id,
            (Dialog.updated_at <= now - DIALOG_KEPT) & ~Dialog.memory.has_key("kept_text"),
            limit,
        )
    )


def _prune(
    uow: UnitOfWork,
    key: InstrumentedAttribute[UUID],
    is_over: ColumnElement[bool],
    limit: int,
) -> int:
    old = select(key).where(is_over).limit(limit).with_for_update(skip_locked=True)
    gone = uow.session.scalars(delete(key.class_).where(key.in_(old)).returning(key))
    return len(gone.all())
