"""Audio, video and files of works: a lasting address that leads to a signed short link.

The lasting address asks the gate and gives a link for ten minutes; the link asks the gate again
at every request, and is worth nothing in another person's hands. A page that was left open for
hours leads on: its player asks the lasting address again.
"""

from uuid import UUID

import structlog
from flask import Blueprint, Response, redirect
from sqlalchemy.exc import SQLAlchemyError

from app.http import media_links, sessions
from app.http.errors import NothingHere, known_id
from app.http.media_answer import answer_with, begins_a_reading, name_to_save, now_and_then
from app.http.media_links import POSTER, WHOLE, LinkRefused
from app.http.needs import HttpWiring
from creator_tools.access import queries as access
from creator_tools.media import queries as media_queries
from creator_tools.media import service as media_service
from creator_tools.media.queries import Rendition
from creator_tools.works.queries import Attached

_log = structlog.get_logger(__name__)


def register(pages: Blueprint, wiring: HttpWiring) -> None:
    """Hang these doors."""

    def lead_on(attachment_id: str, form: str) -> Response:
        found, person_id = known_id(attachment_id), _asker(wiring)
        attached = _opened(wiring, found, person_id)
        if attached is None or _rendition(attached, form) is None:
            raise NothingHere
        return _to(media_links.path_to(wiring, found, person_id, form))

    @pages.get("/h5/attachments/<attachment_id>")
    def open_attachment(attachment_id: str) -> Response:
        return lead_on(attachment_id, WHOLE)

    @pages.get("/h5/attachments/<attachment_id>/poster")
    def open_poster(attachment_id: str) -> Response:
        return lead_on(attachment_id, POSTER)

    @pages.get("/media/files/<token>")
    def send_bytes(token: str) -> Response:
        now = wiring.units.clock.now()
        try:
            link = media_links.read(wiring.secret_key, token, now)
        except LinkRefused:
            raise NothingHere from None
        person_id = _asker(wiring)
        if person_id != link.person_id:
            raise NothingHere
        attached = _opened(wiring, link.attachment_id, person_id)
        rendition = None if attached is None else _rendition(attached, link.form)
        if attached is None or rendition is None:
            raise NothingHere
        if link.form == WHOLE:
            _count(wiring, attached, rendition)
        return answer_with(
            wiring.media_bytes,
            rendition,
            filename=name_to_save(attached, rendition) if link.form == WHOLE else None,
            may_go_on=now_and_then(
                lambda: _opened(wiring, link.attachment_id, person_id) is not None
            ),
        )


def _asker(wiring: HttpWiring) -> UUID | None:
    signed_in = sessions.bearer(wiring) or sessions.visitor(wiring)
    return signed_in.person_id if signed_in else None


def _opened(wiring: HttpWiring, attachment_id: UUID, person_id: UUID | None) -> Attached | None:
    with wiring.units.reading() as session:
        return access.open_attachment(
            session,
            attachment_id=attachment_id,
            person_id=person_id,
            now=wiring.units.clock.now(),
        )


def _rendition(attached: Attached, form: str) -> Rendition | None:
    if form == POSTER:
        return media_queries.poster(attached.media)
    return media_queries.whole(attached.media)


def _count(wiring: HttpWiring, attached: Attached, rendition: Rendition) -> None:
    if not begins_a_reading(rendition.size_bytes):
        return
    try:
        wiring.units.run(
            "media.count",
            lambda uow: media_service.count_opening(uow, media_id=attached.media.id),
        )
    except SQLAlchemyError as fault:
        # Whoever paid gets the file, counted or not.
        _log.warning("media.not_counted", fault=type(fault).__name__)


def _to(path: str) -> Response:
    response = redirect(path, 302)
    assert isinstance(response, Response)
    return response
