"""Who sits at a desk: the studio's own session of a browser outside WeChat.

Its cookie opens the studio and the author's own files, and nothing else: the pages for readers and
the API never read it.
"""

from uuid import UUID

from flask import Response, request

from app.http.needs import HttpWiring
from creator_tools.studio.deeds import desks

_TOKEN_LENGTH = 64


def token() -> str:
    """What the browser holds, live or not; empty when nothing."""
    for name in ("__Host-juanliu-studio", "juanliu-studio"):
        held = request.cookies.get(name, "")
        if len(held) == _TOKEN_LENGTH:
            return held
    return ""


def person_at_desk(wiring: HttpWiring) -> UUID | None:
    """Who sits at this desk, or None."""
    held = token()
    if not held:
        return None
    with wiring.units.reading() as session:
        found = desks.seated(session, held, wiring.units.clock.now())
    if found is not None and found.is_touch_due:
        wiring.units.run("studio.sign_in", lambda uow: desks.touch(uow, held))
    return found.person_id if found else None


def give_cookie(wiring: HttpWiring, response: Response, held: str) -> None:
    """Let the browser keep a token."""
    response.set_cookie(
        _name(wiring),
        held,
        max_age=int(desks.SESSION_LIFE.total_seconds()),
        httponly=True,
        secure=_is_https(wiring),
        samesite="Lax",
        path="/",
    )


def take_cookie(wiring: HttpWiring, response: Response) -> None:
    """Let the browser forget it."""
    response.delete_cookie(
        _name(wiring), path="/", secure=_is_https(wiring), httponly=True, samesite="Lax"
    )


def _name(wiring: HttpWiring) -> str:
    return "__Host-juanliu-studio" if _is_https(wiring) else "juanliu-studio"


def _is_https(wiring: HttpWiring) -> bool:
    return wiring.public_base_url.startswith("https://")
