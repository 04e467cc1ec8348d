"""Reading works: for their author, for the public, for who checks them."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from creator_tools.works.errors import CheckNotFound, WorkNotFound
from creator_tools.works.models import ContentCheck, Picture, Revision, Work
from creator_tools.works.queries.finding import LISTED_MAX, newest_first, older_than
from creator_tools.works.queries.standings import stands_in


@dataclass(frozen=True)
class ShownPicture:
    """A work that shows a picture, and whether it does so in the part that is free."""

    work_id: UUID
    in_preview: bool


def get(session: Session, work_id: UUID) -> Work:
    """The work with this id, whatever its state.

    Raises:
        WorkNotFound: there is none.
    """
    work = session.get(Work, work_id)
    if work is None:
        raise WorkNotFound(work_id=str(work_id))
    return work


def get_own(session: Session, work_id: UUID, creator_id: UUID) -> Work:
    """The work with this id if it belongs to this creator; somebody else's is not found."""
    work = get(session, work_id)
    if work.creator_id != creator_id:
        raise WorkNotFound(work_id=str(work_id))
    return work


def lock_own(session: Session, work_id: UUID, creator_id: UUID) -> Work:
    """As `get_own`, locked until the unit ends."""
    work = session.scalars(
        select(Work).where(Work.id == work_id, Work.creator_id == creator_id).with_for_update()
    ).one_or_none()
    if work is None:
        raise WorkNotFound(work_id=str(work_id))
    return work


def lock(session: Session, work_id: UUID) -> Work:
    """The work with this id, locked until the unit ends; for those who act for the system."""
    return session.scalars(select(Work).where(Work.id == work_id).with_for_update()).one()


def list_published(
    session: Session,
    column_id: UUID,
    *,
    after: UUID | None = None,
    limit: int = LISTED_MAX,
    offset: int = 0,
) -> list[Work]:
    """The published works of a column, newest first; those `after` the last of the page before."""
    published = select(Work).where(stands_in(column_id), Work.state == "published")
    return newest_first(session, published.where(*older_than(after)), limit, offset)


def list_newest(session: Session, *, limit: int = 10, offset: int = 0) -> list[Work]:
    """The newest published works of all creators."""
    return newest_first(session, select(Work).where(Work.state == "published"), limit, offset)


def list_of_creator(
    session: Session, creator_id: UUID, *, limit: int = LISTED_MAX, offset: int = 0
) -> list[Work]:
    """All works of a creator, newest first, discarded drafts left out."""
    return list(
        session.scalars(
            select(Work)
            .where(Work.creator_id == creator_id, _not_discarded())
            .order_by(Work.id.desc())
            .limit(limit)
            .offset(offset)
        )
    )


def list_own(
    session: Session,
    creator_id: UUID,
    *,
    state: str | None = None,
    column_id: UUID | None = None,
    words: str = "",
    before: UUID | None = None,
    limit: int = 20,
) -> list[Work]:
    """A creator's works older than the work `before`, newest first, discarded ones left out.

    Args:
        words: what the title must hold, each of them.
    """
    found = select(Work).where(Work.creator_id == creator_id, _not_discarded())
    if state is not None:
        found = found.where(Work.state == state)
    if column_id is not None:
        found = found.where(stands_in(column_id))
    if before is not None:
        found = found.where(Work.id < before)
    for word in words.split()[:5]:
        found = found.where(Work.title.icontains(word, autoescape=True))
    return list(session.scalars(found.order_by(Work.id.desc()).limit(limit)))


def count_own(session: Session, creator_id: UUID) -> dict[str, int]:
    """How many works a creator has in each state, discarded ones left out."""
    rows = session.execute(
        select(Work.state, func.count())
        .where(Work.creator_id == creator_id, _not_discarded())
        .group_by(Work.state)
    )
    return {row[0]: row[1] for row in rows}


def list_revisions(session: Session, work: Work, *, limit: int = 30) -> list[Revision]:
    """What was written of a work, newest first."""
    return list(
        session.scalars(
            select(Revision)
            .where(Revision.work_id == work.id)
            .order_by(Revision.number.desc())
            .limit(limit)
        )
    )


def latest_draft(session: Session, creator_id: UUID) -> Work | None:
    """The newest work of a creator that has not been submitted yet, or None."""
    return session.scalars(
        select(Work)
        .where(Work.creator_id == creator_id, Work.state.in_(("draft", "rejected")))
        .order_by(Work.id.desc())
        .limit(1)
    ).first()


def find_revision(session: Session, revision_id: UUID | None) -> Revision | None:
    """A revision by its id, or None."""
    return None if revision_id is None else session.get(Revision, revision_id)


def newest_revision(session: Session, work: Work) -> Revision:
    """What its author wrote last, published or not."""
    return session.scalars(
        select(Revision)
        .where(Revision.work_id == work.id)
        .order_by(Revision.number.desc())
        .limit(1)
    ).one()


def has_changes(session: Session, work: Work) -> bool:
    """Whether its author wrote something since that readers do not see yet."""
    live = find_revision(session, work.live_revision_id)
    written = newest_revision(session, work)
    return live is None or written.content_sha256 != live.content_sha256


