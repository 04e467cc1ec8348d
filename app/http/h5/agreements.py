"""Split agreements for a party, in WeChat: join by a link, read, sign, see what came."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from app.http import csrf, sessions
from app.http.errors import known_id
from app.http.h5.orders import visitor
from app.http.h5.visit import form_token, to_sign_in, viewer_of, wants_recognising
from app.http.needs import HttpWiring
from app.http.split_words import EXAMPLE_FEN, term_lines
from creator_tools.columns import queries as columns
from creator_tools.creators import queries as creators
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.splits import queries, service
from creator_tools.splits.errors import SplitInvitationInvalid, SplitSignatureMissing
from creator_tools.splits.rules import read_invitation


def register(pages: Blueprint, wiring: HttpWiring) -> None:
    """Hang these doors."""
    _register_joining(pages, wiring)
    _register_signing(pages, wiring)

    @pages.get("/h5/agreements")
    def list_agreements() -> Response:
        if wants_recognising(viewer_of(wiring)):
            return to_sign_in()
        person_id = visitor(wiring).person_id
        with wiring.units.reading() as session:
            found = [
                _told(session, one.id, person_id)
                for one in queries.list_of_person(session, person_id)
            ]
        return make_response(render_template("h5/agreements.html", found=found))

    @pages.get("/h5/agreements/<agreement_id>")
    def show_agreement(agreement_id: str) -> Response:
        if wants_recognising(viewer_of(wiring)):
            return to_sign_in()
        known, person_id = known_id(agreement_id), visitor(wiring).person_id
        with wiring.units.reading() as session:
            queries.get_of_person(session, known, person_id)
            told = _told(session, known, person_id)
            versions = queries.list_versions(session, known)
            own_id = queries.member_of(session, known, person_id)
        html = render_template(
            "h5/agreement.html",
            one=told,
            versions=versions,
            own_id=own_id,
            term_lines=term_lines,
            example_fen=EXAMPLE_FEN,
            csrf_token=form_token(wiring),
        )
        return make_response(html)


def _register_signing(pages: Blueprint, wiring: HttpWiring) -> None:
    @pages.post("/h5/agreements/<agreement_id>/sign")
    def sign_agreement(agreement_id: str) -> AnyResponse:
        csrf.check(wiring.secret_key, sessions.cookie_token(wiring), wiring.public_base_url)
        known, signed_in = known_id(agreement_id), visitor(wiring)
        version_id = known_id(request.form.get("version", ""))

        def sign(uow: UnitOfWork) -> None:
            queries.get_of_person(uow.session, known, signed_in.person_id)
            if request.form.get("agree") != "1":
                raise SplitSignatureMissing
            service.sign(
                uow,
                version_id=version_id,
                person_id=signed_in.person_id,
                terms_hash=request.form.get("terms_hash", ""),
            )

        wiring.units.run("splits.sign", sign, sessions.actor_of(signed_in))
        return redirect(f"/h5/agreements/{known}", 303)


def _register_joining(pages: Blueprint, wiring: HttpWiring) -> None:
    @pages.get("/h5/agreements/join/<code>")
    def show_invitation(code: str) -> AnyResponse:
        if wants_recognising(viewer_of(wiring)):
            return to_sign_in()
        agreement_id, person_id = _invited_to(wiring, code), visitor(wiring).person_id
        with wiring.units.reading() as session:
            if queries.member_of(session, agreement_id, person_id) is not None:
                return redirect(f"/h5/agreements/{agreement_id}", 303)
            told = _told(session, agreement_id, person_id)
        html = render_template(
            "h5/agreement_join.html", one=told, code=code, csrf_token=form_token(wiring)
        )
        return make_response(html)

    @pages.post("/h5/agreements/join/<code>")
    def join_agreement(code: str) -> AnyResponse:
        csrf.check(wiring.secret_key, sessions.cookie_token(wiring), wiring.public_base_url)
        agreement_id, signed_in = _invited_to(wiring, code), visitor(wiring)
        wiring.units.run(
            "splits.join",
            lambda uow: service.join(uow, agreement_id=agreement_id, person_id=signed_in.person_id),
            sessions.actor_of(signed_in),
        )
        return redirect(f"/h5/agreements/{agreement_id}", 303)


def _invited_to(wiring: HttpWiring, code: str) -> UUID:
    found = read_invitation(wiring.secret_key, code, wiring.units.clock.now())
    if found is None:
        raise SplitInvitationInvalid
    return found


def _told(session: Any, agreement_id: UUID, person_id: UUID) -> dict[str, Any]:
    """An agreement in short: whose, over what, how it stands, what came to this person."""
    agreement = queries.get(session, agreement_id)
    own_id = queries.member_of(session, agreement_id, person_id)
    column = None
    if agreement.column_id is not None:
        column = columns.get(session, agreement.column_id).title
    given = queries.so_far(session, agreement_id).given_fen
    return {
        "id": agreement.id,
        "creator": creators.get(session, agreement.creator_id).name,
        "column": column,
        "ended_at": agreement.ended_at,
        "came_fen": 0 if own_id is None else given.get(own_id, 0),
        "is_own": creators.get(session, agreement.creator_id).person_id == own_id,
        "waits": queries.waiting_version(session, agreement_id) is not None,
    }
