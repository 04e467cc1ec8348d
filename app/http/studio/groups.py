"""Fan groups: open, name, who may enter, ways in by a link or a picture of the group's code."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from app.http.asked import refused
from app.http.errors import known_id
from app.http.studio.doing import do_once, gone_or_shown, is_confirmed, sent_picture, whole
from app.http.studio.guard import creator_id
from app.http.studio.needs import StudioWiring
from app.http.studio.page import show
from creator_tools.columns import queries as columns
from creator_tools.fan_groups import queries
from creator_tools.fan_groups.rules import CAPACITY_COUNT_MAX, NAME_CHARS_MAX, code_in
from creator_tools.kernel.database import as_uuid
from creator_tools.kernel.errors import DomainError
from creator_tools.studio.deeds import groups as deeds
from creator_tools.studio.deeds.doer import Doer

CAPACITY_USUAL = 200
DAYS_MAX = 366
PICTURE_BYTES_MAX = 10 * 1024 * 1024
_Deed = Callable[[Doer, UUID], str]


def hang(blueprint: Blueprint, wiring: StudioWiring) -> None:
    """Add these doors."""
    _hang_list(blueprint, wiring)
    _hang_one(blueprint, wiring)


def _hang_list(blueprint: Blueprint, wiring: StudioWiring) -> None:
    def shown(error: DomainError | None = None, **form: Any) -> Response:
        with wiring.units.reading() as session:
            own = [
                _summary(wiring, session, group)
                for group in queries.list_of_creator(session, creator_id())
            ]
            open_columns = [
                column
                for column in columns.list_of_creator(session, creator_id())
                if column.state != "closed"
            ]
        return show(
            "studio/groups.html",
            error,
            own=own,
            columns=open_columns,
            form={"name": "", "column": ""} | form,
            name_chars_max=NAME_CHARS_MAX,
        )

    @blueprint.get("/groups")
    def list_groups() -> Response:
        return shown()

    @blueprint.post("/groups")
    def create_group() -> AnyResponse:
        def create(doer: Doer) -> str:
            column_id = as_uuid(request.form.get("column", ""))
            if column_id is None:
                raise refused("column", "required", _("请选一个专栏。"))
            group = deeds.create(doer, column_id=column_id, name=request.form.get("name", ""))
            return _page(group.id, "group_created")

        return gone_or_shown(
            lambda: do_once(wiring, create),
            lambda error: shown(error, **request.form.to_dict()),
        )


def _hang_one(blueprint: Blueprint, wiring: StudioWiring) -> None:
    def shown(group_id: UUID, error: DomainError | None = None, **typed: Any) -> Response:
        with wiring.units.reading() as session:
            facts = _facts_of(wiring, session, group_id)
        facts["form"] |= typed
        return show("studio/group.html", error, **facts)

    def done(group_id: str, prepared: Callable[[UUID], _Deed]) -> AnyResponse:
        known = known_id(group_id)

        def once() -> str:
            deed = prepared(known)
            return do_once(wiring, lambda doer: deed(doer, known))

        return gone_or_shown(once, lambda error: shown(known, error, **request.form.to_dict()))

    @blueprint.get("/groups/<group_id>")
    def show_group(group_id: str) -> Response:
        return shown(known_id(group_id))

    @blueprint.post("/groups/<group_id>")
    def change_group(group_id: str) -> AnyResponse:
        return done(group_id, lambda _known: _change)

    @blueprint.post("/groups/<group_id>/link")
    def give_link(group_id: str) -> AnyResponse:
        return done(group_id, lambda _known: _link)

    @blueprint.post("/groups/<group_id>/pictures")
    def give_code(group_id: str) -> AnyResponse:
        return done(group_id, lambda known: _code(wiring, known))


def _code(wiring: StudioWiring, group_id: UUID) -> _Deed:
    """Read the picture before the unit begins: looking for a code takes its time."""
    with wiring.units.reading() as session:
        queries.get_of_creator(session, group_id, creator_id())
    said = code_in(sent_picture(PICTURE_BYTES_MAX))

    def give(doer: Doer, known: UUID) -> str:
        deeds.give_code(doer, known, said=said, terms=doer.desk.group_terms())
        return _page(known, "linked")

    return give


def _change(doer: Doer, group_id: UUID) -> str:
    wanted = request.form.get("what", "")
    if wanted == "name":
        deeds.rename(doer, group_id, request.form.get("name", ""))
        return _page(group_id, "group_renamed")
    if wanted == "gate":
        gate = request.form.get("gate", "")
        if gate not in deeds.GATES_ZH:
            raise refused("gate", "not_allowed")
        deeds.set_gate(doer, group_id, gate)
        return _page(group_id, "gated")
    if wanted == "close":
        deeds.close(doer, group_id, confirmed=is_confirmed())
        return _page(group_id, "group_closed")
    if wanted == "open":
        deeds.set_state(doer, group_id, "open")
        return _page(group_id, "group_opened")
    if wanted == "keep":
        deeds.end_keeping(doer, group_id)
        return _page(group_id, "kept_again")
    raise refused("what", "not_allowed")


def _link(doer: Doer, group_id: UUID) -> str:
    days = request.form.get("days", "").strip()
    deeds.give_link(
        doer,
        group_id,
        url=request.form.get("url", ""),
        capacity_count=whole("capacity_count", 1, CAPACITY_COUNT_MAX),
        expires_at=doer.uow.now() + timedelta(days=whole("days", 1, DAYS_MAX)) if days else None,
        is_one_more=request.form.get("beside") == "1",
    )
    return _page(group_id, "linked")


def _summary(wiring: StudioWiring, session: Session, group: Any) -> dict[str, Any]:
    now = wiring.units.clock.now()
    ways = queries.list_join_ways(session, group.id)
    return {
        "group": group,
        "column": columns.get(session, group.column_id),
        "seats_count": sum(way.seats_count for way in ways),
        "free_count": queries.count_free_seats(session, group.id, now),
        "waiting_count": queries.count_waiting(session, group.id),
    }


def _facts_of(wiring: StudioWiring, session: Session, group_id: UUID) -> dict[str, Any]:
    group = queries.get_of_creator(session, group_id, creator_id())
    now = wiring.units.clock.now()
    ways = queries.list_open_ways(session, group.id)
    return {
        **_summary(wiring, session, group),
        "ways": [(way, queries.is_usable(way, now), queries.is_dying(way, now)) for way in ways],
        "forever": f"{wiring.public_base_url}/g/{group.code}",
        "form": {
            "name": group.name,
            "gate": group.gate,
            "url": "",
            "capacity_count": str(CAPACITY_USUAL),
            "days": "",
        },
    }


def _page(group_id: UUID, done: str) -> str:
    return f"/studio/groups/{group_id}?done={done}"
