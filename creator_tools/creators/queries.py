"""Reading creators."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from creator_tools.creators.errors import CreatorNotFound
from creator_tools.creators.models import Creator, Invitation
from creator_tools.kernel import searching
from creator_tools.people.queries import family_of


def get(session: Session, creator_id: UUID) -> Creator:
    """The creator with this id.

    Raises:
        CreatorNotFound: there is none.
    """
    creator = session.get(Creator, creator_id)
    if creator is None:
        raise CreatorNotFound(creator_id=str(creator_id))
    return creator


def find_by_person(session: Session, person_id: UUID) -> Creator | None:
    """The creator whom this human is; the older one if two were merged into one human."""
    return session.scalar(
        select(Creator)
        .where(Creator.person_id.in_(family_of(person_id)))
        .order_by(Creator.created_at, Creator.id)
        .limit(1)
    )


def find_by_handle(session: Session, handle: str) -> Creator | None:
    """The creator with this handle, whatever its case, or None."""
    if "\x00" in handle or not handle.isprintable():
        return None
    return session.scalar(select(Creator).where(Creator.handle == handle.lower()))


def list_all(session: Session) -> list[Creator]:
    """Every creator, the oldest first."""
    return list(session.scalars(select(Creator).order_by(Creator.created_at, Creator.id)))


@dataclass(frozen=True)
class FoundCreator:
    """A creator who was found, and their words."""

    creator: Creator
    text: str


def search(session: Session, query: searching.Query, *, limit: int = 10) -> list[FoundCreator]:
    """Active creators whose name or introduction holds every word, the oldest first."""
    active = (
        select(Creator).where(Creator.state == "active").order_by(Creator.created_at, Creator.id)
    )
    found = searching.first_holding(session, active, Creator.id, "creator", query, limit=limit)
    return [FoundCreator(creator, text) for creator, text in found]


def unused_invitations(session: Session, creator_id: UUID, now: datetime) -> list[Invitation]:
    """The invitations of this creator that still make somebody a creator, the youngest first."""
    return [
        invitation
        for invitation in list_invitations(session, creator_id)
        if invitation.used_at is None and invitation.expires_at > now
    ]


def list_invitations(session: Session, creator_id: UUID) -> list[Invitation]:
    """The invitations that this creator gave, the youngest first."""
    return list(
        session.scalars(
            select(Invitation)
            .where(Invitation.invited_by_creator_id == creator_id)
            .order_by(Invitation.created_at.desc(), Invitation.code)
        )
    )
