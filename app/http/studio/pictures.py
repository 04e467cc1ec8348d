"""Pictures for a text: taken in, encoded anew, put where the cursor is or at the end."""

from uuid import UUID

from flask import Blueprint, Response, jsonify, request
from werkzeug.wrappers import Response as AnyResponse

from app.http.errors import known_id
from app.http.studio.doing import do, gone, sent_picture
from app.http.studio.needs import StudioWiring
from creator_tools.studio.deeds import pictures
from creator_tools.studio.deeds.doer import Doer
from creator_tools.works import queries
from creator_tools.works.rules.pictures import SIZE_BYTES_MAX


def hang(blueprint: Blueprint, wiring: StudioWiring) -> None:
    """Add this door."""

    @blueprint.post("/works/<work_id>/pictures")
    def add_picture(work_id: str) -> Response | AnyResponse:
        known, original = known_id(work_id), sent_picture(SIZE_BYTES_MAX)
        sha256, encoded = do(wiring, lambda doer: _noted(doer, known, original))
        # Noted first: bytes without a row would lie there for nobody, a row without bytes is
        # mended by sending the picture again.
        wiring.pictures.put(sha256, encoded)
        if request.accept_mimetypes.best == "application/json":
            return jsonify({"markdown": pictures.markdown_of(sha256)})
        do(wiring, lambda doer: pictures.put_at_end(doer, known, sha256))
        return gone(f"/studio/works/{known}", "picture")


def _noted(doer: Doer, work_id: UUID, original: bytes) -> tuple[str, bytes]:
    queries.get_own(doer.session, work_id, doer.creator.id)
    return pictures.add(doer, original)
