"""Payouts at the desk: who waits, one with its postings, yes, no, and taking back."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.http.asked import refused
from app.http.errors import known_id
from app.http.operator import asked
from app.http.operator.guard import actor, needs
from app.http.operator.needs import DeskWiring
from creator_tools.creators import queries as creators
from creator_tools.insights import queries
from creator_tools.kernel.fen import Fen, parse_yuan
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.payouts import queries as payouts
from creator_tools.payouts import service

_GROUPS = ("waiting", "underway", "ended")


def hang(blueprint: Blueprint, wiring: DeskWiring) -> None:
    """Add the payouts to the desk."""
    _hang_pages(blueprint, wiring)
    _hang_decisions(blueprint, wiring)


def _hang_pages(blueprint: Blueprint, wiring: DeskWiring) -> None:
    @blueprint.get("/payouts")
    @needs("payouts.read")
    def payout_list() -> str:
        group = asked.one_of("group", _GROUPS, "waiting")
        with wiring.units.reading() as session:
            page = queries.list_payouts(session, group=group, cursor=asked.cursor())
        return render_template("operator/payouts.html", page=page, group=group)

    @blueprint.get("/payouts/<payout_id>")
    @needs("payouts.read")
    def payout(payout_id: str) -> str:
        with wiring.units.reading() as session:
            found = payouts.get(session, known_id(payout_id))
            earner = creators.get(session, found.creator_id) if found.creator_id else None
            return render_template(
                "operator/payout.html",
                payout=found,
                earner=earner,
                balance=payouts.balance_of(session, found.pot_code, wiring.units.clock.now()),
                steps=queries.timeline_of_payout(session, found),
                entries=queries.entries_of_payout(session, found.id),
            )

    @blueprint.post("/payouts")
    @needs("payouts.decide")
    def begin_payout() -> Response:
        handle, amount_fen = request.form.get("creator", ""), _amount()

        def ask(uow: UnitOfWork) -> UUID:
            creator = creators.find_by_handle(uow.session, handle)
            if creator is None:
                raise refused("creator", "not_found", _("没有这位创作者，请从列表里点选。"))
            return service.ask(
                uow,
                earner=service.earner_of(uow.session, creator.id),
                payer=wiring.payouts.payer,
                amount_fen=amount_fen,
            ).id

        begun = wiring.units.run("payouts.ask", ask, actor())
        return redirect(f"/operator/payouts/{begun}?done=payout_asked", 303)


def _hang_decisions(blueprint: Blueprint, wiring: DeskWiring) -> None:
    @blueprint.post("/payouts/<payout_id>/approve")
    @needs("payouts.decide")
    def approve_payout(payout_id: str) -> Response:
        known, words = known_id(payout_id), request.form.get("words", "")
        wiring.units.run(
            "payouts.decide",
            lambda uow: service.approve(uow, payout_id=known, words=words),
            actor(),
        )
        return redirect(f"/operator/payouts/{known}?done=payout_approved", 303)

    @blueprint.post("/payouts/<payout_id>/decline")
    @needs("payouts.decide")
    def decline_payout(payout_id: str) -> Response:
        known, words = known_id(payout_id), request.form.get("words", "")
        wiring.units.run(
            "payouts.decide",
            lambda uow: service.decline(uow, payout_id=known, words=words),
            actor(),
        )
        return redirect(f"/operator/payouts/{known}?done=payout_declined", 303)

    @blueprint.post("/payouts/<payout_id>/take-back")
    @needs("payouts.decide")
    def take_payout_back(payout_id: str) -> Response:
        known = known_id(payout_id)
        wiring.units.run("payouts.decide", lambda uow: service.take_back(uow, known), actor())
        return redirect(f"/operator/payouts/{known}?done=payout_recalled", 303)


def _amount() -> Fen:
    """The sum that was typed in yuan."""
    amount_fen = parse_yuan(request.form.get("amount", "").strip())
    if amount_fen is None or amount_fen == 0:
        raise refused("amount", "invalid", _("金额要写成 9.9 这样的数字，单位是元。"))
    return amount_fen
