"""`POST /sessions`: a login code in, a bearer token out."""

from apiflask import APIBlueprint

from app.http import sessions
from app.http.mini_program.shapes import SessionGiven, SessionWanted
from app.http.needs import HttpWiring


def register(api: APIBlueprint, wiring: HttpWiring) -> None:
    """Hang this door."""

    @api.post("/sessions")
    @api.input(SessionWanted, arg_name="wanted")
    @api.output(SessionGiven)
    @api.doc(summary="Sign in with a login code of the mini-program or of the pages")
    def open_session(wanted: SessionWanted) -> SessionGiven:
        token = sessions.sign_in(
            wiring, surface=wanted.app, code=wanted.code, unit="people.sign_in"
        )
        return SessionGiven(token=token)
