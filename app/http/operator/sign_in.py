"""Signing in with a password and a one-time code, signing out, and choosing a language."""

import re
from collections.abc import Callable

from flask import Blueprint, Response, g, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from app.http import language
from app.http.errors import refusal_of
from app.http.operator.guard import Guard, actor
from app.http.operator.needs import DeskWiring
from app.http.request_log import request_id
from creator_tools.kernel.errors import DomainError
from creator_tools.kernel.unit_of_work import Actor, UnitOfWork
from creator_tools.operators import service
from creator_tools.operators.service import SignInOutcome

HOME = "/operator/"
_FIELD_CHARS_MAX = 256
_OWN_PATH = re.compile(r"/operator/[A-Za-z0-9._~/?=&%-]*")


def hang(blueprint: Blueprint, wiring: DeskWiring, guard: Guard) -> None:
    """Add the three doors to the desk."""

    @blueprint.get("/login")
    def login_page() -> Response | AnyResponse:
        if g.operator is not None:
            return redirect(_next(request.args.get("next")), 303)
        return _form(next_path=_next(request.args.get("next")))

    @blueprint.post("/login")
    def login() -> Response | AnyResponse:
        next_path = _next(request.form.get("next"))
        name = request.form.get("login", "")[:_FIELD_CHARS_MAX]
        try:
            # The try is committed before its outcome is asked for: a failure must count.
            outcome = wiring.units.run("operators.sign_in", _attempt(name), _stranger())
            token = outcome.token()
        except DomainError as error:
            return _form(next_path=next_path, name=name, error=error)
        _end_session_before()
        response = make_response(redirect(next_path, 303))
        guard.give_session(response, token)
        return response

    @blueprint.post("/logout")
    def logout() -> AnyResponse:
        _end_session_before()
        response = make_response(redirect(f"{HOME}login", 303))
        guard.take_session(response)
        return response

    @blueprint.post("/language")
    def choose_language() -> AnyResponse:
        response = make_response(redirect(_next(request.form.get("next")), 303))
        is_https = wiring.public_base_url.startswith("https://")
        language.keep_choice(response, request.form.get("language", ""), is_https=is_https)
        return response

    def _end_session_before() -> None:
        # A session that was there before belongs to an older decision to trust this browser.
        if g.operator is not None:
            token = g.desk_token
            wiring.units.run("operators.act", lambda uow: service.sign_out(uow, token), actor())


def _attempt(name: str) -> Callable[[UnitOfWork], SignInOutcome]:
    password = request.form.get("password", "")[:_FIELD_CHARS_MAX]
    totp = request.form.get("totp", "")[:_FIELD_CHARS_MAX]
    address = request.remote_addr or ""
    return lambda uow: service.sign_in(
        uow, login=name, password=password, totp=totp, address=address
    )


def _stranger() -> Actor:
    return Actor("operator", request_id=request_id())


def _form(*, next_path: str, name: str = "", error: DomainError | None = None) -> Response:
    refusal = refusal_of(error) if error is not None else None
    page = render_template("operator/login.html", next_path=next_path, name=name, refusal=refusal)
    response = make_response(page, refusal.status if refusal else 200)
    if refusal is not None:
        g.refusal_code = refusal.code
        if refusal.status == 429:
            response.headers["Retry-After"] = "60"
    return response


def _next(asked: str | None) -> str:
    """Where to go after signing in: an address of the desk, whatever the link said."""
    if asked is None or not _OWN_PATH.fullmatch(asked) or "//" in asked:
        return HOME
    return asked
