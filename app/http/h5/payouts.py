"""A payout as its receiver sees it in WeChat: how it stands, and the tap that takes the money."""

from uuid import UUID

from flask import Blueprint, Response, jsonify, make_response, render_template

from app.http.errors import known_id
from app.http.h5.orders import visitor
from app.http.h5.visit import to_sign_in, viewer_of, wants_recognising
from app.http.needs import HttpWiring
from app.http.payout_words import STATES
from creator_tools.payouts import queries


def register(pages: Blueprint, wiring: HttpWiring) -> None:
    """Hang these doors."""

    @pages.get("/h5/payouts/<payout_id>")
    def show_payout(payout_id: str) -> Response:
        if wants_recognising(viewer_of(wiring)):
            return to_sign_in()
        known = known_id(payout_id)
        with wiring.units.reading() as session:
            payout = queries.get_of_person(session, known, visitor(wiring).person_id)
        merchant, appid = wiring.payouts.named(payout.account_id, payout.surface_id)
        sheet = {"mchId": merchant, "appId": appid, "package": payout.package}
        return make_response(
            render_template("h5/payout.html", payout=payout, states=STATES, sheet=sheet)
        )

    @pages.get("/h5/payouts/<payout_id>/state")
    def payout_state(payout_id: str) -> Response:
        return jsonify(state=_state(wiring, known_id(payout_id)))


def _state(wiring: HttpWiring, payout_id: UUID) -> str:
    with wiring.units.reading() as session:
        return queries.get_of_person(session, payout_id, visitor(wiring).person_id).state
