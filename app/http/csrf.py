"""A form is taken only from our own page, by the session that was shown it.

Two signs, both needed: a token bound to the session (no storage, a keyed hash of the cookie), and
what the browser itself says about where the request came from.
"""

import hashlib
import hmac
from urllib.parse import urlsplit

from flask import request

from creator_tools.kernel.errors import DomainError, ErrorKind

FIELD = "csrf_token"
HEADER = "X-CSRF-Token"
_FROM_US = frozenset({"same-origin", "none"})


class FormRefused(DomainError):
    """The form did not come from a page of ours, or from another session's."""

    code = "form_refused"
    kind = ErrorKind.FORBIDDEN
    sentence = "页面停留太久或来源不明，请返回刷新后再试一次。"
    sentence_en = "This form is too old or not ours; reload the page and try again."


def token_for(secret_key: str, session_token: str) -> str:
    """The form token of one session."""
    bound = f"form:{session_token}".encode()
    return hmac.new(secret_key.encode(), bound, hashlib.sha256).hexdigest()


def check(secret_key: str, session_token: str | None, public_base_url: str) -> None:
    """Let this request's form pass, or not.

    Raises:
        FormRefused: no session, a foreign origin, or a token that is not this session's.
    """
    check_origin(public_base_url)
    given = request.headers.get(HEADER) or request.form.get(FIELD, "")
    if session_token is None:
        raise FormRefused
    expected = token_for(secret_key, session_token)
    if not hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode()):
        raise FormRefused


def check_origin(public_base_url: str) -> None:
    """Let a request pass that the browser does not say comes from elsewhere.

    Alone it is enough only for what harms nobody when it is done from elsewhere.

    Raises:
        FormRefused: a foreign origin.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site not in _FROM_US:
        raise FormRefused
    origin = request.headers.get("Origin")
    if origin is None:
        return
    ours = {_origin_of(public_base_url), _origin_of(request.host_url)}
    if origin not in ours:
        raise FormRefused


def _origin_of(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
