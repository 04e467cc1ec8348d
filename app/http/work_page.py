"""A work as one viewer sees it, put together for pages and JSON from one look at it.

The gate itself is in `access`; what it did not open is not in this process.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from app.http.needs import HttpWiring
from creator_tools.access.queries import OpenedWork, ReadWork
from creator_tools.kernel.business_day import business_day_of
from creator_tools.media import queries as media_queries
from creator_tools.works import queries as works


class OnSale(Protocol):
    """What an offer must know of a product."""

    @property
    def id(self) -> UUID:
        """The product."""

    @property
    def kind(self) -> str:
        """What it opens."""

    @property
    def title(self) -> str:
        """Its name."""

    @property
    def term_days(self) -> int | None:
        """For how long, or None for ever."""

    @property
    def price_fen(self) -> int:
        """Its price."""


@dataclass(frozen=True)
class Offer:
    """Something that can be bought; the price only where it may be shown."""

    id: UUID
    kind: str
    title: str
    term_days: int | None
    price_fen: int | None


@dataclass(frozen=True)
class ShownFile:
    """A file of a work. Of a locked one only the kind and the length are told, and the title and
    size where its creator chose so; never a waveform, a still or an address."""

    id: UUID
    kind: str
    title: str | None
    size_bytes: int | None
    duration_ms: int | None
    unlocked: bool
    plays: bool = False
    has_poster: bool = False
    peaks: tuple[int, ...] = ()


@dataclass(frozen=True)
class WorkPage:
    """A work as one viewer sees it; `html` is None while it is locked."""

    id: UUID
    title: str
    column_id: UUID
    creator_id: UUID
    unlocked: bool
    may_show_price: bool
    preview_html: str
    html: str | None
    offers: list[Offer]
    files: list[ShownFile] = field(default_factory=list)
    is_entitled: bool = False


def may_show_price(wiring: HttpWiring, surface: str, device: str, now: datetime) -> bool:
    """Whether the dated table lets a price be seen on this surface with this device."""
    day = business_day_of(now)
    return wiring.rails.decide(surface, device, "virtual", day).may_show_price


def page_of(read: ReadWork, files: list[ShownFile], is_price_shown: bool) -> WorkPage:
    """The work as it was read."""
    opened = read.opened
    return WorkPage(
        id=opened.id,
        title=opened.title,
        column_id=opened.column_id,
        creator_id=opened.creator_id,
        unlocked=opened.unlocked,
        may_show_price=is_price_shown,
        preview_html=opened.preview_html,
        html=opened.html if opened.unlocked else None,
        offers=offers_of(read.offers, is_price_shown),
        files=files,
        is_entitled=opened.is_entitled,
    )


def offers_of(listed: Iterable[OnSale], is_price_shown: bool) -> list[Offer]:
    """What can be bought, without its price where none may be seen."""
    return [
        Offer(one.id, one.kind, one.title, one.term_days, one.price_fen if is_price_shown else None)
        for one in listed
    ]


def files_of(session: Session, opened: OpenedWork) -> list[ShownFile]:
    """The files of a work as far as it is opened; one that carries nothing costs no query."""
    if not opened.attachments_count:
        return []
    attached = works.list_attached_to(session, opened.revision_id)
    return [_shown_file(one, unlocked=opened.unlocked) for one in attached]


def _shown_file(attached: works.Attached, *, unlocked: bool) -> ShownFile:
    media, is_told = attached.media, unlocked or attached.is_teased
    shown = ShownFile(
        id=attached.attachment_id,
        kind=media.kind,
        title=attached.title if is_told else None,
        size_bytes=media_queries.whole(media).size_bytes if is_told else None,
        duration_ms=media.duration_ms,
        unlocked=unlocked,
    )
    if not unlocked:
        return shown
    return replace(
        shown,
        plays=media_queries.plays(media),
        has_poster=media.poster_size_bytes is not None,
        peaks=tuple(media.peaks or ()),
    )
