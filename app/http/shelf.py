"""What a visitor may see of a creator, a column or a work, put together once for pages and JSON.

The gate itself is in `access`: this only asks it, and asks the dated table whether a price may be
shown on this surface and device.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Protocol
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.http.errors import NothingHere
from app.http.needs import HttpWiring
from app.http.work_page import Offer, WorkPage, files_of, may_show_price, offers_of, page_of
from creator_tools.access import queries as access
from creator_tools.catalogue import queries as catalogue
from creator_tools.columns import queries as columns
from creator_tools.creators import queries as creators
from creator_tools.fan_groups import queries as fan_groups
from creator_tools.people.queries import SignedIn
from creator_tools.works import queries as works


class Listable(Protocol):
    """What a list must know of a work."""

    @property
    def id(self) -> UUID:
        """The work."""

    @property
    def title(self) -> str:
        """As readers see it."""

    @property
    def is_free(self) -> bool:
        """Whether everybody may read all of it."""

    @property
    def column_id(self) -> UUID:
        """The column in which it stands."""

    @property
    def creator_id(self) -> UUID:
        """Whose it is."""

    @property
    def published_at(self) -> datetime | None:
        """When readers first saw it."""


@dataclass(frozen=True)
class Viewer:
    """Who looks, from which surface, on what seems to be which device."""

    signed_in: SignedIn | None
    surface: str
    device: str

    @property
    def person_id(self) -> UUID | None:
        """The person, if somebody signed in."""
        return self.signed_in.person_id if self.signed_in else None


@dataclass(frozen=True)
class ListedWork:
    """A work in a list: its title, and whether this viewer may read all of it.

    `cover`: the hash of a picture that everybody may see.
    """

    id: UUID
    title: str
    unlocked: bool
    is_free: bool
    column_id: UUID
    published_at: datetime | None
    cover: str | None


@dataclass(frozen=True)
class ListedColumn:
    """A column in a list."""

    id: UUID
    title: str
    introduction: str


@dataclass(frozen=True)
class CreatorPage:
    """A creator and the open columns."""

    id: UUID
    handle: str
    name: str
    introduction: str
    columns: list[ListedColumn]


@dataclass(frozen=True)
class ColumnPage:
    """A column as one viewer sees it."""

    id: UUID
    title: str
    introduction: str
    field_kind: str
    field_name: str
    promise: str
    creator_handle: str
    creator_name: str
    is_owned: bool
    may_show_price: bool
    works: list[ListedWork]
    offers: list[Offer]
    fan_groups: list[tuple[UUID, str, str]]


@dataclass(frozen=True)
class FramedWork:
    """A work with the names around it, for a page."""

    work: WorkPage
    column_title: str
    creator_handle: str
    creator_name: str


class Shelf:
    """Reads for one viewer in one session."""

    def __init__(self, wiring: HttpWiring, session: Session, viewer: Viewer) -> None:
        self._units = wiring.units
        self._session = session
        self._viewer = viewer
        self._now = wiring.units.clock.now()
        self.may_show_price = may_show_price(wiring, viewer.surface, viewer.device, self._now)

    def doors_of(self, column_id: UUID) -> list[tuple[str, str]]:
        """The groups of a column, by name and code, whose doors would open to this viewer now.

        To a stranger that is what asks for nothing.
        """
        person_id = self._viewer.person_id
        return [
            (group.name, group.code)
            for group in fan_groups.list_of_column(self._session, column_id)
            if fan_groups.would_let_in(self._session, group, person_id, self._now)
        ]

    def creator(self, handle: str) -> CreatorPage:
        """The creator with this handle.

        Raises:
            NothingHere: there is none.
        """
        creator = creators.find_by_handle(self._session, handle)
        if creator is None:
            raise NothingHere
        listed = [
            ListedColumn(column.id, column.title, column.introduction)
            for column in columns.list_of_creator(self._session, creator.id)
            if column.state != "closed"
        ]
        return CreatorPage(creator.id, creator.handle, creator.name, creator.introduction, listed)

    def creators(self) -> list[CreatorPage]:
        """Every active creator who has an open column."""
        pages = [
            self.creator(creator.handle)
            for creator in creators.list_all(self._session)
            if creator.state == "active"
        ]
        return [page for page in pages if page.columns]

    def column(
        self, column_id: UUID, *, after: UUID | None = None, limit: int = works.LISTED_MAX
    ) -> ColumnPage:
        """The column with this id, its works, offers and groups.

        Args:
            after: the work that ended the page before.

        Raises:
            ColumnNotFound: there is none.
        """
        column = columns.get(self._session, column_id)
        creator = creators.get(self._session, column.creator_id)
        standing = works.list_published(self._session, column.id, after=after, limit=limit)
        listed = self.listed(standing)
        if after is None:
            # Room for one more stays free: a full page would promise another.
            listed += self.listed(self._kept(column.id)[: max(0, limit - 1 - len(standing))])
        groups = fan_groups.list_of_column(self._session, column.id)
        return ColumnPage(
            id=column.id,
            title=column.title,
            introduction=column.introduction,
            field_kind=column.field_kind,
            field_name=column.field_name,
            promise=_promise(column.promised_cadence, column.promised_count),
            creator_handle=creator.handle,
            creator_name=creator.name,
            is_owned=self._has_column(column.id, column.creator_id),
            may_show_price=self.may_show_price,
            works=listed,
            offers=self._column_offers(column.id),
            fan_groups=[(group.id, group.name, group.code) for group in groups],
        )

    def work(self, work_id: UUID) -> WorkPage:
        """The work with this id; what is locked never reaches this process.

        Raises:
            NothingHere: there is none that this viewer may see.
        """
        read = access.glance_at_work(
            self._units, work_id=work_id, person_id=self._viewer.person_id, now=self._now
        )
        if read is None:
            raise NothingHere
        return page_of(read, files_of(self._session, read.opened), self.may_show_price)

    def framed_work(self, work_id: UUID) -> FramedWork:
        """As `work`, with the names of its column and creator."""
        work = self.work(work_id)
        column = columns.get(self._session, work.column_id)
        creator = creators.get(self._session, work.creator_id)
        return FramedWork(work, column.title, creator.handle, creator.name)

    def _column_offers(self, column_id: UUID) -> list[Offer]:
        listed = catalogue.list_of_column(self._session, column_id)
        return offers_of(listed, self.may_show_price)

    def listed(self, found: Iterable[Listable]) -> list[ListedWork]:
        """Works for a list, each with whether this viewer may read all of it."""
        shown = list(found)
        ids = [work.id for work in shown]
        opened = self._opened(ids)
        covers = works.list_covers(self._session, ids)
        return [
            ListedWork(
                work.id,
                work.title,
                work.is_free or work.id in opened or work.creator_id == self._own_creator_id,
                work.is_free,
                work.column_id,
                work.published_at,
                covers.get(work.id),
            )
            for work in shown
        ]

    def _opened(self, work_ids: list[UUID]) -> set[UUID]:
        person_id = self._viewer.person_id
        if person_id is None:
            return set()
        return access.list_opened(
            self._session, person_id=person_id, work_ids=work_ids, now=self._now
        )

    def _kept(self, column_id: UUID) -> Sequence[Listable]:
        """What left this column and was sold to the viewer before."""
        person_id = self._viewer.person_id
        if person_id is None:
            return []
        kept = access.list_kept(
            self._session, person_id=person_id, column_id=column_id, now=self._now
        )
        return works.list_kept(self._session, kept)

    def _has_column(self, column_id: UUID, creator_id: UUID) -> bool:
        return ("column", column_id) in self._owned or creator_id == self._own_creator_id

    @cached_property
    def _owned(self) -> frozenset[tuple[str, UUID]]:
        if self._viewer.person_id is None:
            return frozenset()
        held = access.list_entitlements(self._session, self._viewer.person_id, self._now)
        return frozenset((one.object_type, one.object_id) for one in held)

    @cached_property
    def _own_creator_id(self) -> UUID | None:
        if self._viewer.person_id is None:
            return None
        author = creators.find_by_person(self._session, self._viewer.person_id)
        return author.id if author is not None else None


def _promise(cadence: str, count: int) -> str:
    if not count:
        return cadence
    return str(_("%(cadence)s，共 %(count)s 篇", cadence=cadence, count=count))
