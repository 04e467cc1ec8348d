"""Pictures, by the hash of their bytes, to whoever may see a work that shows them.

A hash is no permission: a picture in the free part is for everybody, one in the paid part is for
those whom the gate lets read the work, and one in no work is for its creator.
"""

from functools import lru_cache
from uuid import UUID

from flask import Blueprint, Response
from sqlalchemy.orm import Session

from app.http import desk_sessions, picture_answer, sessions
from app.http.errors import NothingHere
from app.http.needs import HttpWiring
from creator_tools.access import queries as access
from creator_tools.creators import queries as creators
from creator_tools.works import queries as works
from creator_tools.works.rules import small_picture

# About 5 KB each; whoever may see one is asked every time.
_SMALL_REMEMBERED = 512


def register(pages: Blueprint, wiring: HttpWiring) -> None:
    """Hang this door."""

    @lru_cache(maxsize=_SMALL_REMEMBERED)
    def small(sha256: str) -> bytes:
        return small_picture(picture_answer.stored(wiring.pictures, sha256))

    @pages.get("/media/<sha256>")
    def send_picture(sha256: str) -> Response:
        known = picture_answer.known_hash(sha256)
        return picture_answer.send(wiring.pictures, known, mime_for_visitor(known))

    @pages.get("/media/<sha256>/small")
    def send_small_picture(sha256: str) -> Response:
        known = picture_answer.known_hash(sha256)
        if mime_for_visitor(known) is None:
            raise NothingHere
        return picture_answer.inline(small(known), "image/jpeg")

    def mime_for_visitor(known: str) -> str | None:
        signed_in = sessions.bearer(wiring) or sessions.visitor(wiring)
        person_id = signed_in.person_id if signed_in else desk_sessions.person_at_desk(wiring)
        with wiring.units.reading() as session:
            picture = works.find_picture(session, known)
            may_see = _may_see(wiring, session, known, person_id)
        return picture.mime if picture is not None and may_see else None


def _may_see(wiring: HttpWiring, session: Session, sha256: str, person_id: UUID | None) -> bool:
    now = wiring.units.clock.now()
    shown = works.list_showing(session, sha256)
    if any(one.in_preview for one in shown):
        return True
    for one in shown:
        opened = access.open_work(session, work_id=one.work_id, person_id=person_id, now=now)
        if opened is not None and opened.unlocked:
            return True
    if person_id is None:
        return False
    author = creators.find_by_person(session, person_id)
    return author is not None and works.has_picture(session, author.id, sha256)
