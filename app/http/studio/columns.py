"""Columns: open, edit, price for ever or for a term, pause, reopen, close."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from app.http.asked import refused
from app.http.errors import known_id
from app.http.studio.doing import do_once, gone_or_shown, is_confirmed, whole
from app.http.studio.guard import creator_id
from app.http.studio.needs import StudioWiring
from app.http.studio.page import show
from app.http.studio.prices import earnings_of, typed_price
from creator_tools.catalogue import queries as catalogue
from creator_tools.catalogue.rules import TERM_DAYS
from creator_tools.columns import queries
from creator_tools.columns.rules import PROMISED_COUNT_MAX
from creator_tools.kernel.errors import DomainError
from creator_tools.studio.deeds import columns as deeds
from creator_tools.studio.deeds import prices
from creator_tools.studio.deeds.doer import Doer
from creator_tools.works import queries as works

TERMS = (None, *TERM_DAYS)
_EMPTY = {
    "title": "",
    "field_kind": "interest",
    "field_name": "",
    "promised_cadence": "",
    "promised_count": "0",
    "introduction": "",
}
_Deed = Callable[[Doer], str]


def hang(blueprint: Blueprint, wiring: StudioWiring) -> None:
    """Add these doors."""
    _hang_list(blueprint, wiring)
    _hang_one(blueprint, wiring)


def _hang_list(blueprint: Blueprint, wiring: StudioWiring) -> None:
    @blueprint.get("/columns")
    def list_columns() -> Response:
        with wiring.units.reading() as session:
            own = [
                (column, catalogue.list_of_column(session, column.id),
                 works.count_published(session, column.id))
                for column in queries.list_of_creator(session, creator_id())
            ]  # fmt: skip
        return show("studio/columns.html", own=own)

    @blueprint.get("/columns/new")
    def new_column() -> Response:
        return show("studio/column_new.html", form=_EMPTY)

    @blueprint.post("/columns")
    def create_column() -> AnyResponse:
        form = _EMPTY | request.form.to_dict()

        def create(doer: Doer) -> str:
            column = deeds.create(
                doer,
                title=form["title"],
                field_kind=form["field_kind"],
                field_name=form["field_name"],
                promised_cadence=form["promised_cadence"],
                promised_count=whole("promised_count", 0, PROMISED_COUNT_MAX),
                introduction=form["introduction"],
            )
            return f"/studio/columns/{column.id}?done=column_created"

        return gone_or_shown(
            lambda: do_once(wiring, create),
            lambda error: show("studio/column_new.html", error, form=form),
        )


def _hang_one(blueprint: Blueprint, wiring: StudioWiring) -> None:
    def shown(column_id: UUID, error: DomainError | None = None, **typed: Any) -> Response:
        with wiring.units.reading() as session:
            facts = _facts_of(wiring, session, column_id)
        facts["form"] = facts["form"] | typed
        return show("studio/column.html", error, **facts)

    def done(column_id: str, deed: Callable[[UUID], _Deed]) -> AnyResponse:
        known = known_id(column_id)
        return gone_or_shown(
            lambda: do_once(wiring, deed(known)),
            lambda error: shown(known, error, **request.form.to_dict()),
        )

    @blueprint.get("/columns/<column_id>")
    def show_column(column_id: str) -> Response:
        return shown(known_id(column_id))

    @blueprint.post("/columns/<column_id>")
    def edit_column(column_id: str) -> AnyResponse:
        return done(column_id, _edit)

    @blueprint.post("/columns/<column_id>/state")
    def move_column(column_id: str) -> AnyResponse:
        return done(column_id, _move)

    @blueprint.post("/columns/<column_id>/price")
    def price_column(column_id: str) -> AnyResponse:
        return done(column_id, _price)


def _edit(column_id: UUID) -> _Deed:
    def edit(doer: Doer) -> str:
        deeds.edit(
            doer,
            column_id,
            title=request.form.get("title", ""),
            introduction=request.form.get("introduction", ""),
            promised_cadence=request.form.get("promised_cadence", ""),
            promised_count=whole("promised_count", 0, PROMISED_COUNT_MAX),
        )
        return f"/studio/columns/{column_id}?done=saved"

    return edit


def _move(column_id: UUID) -> _Deed:
    def move(doer: Doer) -> str:
        wanted = request.form.get("state", "")
        if wanted == "closed":
            deeds.close(doer, column_id, confirmed=is_confirmed())
        elif wanted == "paused":
            deeds.pause(doer, column_id)
        elif wanted == "open":
            deeds.reopen(doer, column_id)
        else:
            raise refused("state", "not_allowed")
        done = {"closed": "column_closed", "paused": "column_paused", "open": "column_opened"}
        return f"/studio/columns/{column_id}?done={done[wanted]}"

    return move


def _price(column_id: UUID) -> _Deed:
    def change(doer: Doer) -> str:
        queries.get_of_creator(doer.session, column_id, doer.creator.id)
        typed = request.form.get("term", "")
        term_days = int(typed) if typed in {str(days) for days in TERM_DAYS} else None
        if request.form.get("off") == "1":
            prices.take_off_sale(doer, prices.step_of_column(column_id, term_days, 0))
            return f"/studio/columns/{column_id}?done=unpriced"
        step = prices.step_of_column(column_id, term_days, typed_price("price"))
        prices.change(doer, step, confirmed=is_confirmed())
        return f"/studio/columns/{column_id}?done=priced"

    return change


def _facts_of(wiring: StudioWiring, session: Session, column_id: UUID) -> dict[str, Any]:
    column = queries.get_of_creator(session, column_id, creator_id())
    products = catalogue.list_of_column(session, column_id, include_off_sale=True)
    on_sale = {one.term_days: one for one in products if one.state == "on_sale"}
    return {
        "column": column,
        "form": {
            "title": column.title,
            "introduction": column.introduction,
            "promised_cadence": column.promised_cadence,
            "promised_count": str(column.promised_count),
        },
        "offers": [
            (days, on_sale.get(days), earnings_of(wiring, session, on_sale[days].price_fen)
             if days in on_sale else [])
            for days in TERMS
        ],
        "published_count": works.count_published(session, column_id),
    }  # fmt: skip
