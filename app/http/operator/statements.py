"""Statements at the desk: whichever creator's, for those who answer for the money."""

from flask import Blueprint, Response, render_template
from flask_babel import gettext as _

from app.http.asked import asked_period, refused
from app.http.operator import asked
from app.http.operator.guard import needs
from app.http.operator.needs import DeskWiring
from app.http.statements import wording
from app.http.statements.answer import file_answer
from creator_tools.creators import queries as creators
from creator_tools.insights import queries
from creator_tools.insights.queries import Statement
from creator_tools.kernel.business_day import business_day_of

DEFAULT_DAYS = 30


def hang(blueprint: Blueprint, wiring: DeskWiring) -> None:
    """Add statements to the desk."""

    def asked_statement() -> tuple[Statement | None, str]:
        period = asked_period(business_day_of(wiring.units.clock.now()), DEFAULT_DAYS)
        handle = asked.optional_key("creator")
        if handle is None:
            return None, ""
        with wiring.units.reading(of_one_moment=True) as session:
            creator = creators.find_by_handle(session, handle)
            if creator is None:
                raise refused("creator", "not_found", _("没有这位创作者，请从列表里点选。"))
            found = queries.statement(session, creator.id, first=period.first, last=period.last)
        return found, creator.handle

    @blueprint.get("/statements")
    @needs("revenue.read")
    def statements() -> str:
        found, handle = asked_statement()
        today = business_day_of(wiring.units.clock.now())
        with wiring.units.reading() as session:
            balances = queries.list_balances(session, after_handle=asked.optional_key("cursor"))
        return render_template(
            "operator/statements.html",
            statement=found,
            handle=handle,
            page=balances,
            period=asked_period(today, DEFAULT_DAYS),
            wording=wording,
        )

    @blueprint.get("/statement.<any(csv, xlsx, pdf):extension>")
    @needs("revenue.read")
    def statement_file(extension: str) -> Response:
        found, handle = asked_statement()
        if found is None:
            raise refused("creator", "required", _("请先从列表里点选一位创作者。"))
        return file_answer(found, extension, owner=handle)