def find_check(session: Session, revision_id: UUID | None) -> ContentCheck | None:
    """The check of a revision, or None when it was never submitted."""
    return session.scalars(
        select(ContentCheck).where(ContentCheck.revision_id == revision_id)
    ).one_or_none()


def has_passed(session: Session, revision: Revision) -> bool:
    """Whether the very bytes of a revision have a passing check."""
    check = find_check(session, revision.id)
    return (
        check is not None
        and check.verdict == "pass"
        and check.content_sha256 == revision.content_sha256
    )


def get_check_text(session: Session, check_id: UUID) -> tuple[ContentCheck, str] | None:
    """A check with the title and Markdown it is about, for whoever asks for a verdict."""
    row = session.execute(
        select(ContentCheck, Revision.title, Revision.markdown)
        .join(Revision, Revision.id == ContentCheck.revision_id)
        .where(ContentCheck.id == check_id)
    ).one_or_none()
    return None if row is None else (row[0], f"{row[1]}\n{row[2]}")


def get_check(session: Session, check_id: UUID) -> tuple[ContentCheck, str]:
    """A check with the title of the revision it is about.

    Raises:
        CheckNotFound: there is none.
    """
    row = session.execute(
        select(ContentCheck, Revision.title)
        .join(Revision, Revision.id == ContentCheck.revision_id)
        .where(ContentCheck.id == check_id)
    ).one_or_none()
    if row is None:
        raise CheckNotFound(check_id=str(check_id))
    return row[0], row[1]


def live_revision_of_checked(session: Session, check_id: UUID) -> UUID | None:
    """The revision that readers see of the work a check is about; nothing is kept in the session.

    Whoever locks the check or its work afterwards reads them as they are then.
    """
    return session.scalar(
        select(Work.live_revision_id)
        .join(ContentCheck, ContentCheck.work_id == Work.id)
        .where(ContentCheck.id == check_id)
    )


def list_unknown_pictures(
    session: Session, creator_id: UUID, sha256s: tuple[str, ...]
) -> list[str]:
    """Those of `sha256s` that this creator never uploaded."""
    if not sha256s:
        return []
    known = set(
        session.scalars(
            select(Picture.sha256).where(
                Picture.creator_id == creator_id, Picture.sha256.in_(sha256s)
            )
        )
    )
    return [sha256 for sha256 in sha256s if sha256 not in known]


def find_picture(session: Session, sha256: str) -> Picture | None:
    """What is known of a stored picture, whoever uploaded it first."""
    return session.scalars(select(Picture).where(Picture.sha256 == sha256).limit(1)).first()


def has_picture(session: Session, creator_id: UUID, sha256: str) -> bool:
    """Whether this creator uploaded this picture."""
    own = select(Picture.id).where(Picture.creator_id == creator_id, Picture.sha256 == sha256)
    return bool(session.scalar(select(own.exists())))


def list_showing(session: Session, sha256: str) -> list[ShownPicture]:
    """The works whose live text shows a picture, those that show it for free first.

    Only works of the picture's own creators are looked at; nobody can show another's picture.
    """
    path = f"/media/{sha256}"
    in_preview = and_(Work.state == "published", Revision.preview_html.contains(path))
    rows = session.execute(
        select(Work.id, in_preview)
        .join(Revision, Revision.id == Work.live_revision_id)
        .where(
            Work.creator_id.in_(select(Picture.creator_id).where(Picture.sha256 == sha256)),
            Revision.body_html.contains(path),
        )
        .order_by(in_preview.desc(), Work.id)
        .limit(20)
    )
    return [ShownPicture(work_id, shown_free) for work_id, shown_free in rows]


def count_published(session: Session, column_id: UUID) -> int:
    """How many works of a column the public can see."""
    return (
        session.scalar(select(func.count()).where(stands_in(column_id), Work.state == "published"))
        or 0
    )


def list_published_ids(session: Session, column_id: UUID) -> list[UUID]:
    """Every work of a column that the public can see."""
    return list(
        session.scalars(select(Work.id).where(stands_in(column_id), Work.state == "published"))
    )


def list_published_unchecked(session: Session) -> list[UUID]:
    """Published works whose live bytes have no passing check; there must be none."""
    passing = exists().where(
        ContentCheck.revision_id == Revision.id,
        ContentCheck.content_sha256 == Revision.content_sha256,
        ContentCheck.verdict == "pass",
    )
    return list(
        session.scalars(
            select(Work.id)
            .outerjoin(Revision, Revision.id == Work.live_revision_id)
            .where(Work.state == "published", or_(Revision.id.is_(None), ~passing))
        )
    )


def list_kept(session: Session, work_ids: list[UUID]) -> list[Work]:
    """These works as far as they were ever live, newest first: for who keeps what left a column."""
    kept = select(Work).where(Work.id.in_(work_ids), Work.live_revision_id.is_not(None))
    return newest_first(session, kept, LISTED_MAX, 0) if work_ids else []


def _not_discarded() -> ColumnElement[bool]:
    return or_(Work.state != "withdrawn", Work.live_revision_id.is_not(None))
