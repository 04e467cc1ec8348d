"""Deeds on what a work carries: put a file in, take it out, say what it is called."""

from uuid import UUID

from creator_tools.studio.deeds.doer import Doer, offer_undo
from creator_tools.studio.deeds.works import offer_discard
from creator_tools.works import queries, service
from creator_tools.works.errors import AttachmentNotFound
from creator_tools.works.models import Work
from creator_tools.works.queries import Attached


def carried(doer: Doer, work_id: UUID) -> list[Attached]:
    """What the creator's own work carries as it was last written."""
    work = queries.get_own(doer.session, work_id, doer.creator.id)
    return queries.list_attached(doer.session, queries.newest_revision(doer.session, work))


def attach(doer: Doer, work_id: UUID, media_id: UUID, title: str) -> UUID:
    """Let a work carry a stored object of its creator; can be undone. Gives the attachment."""
    attachment_id = attach_now(doer, work_id, media_id, title)
    offer_undo(
        doer,
        f"附件「{title}」已移除。",
        {"do": "detach", "work": str(work_id), "attachment": str(attachment_id)},
    )
    return attachment_id


def attach_now(doer: Doer, work_id: UUID, media_id: UUID, title: str) -> UUID:
    """As `attach`, without an undo."""
    return service.attach(
        doer.uow, work_id=work_id, creator_id=doer.creator.id, media_id=media_id, title=title
    )


def draft_with(doer: Doer, column_id: UUID, title: str, media_id: UUID, called: str) -> Work:
    """Begin a work with nothing but a stored object; can be undone."""
    work = service.draft_with(
        doer.uow,
        creator_id=doer.creator.id,
        column_id=column_id,
        title=title,
        media_id=media_id,
        called=called,
    )
    offer_discard(doer, work)
    return work


def detach(doer: Doer, work_id: UUID, attachment_id: UUID) -> str:
    """Take a file out of a work; can be undone. Gives its title.

    Raises:
        WorkNotFound, AttachmentNotFound: not there, or somebody else's.
    """
    found = [one for one in carried(doer, work_id) if one.attachment_id == attachment_id]
    if not found:
        raise AttachmentNotFound(attachment_id=str(attachment_id))
    detach_now(doer, work_id, attachment_id)
    step = {"do": "attach", "work": str(work_id), "media": str(found[0].media.id)}
    offer_undo(doer, f"附件「{found[0].title}」已放回。", step | {"title": found[0].title})
    return found[0].title


def detach_now(doer: Doer, work_id: UUID, attachment_id: UUID) -> None:
    """As `detach`, without an undo."""
    service.detach(
        doer.uow, work_id=work_id, creator_id=doer.creator.id, attachment_id=attachment_id
    )


def describe(
    doer: Doer,
    work_id: UUID,
    attachment_id: UUID,
    *,
    title: str | None = None,
    is_teased: bool | None = None,
) -> None:
    """Call a file otherwise, or let everybody see its title and size, or not."""
    service.describe(
        doer.uow,
        work_id=work_id,
        creator_id=doer.creator.id,
        attachment_id=attachment_id,
        title=title,
        is_teased=is_teased,
    )
