"""Reading what waits for a person's verdict, and what that person has to read, hear and see."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session

from creator_tools.works.models import (
    ContentCheck,
    Picture,
    Revision,
    RevisionAttachment,
    Work,
)
from creator_tools.works.queries.attachments import Attached, find_attached, list_attached_to_all


@dataclass(frozen=True)
class OpenCheck:
    """A revision that waits for a person's verdict, with what the person has to read and hear."""

    check_id: UUID
    work_id: UUID
    creator_id: UUID
    title: str
    body_html: str
    verdict: str
    requested_at: datetime
    attached: tuple[Attached, ...] = ()


def list_checks_open(session: Session, *, limit: int = 50) -> list[OpenCheck]:
    """Revisions that wait for a person, oldest first; superseded ones are left out."""
    waiting = _waiting().order_by(ContentCheck.requested_at).limit(limit)
    rows = session.execute(waiting).all()
    carrying = [revision.id for _, revision in rows if revision.attachments_count]
    attached = list_attached_to_all(session, carrying)
    return [
        OpenCheck(
            check.id,
            check.work_id,
            check.creator_id,
            revision.title,
            revision.body_html,
            check.verdict,
            check.requested_at,
            tuple(attached.get(revision.id, ())),
        )
        for check, revision in rows
    ]


def find_attached_in_review(session: Session, attachment_id: UUID) -> Attached | None:
    """The file as a revision that waits for a person carries it; None when none that waits does."""
    carrying = select(RevisionAttachment.revision_id).where(
        RevisionAttachment.attachment_id == attachment_id
    )
    waiting = _waiting().where(Revision.id.in_(carrying)).with_only_columns(Revision.id)
    revision_id = session.scalar(waiting.limit(1))
    return None if revision_id is None else find_attached(session, attachment_id, revision_id)


def find_picture_in_review(session: Session, sha256: str) -> Picture | None:
    """The picture as a text that waits for a person shows it; None when none that waits does.

    Only its own creators' texts count: nobody can show another's picture.
    """
    return session.scalars(
        select(Picture)
        .where(
            Picture.sha256 == sha256,
            _waiting()
            .where(
                Work.creator_id == Picture.creator_id,
                Revision.body_html.contains(f"/media/{sha256}"),
            )
            .with_only_columns(Revision.id)
            .exists(),
        )
        .limit(1)
    ).first()


def _waiting() -> Select[ContentCheck, Revision]:
    return (
        select(ContentCheck, Revision)
        .join(Revision, Revision.id == ContentCheck.revision_id)
        .join(Work, and_(Work.id == ContentCheck.work_id, Work.draft_revision_id == Revision.id))
        .where(
            ContentCheck.decided_at.is_(None),
            ContentCheck.verdict == "needs_person",
            Work.state != "draft",
        )
    )
