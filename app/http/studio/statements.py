"""The creator's statements: months, a period with its sums, and the files."""

from flask import Blueprint, Response

from app.http.asked import asked_period
from app.http.statements import wording
from app.http.statements.answer import file_answer
from app.http.studio.guard import creator_id, seat
from app.http.studio.needs import StudioWiring
from app.http.studio.page import show
from creator_tools.insights import queries
from creator_tools.insights.queries import Statement
from creator_tools.kernel.business_day import business_day_of

DEFAULT_DAYS = 30


def hang(blueprint: Blueprint, wiring: StudioWiring) -> None:
    """Add these doors."""

    def asked_statement() -> Statement:
        period = asked_period(business_day_of(wiring.units.clock.now()), DEFAULT_DAYS)
        with wiring.units.reading(of_one_moment=True) as session:
            return queries.statement(session, creator_id(), first=period.first, last=period.last)

    @blueprint.get("/statements")
    def show_statements() -> Response:
        found = asked_statement()
        with wiring.units.reading() as session:
            months = queries.statement_months(session, creator_id())
        return show("studio/statements.html", statement=found, months=months, wording=wording)

    @blueprint.get("/statement.<any(csv, xlsx, pdf):extension>")
    def download_statement(extension: str) -> Response:
        return file_answer(asked_statement(), extension, owner=seat().handle)
