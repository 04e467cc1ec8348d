"""Account pages for the telephone, fetched as the person and made to fit its frame."""

import html
from urllib.parse import urljoin, urlsplit

from wechat_simulator.browser import Browser, Inside, Page
from wechat_simulator.impossible import Impossible
from wechat_simulator.phone import rewriting
from wechat_simulator.routes import Request, Response
from wechat_simulator.world import World

PROXY = rewriting.PROXY
_PASSED_ON = (
    "content-type",
    "accept",
    "x-requested-with",
    "idempotency-key",
    "authorization",
)
_PASSED_PREFIXES = ("hx-", "x-csrf")
_LANGUAGES = {False: "zh-CN,zh;q=0.9", True: "en,zh-CN;q=0.5"}
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
    headers["Accept-Language"] = _LANGUAGES[_speaks_english(request)]
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


def _speaks_english(request: Request) -> bool:
    """Whether the telephone's own language, which its page keeps in a cookie, is English."""
    return "phone-language=en" in (request.header("cookie") or "").split("; ")


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


def _note(status: int, text: str) -> Response:
    body = (
        '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>微信</title>'
        f"<p>{html.escape(text)}</p></html>"
    )
    return Response(status, body.encode(), {"Content-Type": "text/html; charset=utf-8"})
