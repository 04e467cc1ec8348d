"""Orders: a list, a search by number, and one order's life with every posting."""

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from app.http.errors import known_id
from app.http.operator import asked
from app.http.operator.guard import needs
from app.http.operator.needs import DeskWiring
from app.http.refund_words import said
from creator_tools.insights import queries
from creator_tools.refunds.rules import ASKED_REASONS

_STATES = ("", "pending", "paid", "closed", "refunded")
_NUMBER_CHARS_MAX = 64


def hang(blueprint: Blueprint, wiring: DeskWiring) -> None:
    """Add the orders to the desk."""

    @blueprint.get("/orders")
    @needs("orders.read")
    def orders() -> str | Response:
        state = asked.one_of("state", _STATES, "")
        number = request.args.get("number", "").strip()[:_NUMBER_CHARS_MAX]
        with wiring.units.reading() as session:
            found = queries.find_order(session, number) if number else None
            page = queries.list_orders(session, state=state or None, cursor=asked.cursor())
        if found is not None:
            return redirect(f"/operator/orders/{found}", 303)
        return render_template("operator/orders.html", page=page, state=state, number=number)

    @blueprint.get("/orders/<order_id>")
    @needs("orders.read")
    def order(order_id: str) -> str:
        known = known_id(order_id)
        with wiring.units.reading() as session:
            found = queries.get_order(session, known)
            steps = queries.timeline_of_order(session, known)
            entries = queries.postings_of_order(session, known)
            given_back = queries.refunds_of_order(session, known)
        return render_template(
            "operator/order.html",
            order=found,
            steps=steps,
            entries=entries,
            refunds=given_back,
            reasons=ASKED_REASONS,
            said=said,
        )
