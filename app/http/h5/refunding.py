"""Money back, as a fan sees it: what the terms give and why, the asking, and how it stands."""

import re
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from app.http import csrf, sessions
from app.http.errors import known_id
from app.http.h5.orders import visitor
from app.http.h5.visit import form_token, may_show_price, to_sign_in, viewer_of, wants_recognising
from app.http.needs import HttpWiring
from app.http.refund_words import said
from creator_tools.kernel.business_day import business_day_of
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.orders import queries as orders
from creator_tools.refunds import queries, service
from creator_tools.refunds.rules import ASKED_REASONS, RefundQuote

STATES = {
    "requested": _l("等待处理"),
    "approved": _l("已受理"),
    "sent": _l("退款中"),
    "abnormal": _l("退款遇到问题，运营正在处理"),
    "succeeded": _l("已退回"),
    "declined": _l("没有通过"),
    "failed": _l("没有成功"),
}
_LINE = re.compile(r"[0-9]{1,4}")


@dataclass(frozen=True)
class Wish:
    """Which of an order's lines may be asked for, and whether anything can come of it."""

    quote: RefundQuote
    many: bool


def register(pages: Blueprint, wiring: HttpWiring) -> None:
    """Hang these doors."""

    @pages.get("/h5/orders/<order_id>/refund")
    def show_refund(order_id: str) -> Response:
        viewer = viewer_of(wiring)
        if wants_recognising(viewer):
            return to_sign_in()
        known, signed_in = known_id(order_id), visitor(wiring)
        with wiring.units.reading() as session:
            order = orders.get_of_person(session, known, signed_in.person_id)
            past = queries.list_of_order(session, known)
            title = orders.lines_of(session, known)[0].title
            quote = None
            if order.state == "paid" and order.rail != "free" and not queries.are_underway(past):
                quote = queries.quote(session, order, wiring.units.clock.now())
        html = render_template(
            "h5/refund.html",
            order=order,
            title=title,
            past=past,
            wish=Wish(quote, len(quote.lines) > 1) if quote else None,
            states=STATES,
            reasons=ASKED_REASONS,
            said=said,
            may_show_price=may_show_price(wiring, viewer),
            csrf_token=form_token(wiring),
        )
        return make_response(html)

    @pages.post("/h5/orders/<order_id>/refund")
    def ask_refund(order_id: str) -> AnyResponse:
        csrf.check(wiring.secret_key, sessions.cookie_token(wiring), wiring.public_base_url)
        known, signed_in = known_id(order_id), visitor(wiring)

        def ask(uow: UnitOfWork) -> UUID:
            orders.get_of_person(uow.session, known, signed_in.person_id)
            return service.ask(
                uow,
                order_id=known,
                reason_code=request.form.get("reason", ""),
                words=request.form.get("words", ""),
                lines=_lines(),
            ).id

        wiring.units.run("refunds.ask", ask, sessions.actor_of(signed_in))
        return redirect(f"/h5/orders/{known}/refund", 303)

    pages.context_processor(lambda: {"refund_terms": _terms(wiring)})


def _terms(wiring: HttpWiring) -> dict[str, int]:
    return wiring.refund_terms.on(business_day_of(wiring.units.clock.now()))


def _lines() -> list[int] | None:
    """The lines that were ticked; None where the page had only one to offer."""
    if "many" not in request.form:
        return None
    return [int(one) for one in request.form.getlist("line") if _LINE.fullmatch(one)]
