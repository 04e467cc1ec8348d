"""Looking through published works: the newest first, a page after the other, or by their words."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from creator_tools.kernel import searching
from creator_tools.works.models import Work
from creator_tools.works.queries.standings import stands_in

LISTED_MAX = 100
CANDIDATES = 50


def list_published_of_creator(
    session: Session, creator_id: UUID, *, after: UUID | None = None, limit: int = LISTED_MAX
) -> list[Work]:
    """The published works of a creator in all columns, newest first, as in `list_published`."""
    published = select(Work).where(Work.creator_id == creator_id, Work.state == "published")
    return newest_first(session, published.where(*older_than(after)), limit, 0)


def neighbours(session: Session, work_id: UUID, column_id: UUID) -> tuple[Work | None, Work | None]:
    """The published works of a column right before and right after this one."""
    published = select(Work).where(stands_in(column_id), Work.state == "published")
    before = newest_first(session, published.where(*older_than(work_id)), 1, 0)
    mark = aliased(Work)
    known = select(mark.published_at, mark.id).where(mark.id == work_id).scalar_subquery()
    newer = published.where(tuple_(Work.published_at, Work.id) > known)
    after = session.scalars(newer.order_by(Work.published_at, Work.id).limit(1)).first()
    return (before[0] if before else None), after


@dataclass(frozen=True)
class FoundWork:
    """A work that was found, and the words of it that everybody may read."""

    work: Work
    text: str


def search(
    session: Session, query: searching.Query, *, after: UUID | None = None, limit: int = 20
) -> list[FoundWork]:
    """Published works that hold every word in their title or free part, newest first.

    Args:
        after: the work that ended the page before; one that is gone begins anew.
    """
    found: list[FoundWork] = []
    while query.grams and len(found) < limit:
        published = select(Work).where(Work.state == "published", *older_than(after))
        newest = published.order_by(Work.published_at.desc(), Work.id.desc())
        candidates = searching.candidates(newest, Work.id, "work", query)
        rows = session.execute(candidates.limit(CANDIDATES)).all()
        found += [FoundWork(work, text) for work, text in rows if query.stands_in(text)]
        if len(rows) < CANDIDATES:
            break
        after = rows[-1][0].id
    return found[:limit]


def older_than(work_id: UUID | None) -> tuple[ColumnElement[bool], ...]:
    """The condition that a work comes after this one in a list of the newest; none without one."""
    if work_id is None:
        return ()
    mark = aliased(Work)
    known = select(mark.published_at, mark.id).where(mark.id == work_id)
    is_older = tuple_(Work.published_at, Work.id) < known.scalar_subquery()
    return (or_(~exists().where(mark.id == work_id), is_older),)


def newest_first(session: Session, published: Select[Work], limit: int, offset: int) -> list[Work]:
    """What this statement selects, in the order in which readers see it."""
    ordered = published.order_by(Work.published_at.desc(), Work.id.desc())
    return list(session.scalars(ordered.limit(limit).offset(offset)))
