"""What a visitor has bought."""

from uuid import UUID

from flask import Blueprint, Response, make_response, render_template
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.http.errors import SignInRequired
from app.http.h5.visit import form_token, to_sign_in, viewer_of, wants_recognising
from app.http.needs import HttpWiring
from creator_tools.access import queries as access
from creator_tools.columns import queries as columns
from creator_tools.orders import queries as orders
from creator_tools.works import queries as works

_SHOWN_STATES = {
    "pending": _l("待支付"),
    "paid": _l("已支付"),
    "closed": _l("已关闭"),
    "refunded": _l("已退款"),
}


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
                    "path": f"/h5/{one.object_type}s/{one.object_id}",
                    "until": one.ends_at,
                }
                for one in held
            ]
            placed = [
                {
                    "path": f"/h5/orders/{order.id}",
                    "title": orders.lines_of(session, order.id)[0].title,
                    "shown": _SHOWN_STATES[order.state],
                }
                for order in orders.list_of_person(session, viewer.person_id, limit=20)
            ]
        html = render_template(
            "h5/me.html", owned=owned, placed=placed, csrf_token=form_token(wiring)
        )
        return make_response(html)


def _title_of(session: Session, object_type: str, object_id: UUID) -> str:
    if object_type == "work":
        return works.get(session, object_id).title
    return columns.get(session, object_id).title
