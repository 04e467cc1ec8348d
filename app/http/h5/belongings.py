"""What a visitor has bought."""

from typing import Any
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
            now = wiring.units.clock.now()
            held = access.list_entitlements(session, viewer.person_id, now)
            run_out = access.list_run_out(session, viewer.person_id, now)
            html = render_template(
                "h5/me.html",
                owned=[_line(session, one) for one in held],
                run_out=[_line(session, one) for one in run_out],
            )
        return make_response(html)


def _line(session: Session, held: access.HeldEntitlement) -> dict[str, Any]:
    return {
        "title": _title_of(session, held.object_type, held.object_id),
        "path": path_of(held.object_type, held.object_id),
        "until": held.ends_at,
        "is_column": held.object_type == "column",
    }


def _title_of(session: Session, object_type: str, object_id: UUID) -> str:
    if object_type == "work":
        return works.get(session, object_id).title
    return columns.get(session, object_id).title
