"""The telephone's own addresses: its page, its files, and the proxy for account pages."""

import html
from importlib import resources
from urllib.parse import urljoin, urlsplit

from wechat_simulator.api.menu import buttons_of
from wechat_simulator.browser import Browser, Inside, Page
from wechat_simulator.impossible import Impossible
from wechat_simulator.phone import rewriting
from wechat_simulator.phone.sheets import check_config, pay_sheet
from wechat_simulator.routes import Request, Response, Router, json_response
from wechat_simulator.world import World

PROXY = "/phone/proxy/"
FILES = {
    "phone.js": "text/javascript; charset=utf-8",
    "phone.css": "text/css; charset=utf-8",
    "inside.js": "text/javascript; charset=utf-8",
}
_PASSED_ON = (
    "content-type",
    "accept",
    "accept-language",
    "x-requested-with",
    "idempotency-key",
    "authorization",
)
_PASSED_PREFIXES = ("hx-", "x-csrf")
_KEPT_BACK = {
    "content-security-policy",
    "content-security-policy-report-only",
    "x-frame-options",
    "cross-origin-opener-policy",
    "cross-origin-embedder-policy",
    "cross-origin-resource-policy",
    "strict-transport-security",
    "set-cookie",
    "content-length",
    "content-encoding",
    "transfer-encoding",
    "connection",
    "referrer-policy",
    "server",
    "date",
    "location",
}


def register(router: Router, world: World, inside: Inside) -> None:
    """Serve /phone and what lies under it."""

    def page(request: Request) -> Response:
        del request
        return _file("phone.html", "text/html; charset=utf-8")

    def file(request: Request) -> Response:
        name = request.params["name"]
        return _file(name, FILES[name]) if name in FILES else Response(404)

    def menu(request: Request) -> Response:
        del request
        with world.lock:
            appid = world.accounts.oa.appid
            shown = {"button": world.things.menus.get(appid, []), "flat": buttons_of(world, appid)}
        return json_response(shown)

    def jssdk(request: Request) -> Response:
        return json_response(check_config(world, request))

    def sheet(request: Request) -> Response:
        return json_response(pay_sheet(world, request))

    def proxied(request: Request) -> Response:
        return proxy(world, inside, request, request.raw_target[len(PROXY) :])

    router.add("GET", "/phone", page, host=None)
    router.add("GET", "/phone/", page, host=None)
    router.add("GET", "/phone/menu", menu, host=None)
    router.add("POST", "/phone/jssdk", jssdk, host=None)
    router.add("POST", "/phone/sheet", sheet, host=None)
    router.add("GET", "/phone/files/{name}", file, host=None)
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"):
        router.add(method, PROXY + "{rest:path}", proxied, host=None)


def proxy(world: World, inside: Inside, request: Request, rest: str) -> Response:
    """Fetch `<person>/<scheme>/<host>/<path>?<query>` as that person and make it fit the frame."""
    person_id, scheme, host, path = [*rest.split("/", 3), "", "", ""][:4]
    person = world.people.get(person_id)
    if person is None or scheme not in {"http", "https"} or not host:
        return _note(404, "这个页面的地址不完整，请从聊天里重新打开。")
    url = f"{scheme}://{host}/{path}"
    headers = {
        name: value
        for name, value in request.headers.items()
        if name in _PASSED_ON or name.startswith(_PASSED_PREFIXES)
    }
    origin = f"{scheme}://{host}"
    if request.method != "GET":
        headers["Origin"] = origin
    headers["Referer"] = rewriting.real_address(request.header("referer") or "") or origin + "/"
    try:
        fetched = Browser(world, person, inside).once(
            url,
            method=request.method,
            body=request.raw_body,
            headers=headers,
            tapped=request.query.get("sim_tap") == "1",
        )
    except Impossible as refusal:
        return _note(502, f"打不开这个页面：{refusal.message}")
    return _fitted(person_id, fetched)


def by_referer(world: World, inside: Inside, request: Request) -> Response | None:
    """A page's own `/path` asked of the simulator by mistake: sent to where the page came from."""
    referer = urlsplit(request.header("referer") or "").path
    if not referer.startswith(PROXY) or request.path.startswith(("/_sim/", "/phone/")):
        return None
    parts = referer[len(PROXY) :].split("/", 3)
    if len(parts) < 3:
        return None
    return proxy(world, inside, request, "/".join(parts[:3]) + request.raw_target)


def _fitted(person_id: str, page: Page) -> Response:
    headers = {name: value for name, value in page.headers if name.lower() not in _KEPT_BACK}
    headers["Referrer-Policy"] = "same-origin"
    headers["Cache-Control"] = "no-store"
    location = page.header("location")
    if page.status in {301, 302, 303, 307, 308} and location:
        headers["Location"] = rewriting.proxied(person_id, urljoin(page.url, location))
        return Response(page.status, b"", headers)
    body = page.body
    if "text/html" in page.header("content-type"):
        body = rewriting.page(body, page.url, person_id)
    return Response(page.status, body, headers)


def _file(name: str, content_type: str) -> Response:
    content = resources.files("wechat_simulator.phone").joinpath("files", name).read_bytes()
    headers = {
        "Content-Type": content_type,
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(200, content, headers)


def _note(status: int, text: str) -> Response:
    body = (
        '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>微信</title>'
        f"<p>{html.escape(text)}</p></html>"
    )
    return Response(status, body.encode(), {"Content-Type": "text/html; charset=utf-8"})
