"""The first page: what came in, who bought last, what waits for the creator."""

from dataclasses import dataclass
from datetime import date, timedelta

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as AnyResponse

from app.http.studio.doing import do, gone
from app.http.studio.guard import creator_id, own_path, seat
from app.http.studio.needs import StudioWiring
from app.http.studio.page import show, step_mark
from creator_tools.insights import queries as insights
from creator_tools.kernel.business_day import business_day_of
from creator_tools.kernel.errors import DomainError, ErrorKind
from creator_tools.studio import attention
from creator_tools.studio.deeds import steps
from creator_tools.studio.deeds.doer import Doer, find_undo, take_undo

_SPANS = (1, 7, 30)
NEWEST_SALES = 5


class OtherStepSince(DomainError):
    """The deed that this page would take back is not the last one any more."""

    code = "other_step_since"
    kind = ErrorKind.CONFLICT
    sentence = "这一步之后你又做了别的，或者已经撤销过，所以没有撤销。"
    sentence_en = "Something else was done since, or this was undone already; nothing was changed."


@dataclass(frozen=True)
class Span:
    """What came in within the last so many days."""

    days: int
    first: date
    last: date
    income: insights.Income


def hang(blueprint: Blueprint, wiring: StudioWiring) -> None:
    """Add these doors."""

    @blueprint.get("/")
    def home() -> Response:
        now = wiring.units.clock.now()
        today, own = business_day_of(now), creator_id()
        with wiring.units.reading() as session:
            spans = [
                Span(days, first, today, insights.income_of_creator(session, own, first, today))
                for days in _SPANS
                for first in (today - timedelta(days=days - 1),)
            ]
            sales = insights.creator_sales(session, own, insights.SalesFilter(), limit=NEWEST_SALES)
            waiting = attention.list_waiting(session, own, now)
        return show(
            "studio/home.html", spans=spans, sales=sales, waiting=waiting, name=seat().creator_name
        )

    @blueprint.post("/undo")
    def undo() -> AnyResponse:
        mark = request.form.get("step", "")

        def take_back(doer: Doer) -> None:
            kept = find_undo(doer.session, doer.person_id, doer.uow.now())
            if kept is None or step_mark(kept.expires_at) != mark:
                raise OtherStepSince
            take_undo(doer)
            steps.carry_out(doer, dict(kept.command))

        do(wiring, take_back)
        return gone(own_path(request.form.get("back")), "undone")
