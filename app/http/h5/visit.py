"""Who looks at a page, and how a visitor who comes inside WeChat is recognised without a tap."""

from urllib.parse import quote

from flask import Response, redirect, request

from app.http import csrf, sessions
from app.http.device import device_of
from app.http.needs import HttpWiring
from app.http.shelf import Viewer
from creator_tools.kernel.business_day import business_day_of

SURFACE = "oa"
GUEST = "guest"
_OWN_PREFIXES = ("/h5/", "/g/", "/studio/")
_RETURN_CHARS_MAX = 512


def viewer_of(wiring: HttpWiring) -> Viewer:
    """Who looks at this page. The surface is always the Official Account's."""
    device = device_of(request.headers.get("User-Agent", ""))
    return Viewer(sessions.visitor(wiring), SURFACE, device)


def is_inside_wechat() -> bool:
    """Whether the page is opened in WeChat's own browser, where signing in is silent."""
    return "micromessenger" in request.headers.get("User-Agent", "").lower()


def wants_recognising(viewer: Viewer) -> bool:
    """Whether to recognise this visitor before showing the page.

    Silent inside WeChat, impossible elsewhere; `?guest=1` is the way out for whoever WeChat
    will not name.
    """
    return viewer.signed_in is None and is_inside_wechat() and GUEST not in request.args


def may_show_price(wiring: HttpWiring, viewer: Viewer) -> bool:
    """Whether the dated table lets this visitor's device see a price."""
    day = business_day_of(wiring.units.clock.now())
    return wiring.rails.decide(viewer.surface, viewer.device, "virtual", day).may_show_price


def to_sign_in() -> Response:
    """Send the visitor to be recognised and back to this very page."""
    here = request.full_path if request.query_string else request.path
    return sign_in_redirect(own_path(here))


def sign_in_redirect(return_to: str) -> Response:
    """Send the visitor to be recognised and back to `return_to`."""
    response = redirect(f"/h5/sign-in?return_to={quote(return_to, safe='')}", 302)
    assert isinstance(response, Response)
    return response


def own_path(text: str | None) -> str:
    """A path of our own pages; anything else becomes the first page.

    A path is ours when it begins like one and has nothing a browser could read as a host.
    """
    if not text or len(text) > _RETURN_CHARS_MAX or not text.startswith(_OWN_PREFIXES):
        return "/h5/"
    if "\\" in text or "//" in text or not text.isascii() or not text.isprintable():
        return "/h5/"
    return text


def form_token(wiring: HttpWiring) -> str:
    """The token for forms on this visitor's pages; empty for a stranger."""
    token = sessions.cookie_token(wiring)
    return csrf.token_for(wiring.secret_key, token) if token else ""
