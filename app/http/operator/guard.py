"""Who sits at the desk, what that person may do, and whether a form is really ours.

The session is a random token in a cookie, kept as a hash by the business. A form carries an HMAC
of that token, so that nothing has to be stored for it; a form that comes from another site is
refused by its Origin even before that.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar
from urllib.parse import urlsplit

from flask import Response, g, request

from app.http.errors import SignInRequired
from app.http.operator.needs import DeskWiring
from app.http.request_log import request_id
from creator_tools.kernel.errors import DomainError, ErrorKind
from creator_tools.kernel.unit_of_work import Actor
from creator_tools.operators import queries as operators
from creator_tools.operators import rules, service
from creator_tools.operators.queries import SignedInOperator

FORM_FIELD = "csrf_token"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_TOKEN_LENGTH = 64

P = ParamSpec("P")
R = TypeVar("R")


class RoleMissing(DomainError):
    """This operator's roles do not allow this."""

    code = "role_missing"
    kind = ErrorKind.FORBIDDEN
    sentence = "您的角色没有这项权限，如需使用请联系所有者。"
    sentence_en = "Your roles do not allow this; ask an owner."


class FormForeign(DomainError):
    """A form that was not ours, or that has outlived its session."""

    code = "form_foreign"
    kind = ErrorKind.FORBIDDEN
    sentence = "页面已过期，请返回刷新后再提交一次。"
    sentence_en = "This page has expired; go back, reload and send it again."


class Guard:
    """Cookies and forms of one installation."""

    def __init__(self, wiring: DeskWiring) -> None:
        self._wiring = wiring
        self._is_https = wiring.public_base_url.startswith("https://")
        prefix = "__Host-" if self._is_https else ""
        self._session_cookie = f"{prefix}juanliu_desk"
        self._form_cookie = f"{prefix}juanliu_desk_form"

    def recognise(self) -> None:
        """Find out who asks, before any view runs; None for a stranger."""
        token = request.cookies.get(self._session_cookie, "")
        g.desk_token, g.operator = token, None
        if len(token) == _TOKEN_LENGTH:
            with self._wiring.units.reading() as session:
                now = self._wiring.units.clock.now()
                g.operator = operators.find_signed_in(session, token, now)
        if g.operator is not None and g.operator.is_touch_due:
            self._wiring.units.run(
                "operators.act", lambda uow: service.touch_session(uow, token), actor()
            )

    def refuse_foreign_forms(self) -> None:
        """Refuse every unsafe request that does not come from a page of ours.

        Raises:
            FormForeign: another origin, or no token of this session's forms.
        """
        if request.method in _SAFE_METHODS:
            return
        origin = request.headers.get("Origin") or request.headers.get("Referer")
        if origin is not None and _origin_of(origin) not in self._own_origins():
            raise FormForeign
        sent = request.form.get(FORM_FIELD, "")
        if not hmac.compare_digest(sent.encode(), self.form_token().encode()):
            raise FormForeign

    def form_token(self) -> str:
        """What a form of this visitor must carry: bound to the session, or to the visit before."""
        held = g.desk_token if g.get("operator") else self._visit()
        key = self._wiring.secret_key.encode()
        return hmac.new(key, f"desk-form:{held}".encode(), hashlib.sha256).hexdigest()

    def _visit(self) -> str:
        if "desk_visit" not in g:
            held = request.cookies.get(self._form_cookie, "")
            g.desk_visit_is_new = len(held) != _TOKEN_LENGTH
            g.desk_visit = secrets.token_hex(32) if g.desk_visit_is_new else held
        return str(g.desk_visit)

    def keep_visit(self, response: Response) -> Response:
        """Let a stranger's browser keep what the sign-in form is bound to."""
        if g.get("desk_visit_is_new"):
            self._set_cookie(response, self._form_cookie, g.desk_visit)
        return response

    def give_session(self, response: Response, token: str) -> None:
        """Let the browser keep a new session; the visit before it ends here."""
        self._set_cookie(response, self._session_cookie, token)
        g.desk_visit_is_new = False
        self._drop_cookie(response, self._form_cookie)

    def take_session(self, response: Response) -> None:
        """Let the browser forget the session."""
        self._drop_cookie(response, self._session_cookie)

    def _set_cookie(self, response: Response, name: str, value: str) -> None:
        response.set_cookie(
            name, value, httponly=True, secure=self._is_https, samesite="Lax", path="/"
        )

    def _drop_cookie(self, response: Response, name: str) -> None:
        response.delete_cookie(name, httponly=True, secure=self._is_https, samesite="Lax", path="/")

    def _own_origins(self) -> set[str]:
        return {_origin_of(self._wiring.public_base_url), _origin_of(request.host_url)}


def signed_in() -> SignedInOperator:
    """Who sits at the desk.

    Raises:
        SignInRequired: nobody.
    """
    operator: SignedInOperator | None = g.get("operator")
    if operator is None:
        raise SignInRequired
    return operator


def may(action: str) -> bool:
    """Whether whoever sits at the desk may do this; False for a stranger."""
    operator: SignedInOperator | None = g.get("operator")
    return operator is not None and rules.may(operator.roles, action)


def needs(action: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a view run only for operators whose roles allow `action`."""

    def wrap(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if not rules.may(signed_in().roles, action):
                raise RoleMissing(action=action)
            return view(*args, **kwargs)

        return guarded

    return wrap


def actor() -> Actor:
    """The operator behind a unit of work of this request."""
    return Actor("operator", signed_in().id, request_id())


def _origin_of(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""  # no address at all, so nobody's: ours never is empty
    return f"{parts.scheme}://{parts.netloc}".lower()
