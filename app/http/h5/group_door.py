"""The door of a fan group, `/g/<code>` for ever: a code to scan, a button to tap, or the queue."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, make_response, redirect, render_template
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from app.http import csrf, sessions
from app.http.errors import NothingHere, SignInRequired, refusal_of
from app.http.h5.visit import form_token, may_show_price, to_sign_in, viewer_of, wants_recognising
from app.http.needs import HttpWiring
from app.http.shelf import Viewer
from creator_tools.fan_groups import queries, service
from creator_tools.fan_groups.errors import NoDoorOpen, NotEntitled, NotFollowing, SeatNotFound
from creator_tools.fan_groups.rules import draw_code
from creator_tools.fan_groups.service import Inside, OpenDoor, Place, Queued
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.messaging import queries as messaging
from creator_tools.messaging.rules import SEAT
from creator_tools.people.queries import SignedIn


@dataclass(frozen=True)
class _Group:
    id: UUID
    name: str
    code: str
    column_id: UUID


def register(pages: Blueprint, wiring: HttpWiring) -> None:
    """Hang these doors."""

    @pages.get("/g/<code>")
    def show_door(code: str) -> Response:
        viewer = viewer_of(wiring)
        if wants_recognising(viewer):
            return to_sign_in()
        group = _group(wiring, code)
        if viewer.signed_in is None:
            raise SignInRequired
        return _door_page(wiring, group, viewer, viewer.signed_in)

    @pages.get("/g/<code>/code.png")
    def show_code(code: str) -> Response:
        """The code that this very person was shown; for everybody else there is nothing here."""
        group = _group(wiring, code)
        signed_in = sessions.visitor(wiring)
        if signed_in is None:
            raise NothingHere
        with wiring.units.reading() as session:
            said = queries.code_of_seat(
                session, group.id, signed_in.person_id, wiring.units.clock.now()
            )
        if said is None:
            raise NothingHere
        return Response(draw_code(said), mimetype="image/png")

    _register_forms(pages, wiring)


def _register_forms(pages: Blueprint, wiring: HttpWiring) -> None:
    @pages.post("/g/<code>/joined")
    def note_joined(code: str) -> AnyResponse:
        """The person says that they are in: their seat stays theirs."""

        def confirm(uow: UnitOfWork, group_id: UUID, person_id: UUID) -> None:
            service.confirm(uow, fan_group_id=group_id, person_id=person_id)

        return _to_door(_act(wiring, code, confirm))

    @pages.post("/g/<code>/again")
    def let_in_again(code: str) -> AnyResponse:
        """The person is not in any more, and asks for another door."""

        def again(uow: UnitOfWork, group_id: UUID, person_id: UUID) -> None:
            service.door(uow, fan_group_id=group_id, person_id=person_id, terms=wiring.group_terms)

        return _to_door(_act(wiring, code, again))

    @pages.post("/g/<code>/leave")
    def give_up(code: str) -> AnyResponse:
        """The person wants the seat, or the place in the queue, no more."""

        def leave(uow: UnitOfWork, group_id: UUID, person_id: UUID) -> None:
            service.leave(uow, fan_group_id=group_id, person_id=person_id)

        group = _act(wiring, code, leave)
        return redirect(f"/h5/columns/{group.column_id}", 303)


def _act(wiring: HttpWiring, code: str, work: Callable[[UnitOfWork, UUID, UUID], None]) -> _Group:
    csrf.check(wiring.secret_key, sessions.cookie_token(wiring), wiring.public_base_url)
    group = _group(wiring, code)
    signed_in = sessions.visitor(wiring)
    if signed_in is None:
        raise SignInRequired
    # What is refused here the page itself says: how things stand now, and what to do.
    with suppress(SeatNotFound, NotEntitled, NotFollowing, NoDoorOpen):
        wiring.units.run(
            "fan_groups.seat",
            lambda uow: work(uow, group.id, signed_in.person_id),
            sessions.actor_of(signed_in),
        )
    return group


def _to_door(group: _Group) -> AnyResponse:
    return redirect(f"/g/{group.code}", 303)


def _group(wiring: HttpWiring, code: str) -> _Group:
    with wiring.units.reading() as session:
        group = queries.find_by_code(session, code)
        if group is None:
            raise NothingHere
        return _Group(group.id, group.name, group.code, group.column_id)


def _door_page(wiring: HttpWiring, group: _Group, viewer: Viewer, signed_in: SignedIn) -> Response:
    def visit(uow: UnitOfWork) -> Place:
        return service.door(
            uow,
            fan_group_id=group.id,
            person_id=signed_in.person_id,
            terms=wiring.group_terms,
            is_again=False,
        )

    try:
        place = wiring.units.run("fan_groups.seat", visit, sessions.actor_of(signed_in))
    except (NotEntitled, NotFollowing, NoDoorOpen) as refused:
        detail = refusal_of(refused).detail
        if isinstance(refused, NotEntitled) and not may_show_price(wiring, viewer):
            # Where nothing may be sold, no sentence may speak of buying either.
            detail = _("这个群面向专栏的读者开放。")
        html = render_template("h5/door_shut.html", group=group, detail=detail)
        return make_response(html, refusal_of(refused).status)
    html = render_template(
        "h5/door.html",
        group=group,
        csrf_token=form_token(wiring),
        is_told=_is_told(wiring, signed_in.person_id),
        **_shown(wiring, place),
    )
    return make_response(html)


def _is_told(wiring: HttpWiring, person_id: UUID) -> bool:
    with wiring.units.reading() as session:
        return SEAT not in messaging.muted_notices(session, person_id)


def _shown(wiring: HttpWiring, place: Place) -> dict[str, Any]:
    match place:
        case OpenDoor():
            return {
                "state": "code" if place.kind == "qr" else "link",
                "place": place,
                "days_left": _days_until(wiring, place),
            }
        case Inside():
            return {"state": "inside"}
        case Queued():
            return {"state": "queued", "position": place.position}


def _days_until(wiring: HttpWiring, place: OpenDoor) -> int | None:
    if place.expires_at is None:
        return None
    left = (place.expires_at - wiring.units.clock.now()) / timedelta(days=1)
    return round(left) if left >= 1 else 0
