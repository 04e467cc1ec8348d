"""Signing in by the platform's silent consent, and out again.

`state` is a one-time value in a signed cookie that also holds the page to come back to; without
the very cookie, the address that the platform calls does nothing.
"""

import hmac
import secrets
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request
from itsdangerous import BadSignature, URLSafeSerializer

from app.http import csrf, sessions
from app.http.errors import refusal_of
from app.http.h5.visit import SURFACE, own_path
from app.http.needs import HttpWiring
from creator_tools.kernel.errors import DomainError, ErrorKind
from creator_tools.people import service as people_service

STATE_AGE_S = 600
_SALT = "h5.sign-in"


class SignInLost(DomainError):
    """The platform came back without the state that this browser was given."""

    code = "sign_in_lost"
    kind = ErrorKind.FORBIDDEN
    sentence = "登录没有完成，请再试一次。"
    sentence_en = "Signing in did not end; try again."


def register(pages: Blueprint, wiring: HttpWiring) -> None:
    """Hang these doors."""

    @pages.get("/h5/sign-in")
    def begin() -> Response:
        state = secrets.token_hex(16)
        response = _redirect(
            wiring.login.consent_url(f"{wiring.public_base_url}/h5/oauth/callback", state)
        )
        kept = {
            "state": state,
            "return_to": own_path(request.args.get("return_to")),
            "at": int(wiring.units.clock.now().timestamp()),
        }
        response.set_cookie(
            _cookie_name(wiring),
            _serializer(wiring).dumps(kept),
            max_age=STATE_AGE_S,
            httponly=True,
            secure=_is_https(wiring),
            samesite="Lax",
            path="/",
        )
        return response

    @pages.post("/h5/sign-out")
    def leave() -> Response:
        token = sessions.cookie_token(wiring)
        csrf.check(wiring.secret_key, token, wiring.public_base_url)
        assert token is not None, "a checked form has a session"
        wiring.units.run("h5.sign_in", lambda uow: people_service.revoke_session(uow, token))
        response = _redirect("/h5/?guest=1")
        sessions.take_cookie(wiring, response)
        return response

    _register_return(pages, wiring)


def _register_return(pages: Blueprint, wiring: HttpWiring) -> None:
    @pages.get("/h5/oauth/callback")
    def come_back() -> Response:
        kept = _kept(wiring)
        return_to = own_path(kept.get("return_to"))
        if not _is_state(kept, request.args.get("state", "")):
            # The page was loaded a second time, by the visitor or by WeChat: nothing is lost.
            if sessions.visitor(wiring) is not None:
                return _redirect(return_to)
            return _failed(wiring, SignInLost(), return_to)
        code = request.args.get("code", "")
        if not 1 <= len(code) <= 512 or not code.isprintable():
            return _failed(wiring, SignInLost(), return_to)
        try:
            token = sessions.sign_in(wiring, surface=SURFACE, code=code, unit="h5.sign_in")
        except DomainError as refused:
            return _failed(wiring, refused, return_to)
        response = _redirect(return_to)
        sessions.give_cookie(wiring, response, token)
        response.delete_cookie(_cookie_name(wiring), path="/", secure=_is_https(wiring))
        return response


def _kept(wiring: HttpWiring) -> dict[str, Any]:
    """What the signed cookie holds; empty when there is none, it is not ours or too old."""
    try:
        kept = _serializer(wiring).loads(request.cookies.get(_cookie_name(wiring), ""))
    except BadSignature:
        return {}
    age_s = wiring.units.clock.now().timestamp() - kept["at"]
    return kept if -1 <= age_s <= STATE_AGE_S else {}


def _is_state(kept: dict[str, Any], given: str) -> bool:
    expected = str(kept.get("state", ""))
    return bool(expected) and hmac.compare_digest(
        expected.encode(), given.encode("utf-8", "replace")
    )


def _failed(wiring: HttpWiring, refused: DomainError, return_to: str) -> Response:
    refusal = refusal_of(refused)
    page = render_template("h5/sign_in_failed.html", refusal=refusal, return_to=return_to)
    response = make_response(page, refusal.status)
    response.delete_cookie(_cookie_name(wiring), path="/", secure=_is_https(wiring))
    return response


def _redirect(address: str) -> Response:
    return make_response(redirect(address, 302))


def _serializer(wiring: HttpWiring) -> URLSafeSerializer:
    return URLSafeSerializer(wiring.secret_key, salt=_SALT)


def _cookie_name(wiring: HttpWiring) -> str:
    return "__Host-juanliu-oauth" if _is_https(wiring) else "juanliu-oauth"


def _is_https(wiring: HttpWiring) -> bool:
    return wiring.public_base_url.startswith("https://")
