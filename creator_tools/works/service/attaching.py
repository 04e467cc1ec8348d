"""What a work carries besides its text. Every change is a revision, and is checked like one."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from creator_tools.kernel.text import clean_line
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.media import queries as media_queries
from creator_tools.media import service as media_service
from creator_tools.works import queries, rules
from creator_tools.works.errors import AttachmentNotFound, TooManyAttachments
from creator_tools.works.models import Attachment, Work
from creator_tools.works.queries import Attached
from creator_tools.works.service.writing import (
    TITLE_CHARS_MAX,
    follow_up,
    new_work,
    write_revision,
)

ATTACHMENTS_MAX = 20


def draft_with(
    uow: UnitOfWork, *, creator_id: UUID, column_id: UUID, title: str, media_id: UUID, called: str
) -> Work:
    """Begin a work with nothing but a file; words may follow.

    Raises:
        ColumnNotFound, MediaNotFound: not there, or somebody else's.
        InputRefused: one of the titles cannot be kept.
    """
    work = new_work(uow, creator_id=creator_id, column_id=column_id, title=title)
    carried = (_carried(uow, work, media_id, called),)
    write_revision(uow, work, 1, work.title, "", rules.render(""), carried)
    uow.audit("work.drafted", "work", work.id, column_id=str(column_id))
    return work


def attach(uow: UnitOfWork, *, work_id: UUID, creator_id: UUID, media_id: UUID, title: str) -> UUID:
    """Let a work carry one of the creator's objects, after those it carries already.

    The same object again changes nothing.

    Returns:
        The attachment's id, the same in every revision of the work.

    Raises:
        WorkNotFound, MediaNotFound: not there, or somebody else's.
        TooManyAttachments: it carries as many as a work may.
        InputRefused: the title cannot be kept.
    """
    work = queries.lock_own(uow.session, work_id, creator_id)
    last = queries.newest_revision(uow.session, work)
    attached = queries.list_attached(uow.session, last)
    for one in attached:
        if one.media.id == media_id:
            return one.attachment_id
    if len(attached) >= ATTACHMENTS_MAX:
        raise TooManyAttachments(limit=ATTACHMENTS_MAX)
    new = _carried(uow, work, media_id, title)
    follow_up(uow, work, last, title=last.title, markdown=last.markdown, attached=(*attached, new))
    uow.audit("work.attached", "work", work.id, attachment_id=str(new.attachment_id))
    return new.attachment_id


def detach(uow: UnitOfWork, *, work_id: UUID, creator_id: UUID, attachment_id: UUID) -> None:
    """Write a revision without this attachment; readers keep the live one until it passes.

    Raises:
        WorkNotFound, AttachmentNotFound: not there, or somebody else's.
        InputRefused: nothing would be left to show.
    """
    work = queries.lock_own(uow.session, work_id, creator_id)
    last = queries.newest_revision(uow.session, work)
    attached = queries.list_attached(uow.session, last)
    kept = tuple(one for one in attached if one.attachment_id != attachment_id)
    if len(kept) == len(attached):
        raise AttachmentNotFound(attachment_id=str(attachment_id))
    follow_up(uow, work, last, title=last.title, markdown=last.markdown, attached=kept)
    uow.audit("work.detached", "work", work.id, attachment_id=str(attachment_id))


def describe(
    uow: UnitOfWork,
    *,
    work_id: UUID,
    creator_id: UUID,
    attachment_id: UUID,
    title: str | None = None,
    is_teased: bool | None = None,
) -> None:
    """Give an attachment another title, or let everybody see its title and size, or not.

    Raises:
        WorkNotFound, AttachmentNotFound, InputRefused: as in `attach`.
    """
    work = queries.lock_own(uow.session, work_id, creator_id)
    last = queries.newest_revision(uow.session, work)
    attached = queries.list_attached(uow.session, last)
    if all(one.attachment_id != attachment_id for one in attached):
        raise AttachmentNotFound(attachment_id=str(attachment_id))
    called = None if title is None else clean_line(title, "title", TITLE_CHARS_MAX)
    changed = tuple(
        one.described(called, is_teased) if one.attachment_id == attachment_id else one
        for one in attached
    )
    if changed != tuple(attached):
        follow_up(uow, work, last, title=last.title, markdown=last.markdown, attached=changed)


def drop_unattached(uow: UnitOfWork, *, before: datetime, limit: int = 100) -> int:
    """Give up objects that no revision ever carried since `before`; returns how many."""
    dropped = 0
    for media_id in queries.list_unattached(uow.session, before, limit=limit):
        media_service.lock(uow, media_id)
        # Looked at again under the lock: to attach it takes the same lock.
        if not queries.is_attached(uow.session, media_id):
            media_service.drop(uow, media_id=media_id)
            dropped += 1
    return dropped


def _carried(uow: UnitOfWork, work: Work, media_id: UUID, title: str) -> Attached:
    media_queries.get_kept(uow.session, media_id, work.creator_id)
    media_service.lock(uow, media_id)
    # Asked again under the lock: what nothing shows may be given up at any moment.
    media = media_queries.get_kept(uow.session, media_id, work.creator_id)
    uow.session.execute(
        insert(Attachment)
        .values(
            id=uow.ids.new(),
            creator_id=work.creator_id,
            work_id=work.id,
            media_id=media_id,
            created_at=uow.now(),
        )
        .on_conflict_do_nothing(index_elements=["work_id", "media_id"])
    )
    attachment_id = uow.session.scalars(
        select(Attachment.id).where(Attachment.work_id == work.id, Attachment.media_id == media_id)
    ).one()
    called = clean_line(title, "title", TITLE_CHARS_MAX)
    return Attached(attachment_id, media, called, is_teased=False)
