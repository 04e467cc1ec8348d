"""Reading what works carry besides their text."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from creator_tools.media import queries as media_queries
from creator_tools.media.models import MediaObject
from creator_tools.works.models import Attachment, Revision, RevisionAttachment


@dataclass(frozen=True)
class Attached:
    """A file as one revision carries it."""

    attachment_id: UUID
    media: MediaObject
    title: str
    is_teased: bool

    def described(self, title: str | None, is_teased: bool | None) -> "Attached":
        """The same file under another title, or teased or not; None leaves it as it is."""
        return replace(
            self,
            title=self.title if title is None else title,
            is_teased=self.is_teased if is_teased is None else is_teased,
        )


def list_attached(session: Session, revision: Revision) -> list[Attached]:
    """What a revision carries, in order; one that carries nothing costs no query."""
    return list_attached_to(session, revision.id) if revision.attachments_count else []


def list_attached_to(session: Session, revision_id: UUID) -> list[Attached]:
    """What the revision with this id carries, in order."""
    return list_attached_to_all(session, [revision_id]).get(revision_id, [])


def list_attached_to_all(
    session: Session, revision_ids: Sequence[UUID]
) -> dict[UUID, list[Attached]]:
    """What each of these revisions carries, in order; one that carries nothing is left out."""
    if not revision_ids:
        return {}
    rows = session.execute(
        select(RevisionAttachment, Attachment.media_id)
        .join(Attachment, Attachment.id == RevisionAttachment.attachment_id)
        .where(RevisionAttachment.revision_id.in_(revision_ids))
        .order_by(RevisionAttachment.position)
    ).all()
    media = media_queries.find_all(session, [media_id for _, media_id in rows])
    carried: dict[UUID, list[Attached]] = {}
    for row, media_id in rows:
        one = Attached(row.attachment_id, media[media_id], row.title, row.is_teased)
        carried.setdefault(row.revision_id, []).append(one)
    return carried


def find_attachment(session: Session, attachment_id: UUID) -> Attachment | None:
    """The attachment with this id, of whichever work, or None."""
    return session.get(Attachment, attachment_id)


def find_attached(
    session: Session, attachment_id: UUID, revision_id: UUID | None
) -> Attached | None:
    """The file as this revision carries it, or None when it does not.

    Args:
        revision_id: None asks for the newest revision that carries it.
    """
    wanted = select(RevisionAttachment).where(RevisionAttachment.attachment_id == attachment_id)
    if revision_id is not None:
        wanted = wanted.where(RevisionAttachment.revision_id == revision_id)
    newest = wanted.order_by(RevisionAttachment.revision_id.desc()).limit(1)
    row = session.scalars(newest).one_or_none()
    if row is None:
        return None
    attachment = find_attachment(session, attachment_id)
    media = None if attachment is None else media_queries.find(session, attachment.media_id)
    return None if media is None else Attached(attachment_id, media, row.title, row.is_teased)


def is_attached(session: Session, media_id: UUID) -> bool:
    """Whether any work ever carried this object."""
    return bool(session.scalar(select(exists().where(Attachment.media_id == media_id))))


def list_unattached(session: Session, before: datetime, *, limit: int = 100) -> list[UUID]:
    """Objects made before `before` that no work ever carried, the oldest first."""
    unused = select(MediaObject.id).where(
        MediaObject.created_at <= before,
        MediaObject.dropped_at.is_(None),
        ~exists().where(Attachment.media_id == MediaObject.id),
    )
    return list(session.scalars(unused.order_by(MediaObject.created_at).limit(limit)))
