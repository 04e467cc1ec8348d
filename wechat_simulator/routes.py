"""A small router over WSGI that keeps the raw target and the raw body for whoever checks them."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, unquote

from werkzeug.formparser import parse_form_data

from wechat_simulator.faults import FaultRule
from wechat_simulator.transport import wsgi_environ

API = "api.weixin.qq.com"
OPEN = "open.weixin.qq.com"
MP = "mp.weixin.qq.com"
PAY = "api.mch.weixin.qq.com"
WECOM = "qyapi.weixin.qq.com"
WORK = "work.weixin.qq.com"
WEIXIN = "weixin.qq.com"
ALIASES = {
    **{f"{name}.weixin.qq.com": API for name in ("api2", "sh.api", "sz.api", "hk.api")},
    "api2.mch.weixin.qq.com": PAY,
}
REAL_HOSTS = (API, OPEN, MP, PAY, WECOM, WORK, WEIXIN, *ALIASES)
# A backend has pages of its own under these short paths, and the telephone proxies them.
NEVER_ON_LOOPBACK = {WEIXIN}
BODY_LIMIT = 32 * 1024 * 1024


@dataclass
class Request:
    """One request as it was sent."""

    method: str
    raw_target: str
    headers: dict[str, str]
    raw_body: bytes
    host: str = "127.0.0.1"
    remote: str = "127.0.0.1"
    params: dict[str, str] = field(default_factory=dict)
    fault: FaultRule | None = None

    @property
    def path(self) -> str:
        """The path, percent-decoded."""
        return unquote(self.raw_target.partition("?")[0])

    @property
    def query_items(self) -> list[tuple[str, str]]:
        """The query in its order, decoded; blank values kept."""
        return parse_qsl(self.raw_target.partition("?")[2], keep_blank_values=True)

    @property
    def query(self) -> dict[str, str]:
        """The query; of a name given twice the first counts."""
        return dict(reversed(self.query_items))

    def header(self, name: str) -> str | None:
        """A header by its name in any case."""
        return self.headers.get(name.lower())

    def json(self) -> Any:
        """The body as JSON.

        Raises:
            ValueError: it is not JSON in UTF-8.
        """
        return json.loads(self.raw_body.decode("utf-8"))

    def form(self) -> tuple[dict[str, str], dict[str, tuple[str, str, bytes]]]:
        """Form fields, and files as (filename, content type, bytes)."""
        environ = wsgi_environ(self.method, f"http://sim{self.raw_target}", {}, self.raw_body)
        environ["CONTENT_TYPE"] = self.header("content-type") or ""
        _, fields, files = parse_form_data(environ)
        read: dict[str, tuple[str, str, bytes]] = {}
        for name, one in files.items():
            with one.stream as content:
                read[name] = (one.filename or "", one.content_type or "", content.read())
        return dict(fields.items()), read


@dataclass
class Response:
    """One answer; `dropped` closes the connection instead of sending it."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    cookies: list[str] = field(default_factory=list)
    dropped: bool = False


Handler = Callable[[Request], Response]


def json_response(content: Any, status: int = 200) -> Response:
    """An answer in JSON, UTF-8 unescaped as WeChat sends it."""
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(status, body, {"Content-Type": "application/json; encoding=utf-8"})


@dataclass(frozen=True)
class Route:
    """Where a handler is found; `host` is None for control calls, served under every name."""

    method: str
    pattern: str
    host: str | None
    handler: Handler
    shape: re.Pattern[str]


class Router:
    """Routes by method, path pattern and real host."""

    def __init__(self) -> None:
        self.routes: list[Route] = []
        # What a room notes of its own paths, for its own calls about paths.
        self.notes: dict[str, Any] = {}

    def add(self, method: str, pattern: str, handler: Handler, *, host: str | None = API) -> None:
        """Serve `method pattern` with `handler`.

        `{name}` in the pattern takes one segment into `request.params`, `{name:path}` the rest.
        Under one of WeChat's host names only that host's routes are seen; on loopback all are.
        """
        literal = re.split(r"(\{\w+(?::path)?\})", pattern)
        shape = "".join(_group(one) if one.startswith("{") else re.escape(one) for one in literal)
        self.routes.append(Route(method, pattern, host, handler, re.compile(shape)))

    def find(self, request: Request) -> tuple[Route | None, set[str]]:
        """The route that answers, with `request.params` filled; else the methods that would."""
        path = request.raw_target.partition("?")[0]
        host = ALIASES.get(request.host, request.host)
        methods: set[str] = set()
        for route in self.routes:
            if host in REAL_HOSTS and route.host not in {None, host}:
                continue
            if route.host in NEVER_ON_LOOPBACK and route.host != host:
                continue
            found = route.shape.fullmatch(path)
            if found is None:
                continue
            if route.method == request.method:
                request.params = {k: unquote(v) for k, v in found.groupdict().items()}
                return route, methods
            methods.add(route.method)
        return None, methods


def status_line(status: int) -> str:
    """The WSGI status line."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"{status} Unknown"


def _group(marker: str) -> str:
    name = marker.strip("{}")
    if name.endswith(":path"):
        return f"(?P<{name[:-5]}>.*)"
    return f"(?P<{name}>[^/]+)"
