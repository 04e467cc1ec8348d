"""A visitor's orders: the list, what became of one, and the receipt of one that was paid."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import Blueprint, Response, jsonify, make_response, render_template
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.http import sessions
from app.http.errors import NothingHere, SignInRequired, known_id
from app.http.h5.reading import asked_after
from app.http.h5.visit import (
    SURFACE,
    form_token,
    may_show_price,
    to_sign_in,
    viewer_of,
    wants_recognising,
)
from app.http.needs import HttpWiring
from creator_tools.creators import queries as creators
from creator_tools.messaging import queries as messaging
from creator_tools.orders import queries as orders
from creator_tools.people.queries import SignedIn
from creator_tools.refunds import queries as refunds

PAGE_ORDERS = 20
STATES = {
    "pending": _l("待支付"),
    "paid": _l("已支付"),
    "closed": _l("已关闭"),
    "refunded": _l("已退款"),
}
RAILS = {
    "jsapi": _l("微信支付"),
    "xpay_android": _l("小程序虚拟支付（安卓）"),
    "xpay_ios": _l("小程序虚拟支付（苹果）"),
    "free": _l("免费领取"),
}


@dataclass(frozen=True)
class Bought:
    """One line of an order."""

    title: str
    path: str


@dataclass(frozen=True)
class Receipt:
    """What a paid order shows to its buyer; the amount only where one may be shown."""

    id: UUID
    number: str
    state: str
    rail: str
    seller: str
    seller_path: str
    amount_fen: int | None
    payment_ref: str | None
    placed_at: datetime
    paid_at: datetime | None
    lines: list[Bought]


def register(pages: Blueprint, wiring: HttpWiring) -> None:
    """Hang these doors."""

    @pages.get("/h5/orders")
    def list_orders() -> Response:
        viewer = viewer_of(wiring)
        if wants_recognising(viewer):
            return to_sign_in()
        signed_in = visitor(wiring)
        with wiring.units.reading() as session:
            placed = orders.list_of_person(
                session, signed_in.person_id, before=asked_after(), limit=PAGE_ORDERS + 1
            )
            more = placed[PAGE_ORDERS - 1].id if len(placed) > PAGE_ORDERS else None
            shown = [(one, orders.lines_of(session, one.id)[0].title) for one in placed]
        html = render_template(
            "h5/orders.html",
            placed=shown[:PAGE_ORDERS],
            more=more,
            states=STATES,
            may_show_price=may_show_price(wiring, viewer),
        )
        return make_response(html)

    @pages.get("/h5/orders/<order_id>")
    def show_order(order_id: str) -> Response:
        return _show(wiring, known_id(order_id), "h5/order.html")

    @pages.get("/h5/orders/<order_id>/receipt")
    def show_receipt(order_id: str) -> Response:
        return _show(wiring, known_id(order_id), "h5/receipt.html", only=("paid", "refunded"))

    @pages.get("/h5/orders/<order_id>/state")
    def tell_state(order_id: str) -> Response:
        state = wiring.checkout.state_of(visitor(wiring), known_id(order_id))
        return jsonify({"order_id": state["order_id"], "state": state["state"]})


def visitor(wiring: HttpWiring) -> SignedIn:
    """Who is signed in on these pages.

    Raises:
        SignInRequired: nobody.
        NothingHere: a session of the mini-program, which belongs to another account.
    """
    signed_in = sessions.visitor(wiring)
    if signed_in is None:
        raise SignInRequired
    if signed_in.surface != SURFACE:
        raise NothingHere
    return signed_in


def read_receipt(
    session: Session, order_id: UUID, person_id: UUID, *, with_amount: bool
) -> Receipt:
    """What a person's own order says of itself.

    Raises:
        OrderNotFound: there is none that this person placed.
    """
    order = orders.get_of_person(session, order_id, person_id)
    payment = orders.settled_payment(session, order_id)
    seller = creators.get(session, order.creator_id)
    return Receipt(
        id=order.id,
        number=order.trade_no,
        state=order.state,
        rail=payment.rail if payment is not None else order.rail,
        seller=seller.name,
        seller_path=f"/h5/creators/{seller.handle}",
        amount_fen=order.amount_fen if with_amount else None,
        payment_ref=payment.payment_ref if payment is not None else None,
        placed_at=order.created_at,
        paid_at=order.paid_at,
        lines=[
            Bought(one.title, path_of(one.object_type, one.object_id))
            for one in orders.lines_of(session, order_id)
        ],
    )


def path_of(object_type: str, object_id: UUID) -> str:
    """Where a bought thing is read."""
    return f"/h5/{'works' if object_type == 'work' else 'columns'}/{object_id}"


def _show(
    wiring: HttpWiring, order_id: UUID, template: str, only: tuple[str, ...] | None = None
) -> Response:
    viewer = viewer_of(wiring)
    if wants_recognising(viewer):
        return to_sign_in()
    signed_in = visitor(wiring)
    # Asks the rail when that is due, so that who looks at the page is not kept waiting.
    state = wiring.checkout.state_of(signed_in, order_id)["state"]
    if only is not None and state not in only:
        raise NothingHere
    with wiring.units.reading() as session:
        receipt = read_receipt(
            session,
            order_id,
            signed_in.person_id,
            with_amount=may_show_price(wiring, viewer),
        )
        notice = messaging.paid_notice(session, order_id, wiring.units.clock.now())
        given_back = refunds.list_of_order(session, order_id)
    html = render_template(
        template,
        receipt=receipt,
        states=STATES,
        rails=RAILS,
        refund=given_back[0] if given_back else None,
        door=notice.door if notice is not None and state == "paid" else None,
        csrf_token=form_token(wiring),
    )
    return make_response(html)
