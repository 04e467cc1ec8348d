"""All doors of `/api/v1`, hung in one place."""

from apiflask import APIBlueprint, APIFlask
from flask import request
from werkzeug.exceptions import UnsupportedMediaType

from app.http.mini_program import belongings, buying, description, reading, shares, sign_in
from app.http.needs import HttpWiring


def register(app: APIFlask, wiring: HttpWiring) -> None:
    """Hang the API and its description."""
    api = APIBlueprint("mini_program", __name__, url_prefix=description.PREFIX, tag="v1")

    @api.before_request
    def only_json() -> None:
        has_body = request.method in ("POST", "PUT", "PATCH")
        if has_body and request.mimetype != "application/json":
            raise UnsupportedMediaType

    for door in (sign_in, reading, buying, belongings, shares):
        door.register(api, wiring)
    app.register_blueprint(api)
    app.security_schemes = {"Bearer": {"type": "http", "scheme": "bearer"}}
    app.spec_processor(description.complete)
