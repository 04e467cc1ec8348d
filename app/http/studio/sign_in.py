"""The way into the studio: who is no creator yet, and what a stranger at a desk is told."""

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from app.http.studio.doing import UNIT, gone
from app.http.studio.guard import HOME, actor, seat
from app.http.studio.needs import StudioWiring
from app.http.studio.page import show
from creator_tools.creators import service as creators
from creator_tools.kernel.errors import DomainError
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.studio.deeds.doer import take_turn

CODE_CHARS_MAX = 64


def hang(blueprint: Blueprint, wiring: StudioWiring) -> None:
    """Add these doors."""

    @blueprint.get("/become")
    def become() -> Response | AnyResponse:
        if seat().creator_id is not None:
            return redirect(HOME, 303)
        return show("studio/become.html", code="")

    @blueprint.post("/become")
    def use_invitation() -> Response | AnyResponse:
        code = request.form.get("code", "")[:CODE_CHARS_MAX]

        def make(uow: UnitOfWork) -> None:
            take_turn(uow, seat().person_id)
            creators.become_creator(uow, person_id=seat().person_id, code=code)

        try:
            wiring.units.run(UNIT, make, actor())
        except DomainError as error:
            return show("studio/become.html", error, code=code)
        return gone("/studio/columns/new", "became")


def to_become() -> AnyResponse:
    """Send somebody who is no creator to where one becomes one."""
    return redirect("/studio/become", 303)
