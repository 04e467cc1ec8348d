"""Shared links: what a page gives to be passed on, and whom a visitor was brought by.

A link carries its campaign and who shared it, signed for this very page. One that was altered,
has expired or belongs elsewhere opens the page like any other, counts nothing and says nothing.
"""

import re
from dataclasses import dataclass
from uuid import UUID

from flask import request

from app.http import invitations
from app.http.h5.visit import is_inside_wechat
from app.http.invitations import Thing
from app.http.needs import HttpWiring
from app.http.shelf import Viewer
from creator_tools.sharing.rules import Invitation

PARAMETER = "from"
PICTURE = "h5/share.png"
DESCRIPTION_CHARS_MAX = 80
_SHOWN_PICTURE = re.compile(r'<img [^>]*src="(/media/[0-9a-f]{64})"')


@dataclass(frozen=True)
class Shared:
    """What can be passed on: a page of one creator's, and the words and picture of its card."""

    object_type: str
    object_id: UUID
    creator_id: UUID
    path: str
    description: str
    picture: str | None


def card_of(
    object_type: str, object_id: UUID, creator_id: UUID, path: str, text: str, html: str = ""
) -> Shared:
    """A card: the first words of `text`, and the first picture of `html`, which must be free."""
    shown = _SHOWN_PICTURE.search(html)
    words = " ".join(text.split())[:DESCRIPTION_CHARS_MAX]
    return Shared(object_type, object_id, creator_id, path, words, shown[1] if shown else None)


def link_of(wiring: HttpWiring, viewer: Viewer, shared: Shared) -> str:
    """The address that this viewer passes on; a stranger's names nobody."""
    address = wiring.public_base_url + shared.path
    if viewer.person_id is None:
        return address
    token = invitations.sign(wiring, viewer.person_id, _invitation(wiring, shared), _thing(shared))
    return f"{address}?{PARAMETER}={token}"


def note_visit(wiring: HttpWiring, viewer: Viewer, shared: Shared) -> None:
    """Count that this viewer was brought by somebody, once; nothing when nobody was."""
    came_by = _invitation(wiring, shared)
    if came_by is not None and viewer.signed_in is not None:
        invitations.note_visit(wiring, viewer.signed_in, came_by, _thing(shared), shared.creator_id)


def wants_door_outside() -> bool:
    """Whether the page should show how to open it in WeChat."""
    return not is_inside_wechat()


def _invitation(wiring: HttpWiring, shared: Shared) -> Invitation | None:
    return invitations.read(wiring, request.args.get(PARAMETER, ""), _thing(shared))


def _thing(shared: Shared) -> Thing:
    return Thing(shared.object_type, shared.object_id)
