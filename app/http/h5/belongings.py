"""What a visitor has bought, and the door of a fan group."""

from uuid import UUID

from flask import Blueprint, Response, make_response, render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.http import sessions
from app.http.errors import NothingHere, SignInRequired, refusal_of
from app.http.h5.visit import form_token, to_sign_in, viewer_of, wants_recognising
from app.http.needs import HttpWiring
from app.http.shelf import Viewer
from creator_tools.access import queries as access
from creator_tools.columns import queries as columns
from creator_tools.fan_groups import queries as fan_group_queries
from creator_tools.fan_groups import service as fan_groups
from creator_tools.fan_groups.errors import NoDoorOpen, NotEntitled
from creator_tools.kernel.business_day import business_day_of
from creator_tools.kernel.unit_of_work import UnitOfWork
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

    _register_door(pages, wiring)


def _register_door(pages: Blueprint, wiring: HttpWiring) -> None:
    @pages.get("/g/<code>")
    def show_door(code: str) -> Response:
        viewer = viewer_of(wiring)
        if wants_recognising(viewer):
            return to_sign_in()
        with wiring.units.reading() as session:
            group = fan_group_queries.find_by_code(session, code)
            if group is None:
                raise NothingHere
            group_id, name, column_id = group.id, group.name, group.column_id
        if viewer.signed_in is None:
            raise SignInRequired
        person_id = viewer.signed_in.person_id

        def seat(uow: UnitOfWork) -> str:
            return fan_groups.door(uow, fan_group_id=group_id, person_id=person_id)

        try:
            url = wiring.units.run("fan_groups.seat", seat, sessions.actor_of(viewer.signed_in))
        except (NotEntitled, NoDoorOpen) as refused:
            detail = refusal_of(refused).detail
            if isinstance(refused, NotEntitled) and not _may_show_price(wiring, viewer):
                # Where nothing may be sold, no sentence may speak of buying either.
                detail = _("这个群面向专栏的读者开放。")
            html = render_template(
                "h5/door.html", name=name, url=None, detail=detail, column_id=column_id
            )
            return make_response(html, refusal_of(refused).status)
        html = render_template("h5/door.html", name=name, url=url, detail=None, column_id=column_id)
        return make_response(html)


def _may_show_price(wiring: HttpWiring, viewer: Viewer) -> bool:
    day = business_day_of(wiring.units.clock.now())
    return wiring.rails.decide(viewer.surface, viewer.device, "virtual", day).may_show_price


def _title_of(session: Session, object_type: str, object_id: UUID) -> str:
    if object_type == "work":
        return works.get(session, object_id).title
    return columns.get(session, object_id).title
