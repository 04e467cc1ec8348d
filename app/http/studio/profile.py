"""What a creator is called, says about themselves, and whom they invite."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as AnyResponse

from app.http.studio.doing import do_once, gone_or_shown
from app.http.studio.guard import creator_id, seat
from app.http.studio.needs import StudioWiring
from app.http.studio.page import show
from creator_tools.creators import queries
from creator_tools.creators.rules import UNUSED_INVITATIONS_MAX
from creator_tools.kernel.errors import DomainError
from creator_tools.studio.deeds import desks
from creator_tools.studio.deeds import profile as deeds
from creator_tools.studio.deeds.doer import Doer

PAGE = "/studio/profile"


def hang(blueprint: Blueprint, wiring: StudioWiring) -> None:
    """Add these doors."""

    def shown(error: DomainError | None = None, **typed: Any) -> Response:
        return _shown(wiring, error, typed)

    def done(code: str, deed: Callable[[Doer], object]) -> AnyResponse:
        def once(doer: Doer) -> str:
            deed(doer)
            return f"{PAGE}?done={code}"

        return gone_or_shown(
            lambda: do_once(wiring, once),
            lambda error: shown(error, **request.form.to_dict()),
        )

    @blueprint.get("/profile")
    def show_profile() -> Response:
        return shown()

    @blueprint.post("/profile/name")
    def rename() -> AnyResponse:
        return done("named", lambda doer: deeds.rename(doer, request.form.get("name", "")))

    @blueprint.post("/profile/handle")
    def change_handle() -> AnyResponse:
        wanted = request.form.get("handle", "")
        return done("handled", lambda doer: deeds.change_handle(doer, wanted))

    @blueprint.post("/profile/introduction")
    def introduce() -> AnyResponse:
        said = request.form.get("introduction", "")
        return done("introduced", lambda doer: deeds.introduce(doer, said))

    @blueprint.post("/profile/invitations")
    def invite() -> AnyResponse:
        return done("invited", deeds.invite)


def _shown(wiring: StudioWiring, error: DomainError | None, typed: dict[str, Any]) -> Response:
    with wiring.units.reading() as session:
        creator = queries.get(session, creator_id())
        now = wiring.units.clock.now()
        invitations = queries.unused_invitations(session, creator.id, now)
        at_desks = desks.list_live(session, seat().person_id, now)
    form = {
        "name": creator.name,
        "handle": creator.handle,
        "introduction": creator.introduction,
    } | typed
    return show(
        "studio/profile.html",
        error,
        creator=creator,
        form=form,
        invitations=invitations,
        desks=at_desks,
        invitations_max=UNUSED_INVITATIONS_MAX,
        base_url=wiring.public_base_url,
    )
