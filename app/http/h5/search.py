"""Looking for creators, columns and works by their words; only what everybody may read is asked."""

from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, Response, make_response, render_template, request
from sqlalchemy.orm import Session

from app.http.h5.reading import asked_after
from app.http.h5.visit import to_sign_in, viewer_of, wants_recognising
from app.http.needs import HttpWiring
from app.http.shelf import ListedWork, Shelf
from creator_tools.columns import queries as columns
from creator_tools.creators import queries as creators
from creator_tools.kernel import searching
from creator_tools.kernel.searching import Piece
from creator_tools.works import queries as works

PAGE_WORKS = 20


@dataclass(frozen=True)
class Hit:
    """A creator or a column that was found, quoted with its hits marked."""

    path: str
    title: list[Piece]
    quotation: list[Piece]


@dataclass(frozen=True)
class WorkHit:
    """A work that was found, and whether this viewer may read all of it."""

    work: ListedWork
    title: list[Piece]
    quotation: list[Piece]
    column_title: str


@dataclass(frozen=True)
class Found:
    """One page of what was found; creators and columns stand on the first."""

    typed: str
    creators: list[Hit]
    columns: list[Hit]
    works: list[WorkHit]
    more: UUID | None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was found at all."""
        return not (self.creators or self.columns or self.works)


def register(pages: Blueprint, wiring: HttpWiring) -> None:
    """Hang this door."""

    @pages.get("/h5/search")
    def search() -> Response:
        viewer = viewer_of(wiring)
        if wants_recognising(viewer):
            return to_sign_in()
        typed = request.args.get("q", "").strip()[: searching.QUERY_CHARS_MAX]
        with wiring.units.reading() as session:
            found = _find(Shelf(wiring, session, viewer), session, typed, asked_after())
        return make_response(render_template("h5/search.html", found=found))


def _find(shelf: Shelf, session: Session, typed: str, after: UUID | None) -> Found:
    query = searching.read_query(typed)
    people: list[Hit] = []
    series: list[Hit] = []
    if after is None:
        people = [
            Hit(f"/h5/creators/{one.creator.handle}", *_quoted(one.text, query))
            for one in creators.search(session, query)
        ]
        series = [
            Hit(f"/h5/columns/{one.column.id}", *_quoted(one.text, query))
            for one in columns.search(session, query)
        ]
    hits = works.search(session, query, after=after, limit=PAGE_WORKS + 1)
    more = hits[PAGE_WORKS - 1].work.id if len(hits) > PAGE_WORKS else None
    hits = hits[:PAGE_WORKS]
    listed = shelf.listed(hit.work for hit in hits)
    found = [
        WorkHit(work, *_quoted(hit.text, query), columns.get(session, work.column_id).title)
        for work, hit in zip(listed, hits, strict=True)
    ]
    return Found(typed, people, series, found, more)


def _quoted(text: str, query: searching.Query) -> tuple[list[Piece], list[Piece]]:
    title, _, rest = text.partition("\n")
    return searching.quote(title, query, around=40), searching.quote(rest, query)
