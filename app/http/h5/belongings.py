"""What a visitor has bought."""

from uuid import UUID

from flask import Blueprint, Response, make_response, render_template
from sqlalchemy.orm import Session

from app.http.errors import SignInRequired
from app.http.h5.orders import path_of
from app.http.h5.visit import to_sign_in, viewer_of, wants_recognising
from app.http.needs import HttpWiring
from creator_tools.access import queries as access
from creator_tools.columns import queries as columns
from creator_tools.works import queries as works


def register(pages: Blueprint, wiring: HttpWiring) -> None:
    """Hang these doors."""

    @pages.get("/h5/me")
    def show_mine() -> Response:
        viewer = viewer_of(wiring)
        if wants_recognising(viewer):
            return to_sign_in()
        if viewer.person_id is None:
            raise SignInRequired
        with wiring.units.reading() as session:
            held = access.list_entitlements(session, viewer.person_id, wiring.units.clock.now())
            owned = [
                {
                    "title": _title_of(session, one.object_type, one.object_id),
                    "path": path_of(one.object_type, one.object_id),
                    "until": one.ends_at,
                    "is_column": one.object_type == "column",
                }
                for one in held
            ]
        html = render_template("h5/me.html", owned=owned)
        return make_response(html)


def _title_of(session: Session, object_type: str, object_id: UUID) -> str:
    if object_type == "work":
        return works.get(session, object_id).title
    return columns.get(session, object_id).title
