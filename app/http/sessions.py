"""Who is asking: the bearer of a token under `/api`, the holder of a cookie on pages.

The two never mix. A cookie cannot call the API, so the API needs no defence against forged forms;
a page never reads a bearer token. Both are the same opaque token, kept as a hash.
"""

from flask import Response, request

from app.http.errors import SignInRequired
from app.http.needs import HttpWiring
from app.http.request_log import request_id
from creator_tools.kernel.unit_of_work import Actor, UnitOfWork
from creator_tools.people import queries as people
from creator_tools.people import service as people_service
from creator_tools.people.queries import SignedIn

COOKIE_AGE_S = 30 * 24 * 3600
_TOKEN_LENGTH = 64


def bearer(wiring: HttpWiring) -> SignedIn | None:
    """Who bears the token of this request; None when it has none.

    Raises:
        SignInRequired: there is a token, and it is unknown, revoked or too old.
    """
    header = request.headers.get("Authorization")
    if header is None:
        return None
    token = token_in(header)
    signed_in = None if token is None else _find(wiring, token)
    if signed_in is None:
        raise SignInRequired
    return signed_in


def token_in(authorization: str) -> str | None:
    """The token that a header bears; None when it is nothing that could be one of ours."""
    scheme, _, text = authorization.partition(" ")
    token = text.strip()
    return token if scheme.lower() == "bearer" and len(token) == _TOKEN_LENGTH else None


def required_bearer(wiring: HttpWiring) -> SignedIn:
    """Who bears the token of this request.

    Raises:
        SignInRequired: nobody, or nobody any more.
    """
    signed_in = bearer(wiring)
    if signed_in is None:
        raise SignInRequired
    return signed_in


def cookie_name(wiring: HttpWiring) -> str:
    """The name of the pages' cookie; `__Host-` wherever the browser would accept it."""
    return "__Host-juanliu" if _is_https(wiring) else "juanliu"


def cookie_token(wiring: HttpWiring) -> str | None:
    """The token in the pages' cookie, live or not."""
    return request.cookies.get(cookie_name(wiring))


def visitor(wiring: HttpWiring) -> SignedIn | None:
    """Who looks at this page, or None for somebody who has not signed in."""
    token = cookie_token(wiring)
    return _find(wiring, token) if token else None


def give_cookie(wiring: HttpWiring, response: Response, token: str) -> None:
    """Let the visitor's browser keep the token."""
    response.set_cookie(
        cookie_name(wiring),
        token,
        max_age=COOKIE_AGE_S,
        httponly=True,
        secure=_is_https(wiring),
        samesite="Lax",
        path="/",
    )


def take_cookie(wiring: HttpWiring, response: Response) -> None:
    """Let the visitor's browser forget the token."""
    response.delete_cookie(
        cookie_name(wiring), path="/", secure=_is_https(wiring), httponly=True, samesite="Lax"
    )


def sign_in(wiring: HttpWiring, *, surface: str, code: str, unit: str) -> str:
    """Exchange a login code for a session; returns its token.

    Args:
        surface: "mini" or "oa"; decides which account is asked.
        unit: the name of the unit of work, by the door it is for.

    Raises:
        DomainError: the platform does not know the code, shows a snapshot, or does not answer.
    """
    account_id = wiring.surface_accounts[surface]
    result = wiring.login.exchange(surface, code)

    def recognise(uow: UnitOfWork) -> str:
        person = people_service.recognise(
            uow,
            account_id=account_id,
            subject=result.subject,
            union_subject=result.union_subject,
        )
        if result.session_key is not None:
            people_service.store_session_key(
                uow, identity_id=person.identity_id, session_key=result.session_key
            )
        return people_service.open_session(uow, identity_id=person.identity_id, surface=surface)

    return wiring.units.run(unit, recognise, Actor("platform", request_id=request_id()))


def actor_of(signed_in: SignedIn) -> Actor:
    """The person behind a unit of work of this request."""
    return Actor("person", signed_in.person_id, request_id())


def _find(wiring: HttpWiring, token: str) -> SignedIn | None:
    if len(token) != _TOKEN_LENGTH:
        return None
    signed_in = people.glance_at_session(wiring.units, token, wiring.units.clock.now())
    if signed_in is not None and signed_in.is_touch_due:
        wiring.units.run("people.sign_in", lambda uow: people_service.touch_session(uow, token))
    return signed_in


def _is_https(wiring: HttpWiring) -> bool:
    return wiring.public_base_url.startswith("https://")
