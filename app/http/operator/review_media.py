"""What a work under review carries, for whoever gives the verdict: open as long as its check is.

A reviewer is no reader: nothing is counted as an opening, and the gate of sales is not asked.
"""

from uuid import UUID

from flask import Blueprint, Response

from app.http import picture_answer
from app.http.errors import NothingHere, known_id
from app.http.media_answer import answer_with, name_to_save, now_and_then
from app.http.operator.guard import needs
from app.http.operator.needs import DeskWiring
from creator_tools.media import queries as media_queries
from creator_tools.works import queries as works
from creator_tools.works.queries import Attached

_FOR_READERS, _FOR_REVIEWERS = 'src="/media/', 'src="/operator/pictures/'


def as_reviewed(body_html: str) -> str:
    """A text with its pictures by this door: that of readers knows no operator."""
    return body_html.replace(_FOR_READERS, _FOR_REVIEWERS)


def hang(blueprint: Blueprint, wiring: DeskWiring) -> None:
    """Add these doors to the desk."""

    @blueprint.get("/media/<attachment_id>")
    @needs("works.review")
    def send_media(attachment_id: str) -> Response:
        known = known_id(attachment_id)
        attached = _waiting(wiring, known)
        if attached is None:
            raise NothingHere
        rendition = media_queries.whole(attached.media)
        return answer_with(
            wiring.media_bytes,
            rendition,
            filename=name_to_save(attached, rendition),
            may_go_on=now_and_then(lambda: _waiting(wiring, known) is not None),
        )

    @blueprint.get("/pictures/<sha256>")
    @needs("works.review")
    def send_picture(sha256: str) -> Response:
        known = picture_answer.known_hash(sha256)
        with wiring.units.reading() as session:
            picture = works.find_picture_in_review(session, known)
        return picture_answer.send(wiring.pictures, known, picture.mime if picture else None)


def _waiting(wiring: DeskWiring, attachment_id: UUID) -> Attached | None:
    with wiring.units.reading() as session:
        return works.find_attached_in_review(session, attachment_id)
