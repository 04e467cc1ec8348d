"""Pages to read: all creators, one creator, one column, one work."""

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from flask import Blueprint, Response, make_response, render_template

from app.http.errors import known_id
from app.http.h5.visit import form_token, to_sign_in, viewer_of, wants_recognising
from app.http.needs import HttpWiring
from app.http.shelf import Shelf
from creator_tools.messaging import queries as messaging

Page = TypeVar("Page")


def register(pages: Blueprint, wiring: HttpWiring) -> None:
    """Hang these doors."""

    def show(
        template: str,
        read: Callable[[Shelf], Page],
        column_of: Callable[[Page], UUID] | None = None,
    ) -> Response:
        viewer = viewer_of(wiring)
        if wants_recognising(viewer):
            return to_sign_in()
        with wiring.units.reading() as session:
            page = read(Shelf(wiring, session, viewer))
            door = None
            if column_of is not None and viewer.person_id is not None:
                door = messaging.find_group_door(
                    session,
                    person_id=viewer.person_id,
                    column_id=column_of(page),
                    now=wiring.units.clock.now(),
                )
        html = render_template(
            template, page=page, viewer=viewer, door=door, csrf_token=form_token(wiring)
        )
        return make_response(html)

    @pages.get("/h5/")
    def browse() -> Response:
        return show("h5/browse.html", lambda shelf: shelf.creators())

    @pages.get("/h5/creators/<handle>")
    def show_creator(handle: str) -> Response:
        return show("h5/creator.html", lambda shelf: shelf.creator(handle))

    @pages.get("/h5/columns/<column_id>")
    def show_column(column_id: str) -> Response:
        found = known_id(column_id)
        return show("h5/column.html", lambda shelf: shelf.column(found), lambda page: page.id)

    @pages.get("/h5/works/<work_id>")
    def show_work(work_id: str) -> Response:
        found = known_id(work_id)
        return show(
            "h5/work.html", lambda shelf: shelf.framed_work(found), lambda page: page.work.column_id
        )
