"""Writing a work: title, text, live preview with the very cut of publishing, saving, pictures."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from app.http.asked import refused
from app.http.errors import known_id, refusal_of, respond
from app.http.studio import asked
from app.http.studio.doing import do, do_once, gone
from app.http.studio.guard import creator_id
from app.http.studio.needs import StudioWiring
from app.http.studio.page import show
from app.http.studio.prices import earnings_of
from creator_tools.catalogue import queries as catalogue
from creator_tools.columns import queries as columns
from creator_tools.kernel.database import as_uuid
from creator_tools.kernel.errors import DomainError
from creator_tools.studio.deeds import works as deeds
from creator_tools.studio.deeds.doer import Doer
from creator_tools.studio.deeds.writing import WrittenElsewhere, save
from creator_tools.works import queries
from creator_tools.works.errors import WorkNotFound
from creator_tools.works.rules import PREVIEW_MARK, render

TEXT_CHARS_MAX = 60_000


def hang(blueprint: Blueprint, wiring: StudioWiring) -> None:
    """Add these doors."""
    _hang_new(blueprint, wiring)
    _hang_one(blueprint, wiring)
    _hang_preview(blueprint)


def _hang_new(blueprint: Blueprint, wiring: StudioWiring) -> None:
    def shown(error: DomainError | None = None, **form: Any) -> Response:
        with wiring.units.reading() as session:
            own = columns.list_of_creator(session, creator_id())
        choices = [column for column in own if column.state != "closed"]
        return show("studio/work_new.html", error, columns=choices, form=form)

    @blueprint.get("/works/new")
    def new_work() -> Response:
        wanted = asked.optional_id("column")
        return shown(column=str(wanted or ""), title="", markdown="")

    @blueprint.post("/works")
    def create_work() -> Response | AnyResponse:
        form = {"column": "", "title": "", "markdown": ""} | request.form.to_dict()

        def create(doer: Doer) -> str:
            column_id = as_uuid(form["column"])
            if column_id is None:
                raise refused("column", "required", _("请选一个专栏。"))
            work = deeds.draft(
                doer, column_id=column_id, title=form["title"], markdown=form["markdown"]
            )
            return f"/studio/works/{work.id}"

        try:
            to = do_once(wiring, create)
        except DomainError as error:
            if _is_script():
                return respond(refusal_of(error))
            return shown(error, **form)
        return jsonify({"to": to}) if _is_script() else gone(to, "drafted")


def _hang_one(blueprint: Blueprint, wiring: StudioWiring) -> None:
    def shown(work_id: UUID, error: DomainError | None = None, **typed: Any) -> Response:
        with wiring.units.reading() as session:
            facts = facts_of(wiring, session, work_id)
        facts["form"] |= typed
        return show("studio/work.html", error, **facts)

    @blueprint.get("/works/<work_id>")
    def show_work(work_id: str) -> Response:
        return shown(known_id(work_id))

    @blueprint.post("/works/<work_id>")
    def save_work(work_id: str) -> Response | AnyResponse:
        known = known_id(work_id)
        typed = {name: request.form.get(name, "") for name in ("title", "markdown", "base")}
        try:
            written = do(wiring, lambda doer: _save(doer, known, typed))
        except DomainError as error:
            return respond(refusal_of(error)) if _is_script() else shown(known, error, **typed)
        if isinstance(written, deeds.Rewritten):
            if _is_script():
                return jsonify({"base": str(written.after.id), "number": written.after.number})
            return gone(f"/studio/works/{known}", "saved" if written.is_changed else "unchanged")
        elsewhere = WrittenElsewhere(number=written.number)
        if _is_script():
            return respond(refusal_of(elsewhere))
        return shown(known, elsewhere, aside=str(written.id))

    @blueprint.get("/works/<work_id>/revisions/<revision_id>")
    def show_revision(work_id: str, revision_id: str) -> Response:
        with wiring.units.reading() as session:
            work = queries.get_own(session, known_id(work_id), creator_id())
            known = {one.id: one for one in queries.list_revisions(session, work, limit=500)}
            revision = known.get(known_id(revision_id))
            newest = queries.newest_revision(session, work)
        if revision is None:
            raise WorkNotFound(work_id=work_id)
        return show(
            "studio/revision.html",
            work=work,
            revision=revision,
            is_newest=newest.id == revision.id,
            rendered=render(revision.markdown),
        )


def _hang_preview(blueprint: Blueprint) -> None:
    @blueprint.post("/preview")
    def preview() -> Response:
        markdown = request.form.get("markdown", "")[:TEXT_CHARS_MAX].replace("\0", "")
        return show("studio/preview.html", preview=preview_of(markdown))


def preview_of(markdown: str) -> dict[str, Any]:
    """A text as readers will see it: what is free, and all of it."""
    rendered = render(markdown)
    free_count = len("".join(rendered.preview_text.split()))
    return {
        "body_html": rendered.body_html,
        "free_html": rendered.preview_html,
        "char_count": rendered.char_count,
        "free_count": free_count,
        "is_all_free": bool(rendered.char_count) and free_count >= rendered.char_count,
    }


def facts_of(wiring: StudioWiring, session: Session, work_id: UUID) -> dict[str, Any]:
    """What the editor shows of a work of the creator who sits here."""
    work = queries.get_own(session, work_id, creator_id())
    newest = queries.newest_revision(session, work)
    product = catalogue.find_of_work(session, work.id)
    is_priced = product is not None and product.state == "on_sale"
    standing = {one: columns.get(session, one) for one in queries.list_standing(session, work.id)}
    check = queries.find_check(session, newest.id)
    return {
        "work": work,
        "newest": newest,
        "column": columns.get(session, work.column_id),
        "standing": standing,
        "more_columns": [
            column
            for column in columns.list_of_creator(session, creator_id())
            if column.state != "closed" and column.id not in {work.column_id, *standing}
        ],
        "product": product if is_priced else None,
        "earnings": earnings_of(wiring, session, product.price_fen)
        if product is not None and is_priced
        else [],
        "column_offers": catalogue.list_of_column(session, work.column_id),
        "has_changes": work.live_revision_id is not None and queries.has_changes(session, work),
        "check": check,
        "revisions": queries.list_revisions(session, work, limit=15),
        "attached": queries.list_attached(session, newest),
        "mark": PREVIEW_MARK,
        "preview": preview_of(newest.markdown),
        "form": {"title": newest.title, "markdown": newest.markdown, "base": str(newest.id)},
    }


def _save(doer: Doer, work_id: UUID, typed: dict[str, str]) -> Any:
    base_id = as_uuid(typed["base"])
    if base_id is None:
        raise refused("base", "invalid")
    return save(
        doer,
        work_id,
        base_id=base_id,
        title=typed["title"],
        markdown=typed["markdown"],
        by_itself=request.form.get("by_itself") == "1",
    )


def _is_script() -> bool:
    return request.accept_mimetypes.best == "application/json"
