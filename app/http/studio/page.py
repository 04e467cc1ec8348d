"""Showing a page of the studio: the words all pages share, and refusals beside their fields."""

from typing import Any

from flask import Response, g, make_response, render_template, request

from app.http.errors import refusal_of
from app.http.request_log import request_id
from app.http.studio import labels
from app.http.studio.doing import form_id
from app.http.studio.guard import Guard, own_path
from app.http.studio.needs import StudioWiring
from creator_tools.kernel.errors import DomainError, ErrorKind
from creator_tools.studio.deeds.doer import find_undo

# A refusal that names no field of its own, and the field that it is about.
_FIELD_OF = {
    "price_refused": "price",
    "handle_taken": "handle",
    "column_title_taken": "title",
    "publish_time_refused": "publish_at",
    "invitation_unknown": "code",
    "invitation_used": "code",
    "invitation_expired": "code",
    "picture_refused": "picture",
    "group_code_damaged": "picture",
    "group_code_foreign": "picture",
    "group_code_missing": "picture",
    "group_code_of_account": "picture",
    "group_code_of_payment": "picture",
    "group_code_of_person": "picture",
    "group_codes_several": "picture",
    "join_way_known": "picture",
    "join_link_foreign": "url",
    "join_link_needs_scan": "url",
    "text_empty": "markdown",
    "picture_unknown": "markdown",
}


# What was done without a deed of the chat: the undo that is kept is of something else.
_KEEPS_NO_UNDO = ("payout_", "split_")


def words_of_every_page(wiring: StudioWiring, guard: Guard) -> dict[str, Any]:
    """What every template of the studio may use."""
    done = request.args.get("done", "")
    return {
        "labels": labels,
        "seat": g.get("studio_seat"),
        "form_token": guard.form_token(),
        "form_id": form_id,
        "done": labels.done(done),
        "undo": _undo(wiring) if _may_undo(done) else None,
    }


def _may_undo(done: str) -> bool:
    if done:
        return not done.startswith(_KEEPS_NO_UNDO)
    return request.endpoint == "studio.home"


def _undo(wiring: StudioWiring) -> dict[str, str] | None:
    held = g.get("studio_seat")
    if held is None or held.creator_id is None:
        return None
    with wiring.units.reading() as session:
        kept = find_undo(session, held.person_id, wiring.units.clock.now())
    if kept is None:
        return None
    return {"step": step_mark(kept.expires_at), "words": labels.undo(kept.command)}


def step_mark(expires_at: Any) -> str:
    """The name of one undo: another deed in between makes another."""
    return str(int(expires_at.timestamp() * 1_000_000))


def show(template: str, refused: DomainError | None = None, **facts: Any) -> Response:
    """A page; with a refusal, the same page that says what is wrong, and where."""
    if refused is None:
        return make_response(render_template(template, errors={}, refusal=None, **facts))
    refusal = refusal_of(refused)
    g.refusal_code = refusal.code
    errors = {one.field: one.message for one in refusal.errors}
    if refusal.code in _FIELD_OF:
        errors.setdefault(_FIELD_OF[refusal.code], refusal.detail)
    page = render_template(template, errors=errors, refusal=refusal, **facts)
    return make_response(page, refusal.status)


def refuse(error: DomainError) -> Response:
    """A refusal that no form caught."""
    refusal = refusal_of(error)
    g.refusal_code = refusal.code
    page = render_template("studio/problem.html", refusal=refusal, id=request_id())
    response = make_response(page, refusal.status)
    if error.kind in {ErrorKind.TOO_MANY, ErrorKind.UNAVAILABLE}:
        response.headers["Retry-After"] = "5"
    return response


def ask_again(step: dict[str, Any], facts: dict[str, Any]) -> Response:
    """The page that asks for a second word: the same form once more, with the answer in it."""
    fields = [
        (name, value)
        for name in request.form
        if name not in {"csrf_token", "form_id", "confirmed"}
        for value in request.form.getlist(name)
    ]
    return make_response(
        render_template(
            "studio/confirm.html",
            question=labels.question(step, facts),
            deed=labels.deed(step),
            fields=fields,
            back=own_path(request.form.get("back")),
        )
    )
