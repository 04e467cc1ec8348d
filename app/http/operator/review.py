"""The review queue: what waits for a person's eye, and one tap for the verdict."""

from flask import Blueprint, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.http.errors import known_id
from app.http.lengths import as_length
from app.http.operator.guard import actor, needs, signed_in
from app.http.operator.needs import DeskWiring
from app.http.operator.review_media import as_reviewed
from app.wiring import reviews
from creator_tools.kernel.errors import FieldError, InputRefused
from creator_tools.kernel.text import clean_line
from creator_tools.media import queries as media
from creator_tools.works import queries as works

_VERDICTS = {"pass": "passed", "risky": "refused"}
_REASON_CHARS_MAX = 200
SHOWN_MAX = 50


def hang(blueprint: Blueprint, wiring: DeskWiring) -> None:
    """Add the review queue to the desk."""

    @blueprint.get("/review")
    @needs("works.review")
    def review() -> str:
        with wiring.units.reading() as session:
            checks = works.list_checks_open(session, limit=SHOWN_MAX)
        return render_template(
            "operator/review.html",
            checks=checks,
            plays=media.plays,
            as_length=as_length,
            as_reviewed=as_reviewed,
        )

    @blueprint.post("/review/<check_id>")
    @needs("works.review")
    def decide(check_id: str) -> Response:
        verdict = request.form.get("verdict", "")
        if verdict not in _VERDICTS:
            message = _("请选择通过或拒绝。")
            raise InputRefused(fields=(FieldError("verdict", "not_allowed", message, message),))
        reason = clean_line(request.form.get("reason", ""), "reason", _REASON_CHARS_MAX, 0)
        known, operator_id = known_id(check_id), signed_in().id
        wiring.units.run(
            "works.review",
            lambda uow: reviews.record_verdict(
                uow,
                check_id=known,
                verdict=verdict,
                detail={"by": "operator", "reason": reason},
                operator_id=operator_id,
            ),
            actor(),
        )
        return redirect(f"/operator/review?done={_VERDICTS[verdict]}", 303)
