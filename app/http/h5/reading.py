"""Pages to read: all creators, one creator, one column, one work."""

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from flask import Blueprint, Response, make_response, render_template, request
from sqlalchemy.orm import Session

from app.http.errors import known_id
from app.http.h5 import sharing
from app.http.h5.leafing import (
    ColumnLeaf,
    CreatorLeaf,
    WorkLeaf,
    column_leaf,
    creator_leaf,
    work_leaf,
)
from app.http.h5.visit import form_token, to_sign_in, viewer_of, wants_recognising
from app.http.needs import HttpWiring
from app.http.openings import note_opening
from app.http.shelf import Shelf, Viewer
from creator_tools.kernel.database import as_uuid
from creator_tools.messaging import queries as messaging
from creator_tools.messaging.queries import GroupDoor

Leaf = TypeVar("Leaf", CreatorLeaf, ColumnLeaf, WorkLeaf)


def register(pages: Blueprint, wiring: HttpWiring) -> None:
    """Hang these doors."""

    @pages.get("/h5/")
    def browse() -> Response:
        viewer = viewer_of(wiring)
        if wants_recognising(viewer):
            return to_sign_in()
        with wiring.units.reading() as session:
            page = Shelf(wiring, session, viewer).creators()
        return make_response(render_template("h5/browse.html", page=page, viewer=viewer))

    @pages.get("/h5/creators/<handle>")
    def show_creator(handle: str) -> Response:
        return _show(
            wiring,
            "h5/creator.html",
            lambda shelf, session: creator_leaf(shelf, session, handle, asked_after()),
        )

    @pages.get("/h5/columns/<column_id>")
    def show_column(column_id: str) -> Response:
        found = known_id(column_id)
        return _show(
            wiring,
            "h5/column.html",
            lambda shelf, session: column_leaf(shelf, session, found, asked_after()),
            lambda leaf: (leaf.page.id,),
        )

    @pages.get("/h5/works/<work_id>")
    def show_work(work_id: str) -> Response:
        found = known_id(work_id)
        return _show(
            wiring,
            "h5/work.html",
            lambda shelf, session: work_leaf(shelf, session, found, asked_after("column")),
            # Whoever bought this work alone belongs to the group of its home.
            lambda leaf: (leaf.column_id, leaf.page.work.column_id),
        )


def asked_after(name: str = "after") -> UUID | None:
    """The row that ended the page before; anything that is no id is as if it were not there."""
    return as_uuid(request.args.get(name, ""))


def _show(
    wiring: HttpWiring,
    template: str,
    read: Callable[[Shelf, Session], Leaf],
    columns_of: Callable[[Leaf], tuple[UUID, ...]] = lambda _leaf: (),
) -> Response:
    viewer = viewer_of(wiring)
    if wants_recognising(viewer):
        return to_sign_in()
    with wiring.units.reading() as session:
        leaf = read(Shelf(wiring, session, viewer), session)
        door = _door(wiring, session, viewer, columns_of(leaf))
    sharing.note_visit(wiring, viewer, leaf.shared)
    if isinstance(leaf, WorkLeaf):
        note_opening(wiring, viewer.signed_in, leaf.page.work)
    html = render_template(
        template,
        leaf=leaf,
        page=leaf.page,
        viewer=viewer,
        door=door,
        shared=leaf.shared,
        share_link=sharing.link_of(wiring, viewer, leaf.shared),
        csrf_token=form_token(wiring),
    )
    return make_response(html)


def _door(
    wiring: HttpWiring, session: Session, viewer: Viewer, column_ids: tuple[UUID, ...]
) -> GroupDoor | None:
    if viewer.person_id is None:
        return None
    for column_id in dict.fromkeys(column_ids):
        door = messaging.find_group_door(
            session,
            person_id=viewer.person_id,
            column_id=column_id,
            now=wiring.units.clock.now(),
        )
        if door is not None:
            return door
    return None
