"""Split agreements at the desk: all of them, and one with versions, signatures and postings."""

from flask import Blueprint, render_template

from app.http.errors import known_id
from app.http.operator import asked
from app.http.operator.guard import needs
from app.http.operator.needs import DeskWiring
from app.http.split_words import EXAMPLE_FEN, term_lines
from creator_tools.columns import queries as columns
from creator_tools.creators import queries as creators
from creator_tools.insights import queries
from creator_tools.splits import queries as splits


def hang(blueprint: Blueprint, wiring: DeskWiring) -> None:
    """Add the agreements to the desk."""

    @blueprint.get("/splits")
    @needs("splits.read")
    def split_list() -> str:
        with wiring.units.reading() as session:
            page = queries.list_splits(session, cursor=asked.cursor())
        return render_template("operator/splits.html", page=page)

    @blueprint.get("/splits/<agreement_id>")
    @needs("splits.read")
    def split(agreement_id: str) -> str:
        with wiring.units.reading() as session:
            found = splits.get(session, known_id(agreement_id))
            column_id = found.column_id
            return render_template(
                "operator/split.html",
                agreement=found,
                creator=creators.get(session, found.creator_id).name,
                column=columns.get(session, column_id).title if column_id else None,
                versions=splits.list_versions(session, found.id),
                steps=queries.timeline_of_split(session, found.id),
                entries=queries.split_entries(session, found.id),
                term_lines=term_lines,
                example_fen=EXAMPLE_FEN,
            )
