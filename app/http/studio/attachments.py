"""What a work carries besides its text: take a file out, let everybody see its name, or not."""

from uuid import UUID

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as AnyResponse

from app.http.asked import refused
from app.http.errors import known_id
from app.http.studio.doing import do_once, gone
from app.http.studio.needs import StudioWiring
from creator_tools.studio.deeds import media as deeds
from creator_tools.studio.deeds.doer import Doer


def hang(blueprint: Blueprint, wiring: StudioWiring) -> None:
    """Add this door; files come in by `app/http/uploads.py`."""

    @blueprint.post("/works/<work_id>/attachments/<attachment_id>")
    def change_attachment(work_id: str, attachment_id: str) -> Response | AnyResponse:
        work, attachment = known_id(work_id), known_id(attachment_id)
        return gone(do_once(wiring, lambda doer: _change(doer, work, attachment)))


def _change(doer: Doer, work_id: UUID, attachment_id: UUID) -> str:
    what = request.form.get("what", "")
    if what == "detach":
        deeds.detach(doer, work_id, attachment_id)
        return f"/studio/works/{work_id}?done=detached"
    if what not in {"tease", "hide"}:
        raise refused("what", "not_allowed")
    deeds.describe(doer, work_id, attachment_id, is_teased=what == "tease")
    return f"/studio/works/{work_id}?done=saved"
