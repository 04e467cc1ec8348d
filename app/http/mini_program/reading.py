"""Creators, columns and works: open to everybody, what is locked excepted."""

from uuid import UUID

from apiflask import APIBlueprint
from flask import request

from app.http import media_links, sessions
from app.http.device import device_of
from app.http.errors import known_id
from app.http.mini_program.shapes import (
    AttachmentShown,
    ColumnListed,
    ColumnShown,
    CreatorShown,
    FanGroupListed,
    FieldShown,
    ProductShown,
    WorkListed,
    WorkShown,
)
from app.http.needs import HttpWiring
from app.http.openings import note_opening
from app.http.shelf import Shelf, Viewer
from app.http.work_page import Offer, ShownFile, WorkPage

# Where the view of a work finds what went wrong at the door before Flask.
FAULT = "juanliu.reading_fault"


def register(api: APIBlueprint, wiring: HttpWiring) -> None:
    """Hang these doors."""

    @api.get("/creators/<handle>")
    @api.output(CreatorShown)
    @api.doc(summary="A creator and the open columns", security=[{"Bearer": []}, {}])
    def show_creator(handle: str) -> CreatorShown:
        viewer = viewer_of(wiring)
        with wiring.units.reading() as session:
            page = Shelf(wiring, session, viewer).creator(handle)
        listed = [ColumnListed(id=str(one.id), title=one.title) for one in page.columns]
        return CreatorShown(id=str(page.id), handle=page.handle, name=page.name, columns=listed)

    @api.get("/columns/<column_id>")
    @api.output(ColumnShown)
    @api.doc(summary="A column, its works and what can be bought", security=[{"Bearer": []}, {}])
    def show_column(column_id: str) -> ColumnShown:
        viewer = viewer_of(wiring)
        with wiring.units.reading() as session:
            page = Shelf(wiring, session, viewer).column(known_id(column_id))
        return ColumnShown(
            id=str(page.id),
            title=page.title,
            field=FieldShown.model_validate({"kind": page.field_kind, "name": page.field_name}),
            promise=page.promise,
            works=[
                WorkListed(id=str(one.id), title=one.title, unlocked=one.unlocked)
                for one in page.works
            ],
            products=[_product(offer) for offer in page.offers],
            fan_groups=[
                FanGroupListed(id=str(group_id), name=name)
                for group_id, name, _code in page.fan_groups
            ],
        )

    @api.get("/works/<work_id>")
    @api.output(WorkShown)
    @api.doc(summary="A work; all of it, or its preview", security=[{"Bearer": []}, {}])
    def show_work(work_id: str) -> WorkShown:
        if FAULT in request.environ:
            raise request.environ[FAULT]
        viewer = viewer_of(wiring)
        with wiring.units.reading() as session:
            page = Shelf(wiring, session, viewer).work(known_id(work_id))
        note_opening(wiring, viewer.signed_in, page)
        return shown_work(wiring, page, viewer.person_id)


def viewer_of(wiring: HttpWiring) -> Viewer:
    """Who calls. A stranger gets the rules of the stricter surface.

    Raises:
        SignInRequired: a token came, and it is not good.
    """
    signed_in = sessions.bearer(wiring)
    surface = signed_in.surface if signed_in else "oa"
    return Viewer(signed_in, surface, device_of(request.headers.get("User-Agent", "")))


def shown_work(wiring: HttpWiring, page: WorkPage, person_id: UUID | None) -> WorkShown:
    """What leaves of a work, with links to its files for the person who may have them now."""
    return WorkShown(
        id=str(page.id),
        title=page.title,
        unlocked=page.unlocked,
        preview_html=page.preview_html,
        html=page.html,
        products=[_product(offer) for offer in page.offers],
        attachments=[_attachment(wiring, one, person_id) for one in page.files],
    )


def _product(offer: Offer) -> ProductShown:
    return ProductShown.model_validate(
        {"id": str(offer.id), "kind": offer.kind, "price_fen": offer.price_fen}
    )


def _attachment(wiring: HttpWiring, file: ShownFile, person_id: UUID | None) -> AttachmentShown:
    url = None
    if file.unlocked:
        url = wiring.public_base_url + media_links.path_to(wiring, file.id, person_id)
    return AttachmentShown.model_validate(
        {
            "id": str(file.id),
            "kind": file.kind,
            "title": file.title,
            "bytes": file.size_bytes,
            "duration_s": None if file.duration_ms is None else file.duration_ms / 1000,
            "url": url,
        }
    )
