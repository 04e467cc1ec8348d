"""All pages inside WeChat, hung in one place."""

from flask import Blueprint, Flask

from app.http.h5 import attachments, belongings, buying, group_door, media, reading, sdk, sign_in
from app.http.h5.drawing import as_length, as_wave
from app.http.needs import HttpWiring


def register(app: Flask, wiring: HttpWiring) -> None:
    """Hang the pages."""
    pages = Blueprint("h5", __name__)
    for door in (sign_in, reading, buying, belongings, group_door, media, attachments, sdk):
        door.register(pages, wiring)
    pages.context_processor(lambda: {"page_address": sdk.page_address(wiring)})
    pages.add_app_template_filter(as_length)
    pages.add_app_template_filter(as_wave)
    app.register_blueprint(pages)
