"""What stands around a creator, a column and a work on a page: latest works, promise, neighbours.

The shelf says what a viewer may see; here it is put together for one page, a page at a time. What
takes no new readers says so (`standing`, empty where all is as usual) and offers nothing.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.http.h5.sharing import Shared, card_of
from app.http.shelf import ColumnPage, CreatorPage, FramedWork, Listable, ListedWork, Shelf
from app.http.work_page import Offer
from creator_tools.catalogue import queries as catalogue
from creator_tools.columns import queries as columns
from creator_tools.creators import queries as creators
from creator_tools.works import queries as works
from creator_tools.works.rules import text_of_html

LATEST = 10
LISTED = 30


@dataclass(frozen=True)
class CreatorLeaf:
    """A creator's page: the columns, the latest works of all of them, the groups."""

    page: CreatorPage
    latest: list[ListedWork]
    column_titles: dict[UUID, str]
    groups: list[tuple[str, str]]
    more: UUID | None
    standing: str
    shared: Shared


@dataclass(frozen=True)
class ColumnLeaf:
    """A column's page: how its promise is kept, and a page of its directory."""

    page: ColumnPage
    published_count: int
    promised_count: int
    cadence: str
    last_at: datetime | None
    more: UUID | None
    is_first: bool
    standing: str
    shared: Shared


@dataclass(frozen=True)
class WorkLeaf:
    """A work's page, and the works before and after it in the column the reader follows.

    That is the column they came by, if the work stands there, else its home.
    """

    page: FramedWork
    column_id: UUID
    column_title: str
    published_at: datetime | None
    is_free: bool
    older: ListedWork | None
    newer: ListedWork | None
    standing: str
    shared: Shared


def creator_leaf(shelf: Shelf, session: Session, handle: str, after: UUID | None) -> CreatorLeaf:
    """The page of the creator with this handle.

    Raises:
        NothingHere: there is none.
    """
    page = shelf.creator(handle)
    found = works.list_published_of_creator(session, page.id, after=after, limit=LATEST + 1)
    latest = shelf.listed(found[:LATEST])
    titles = {column.id: column.title for column in columns.list_of_creator(session, page.id)}
    groups = [door for column in page.columns for door in shelf.doors_of(column.id)]
    said = page.introduction or _("%(name)s 的专栏", name=page.name)
    return CreatorLeaf(
        page,
        latest,
        titles,
        groups,
        latest[-1].id if len(found) > LATEST else None,
        _standing_of_creator(session, page.id),
        card_of("creator", page.id, page.id, f"/h5/creators/{page.handle}", said),
    )


def column_leaf(shelf: Shelf, session: Session, column_id: UUID, after: UUID | None) -> ColumnLeaf:
    """The page of a column.

    Raises:
        ColumnNotFound: there is none.
    """
    page = shelf.column(column_id, after=after, limit=LISTED + 1)
    column = columns.get(session, column_id)
    latest = works.list_published(session, column_id, limit=1)
    more = page.works[LISTED - 1].id if len(page.works) > LISTED else None
    del page.works[LISTED:]
    standing = _standing_of_creator(session, column.creator_id)
    if column.state != "open":
        standing = standing or f"column_{column.state}"
    if standing:
        page = replace(page, offers=[])
    return ColumnLeaf(
        page,
        works.count_published(session, column_id),
        column.promised_count,
        column.promised_cadence,
        latest[0].published_at if latest else None,
        more,
        after is None,
        standing,
        card_of(
            "column",
            column_id,
            column.creator_id,
            f"/h5/columns/{column_id}",
            page.introduction or page.promise,
        ),
    )


def work_leaf(shelf: Shelf, session: Session, work_id: UUID, came_by: UUID | None) -> WorkLeaf:
    """The page of a work.

    Args:
        came_by: the column in whose list the reader found it; another one changes nothing.

    Raises:
        NothingHere: there is none that this viewer may see.
    """
    page = shelf.framed_work(work_id)
    work = works.get(session, work_id)
    followed, title = work.column_id, page.column_title
    if came_by is not None and works.has_stood_in(session, work_id, came_by):
        followed, title = came_by, columns.get(session, came_by).title
    older, newer = works.neighbours(session, work_id, followed)
    standing = _standing_of_creator(session, work.creator_id)
    offers = [] if standing else _buyable(session, page, work_id)
    if work.state != "published":
        standing = "work_withdrawn"
    return WorkLeaf(
        replace(page, work=replace(page.work, offers=offers)),
        followed,
        title,
        work.published_at,
        work.is_free,
        _one(shelf, older),
        _one(shelf, newer),
        standing,
        card_of(
            "work",
            work_id,
            work.creator_id,
            f"/h5/works/{work_id}",
            text_of_html(page.work.preview_html) or page.column_title,
            page.work.preview_html,
        ),
    )


def _standing_of_creator(session: Session, creator_id: UUID) -> str:
    return "" if creators.get(session, creator_id).state == "active" else "creator_paused"


def _buyable(session: Session, page: FramedWork, work_id: UUID) -> list[Offer]:
    """The offers of a work without those of columns that take no new readers."""
    work = page.work
    if work.unlocked or not work.offers:
        return work.offers
    around = (work.column_id, *works.list_standing(session, work_id))
    shut = [one for one in around if columns.get(session, one).state != "open"]
    refused = {product.id for one in shut for product in catalogue.list_of_column(session, one)}
    return [offer for offer in work.offers if offer.id not in refused]


def _one(shelf: Shelf, work: Listable | None) -> ListedWork | None:
    return shelf.listed([work])[0] if work is not None else None
