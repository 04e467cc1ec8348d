"""The simulator whole: a world with every route, callable in process or as a WSGI application."""

import json
import logging
import socket
from collections.abc import Callable, Iterable
from typing import Any

from wechat_simulator import callbacks, groups
from wechat_simulator.api import (
    articles,
    authorize,
    custom,
    media,
    menu,
    notices,
    sns,
    tags,
    token,
    user,
    wxa,
)
from wechat_simulator.api.entry import error_answer
from wechat_simulator.api.refusals import WORDS
from wechat_simulator.control import (
    friend_calls,
    group_calls,
    money_calls,
    person_calls,
    shown_calls,
    wecom_calls,
    world_calls,
)
from wechat_simulator.control.entry import refused
from wechat_simulator.faults import FaultRule
from wechat_simulator.pay import door as pay_door
from wechat_simulator.phone import routes as phone
from wechat_simulator.routes import (
    BODY_LIMIT,
    Handler,
    Request,
    Response,
    Router,
    json_response,
    status_line,
)
from wechat_simulator.wecom import door as wecom_door
from wechat_simulator.wecom.office import Office
from wechat_simulator.world import World
from wechat_simulator.xpay import door as xpay_door

log = logging.getLogger(__name__)

_APIS = (token, custom, menu, sns, authorize, media, user, wxa, notices, articles, tags)
# These change counts and cookies only; whatever else is answered is on the disk before.
_WITHOUT_WEIGHT = (
    "GET /cgi-bin/user/",
    "POST /cgi-bin/user/info/batchget",
    "GET /cgi-bin/menu/get",
    "GET /cgi-bin/media/get",
    "POST /wxa/msg_sec_check",
    "GET /phone/proxy/",
    "POST /phone/scan",
)
_WITHOUT_CHANGE = (
    "GET /_sim/",
    *(f"GET /phone/{name}" for name in ("files/", "menu", "pulse", "letters/", "mini/")),
    *(f"POST /phone/{name}" for name in ("sheet", "jssdk")),
)


class Simulator:
    """A WeChat in process: `handle` answers requests, the object itself is a WSGI application."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.router = Router()
        callbacks.install(world)
        for api in _APIS:
            api.register(self.router, world)
        pay_door.add_routes(self.router, world)
        xpay_door.add_routes(self.router, world)
        world_calls.register(self.router, world)
        money_calls.register(self.router, world)
        person_calls.register(self.router, world, self.handle)
        self.wecom = Office(world)
        wecom_door.add_routes(self.router, world, self.wecom)
        wecom_calls.register(self.router, world, self.wecom)
        groups.register(self.router, world, self.wecom)
        friend_calls.register(self.router, world)
        group_calls.register(self.router, world)
        shown_calls.register(self.router, world)
        phone.register(self.router, world, self.handle)

    def handle(self, request: Request) -> Response:
        """Answer one request, faults ordered for its route included, and keep what changed."""
        route, methods = self.router.find(request)
        if route is None:
            return self._unknown(request, methods)
        label = f"{request.method} {request.path}"
        rule = None
        if not request.path.startswith(("/_sim/", "/phone")):
            rule = self.world.faults.take(label)
        try:
            response = self._suffer(rule, request, route.handler)
        finally:
            self._keep(label)
        return response

    def call(self, method: str, target: str, content: Any = None, **headers: str) -> Response:
        """Ask in process: a JSON body if `content` is given; for tests and scripts."""
        body = b"" if content is None else json.dumps(content, ensure_ascii=False).encode()
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.handle(Request(method, target, given, body))

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer as a WSGI application."""
        response = self._answer(environ)
        if response.dropped:
            _hang_up(environ)
        pairs = [*response.headers.items(), *(("Set-Cookie", one) for one in response.cookies)]
        if response.status not in {204, 304}:
            pairs.append(("Content-Length", str(len(response.body))))
        start_response(status_line(response.status), pairs)
        return [response.body]

    def _answer(self, environ: dict[str, Any]) -> Response:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        if length > BODY_LIMIT:
            return refused("body", "the body is too long", 413)
        try:
            return self.handle(read_request(environ, length))
        except Exception:
            log.exception("an answer failed: %s", environ.get("PATH_INFO"))
            return refused("simulator", "the simulator itself failed; its log says where", 500)

    def _keep(self, label: str) -> None:
        if self.world.state_file is None or label.startswith(_WITHOUT_CHANGE):
            return
        if label.startswith(_WITHOUT_WEIGHT):
            self.world.save_soon()
        else:
            self.world.save()

    def _suffer(self, rule: FaultRule | None, request: Request, handler: Handler) -> Response:
        if rule is None:
            return handler(request)
        request.fault = rule
        if rule.fault == "status":
            return json_response({"code": "SYSTEM_ERROR", "message": "系统错误"}, rule.status)
        if rule.fault == "errcode":
            return error_answer(self.world, rule.errcode, WORDS.get(rule.errcode, "api error"))
        if rule.fault == "expired_token":
            return error_answer(self.world, 42001, WORDS[42001])
        response = handler(request)
        if rule.fault == "duplicate":
            response = handler(request)
        elif rule.fault == "delay":
            self.world.pause(rule.delay_s)
        elif rule.fault == "drop":
            response = Response(502, dropped=True)
        elif rule.fault == "tamper" and response.body:
            response.body = _tampered(response.body)
        return response

    def _unknown(self, request: Request, methods: set[str]) -> Response:
        if request.path.startswith("/_sim/"):
            if methods:
                ways = ", ".join(sorted(methods))
                return refused("method", f"this address answers {ways}", 405)
            return refused("address", "no such control call; docs/simulator.md lists them", 404)
        proxied = phone.by_referer(self.world, self.handle, request)
        if proxied is not None:
            return proxied
        if methods:
            errcode = 43001 if "GET" in methods else 43002
            return error_answer(self.world, errcode, WORDS[errcode])
        return refused("address", "nothing is served here", 404)


def read_request(environ: dict[str, Any], length: int) -> Request:
    """A request from its WSGI environment, raw target and body kept."""
    headers = {
        name[5:].replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            headers[name.replace("_", "-").lower()] = environ[name]
    if environ.get("wsgi.url_scheme") == "https":
        # A bill's download address must begin with the address the merchant used.
        headers.setdefault("x-forwarded-proto", "https")
    target = environ.get("REQUEST_URI") or environ.get("RAW_URI") or environ["PATH_INFO"]
    chunked = environ.get("wsgi.input_terminated") and not environ.get("CONTENT_LENGTH")
    body = environ["wsgi.input"].read(BODY_LIMIT if chunked else length)
    return Request(
        method=environ["REQUEST_METHOD"],
        raw_target=target,
        headers=headers,
        raw_body=body,
        host=(environ.get("HTTP_HOST") or "").partition(":")[0].lower(),
        remote=environ.get("REMOTE_ADDR", ""),
    )


def _tampered(body: bytes) -> bytes:
    place = len(body) // 2
    return body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]


def _hang_up(environ: dict[str, Any]) -> None:
    """Close the connection under the client, so that it learns nothing."""
    connection = environ.get("werkzeug.socket")
    if connection is not None:
        connection.shutdown(socket.SHUT_RDWR)
    raise ConnectionAbortedError("this answer was ordered to be lost")
