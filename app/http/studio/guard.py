"""Who sits in the studio, and whether a form is really ours.

A creator comes inside WeChat with the session of the pages, and at a desk with the desk's own.
Every unsafe request carries the token of its session; whether its sender is (still) a creator is
asked again by the deed, in the unit that writes.
"""

from dataclasses import dataclass
from urllib.parse import quote
from uuid import UUID

from flask import g, redirect, request
from werkzeug.wrappers import Response

from app.http import csrf, desk_sessions, sessions
from app.http.errors import SignInRequired
from app.http.h5.visit import is_inside_wechat, sign_in_redirect
from app.http.request_log import request_id
from app.http.studio.needs import StudioWiring
from creator_tools.creators import queries as creators
from creator_tools.kernel.unit_of_work import Actor
from creator_tools.studio.errors import NotACreator

HOME = "/studio/"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# Doors for those who are no creators (yet).
_FOR_STRANGERS = frozenset({"studio.sign_in", "studio.tell_state"})
_FOR_ANYBODY_KNOWN = frozenset({"studio.become", "studio.use_invitation", "studio.sign_out"})


@dataclass(frozen=True)
class Seat:
    """Somebody in the studio: who, by which session, and as which creator if as any."""

    person_id: UUID
    token: str
    creator_id: UUID | None
    creator_name: str
    handle: str
    is_paused: bool
    is_at_desk: bool


class Guard:
    """Stands in front of every view of the studio."""

    def __init__(self, wiring: StudioWiring) -> None:
        self._wiring = wiring

    def recognise(self) -> None:
        """Find out who asks, before any view runs.

        Raises:
            FormRefused: an unsafe request that is not from a page of this session.
            SignInRequired, NotACreator: this door is not for this visitor.
        """
        g.studio_seat = self._seat()
        held: Seat | None = g.studio_seat
        if request.method not in _SAFE_METHODS:
            token = held.token if held else None
            csrf.check(self._wiring.secret_key, token, self._wiring.public_base_url)
        if request.endpoint in _FOR_STRANGERS:
            return
        if held is None:
            raise SignInRequired
        if held.creator_id is None and request.endpoint not in _FOR_ANYBODY_KNOWN:
            raise NotACreator

    def form_token(self) -> str:
        """What the forms of this visitor carry; empty for a stranger."""
        held: Seat | None = g.get("studio_seat")
        return csrf.token_for(self._wiring.secret_key, held.token) if held else ""

    def _seat(self) -> Seat | None:
        at_desk = desk_sessions.person_at_desk(self._wiring)
        if at_desk is not None:
            return self._seated(at_desk, desk_sessions.token(), is_at_desk=True)
        signed_in, token = sessions.visitor(self._wiring), sessions.cookie_token(self._wiring)
        if signed_in is None or token is None:
            return None
        return self._seated(signed_in.person_id, token, is_at_desk=False)

    def _seated(self, person_id: UUID, token: str, *, is_at_desk: bool) -> Seat:
        with self._wiring.units.reading() as session:
            creator = creators.find_by_person(session, person_id)
        if creator is None:
            return Seat(person_id, token, None, "", "", is_paused=False, is_at_desk=is_at_desk)
        return Seat(
            person_id,
            token,
            creator.id,
            creator.name,
            creator.handle,
            is_paused=creator.state != "active",
            is_at_desk=is_at_desk,
        )


def seat() -> Seat:
    """Who sits here.

    Raises:
        SignInRequired: nobody.
    """
    held: Seat | None = g.get("studio_seat")
    if held is None:
        raise SignInRequired
    return held


def creator_id() -> UUID:
    """The creator who sits here.

    Raises:
        NotACreator: somebody else.
    """
    found = seat().creator_id
    if found is None:
        raise NotACreator
    return found


def actor() -> Actor:
    """The person behind a unit of work of this request."""
    return Actor("person", seat().person_id, request_id())


def taken_seat() -> Seat | None:
    """Who sits here, or None."""
    held: Seat | None = g.get("studio_seat")
    return held


def to_sign_in() -> Response:
    """Send a stranger to be recognised: silently inside WeChat, by a code at a desk."""
    here = own_path(request.full_path if request.query_string else request.path)
    if is_inside_wechat():
        return sign_in_redirect(here)
    return redirect(f"/studio/sign-in?return_to={quote(here, safe='')}", 303)


def own_path(text: str | None) -> str:
    """A path of the studio; anything else becomes its first page."""
    if not text or len(text) > 512 or not text.startswith(HOME) or not text.isascii():
        return HOME
    return HOME if "\\" in text or "//" in text or not text.isprintable() else text
