"""Split agreements in the studio: open, invite, propose, withdraw, end; names only."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from app.http.asked import refused
from app.http.errors import known_id
from app.http.split_words import EXAMPLE_FEN, lines_of, name_of, term_lines
from app.http.studio.doing import do_once, gone_or_shown
from app.http.studio.guard import creator_id
from app.http.studio.needs import StudioWiring
from app.http.studio.page import show
from app.http.studio.split_form import asked_terms
from creator_tools.columns import queries as columns
from creator_tools.creators import queries as creators
from creator_tools.kernel.database import as_uuid
from creator_tools.kernel.errors import DomainError
from creator_tools.splits import queries, service
from creator_tools.splits.rules import Terms, checked, sign_invitation
from creator_tools.studio.deeds.doer import Doer

_Deed = Callable[[Doer, UUID], None]


def hang(blueprint: Blueprint, wiring: StudioWiring) -> None:
    """Add these doors."""
    _hang_list(blueprint, wiring)

    _hang_one(blueprint, wiring)
    _hang_endings(blueprint, wiring)


def _shown(
    wiring: StudioWiring, known: UUID, error: DomainError | None = None, **more: Any
) -> Response:
    with wiring.units.reading() as session:
        facts = _facts_of(wiring, session, known)
    return show("studio/split.html", error, **(facts | more))


def _done(wiring: StudioWiring, agreement_id: str, what: str, deed: _Deed) -> AnyResponse:
    known = known_id(agreement_id)

    def act(doer: Doer) -> str:
        queries.get_own(doer.session, known, doer.creator.id)
        deed(doer, known)
        return f"/studio/splits/{known}?done={what}"

    return gone_or_shown(lambda: do_once(wiring, act), lambda error: _shown(wiring, known, error))


def _hang_one(blueprint: Blueprint, wiring: StudioWiring) -> None:
    @blueprint.get("/splits/<agreement_id>")
    def show_split(agreement_id: str) -> Response:
        return _shown(wiring, known_id(agreement_id))

    @blueprint.post("/splits/<agreement_id>/versions")
    def propose_split(agreement_id: str) -> AnyResponse:
        if "example" not in request.form:
            return _done(wiring, agreement_id, "split_proposed", _propose)
        known = known_id(agreement_id)
        try:
            return _shown(wiring, known, example=_example(wiring, known))
        except DomainError as error:
            return _shown(wiring, known, error)


def _hang_endings(blueprint: Blueprint, wiring: StudioWiring) -> None:
    @blueprint.post("/splits/<agreement_id>/withdraw")
    def withdraw_split(agreement_id: str) -> AnyResponse:
        return _done(wiring, agreement_id, "split_withdrawn", _withdraw)

    @blueprint.post("/splits/<agreement_id>/end")
    def end_split(agreement_id: str) -> AnyResponse:
        return _done(wiring, agreement_id, "split_ended", _end)


def _hang_list(blueprint: Blueprint, wiring: StudioWiring) -> None:
    def listed(error: DomainError | None = None) -> Response:
        with wiring.units.reading() as session:
            own = columns.list_of_creator(session, creator_id())
            titles = {column.id: column.title for column in own}
            found = [
                (one, titles.get(one.column_id) if one.column_id else None)
                for one in queries.list_of_creator(session, creator_id())
            ]
            waiting = {one.id for one, _title in found if queries.waiting_version(session, one.id)}
        return show("studio/splits.html", error, found=found, waiting=waiting, columns=own)

    @blueprint.get("/splits")
    def list_splits() -> Response:
        return listed()

    @blueprint.post("/splits")
    def open_split() -> AnyResponse:
        def deed(doer: Doer) -> str:
            typed = request.form.get("column", "")
            column_id = as_uuid(typed)
            if typed and column_id is None:
                raise refused("column", "required", _("请选一个专栏。"))
            opened = service.open_agreement(doer.uow, creator=doer.creator, column_id=column_id)
            return f"/studio/splits/{opened}?done=split_opened"

        return gone_or_shown(lambda: do_once(wiring, deed), listed)


def _propose(doer: Doer, known: UUID) -> None:
    asked = asked_terms(queries.list_members(doer.session, known), doer.creator.person_id)
    service.propose(
        doer.uow,
        agreement_id=known,
        creator=doer.creator,
        parties=asked.parties,
        tiers=asked.tiers,
        starts_at=asked.starts_at,
    )


def _end(doer: Doer, known: UUID) -> None:
    if request.form.get("sure") != "1":
        raise refused("sure", "required", _("请先勾选，确认要结束这份协议。"))
    service.end(doer.uow, agreement_id=known, creator=doer.creator)


def _withdraw(doer: Doer, known: UUID) -> None:
    version_id = known_id(request.form.get("version", ""))
    service.withdraw(doer.uow, version_id=version_id, creator=doer.creator)


def _example(wiring: StudioWiring, known: UUID) -> Any:
    """What the terms that were typed would give of the example; nothing is written."""
    with wiring.units.reading() as session:
        agreement = queries.get_own(session, known, creator_id())
        creator = creators.get(session, agreement.creator_id)
        members = queries.list_members(session, known)
    asked = asked_terms(members, creator.person_id)
    terms = Terms(
        agreement_id=known,
        number=1,
        creator_id=creator.id,
        creator_person_id=creator.person_id,
        column_id=agreement.column_id,
        starts_at=asked.starts_at or wiring.units.clock.now(),
        parties=asked.parties,
        tiers=asked.tiers,
    )
    names = {person_id: name_of(name) for person_id, name in members}
    return lines_of(checked(terms), names)


def _facts_of(wiring: StudioWiring, session: Any, known: UUID) -> dict[str, Any]:
    agreement = queries.get_own(session, known, creator_id())
    creator = creators.get(session, agreement.creator_id)
    members = queries.list_members(session, known)
    versions = queries.list_versions(session, known)
    code = sign_invitation(wiring.secret_key, known, wiring.units.clock.now())
    return {
        "agreement": agreement,
        "column": columns.get(session, agreement.column_id).title if agreement.column_id else None,
        "members": [
            (person_id, name_of(name))
            for person_id, name in members
            if person_id != creator.person_id
        ],
        "versions": versions,
        "waits": any(version.state == "waiting" for version in versions),
        "given": queries.so_far(session, known).given_fen,
        "term_lines": term_lines,
        "example_fen": EXAMPLE_FEN,
        "example": None,
        "invitation": f"{wiring.public_base_url}/h5/agreements/join/{code}",
        "sign_at": f"{wiring.public_base_url}/h5/agreements/{known}",
        "form": request.form,
    }
