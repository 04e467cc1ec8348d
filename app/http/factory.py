"""The web application: every door, hung once, in one order.

What is given is the wiring; what comes out answers requests. Nothing is read from the
environment and nothing is kept between two requests except counters.
"""

from collections.abc import Iterable
from typing import Any

from apiflask import APIFlask
from flask import Blueprint, Flask, Request, request
from flask.sansio.blueprints import Blueprint as AnyBlueprint
from werkzeug.exceptions import RequestEntityTooLarge

from app.http import (
    errors,
    health,
    language,
    metrics,
    request_log,
    security_headers,
    static_files,
    uploads,
)
from app.http.h5 import routes as h5
from app.http.mini_program import routes as mini_program
from app.http.needs import HttpWiring
from app.http.proxies import TrustedProxies
from app.http.strict_json import StrictJson, StrictRequest

BODY_BYTES_MAX = 1024 * 1024
CALLBACK_BYTES_MAX = 64 * 1024
# A picture of ten megabytes, and the form around it.
PICTURE_BYTES_MAX = 10 * 1024 * 1024 + 64 * 1024
CALLBACK_PREFIXES = ("/wechat/", "/wechat-pay/")
API_TITLE = "涓流 Juanliu"
API_VERSION = "1.0.0"


class Doors(APIFlask):
    """The application class: pages beside the API stay out of the API's description."""

    def register_blueprint(self, blueprint: AnyBlueprint, **options: Any) -> None:
        """Hang a blueprint; one that says nothing about OpenAPI is not described."""
        if not hasattr(blueprint, "enable_openapi"):
            setattr(blueprint, "enable_openapi", False)  # noqa: B010 - not a Blueprint's own name
        super().register_blueprint(blueprint, **options)


def create_app(
    wiring: HttpWiring,
    blueprints: Iterable[Blueprint] = (),
    counters: metrics.Metrics | None = None,
) -> Flask:
    """Build the application.

    Args:
        wiring: the parts it uses; see `HttpWiring`.
        blueprints: further doors (the desk, the callbacks) that somebody else writes.
        counters: what requests are counted with; its own if None.
    """
    app = Doors(
        "app.http",
        title=API_TITLE,
        version=API_VERSION,
        docs_path=None,
        spec_path="/openapi.json",
        openapi_blueprint_url_prefix="/api/v1",
        json_errors=False,
    )
    _configure(app, wiring)
    counters = counters or metrics.Metrics()
    request_log.install(app, counters)
    security_headers.install(app, public_base_url=wiring.public_base_url)
    errors.install(app)
    app.register_blueprint(health.blueprint(wiring))
    app.register_blueprint(metrics.blueprint(counters, wiring.units, wiring.trusted_proxies))
    mini_program.register(app, wiring)
    h5.register(app, wiring)
    app.register_blueprint(uploads.blueprint(wiring))
    for blueprint in blueprints:
        app.register_blueprint(blueprint)
    # Flask's own extension point for what must happen before routing.
    app.wsgi_app = TrustedProxies(  # type: ignore[method-assign]
        app.wsgi_app, wiring.trusted_proxies, wiring.public_base_url
    )
    return app


def _configure(app: APIFlask, wiring: HttpWiring) -> None:
    app.json = StrictJson(app)
    app.request_class = StrictRequest
    app.config.update(
        SECRET_KEY=wiring.secret_key,
        MAX_CONTENT_LENGTH=BODY_BYTES_MAX,
        MAX_FORM_MEMORY_SIZE=BODY_BYTES_MAX,
        MAX_FORM_PARTS=100,
        OPENAPI_VERSION="3.1.0",
        PREFERRED_URL_SCHEME=wiring.public_base_url.partition(":")[0],
        # Templates that change under a running server would be a second release.
        TEMPLATES_AUTO_RELOAD=False,
    )
    # One address, one page: `//` inside a path is another address, which is not there.
    app.url_map.merge_slashes = False
    app.jinja_env.autoescape = True
    language.install(app)
    static_files.install(app)
    _limit_bodies(app)


def _limit_bodies(app: Flask) -> None:
    @app.before_request
    def limit() -> None:
        if request.path.startswith(CALLBACK_PREFIXES):
            request.max_content_length = CALLBACK_BYTES_MAX
        elif request.path.startswith(uploads.PREFIX + "/") and request.method == "PUT":
            request.max_content_length = uploads.BODY_BYTES_MAX
        elif request.path.startswith("/studio/") and request.path.endswith("/pictures"):
            request.max_content_length = PICTURE_BYTES_MAX
        _refuse_declared_size(request)


def _refuse_declared_size(received: Request) -> None:
    # A body that says it is too large is refused unread, whatever the route does with it.
    limit = received.max_content_length
    if limit is not None and (received.content_length or 0) > limit:
        raise RequestEntityTooLarge
