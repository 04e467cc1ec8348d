"""The list of works: by state, by column, by words of the title, page by page."""

from typing import Any

from flask import Blueprint, Response

from app.http.studio import asked
from app.http.studio.guard import creator_id
from app.http.studio.needs import StudioWiring
from app.http.studio.page import show
from creator_tools.catalogue import queries as catalogue
from creator_tools.columns import queries as columns
from creator_tools.insights import queries as insights
from creator_tools.works import queries
from creator_tools.works.rules import STATE_ZH

PAGE_SIZE = 20
_STATES = ("", *STATE_ZH)


def hang(blueprint: Blueprint, wiring: StudioWiring) -> None:
    """Add this door."""

    @blueprint.get("/works")
    def list_works() -> Response:
        state, words = asked.one_of("state", _STATES, ""), asked.words()
        column_id, before = asked.optional_id("column"), asked.optional_id("before")
        with wiring.units.reading() as session:
            found = queries.list_own(
                session,
                creator_id(),
                state=state or None,
                column_id=column_id,
                words=words,
                before=before,
                limit=PAGE_SIZE + 1,
            )
            shown = found[:PAGE_SIZE]
            facts: dict[str, Any] = {
                "works": shown,
                "brought": insights.brought_to_works(
                    session, creator_id(), [work.id for work in shown]
                ),
                "products": catalogue.list_of_works(session, [work.id for work in shown]),
                "columns": {one.id: one for one in columns.list_of_creator(session, creator_id())},
                "counts": queries.count_own(session, creator_id()),
            }
        return show(
            "studio/works.html",
            state=state,
            words=words,
            column_id=column_id,
            before=before,
            next_before=shown[-1].id if len(found) > PAGE_SIZE else None,
            **facts,
        )
