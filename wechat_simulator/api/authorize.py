"""The web-authorisation page of open.weixin.qq.com, as the person's own browser sees it."""

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from wechat_simulator import logins
from wechat_simulator.routes import OPEN, Request, Response, Router
from wechat_simulator.world import World

PERSON_HEADER = "x-sim-person"
TAP_HEADER = "x-sim-tap"
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
SCOPES = ("snsapi_base", "snsapi_userinfo")


def register(router: Router, world: World) -> None:
    """Serve /connect/oauth2/authorize."""

    def answer(request: Request) -> Response:
        return authorize(world, request)

    router.add("GET", "/connect/oauth2/authorize", answer, host=OPEN)


def authorize(world: World, request: Request) -> Response:
    """Send the person back to `redirect_uri` with a code and the state.

    Who the person is comes from the telephone that opens the page (a header that the simulator's
    own browser sets); a stranger's browser is told to open the link in WeChat. Without a tap,
    snsapi_userinfo opens the snapshot page: the code then leads to a virtual user.
    """
    given = request.query
    account = world.accounts.by_appid(given.get("appid", ""))
    if account is None or account.kind != "oa":
        return _page("Oops! Something went wrong", "10013 appid 参数错误")
    if given.get("response_type") != "code" or given.get("scope") not in SCOPES:
        return _page("Oops! Something went wrong", "10005 scope 参数错误或没有 scope 权限")
    if len(given.get("state", "").encode()) > 128:
        return _page("Oops! Something went wrong", "state 不能超过 128 字节")
    address = given.get("redirect_uri", "")
    if not _allowed(account.callback_url, address):
        return _page("Oops! Something went wrong", "10003 redirect_uri 域名与后台配置不一致")
    person_id = request.header(PERSON_HEADER) or ""
    if person_id not in world.people:
        return _page("请在微信客户端打开链接", "请在微信客户端打开链接")
    follower = world.things.followers.get(person_id)
    # Followers who come from the chat, and whoever tapped, are authorised; others are virtual.
    known = (follower is not None and follower.following) or request.header(TAP_HEADER) == "1"
    snapshot = given["scope"] == "snsapi_userinfo" and not known
    with world.lock:
        code = logins.new_code(
            world, person_id, "oauth", account.appid, scope=given["scope"], snapshot=snapshot
        )
    location = _with_code(address, code, given.get("state", ""))
    return Response(302, b"", {"Location": location})


def _allowed(callback_url: str, address: str) -> bool:
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        return False
    # The domain of web authorisation is the callback's own until there is another setting.
    allowed = urlsplit(callback_url).hostname
    return not callback_url or parts.hostname == allowed or {parts.hostname, allowed} <= LOOPBACK


def _with_code(address: str, code: str, state: str) -> str:
    parts = urlsplit(address)
    query = parse_qsl(parts.query, keep_blank_values=True)
    query += [("code", code), ("state", state)]
    return urlunsplit(parts._replace(query=urlencode(query)))


def _page(title: str, text: str) -> Response:
    body = (
        '<!doctype html><html lang="zh-CN"><meta charset="utf-8">'
        f"<title>{title}</title><p>{text}</p></html>"
    )
    return Response(200, body.encode(), {"Content-Type": "text/html; charset=utf-8"})
