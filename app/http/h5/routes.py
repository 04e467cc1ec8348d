"""All pages inside WeChat, hung in one place."""

from flask import Blueprint, Flask, request

from app.http.h5 import (
    agreements,
    attachments,
    belongings,
    buying,
    group_door,
    media,
    orders,
    payouts,
    qr,
    reading,
    refunding,
    sdk,
    search,
    settings,
    sharing,
    sign_in,
)
from app.http.h5.drawing import as_wave
from app.http.lengths import as_length
from app.http.needs import HttpWiring


def register(app: Flask, wiring: HttpWiring) -> None:
    """Hang the pages."""
    pages = Blueprint("h5", __name__)
    doors = (
        sign_in, reading, search, buying, orders, refunding, payouts, agreements, belongings,
        settings,
        group_door, media, attachments, sdk,
    )  # fmt: skip
    for door in doors:
        door.register(pages, wiring)
    pages.context_processor(
        lambda: {
            "page_address": sdk.page_address(wiring),
            "is_outside": sharing.wants_door_outside(),
            "qr_of": qr.drawn,
            "here": request.full_path if request.query_string else request.path,
        }
    )
    pages.add_app_template_filter(as_length)
    pages.add_app_template_filter(as_wave)
    app.register_blueprint(pages)
