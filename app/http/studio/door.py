"""Puts the creator's page together and hangs it on the application: `register(app, wiring)`."""

from flask import Blueprint, Flask, Response, request
from werkzeug.wrappers import Response as AnyResponse

from app.http.errors import SignInRequired, refusal_of, respond
from app.http.studio import (
    attachments,
    columns,
    desk_page,
    editor,
    groups,
    home,
    income,
    payouts,
    pictures,
    profile,
    shares,
    sign_in,
    splits,
    statements,
    steps,
    works,
)
from app.http.studio.guard import Guard, to_sign_in
from app.http.studio.needs import StudioWiring
from app.http.studio.page import ask_again, refuse, words_of_every_page
from creator_tools.kernel.errors import DomainError
from creator_tools.studio.errors import MustConfirm, NotACreator

_PARTS = (
    sign_in,
    desk_page,
    home,
    columns,
    works,
    editor,
    pictures,
    attachments,
    steps,
    income,
    payouts,
    statements,
    shares,
    splits,
    groups,
    profile,
)


def register(app: Flask, wiring: StudioWiring) -> None:
    """Hang the creator's page under `/studio/`."""
    app.register_blueprint(blueprint(wiring))


def blueprint(wiring: StudioWiring) -> Blueprint:
    """The page as a blueprint, with its guard in front of every view."""
    studio = Blueprint("studio", "app.http.studio", url_prefix="/studio")
    guard = Guard(wiring)
    studio.before_request(guard.recognise)
    studio.register_error_handler(DomainError, _refuse)
    studio.context_processor(lambda: words_of_every_page(wiring, guard))
    for part in _PARTS:
        part.hang(studio, wiring)
    return studio


def _refuse(error: DomainError) -> Response | AnyResponse:
    if request.accept_mimetypes.best == "application/json":
        return respond(refusal_of(error))
    is_page = request.method == "GET"
    if is_page and isinstance(error, SignInRequired):
        return to_sign_in()
    if is_page and isinstance(error, NotACreator):
        return sign_in.to_become()
    if isinstance(error, MustConfirm):
        return ask_again(error.step, error.facts)
    return refuse(error)
