"""What a creator has, what of it they may take out, why the rest is held, and the asking."""

from typing import Any

from flask import Blueprint, Response, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from app.http.asked import refused
from app.http.errors import known_id
from app.http.payout_words import STATES
from app.http.studio.doing import do_once, gone_or_shown
from app.http.studio.guard import creator_id, seat
from app.http.studio.needs import StudioWiring
from app.http.studio.page import show
from creator_tools.kernel.errors import DomainError
from creator_tools.kernel.fen import Fen, parse_yuan
from creator_tools.payouts import queries, service
from creator_tools.studio.deeds.doer import Doer

PAGE = "/studio/payouts"


def hang(blueprint: Blueprint, wiring: StudioWiring) -> None:
    """Add these doors."""

    def shown(error: DomainError | None = None) -> Response:
        return _shown(wiring, error, request.form.get("amount", ""))

    @blueprint.get("/payouts")
    def show_payouts() -> Response:
        return shown()

    @blueprint.post("/payouts")
    def ask_payout() -> AnyResponse:
        def ask(doer: Doer) -> str:
            service.ask(
                doer.uow,
                earner=service.earner_of(doer.session, doer.creator.id),
                payer=wiring.payouts.payer,
                amount_fen=_amount(),
            )
            return f"{PAGE}?done=payout_asked"

        return gone_or_shown(lambda: do_once(wiring, ask), shown)

    @blueprint.post("/payouts/<payout_id>/withdraw")
    def withdraw_payout(payout_id: str) -> AnyResponse:
        known, person_id = known_id(payout_id), seat().person_id

        def withdraw(doer: Doer) -> str:
            service.withdraw(doer.uow, payout_id=known, person_id=person_id)
            return f"{PAGE}?done=payout_withdrawn"

        return gone_or_shown(lambda: do_once(wiring, withdraw), shown)


def _amount() -> Fen:
    amount_fen = parse_yuan(request.form.get("amount", "").strip())
    if amount_fen is None or amount_fen == 0:
        raise refused("amount", "invalid", _("金额要写成 9.9 这样的数字，单位是元。"))
    return amount_fen


def _shown(wiring: StudioWiring, error: DomainError | None, typed: str) -> Response:
    now, limits = wiring.units.clock.now(), wiring.payouts.payer.limits
    with wiring.units.reading(of_one_moment=True) as session:
        pot = service.earner_of(session, creator_id()).pot
        balance = queries.balance_of(session, pot.code, now)
        facts: dict[str, Any] = {
            "balance": balance,
            "held": queries.list_held(session, pot.code, now),
            "past": queries.list_of_pot(session, pot.code),
        }
    most_fen = max(0, min(balance.available_fen, limits.single_fen))
    return show(
        "studio/payouts.html",
        error,
        states=STATES,
        limits=limits,
        most_fen=most_fen,
        typed=typed,
        now=now,
        **facts,
    )
