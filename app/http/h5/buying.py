"""Buying on a page: one tap makes a quote and an order, WeChat takes the money, the page waits."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request
from flask_babel import lazy_gettext as _l

from app.http import csrf, sessions
from app.http.device import device_of
from app.http.errors import NothingHere, SignInRequired, known_id
from app.http.h5.visit import SURFACE, form_token, to_sign_in, viewer_of, wants_recognising
from app.http.needs import HttpWiring
from creator_tools.catalogue import service as catalogue
from creator_tools.kernel.business_day import business_day_of
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.orders import queries as orders
from creator_tools.people.queries import SignedIn

_SHOWN_STATES = {
    "pending": _l("支付确认中…"),
    "paid": _l("已支付"),
    "closed": _l("已关闭"),
    "refunded": _l("已退款"),
}


def register(pages: Blueprint, wiring: HttpWiring) -> None:
    """Hang these doors."""

    @pages.post("/h5/products/<product_id>/buy")
    def buy(product_id: str) -> Response:
        csrf.check(wiring.secret_key, sessions.cookie_token(wiring), wiring.public_base_url)
        signed_in = _visitor(wiring)
        placed = _place(wiring, signed_in, known_id(product_id))
        if request.accept_mimetypes.best == "application/json":
            return jsonify(placed)
        # Without scripts WeChat's pay sheet cannot be opened; the order's page says what to do.
        return make_response(redirect(f"/h5/orders/{placed['order_id']}", 303))

    @pages.get("/h5/orders/<order_id>")
    def show_order(order_id: str) -> Response:
        found = known_id(order_id)
        viewer = viewer_of(wiring)
        if wants_recognising(viewer):
            return to_sign_in()
        signed_in = _visitor(wiring)
        state = wiring.checkout.state_of(signed_in, found)
        with wiring.units.reading() as session:
            lines = [
                {"title": line.title, "path": _path_of(line.object_type, line.object_id)}
                for line in orders.lines_of(session, found)
            ]
        html = render_template(
            "h5/order.html",
            state=state,
            shown=_SHOWN_STATES[state["state"]],
            lines=lines,
            may_show_price=_may_show_price(wiring),
            csrf_token=form_token(wiring),
        )
        return make_response(html)

    @pages.get("/h5/orders/<order_id>/state")
    def tell_state(order_id: str) -> Response:
        state = wiring.checkout.state_of(_visitor(wiring), known_id(order_id))
        return jsonify({"order_id": state["order_id"], "state": state["state"]})


def _place(wiring: HttpWiring, signed_in: SignedIn, product_id: UUID) -> dict[str, Any]:
    device = device_of(request.headers.get("User-Agent", ""))

    def quote(uow: UnitOfWork) -> UUID:
        made = catalogue.quote(
            uow,
            product_id=product_id,
            person_id=signed_in.person_id,
            account_id=signed_in.account_id,
            surface=signed_in.surface,
            device=device,
            policy=wiring.rails,
        )
        return made.id

    quote_id = wiring.units.run("catalogue.quote", quote, sessions.actor_of(signed_in))
    return wiring.checkout.place(
        signed_in, quote_id=quote_id, idempotency_key=f"h5-{quote_id}", login_code=None
    )


def _visitor(wiring: HttpWiring) -> SignedIn:
    signed_in = sessions.visitor(wiring)
    if signed_in is None:
        raise SignInRequired
    if signed_in.surface != SURFACE:
        # A mini-program session does not shop on these pages; they belong to another account.
        raise NothingHere
    return signed_in


def _may_show_price(wiring: HttpWiring) -> bool:
    device = device_of(request.headers.get("User-Agent", ""))
    day = business_day_of(wiring.units.clock.now())
    return wiring.rails.decide(SURFACE, device, "virtual", day).may_show_price


def _path_of(object_type: str, object_id: UUID) -> str:
    return f"/h5/{'works' if object_type == 'work' else 'columns'}/{object_id}"
