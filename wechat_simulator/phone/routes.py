"""The telephone's own addresses: its page, its files, and what its screens ask."""

from importlib import resources

from wechat_simulator.api.menu import buttons_of
from wechat_simulator.browser import Inside
from wechat_simulator.phone import screens
from wechat_simulator.phone.mini import mini_request
from wechat_simulator.phone.proxy import PROXY, by_referer, proxy
from wechat_simulator.phone.sheets import check_config, pay_sheet
from wechat_simulator.routes import Request, Response, Router, json_response
from wechat_simulator.world import World

__all__ = ["FILES", "by_referer", "register"]

_SCRIPT = "text/javascript; charset=utf-8"
FILES = {
    "phone.css": "text/css; charset=utf-8",
    "screens.css": "text/css; charset=utf-8",
    **dict.fromkeys(
        (
            *("phone.js", "telephone.js", "chat.js", "letters.js", "web.js", "sheets.js"),
            *("mini.js", "shop.js", "drawer.js", "samples.js", "words.js", "ground.js"),
            "inside.js",
        ),
        _SCRIPT,
    ),
}
MINI = "/phone/mini/"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")


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

    def mini(request: Request) -> Response:
        return mini_request(world, request, request.raw_target[len(MINI) :])

    router.add("GET", "/phone", page, host=None)
    router.add("GET", "/phone/", page, host=None)
    router.add("GET", "/phone/menu", menu, host=None)
    router.add("POST", "/phone/jssdk", jssdk, host=None)
    router.add("POST", "/phone/sheet", sheet, host=None)
    router.add("GET", "/phone/files/{name}", file, host=None)
    screens.register(router, world, inside)
    for method in METHODS:
        router.add(method, PROXY + "{rest:path}", proxied, host=None)
        router.add(method, MINI + "{rest:path}", mini, host=None)


def _file(name: str, content_type: str) -> Response:
    content = resources.files("wechat_simulator.phone").joinpath("files", name).read_bytes()
    headers = {
        "Content-Type": content_type,
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(200, content, headers)
