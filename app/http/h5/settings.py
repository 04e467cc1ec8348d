"""What a visitor may choose, and what is held about them: to read, and to take along."""

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request
from sqlalchemy.orm import Session

from app.http import csrf, language
from app.http.errors import NothingHere
from app.http.h5.orders import read_receipt, visitor
from app.http.h5.visit import (
    form_token,
    may_show_price,
    own_path,
    to_sign_in,
    viewer_of,
    wants_recognising,
)
from app.http.needs import HttpWiring
from creator_tools.access import queries as access
from creator_tools.orders import queries as orders
from creator_tools.people import queries as people
from creator_tools.sharing import queries as sharing

ORDERS_MAX = 1000


def register(pages: Blueprint, wiring: HttpWiring) -> None:
    """Hang these doors."""

    @pages.get("/h5/settings")
    def show_settings() -> Response:
        viewer = viewer_of(wiring)
        if wants_recognising(viewer):
            return to_sign_in()
        held = None
        if viewer.person_id is not None:
            with wiring.units.reading() as session:
                held = _held(wiring, session, viewer.person_id, with_amounts=False)
        html = render_template(
            "h5/settings.html",
            held=held,
            chosen=request.cookies.get(language.COOKIE, ""),
            csrf_token=form_token(wiring),
        )
        return make_response(html)

    @pages.post("/h5/settings/language")
    def choose_language() -> Response:
        # A stranger may choose, too, so there may be no session to bind a form to.
        csrf.check_origin(wiring.public_base_url)
        chosen = request.form.get("language", "")
        if chosen and not language.is_spoken(chosen):
            raise NothingHere
        response = make_response(redirect(own_path(request.form.get("return_to")), 303))
        if chosen:
            is_https = wiring.public_base_url.startswith("https://")
            language.keep_choice(response, chosen, is_https=is_https)
        else:
            response.delete_cookie(language.COOKIE, path="/")
        return response

    @pages.get("/h5/me/data.json")
    def take_data() -> Response:
        viewer = viewer_of(wiring)
        signed_in = visitor(wiring)
        with wiring.units.reading() as session:
            held = _held(
                wiring,
                session,
                signed_in.person_id,
                with_amounts=may_show_price(wiring, viewer),
            )
        response = jsonify(held)
        response.headers["Content-Disposition"] = 'attachment; filename="juanliu-my-data.json"'
        return response


def _held(
    wiring: HttpWiring, session: Session, person_id: UUID, *, with_amounts: bool
) -> dict[str, Any]:
    """Everything that is held about a person, without the platform's own name for them."""
    now = wiring.units.clock.now()
    return {
        "nickname": people.nickname_of(session, person_id),
        "known_on": _known_on(wiring, session, person_id),
        "devices": [_written(one) for one in people.devices(session, person_id, now)],
        "entitlements": [
            {"type": one.object_type, "id": str(one.object_id), "ends_at": _text(one.ends_at)}
            for one in access.list_entitlements(session, person_id, now)
        ],
        "orders": _orders(session, person_id, with_amounts=with_amounts),
        "shared": _shared(session, person_id),
    }


def _known_on(wiring: HttpWiring, session: Session, person_id: UUID) -> list[dict[str, Any]]:
    surfaces = {account_id: name for name, account_id in wiring.surface_accounts.items()}
    found = []
    for one in people.acquaintances(session, person_id):
        written = _written(one)
        del written["account_id"]
        found.append({"account": surfaces.get(one.account_id, "other"), **written})
    return found


def _orders(session: Session, person_id: UUID, *, with_amounts: bool) -> list[dict[str, Any]]:
    receipts = [
        read_receipt(session, one.id, person_id, with_amount=with_amounts)
        for one in orders.list_of_person(session, person_id, limit=ORDERS_MAX)
    ]
    return [
        {
            "number": one.number,
            "state": one.state,
            "rail": one.rail,
            "seller": one.seller,
            "bought": [line.title for line in one.lines],
            "amount_fen": one.amount_fen,
            "placed_at": _text(one.placed_at),
            "paid_at": _text(one.paid_at),
        }
        for one in receipts
    ]


def _shared(session: Session, person_id: UUID) -> list[dict[str, Any]]:
    return [
        {
            "as": "visitor" if one.visitor_id == person_id else "inviter",
            "type": one.object_type,
            "id": str(one.object_id),
            "campaign": one.campaign,
            "at": _text(one.visited_at),
        }
        for one in sharing.list_of_person(session, person_id)
    ]


def _written(row: Any) -> dict[str, Any]:
    return {
        name: _text(value) if isinstance(value, datetime) else value
        for name, value in asdict(row).items()
    }


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None
