"""Uploads of a creator's page: announced, sent in parts, completed; lost networks go on.

    POST   /studio/media                 {filename, size_bytes}    → 201, the upload
    PUT    /studio/media/<id>?offset=n   bytes of one part         → the upload
    GET    /studio/media/<id>                                      → the upload
    POST   /studio/media/<id>/complete   {work_id?, title?}        → the object, perhaps attached
    DELETE /studio/media/<id>                                      → 204

`received_bytes` of the upload is where to go on. Every write carries the page's form token in
`X-CSRF-Token`.
"""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import RequestEntityTooLarge

from app.http import csrf, desk_sessions, sessions
from app.http.errors import SignInRequired, known_id
from app.http.needs import HttpWiring
from app.http.request_log import request_id
from creator_tools.creators import queries as creators
from creator_tools.kernel.errors import FieldError, InputRefused
from creator_tools.kernel.unit_of_work import Actor, UnitOfWork
from creator_tools.media import rules
from creator_tools.media.queries import Kept, Progress
from creator_tools.studio.deeds import media as deeds
from creator_tools.studio.deeds.doer import begin
from creator_tools.studio.errors import CreatorPaused, NotACreator

PREFIX = "/studio/media"
# A part, and not a byte more; every other door keeps the smaller limit.
BODY_BYTES_MAX = rules.PART_BYTES_MAX
_SIZE_MAX = 10**15
_READ_BYTES = 256 * 1024


def blueprint(wiring: HttpWiring) -> Blueprint:
    """The doors of uploads."""
    doors = Blueprint("uploads", __name__, url_prefix=PREFIX)

    @doors.post("")
    def announce() -> tuple[Response, int]:
        creator_id = _at_work(wiring)[1]
        body = _json()
        upload = wiring.media_intake.begin(
            creator_id, filename=_text(body, "filename"), size_bytes=_size(body)
        )
        return jsonify(_shown(upload)), 201

    @doors.get("/<upload_id>")
    def show(upload_id: str) -> Response:
        creator_id = _creator(wiring)[1]
        return jsonify(_shown(wiring.media_intake.find(creator_id, known_id(upload_id))))

    @doors.put("/<upload_id>")
    def take_part(upload_id: str) -> Response:
        creator_id = _at_work(wiring)[1]
        upload = wiring.media_intake.take_part(creator_id, known_id(upload_id), _offset(), _part())
        return jsonify(_shown(upload))

    @doors.post("/<upload_id>/complete")
    def complete(upload_id: str) -> Response:
        person_id, creator_id = _at_work(wiring)
        body, known = _json(), known_id(upload_id)
        work_id = known_id(_text(body, "work_id")) if body.get("work_id") else None
        filename = wiring.media_intake.find(creator_id, known).filename
        media = wiring.media_intake.complete(creator_id, known)
        title = str(body.get("title") or "") or rules.shown_title(
            filename, rules.KIND_ZH[media.kind]
        )

        attachment_id = _attached(wiring, person_id, work_id, media.id, title)
        return jsonify(_kept(media, title, attachment_id))

    @doors.delete("/<upload_id>")
    def give_up(upload_id: str) -> tuple[str, int]:
        creator_id = _at_work(wiring)[1]
        wiring.media_intake.give_up(creator_id, known_id(upload_id))
        return "", 204

    return doors


def _attached(
    wiring: HttpWiring, person_id: UUID, work_id: UUID | None, media_id: UUID, title: str
) -> UUID | None:
    if work_id is None:
        return None

    def attach(uow: UnitOfWork) -> UUID:
        return deeds.attach(begin(uow, person_id, wiring.desk), work_id, media_id, title)

    return wiring.units.run("studio.act", attach, Actor("person", person_id, request_id()))


def _creator(wiring: HttpWiring) -> tuple[UUID, UUID]:
    person_id, _, creator_id, _ = _found(wiring)
    return person_id, creator_id


def _at_work(wiring: HttpWiring) -> tuple[UUID, UUID]:
    """Who may change something, asked by a page of ours."""
    person_id, token, creator_id, state = _found(wiring)
    csrf.check(wiring.secret_key, token, wiring.public_base_url)
    if state != "active":
        raise CreatorPaused
    return person_id, creator_id


def _found(wiring: HttpWiring) -> tuple[UUID, str | None, UUID, str]:
    person_id, token = _asker(wiring)
    with wiring.units.reading() as session:
        creator = creators.find_by_person(session, person_id)
    if creator is None:
        raise NotACreator
    return person_id, token, creator.id, creator.state


def _asker(wiring: HttpWiring) -> tuple[UUID, str | None]:
    """Who asks, by the studio's session at a desk or that of the pages, and its token."""
    at_desk = desk_sessions.person_at_desk(wiring)
    if at_desk is not None:
        return at_desk, desk_sessions.token()
    signed_in = sessions.visitor(wiring)
    if signed_in is None:
        raise SignInRequired
    return signed_in.person_id, sessions.cookie_token(wiring)


def _json() -> dict[str, Any]:
    body = request.get_json(silent=False)
    if not isinstance(body, dict):
        raise _refused("body", "wrong_type")
    return body


def _text(body: dict[str, Any], field: str) -> str:
    value = body.get(field)
    if not isinstance(value, str):
        raise _refused(field, "required" if value is None else "wrong_type")
    return value


def _size(body: dict[str, Any]) -> int:
    value = body.get("size_bytes")
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= _SIZE_MAX:
        raise _refused("size_bytes", "out_of_range" if isinstance(value, int) else "wrong_type")
    return value


def _offset() -> int:
    said = request.args.get("offset", "")
    if not (said.isascii() and said.isdecimal() and len(said) <= 15):
        raise _refused("offset", "out_of_range")
    return int(said)


def _part() -> bytes:
    # At most one part is ever in memory; a longer body is refused by its length, or while read.
    part = bytearray()
    while chunk := request.stream.read(_READ_BYTES):
        part += chunk
        if len(part) > BODY_BYTES_MAX:
            raise RequestEntityTooLarge
    return bytes(part)


def _refused(field: str, code: str) -> InputRefused:
    return InputRefused(fields=(FieldError(field, code, InputRefused.sentence),))


def _shown(upload: Progress) -> dict[str, Any]:
    return {
        "upload_id": str(upload.id),
        "filename": upload.filename,
        "size_bytes": upload.size_bytes,
        "received_bytes": upload.received_bytes,
        "part_bytes_max": rules.PART_BYTES_MAX,
        "state": upload.state,
    }


def _kept(media: Kept, title: str, attachment_id: UUID | None) -> dict[str, Any]:
    return {
        "media_id": str(media.id),
        "kind": media.kind,
        "mime": media.mime,
        "size_bytes": media.size_bytes,
        "title": title,
        "attachment_id": None if attachment_id is None else str(attachment_id),
    }
