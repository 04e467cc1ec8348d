"""Reconciliation at the desk: days, one with its differences, and the reason of each."""

from datetime import date
from uuid import UUID

from flask import Blueprint, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.http.asked import refused
from app.http.errors import known_id
from app.http.language import page_language
from app.http.operator.guard import actor, needs
from app.http.operator.needs import DeskWiring
from creator_tools.insights import queries
from creator_tools.reconciliation import queries as reconciliation
from creator_tools.reconciliation import service
from creator_tools.reconciliation.rules import CAUSES_BY_CODE, HEALED


def hang(blueprint: Blueprint, wiring: DeskWiring) -> None:
    """Add reconciliation to the desk."""

    @blueprint.get("/bills")
    @needs("bills.read")
    def bill_days() -> str:
        with wiring.units.reading() as session:
            page = queries.list_bill_days(session, before=_before())
        return render_template("operator/bills.html", page=page)

    @blueprint.get("/bills/<bill_day_id>")
    @needs("bills.read")
    def bill_day(bill_day_id: str) -> str:
        with wiring.units.reading() as session:
            day = reconciliation.get_day(session, known_id(bill_day_id))
            return render_template(
                "operator/bill_day.html",
                day=day,
                files=reconciliation.kept_bills(session, day.id),
                sums=reconciliation.sums_of(session, day.id),
                differences=queries.list_differences(session, day.id),
                settled=queries.settled_by_day(session, day.id),
                said=_said,
                reason=_reason,
                owner_of=lambda code: CAUSES_BY_CODE[code].owner,
            )

    @blueprint.post("/bills/<bill_day_id>/again")
    @needs("bills.explain")
    def ask_bill_again(bill_day_id: str) -> Response:
        known = known_id(bill_day_id)
        wiring.units.run("bills.ask", lambda uow: service.ask_again(uow, known), actor())
        return redirect(f"/operator/bills/{known}?done=asked_again", 303)

    @blueprint.post("/differences/<difference_id>/explain")
    @needs("bills.explain")
    def explain_difference(difference_id: str) -> Response:
        known, words = known_id(difference_id), request.form.get("words", "")

        def explain() -> UUID:
            return wiring.units.run(
                "bills.explain",
                lambda uow: service.explain(uow, difference_id=known, words=words).bill_day_id,
                actor(),
            )

        return redirect(f"/operator/bills/{explain()}?done=explained", 303)


def _before() -> date | None:
    asked = request.args.get("cursor", "")
    if not asked:
        return None
    try:
        return date.fromisoformat(asked)
    except ValueError:
        message = _("%(name)s 不是有效的编号。", name="cursor")
        raise refused("cursor", "invalid", message) from None


def _said(code: str) -> str:
    cause = CAUSES_BY_CODE[code]
    return cause.sentence_en if page_language() == "en" else cause.sentence


def _reason(words: str) -> str:
    healed = HEALED.get(words)
    return words if healed is None else healed[page_language() == "en"]
