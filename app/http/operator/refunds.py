"""Refunds at the desk: who waits, one with its postings, yes and no, and money in suspense."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.http.asked import refused
from app.http.errors import known_id
from app.http.operator import asked
from app.http.operator.guard import actor, needs, signed_in
from app.http.operator.needs import DeskWiring
from app.http.refund_words import said
from creator_tools.insights import queries
from creator_tools.kernel.fen import Fen, parse_yuan
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.refunds import queries as refunds
from creator_tools.refunds import rules, service
from creator_tools.refunds.rules.reasons import reason_of

_GROUPS = ("waiting", "underway", "ended", "stray")


def hang(blueprint: Blueprint, wiring: DeskWiring) -> None:
    """Add the refunds to the desk."""
    _hang_pages(blueprint, wiring)
    _hang_decisions(blueprint, wiring)
    _hang_beginnings(blueprint, wiring)


def _hang_pages(blueprint: Blueprint, wiring: DeskWiring) -> None:
    @blueprint.get("/refunds")
    @needs("refunds.read")
    def refund_list() -> str:
        group = asked.one_of("group", _GROUPS, "waiting")
        page: queries.RefundPage | queries.StrayPage
        with wiring.units.reading() as session:
            if group == "stray":
                page = queries.list_strays(session, cursor=asked.cursor())
            else:
                page = queries.list_refunds(session, group=group, cursor=asked.cursor())
        return render_template(
            "operator/refunds.html", page=page, group=group, reason_of=reason_of, said=said
        )

    @blueprint.get("/refunds/<refund_id>")
    @needs("refunds.read")
    def refund(refund_id: str) -> str:
        with wiring.units.reading() as session:
            found = refunds.get(session, known_id(refund_id))
            steps = queries.timeline_of_refund(session, found)
            entries = queries.entries_of_refund(session, found.id)
        return render_template(
            "operator/refund.html",
            refund=found,
            steps=steps,
            entries=entries,
            reason=reason_of(found.reason_code),
            said=said,
            limit_fen=rules.approval_limit_fen(signed_in().roles),
        )


def _hang_decisions(blueprint: Blueprint, wiring: DeskWiring) -> None:
    @blueprint.post("/refunds/<refund_id>/approve")
    @needs("refunds.decide")
    def approve_refund(refund_id: str) -> Response:
        known, amount_fen = known_id(refund_id), _amount()
        wiring.units.run(
            "refunds.decide",
            lambda uow: service.approve(
                uow,
                refund_id=known,
                roles=signed_in().roles,
                amount_fen=amount_fen,
                keeps_access="keeps_access" in request.form,
                words=request.form.get("words", ""),
            ),
            actor(),
        )
        return redirect(f"/operator/refunds/{known}?done=refund_approved", 303)

    @blueprint.post("/refunds/<refund_id>/decline")
    @needs("refunds.decide")
    def decline_refund(refund_id: str) -> Response:
        known, words = known_id(refund_id), request.form.get("words", "")
        wiring.units.run(
            "refunds.decide",
            lambda uow: service.decline(uow, refund_id=known, words=words),
            actor(),
        )
        return redirect(f"/operator/refunds/{known}?done=refund_declined", 303)


def _hang_beginnings(blueprint: Blueprint, wiring: DeskWiring) -> None:
    @blueprint.post("/orders/<order_id>/refund")
    @needs("refunds.decide")
    def begin_refund(order_id: str) -> Response:
        known, amount_fen = known_id(order_id), _amount()

        def ask(uow: UnitOfWork) -> UUID:
            return service.ask(
                uow,
                order_id=known,
                reason_code=request.form.get("reason", ""),
                words=request.form.get("words", ""),
                amount_fen=amount_fen,
                by_fan=False,
            ).id

        begun = wiring.units.run("refunds.ask", ask, actor())
        return redirect(f"/operator/refunds/{begun}", 303)

    @blueprint.post("/payments/<payment_id>/refund")
    @needs("refunds.decide")
    def give_stray_back(payment_id: str) -> Response:
        known = known_id(payment_id)
        begun = wiring.units.run(
            "refunds.ask", lambda uow: service.ask_for_stray(uow, payment_id=known).id, actor()
        )
        return redirect(f"/operator/refunds/{begun}", 303)


def _amount() -> Fen | None:
    """The sum that was typed in yuan; None where none was."""
    typed = request.form.get("amount", "").strip()
    if not typed:
        return None
    amount_fen = parse_yuan(typed)
    if amount_fen is None or amount_fen == 0:
        raise refused("amount", "invalid", _("金额要写成 9.9 这样的数字，单位是元。"))
    return amount_fen
