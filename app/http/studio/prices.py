"""Prices on the creator's page: what was typed, and what a sale would leave."""

from flask import Blueprint, Response, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.http.asked import refused
from app.http.studio.guard import creator_id
from app.http.studio.needs import StudioWiring
from app.http.studio.page import show
from creator_tools.catalogue.rules import Earning, earnings
from creator_tools.creators import queries as creators
from creator_tools.kernel.business_day import business_day_of
from creator_tools.kernel.fen import PRICE_FEN_MAX, Fen, parse_yuan

PRICE_CHARS_MAX = 20


def hang(blueprint: Blueprint, wiring: StudioWiring) -> None:
    """Add this door."""

    @blueprint.get("/earnings")
    def show_earnings() -> Response:
        price_fen = parse_yuan(request.args.get("price", "")[:PRICE_CHARS_MAX])
        if price_fen is None or not 1 <= price_fen <= PRICE_FEN_MAX:
            return show("studio/earnings.html", earnings=[])
        with wiring.units.reading() as session:
            return show("studio/earnings.html", earnings=earnings_of(wiring, session, price_fen))


def typed_price(field: str) -> Fen:
    """The price in the form, in fen.

    Raises:
        InputRefused: it is no price between 0.01 and 50,000 yuan.
    """
    price_fen = parse_yuan(request.form.get(field, "")[:PRICE_CHARS_MAX])
    if price_fen is None or not 1 <= price_fen <= PRICE_FEN_MAX:
        message = _("价格在 0.01 到 50000 元之间，最多两位小数，比如 9.9。")
        raise refused(field, "bad_price", message)
    return price_fen


def earnings_of(wiring: StudioWiring, session: Session, price_fen: int) -> list[Earning]:
    """What a sale at this price would leave the creator who sits here, rail by rail."""
    if price_fen == 0:
        return []
    return earnings(
        price_fen,
        platform_share_bp=creators.get(session, creator_id()).platform_share_bp,
        table=wiring.rates,
        on=business_day_of(wiring.units.clock.now()),
    )
