"""Writing: a draft, the revisions that follow it and never change, the pictures they show."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from creator_tools.columns import queries as columns
from creator_tools.kernel.text import clean_body, clean_line
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.works import queries, rules
from creator_tools.works.errors import PictureUnknown, TextEmpty
from creator_tools.works.models import Picture, Revision, RevisionAttachment, Work
from creator_tools.works.queries import Attached
from creator_tools.works.rules import Step
from creator_tools.works.service.finding import note_findable
from creator_tools.works.service.steps import take

TITLE_CHARS_MAX = 64
MARKDOWN_CHARS_MAX = 50_000


def save_draft(
    uow: UnitOfWork, *, creator_id: UUID, column_id: UUID, title: str, markdown: str
) -> Work:
    """Keep a new work as a draft in one of the creator's own columns.

    Raises:
        ColumnNotFound: the column is not there or somebody else's.
        InputRefused: the title or the text is empty, too long, or shows a foreign picture.
    """
    body = clean_body(markdown, "markdown", MARKDOWN_CHARS_MAX)
    rendered = _rendered(uow, creator_id, body)
    work = new_work(uow, creator_id=creator_id, column_id=column_id, title=title)
    write_revision(uow, work, 1, work.title, body, rendered, ())
    uow.audit("work.drafted", "work", work.id, column_id=str(column_id))
    return work


def new_work(uow: UnitOfWork, *, creator_id: UUID, column_id: UUID, title: str) -> Work:
    """The row of a work whose first revision follows in the same unit."""
    columns.get_of_creator(uow.session, column_id, creator_id)
    work = Work(
        id=uow.ids.new(),
        creator_id=creator_id,
        column_id=column_id,
        title=clean_line(title, "title", TITLE_CHARS_MAX),
        state="draft",
        is_free=False,
        created_at=uow.now(),
    )
    uow.session.add(work)
    uow.session.flush()
    return work


def revise(
    uow: UnitOfWork,
    *,
    work_id: UUID,
    creator_id: UUID,
    title: str | None = None,
    markdown: str | None = None,
) -> Work:
    """Write the next revision; what is left out stays as it was last written.

    A work that was being checked or waiting for its hour becomes a draft again, because the
    verdict belongs to other bytes. A published work stays as it is until the new bytes pass.
    What is attached goes along.

    Raises:
        WorkNotFound, InputRefused: as in `save_draft`.
    """
    work = queries.lock_own(uow.session, work_id, creator_id)
    last = queries.newest_revision(uow.session, work)
    attached = queries.list_attached(uow.session, last)
    new_title = last.title if title is None else clean_line(title, "title", TITLE_CHARS_MAX)
    least = 0 if attached else 1
    body = (
        last.markdown
        if markdown is None
        else clean_body(markdown, "markdown", MARKDOWN_CHARS_MAX, least)
    )
    if (new_title, body) == (last.title, last.markdown):
        return work
    follow_up(uow, work, last, title=new_title, markdown=body, attached=tuple(attached))
    return work


def follow_up(
    uow: UnitOfWork,
    work: Work,
    last: Revision,
    *,
    title: str,
    markdown: str,
    attached: tuple[Attached, ...],
) -> None:
    """Write the revision after `last` of a locked work."""
    rendered = _rendered(uow, work.creator_id, markdown, may_be_empty=bool(attached))
    write_revision(uow, work, last.number + 1, title, markdown, rendered, attached)
    take(work, Step.REVISE)
    if work.live_revision_id is None:
        work.title = title
    uow.audit("work.revised", "work", work.id, number=last.number + 1)


def write_revision(
    uow: UnitOfWork,
    work: Work,
    number: int,
    title: str,
    markdown: str,
    rendered: rules.Rendered,
    attached: tuple[Attached, ...],
) -> None:
    """Write one revision with what it carries; it is what the author wrote last."""
    revision = Revision(
        id=uow.ids.new(),
        creator_id=work.creator_id,
        work_id=work.id,
        number=number,
        title=title,
        markdown=markdown,
        body_html=rendered.body_html,
        preview_html=rendered.preview_html,
        content_sha256=rules.content_sha256(
            title,
            markdown,
            rendered.body_html,
            [(one.media.sha256, one.title) for one in attached],
        ),
        attachments_count=len(attached),
        created_at=uow.now(),
    )
    uow.session.add(revision)
    uow.session.flush()
    for position, one in enumerate(attached, start=1):
        uow.session.add(
            RevisionAttachment(
                revision_id=revision.id,
                attachment_id=one.attachment_id,
                creator_id=work.creator_id,
                position=position,
                title=one.title,
                is_teased=one.is_teased,
            )
        )
    uow.session.flush()
    work.draft_revision_id = revision.id


def mark_free(uow: UnitOfWork, *, work_id: UUID, creator_id: UUID, is_free: bool) -> None:
    """Say whether a work may be read without buying; its price says so elsewhere."""
    work = queries.lock_own(uow.session, work_id, creator_id)
    if work.is_free != is_free:
        work.is_free = is_free
        note_findable(uow, work)
        uow.audit("work.marked_free", "work", work.id, is_free=is_free)


def add_picture(uow: UnitOfWork, *, creator_id: UUID, original: bytes) -> tuple[Picture, bytes]:
    """Encode a picture anew and note it; the caller stores the returned bytes.

    Raises:
        PictureRefused: too large, too many pixels, or no picture.
    """
    coded = rules.encode_picture(original)
    uow.session.execute(
        insert(Picture)
        .values(
            id=uow.ids.new(),
            creator_id=creator_id,
            sha256=coded.sha256,
            mime=coded.mime,
            width_px=coded.width_px,
            height_px=coded.height_px,
            size_bytes=len(coded.encoded),
            created_at=uow.now(),
        )
        .on_conflict_do_nothing(index_elements=["creator_id", "sha256"])
    )
    picture = uow.session.scalars(
        select(Picture).where(Picture.creator_id == creator_id, Picture.sha256 == coded.sha256)
    ).one()
    uow.audit("picture.added", "picture", picture.id, size_bytes=picture.size_bytes)
    return picture, coded.encoded


def _rendered(
    uow: UnitOfWork, creator_id: UUID, markdown: str, *, may_be_empty: bool = False
) -> rules.Rendered:
    rendered = rules.render(markdown)
    if not may_be_empty and not rendered.text and not rendered.picture_sha256s:
        raise TextEmpty
    if queries.list_unknown_pictures(uow.session, creator_id, rendered.picture_sha256s):
        raise PictureUnknown
    return rendered
