"""What a visitor may choose, and what is held about them: to read, and to take along."""

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from app.http import csrf, language, sessions
from app.http.errors import NothingHere
from app.http.h5.held import held_about, notices_of
from app.http.h5.orders import visitor
from app.http.h5.visit import (
    form_token,
    may_show_price,
    own_path,
    to_sign_in,
    viewer_of,
    wants_recognising,
)
from app.http.needs import HttpWiring
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.messaging import service as messaging
from creator_tools.messaging.rules import NOTICES


def register(pages: Blueprint, wiring: HttpWiring) -> None:
    """Hang these doors."""

    @pages.get("/h5/settings")
    def show_settings() -> Response:
        viewer = viewer_of(wiring)
        if wants_recognising(viewer):
            return to_sign_in()
        held, notices = None, []
        if viewer.person_id is not None:
            with wiring.units.reading() as session:
                held = held_about(wiring, session, viewer.person_id, with_amounts=False)
                notices = notices_of(session, viewer.person_id)
        html = render_template(
            "h5/settings.html",
            held=held,
            notices=notices,
            is_saved=request.args.get("saved") == "notices",
            chosen=request.cookies.get(language.COOKIE, ""),
            csrf_token=form_token(wiring),
        )
        return make_response(html)

    @pages.get("/h5/me/data.json")
    def take_data() -> Response:
        viewer = viewer_of(wiring)
        signed_in = visitor(wiring)
        with wiring.units.reading() as session:
            held = held_about(
                wiring,
                session,
                signed_in.person_id,
                with_amounts=may_show_price(wiring, viewer),
            )
        response = jsonify(held)
        response.headers["Content-Disposition"] = 'attachment; filename="juanliu-my-data.json"'
        return response

    _register_choices(pages, wiring)


def _register_choices(pages: Blueprint, wiring: HttpWiring) -> None:
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

    @pages.post("/h5/settings/notices")
    def choose_notices() -> AnyResponse:
        csrf.check(wiring.secret_key, sessions.cookie_token(wiring), wiring.public_base_url)
        signed_in = visitor(wiring)
        offered, wanted = request.form.getlist("offered"), request.form.getlist("wanted")
        if not set(wanted) <= set(offered) <= set(NOTICES):
            raise NothingHere

        def choose(uow: UnitOfWork) -> None:
            messaging.choose_notices(
                uow, person_id=signed_in.person_id, offered=offered, wanted=wanted
            )

        wiring.units.run("messaging.notices", choose, sessions.actor_of(signed_in))
        return redirect("/h5/settings?saved=notices#notices", 303)
