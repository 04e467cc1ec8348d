"""Passing something on from the mini-program: the same signed invitations as the pages give."""

from uuid import UUID

from apiflask import APIBlueprint
from sqlalchemy.orm import Session

from app.http import invitations, sessions
from app.http.errors import known_id
from app.http.invitations import Thing
from app.http.mini_program.reading import viewer_of
from app.http.mini_program.shapes import ShareGiven, ShareWanted
from app.http.needs import HttpWiring
from app.http.shelf import Shelf, Viewer
from creator_tools.columns import queries as columns
from creator_tools.creators import queries as creators


def register(api: APIBlueprint, wiring: HttpWiring) -> None:
    """Hang this door."""

    @api.post("/shares")
    @api.input(ShareWanted, arg_name="wanted")
    @api.output(ShareGiven)
    @api.doc(summary="Count by whom the caller came, and sign what they pass on", security="Bearer")
    def share(wanted: ShareWanted) -> ShareGiven:
        signed_in = sessions.required_bearer(wiring)
        thing = Thing(wanted.object_type, known_id(wanted.object_id, "object_id"))
        with wiring.units.reading() as session:
            creator_id = _creator_of(wiring, session, viewer_of(wiring), thing)
        came_by = invitations.read(wiring, wanted.came_by or "", thing)
        if came_by is not None:
            invitations.note_visit(wiring, signed_in, came_by, thing, creator_id)
        token = invitations.sign(wiring, signed_in.person_id, came_by, thing)
        return ShareGiven(token=token)


def _creator_of(wiring: HttpWiring, session: Session, viewer: Viewer, thing: Thing) -> UUID:
    """Whose it is that is passed on.

    Raises:
        DomainError: there is no such thing for this viewer.
    """
    if thing.object_type == "creator":
        return creators.get(session, thing.object_id).id
    shelf = Shelf(wiring, session, viewer)
    if thing.object_type == "work":
        return shelf.work(thing.object_id).creator_id
    return columns.get(session, shelf.column(thing.object_id).id).creator_id
