"""Buying on a page: one tap makes a quote and an order, WeChat takes the money, the page waits."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify, make_response, redirect, request

from app.http import csrf, sessions
from app.http.device import device_of
from app.http.errors import known_id
from app.http.h5.orders import visitor
from app.http.needs import HttpWiring
from creator_tools.catalogue import service as catalogue
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.people.queries import SignedIn


def register(pages: Blueprint, wiring: HttpWiring) -> None:
    """Hang these doors."""

    @pages.post("/h5/products/<product_id>/buy")
    def buy(product_id: str) -> Response:
        csrf.check(wiring.secret_key, sessions.cookie_token(wiring), wiring.public_base_url)
        signed_in = visitor(wiring)
        placed = _place(wiring, signed_in, known_id(product_id))
        if request.accept_mimetypes.best == "application/json":
            return jsonify(placed)
        # Without scripts WeChat's pay sheet cannot be opened; the order's page says what to do.
        return make_response(redirect(f"/h5/orders/{placed['order_id']}", 303))


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
