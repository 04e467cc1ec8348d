"""Letting a browser at a desk in: it shows a code, its creator says yes in WeChat."""

from uuid import UUID

import segno
from flask import Blueprint, Response, jsonify, make_response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from app.http import desk_sessions
from app.http.errors import known_id
from app.http.h5.visit import is_inside_wechat, sign_in_redirect
from app.http.request_log import request_id
from app.http.studio.browsers import browser_of
from app.http.studio.doing import do_once, gone
from app.http.studio.guard import HOME, actor, own_path, seat, taken_seat
from app.http.studio.needs import StudioWiring
from app.http.studio.page import show
from creator_tools.kernel.errors import DomainError
from creator_tools.kernel.unit_of_work import Actor
from creator_tools.studio.deeds import desks
from creator_tools.studio.deeds.doer import Doer

PROFILE = "/studio/profile"


def hang(blueprint: Blueprint, wiring: StudioWiring) -> None:
    """Add these doors."""
    _hang_asking(blueprint, wiring)
    _hang_answering(blueprint, wiring)


def _hang_asking(blueprint: Blueprint, wiring: StudioWiring) -> None:
    @blueprint.get("/sign-in")
    def sign_in() -> Response | AnyResponse:
        return_to = own_path(request.args.get("return_to"))
        if taken_seat() is not None:
            return redirect(return_to, 303)
        if is_inside_wechat():
            return sign_in_redirect(return_to)
        held = desk_sessions.token()
        arrived = wiring.units.run(
            "studio.sign_in", lambda uow: desks.arrive(uow, held), _stranger()
        )
        if arrived is not None:
            response = make_response(redirect(return_to, 303))
            desk_sessions.give_cookie(wiring, response, arrived)
            return response
        return _asking(wiring, held, return_to)

    @blueprint.get("/sign-in/state")
    def tell_state() -> Response:
        held, now = desk_sessions.token(), wiring.units.clock.now()
        with wiring.units.reading() as session:
            if desks.is_confirmed(session, held, now):
                return jsonify({"state": "confirmed"})
            waits = desks.find_waiting(session, held, now) is not None
        return jsonify({"state": "waiting" if waits else "over"})


def _asking(wiring: StudioWiring, held: str, return_to: str) -> Response:
    now = wiring.units.clock.now()
    with wiring.units.reading() as session:
        waiting = desks.find_waiting(session, held, now)
    if waiting is None:
        browser = browser_of(request.headers.get("User-Agent", ""))
        address = request.remote_addr or ""
        try:
            held = wiring.units.run(
                "studio.sign_in",
                lambda uow: desks.ask(uow, browser=browser, address=address),
                _stranger(),
            )
        except DomainError as error:
            return show("studio/sign_in.html", error, waiting=None, return_to=return_to)
        with wiring.units.reading() as session:
            waiting = desks.find_waiting(session, held, now)
    assert waiting is not None, "it was asked a moment ago"
    address = f"{wiring.public_base_url}/studio/enter/{waiting.link}"
    code = segno.make(address, error="m", micro=False)
    response = show(
        "studio/sign_in.html",
        waiting=waiting,
        return_to=return_to,
        picture=code.png_data_uri(scale=5, border=2),
    )
    desk_sessions.give_cookie(wiring, response, held)
    return response


def _hang_answering(blueprint: Blueprint, wiring: StudioWiring) -> None:
    @blueprint.get("/enter/<link>")
    def show_asking(link: str) -> Response:
        with wiring.units.reading() as session:
            asking = desks.find_asking(session, link, wiring.units.clock.now())
        return show("studio/enter.html", asking=asking, link=link)

    @blueprint.post("/enter/<link>")
    def let_in(link: str) -> AnyResponse:
        def say_yes(doer: Doer) -> str:
            desks.let_in_by_link(doer, link)
            return f"{PROFILE}?done=let_in"

        return gone(do_once(wiring, say_yes))

    @blueprint.post("/desks/<desk_id>/end")
    def end_desk(desk_id: str) -> AnyResponse:
        known: UUID = known_id(desk_id)
        person_id = seat().person_id
        wiring.units.run("studio.sign_in", lambda uow: desks.end(uow, person_id, known), actor())
        return gone(PROFILE, "session_ended")

    @blueprint.post("/sign-out")
    def sign_out() -> AnyResponse:
        held = seat().token
        wiring.units.run("studio.sign_in", lambda uow: desks.sign_out(uow, held), actor())
        response = make_response(redirect(f"{HOME}sign-in", 303))
        desk_sessions.take_cookie(wiring, response)
        return response


def _stranger() -> Actor:
    return Actor("person", request_id=request_id())
