"""Server credentials: the classic and the stable pool, which know nothing of each other."""

from typing import Any

from wechat_simulator import chance
from wechat_simulator.api.entry import TOKEN_LIVES_S, Call, read_body, serve, serve_open
from wechat_simulator.api.quotas import Limit, clear, quota_of, spend
from wechat_simulator.api.refusals import Refused
from wechat_simulator.entities import AccessToken, Account
from wechat_simulator.pushcrypto import same
from wechat_simulator.routes import Request, Router
from wechat_simulator.world import World

OVERLAP_S = 300
FORCE_GAP_S = 30
CLASSIC = Limit(2_000)
STABLE = Limit(500_000, 10_000)


def register(router: Router, world: World) -> None:
    """Serve token, stable_token, the callback addresses and the quota tools."""
    serve_open(router, world, "GET", "/cgi-bin/token", classic)
    serve_open(router, world, "POST", "/cgi-bin/stable_token", stable)
    for path in ("/cgi-bin/getcallbackip", "/cgi-bin/get_api_domain_ip"):
        serve(router, world, "GET", path, lambda _: {"ip_list": ["127.0.0.1"]})
    serve(router, world, "POST", "/cgi-bin/clear_quota", _clear_quota)
    router.notes |= {"/cgi-bin/token": CLASSIC, "/cgi-bin/stable_token": STABLE}
    path = "/cgi-bin/openapi/quota/get"
    serve(router, world, "POST", path, lambda call: _quota(call, router.notes))


def classic(world: World, request: Request) -> dict[str, Any]:
    """A new token; the one before lives five minutes more."""
    given = request.query
    account = _authenticated(world, given)
    spend(world, account.appid, "/cgi-bin/token", CLASSIC)
    now = world.clock.now()
    for token in _living(world, account, "classic"):
        token.dies_at = min(token.dies_at, now + OVERLAP_S)
    return _shown(world, _issue(world, account, "classic"))


def stable(world: World, request: Request) -> dict[str, Any]:
    """The token in use; a new one near its end, or at once when forced."""
    given = read_body(request)
    account = _authenticated(world, given)
    force = given.get("force_refresh", False)
    if not isinstance(force, bool):
        raise Refused(47001, "hint: [force_refresh]")
    spend(world, account.appid, "/cgi-bin/stable_token", STABLE)
    now = world.clock.now()
    living = _living(world, account, "stable")
    newest = max(living, key=lambda one: one.issued_at, default=None)
    if newest is not None and force and _may_force(world, account, newest):
        for token in living:
            token.revoked = True
        newest = None
    if newest is None or newest.dies_at - now <= OVERLAP_S:
        newest = _issue(world, account, "stable")
    return _shown(world, newest)


def _authenticated(world: World, given: dict[str, Any]) -> Account:
    if given.get("grant_type") != "client_credential":
        raise Refused(40002)
    appid, secret = given.get("appid"), given.get("secret")
    if not isinstance(appid, str) or not appid:
        raise Refused(41002)
    if not isinstance(secret, str) or not secret:
        raise Refused(41004)
    account = world.accounts.by_appid(appid)
    if account is None:
        raise Refused(40013)
    if not same(account.secret, secret):
        raise Refused(40125)
    return account


def _living(world: World, account: Account, pool: str) -> list[AccessToken]:
    now = world.clock.now()
    tokens = world.things.tokens
    for value in [value for value, one in tokens.items() if one.issued_at < now - 86400]:
        del tokens[value]
    return [
        one
        for one in tokens.values()
        if one.appid == account.appid and one.pool == pool and not one.revoked and one.dies_at > now
    ]


def _may_force(world: World, account: Account, newest: AccessToken) -> bool:
    if world.clock.now() - newest.issued_at < FORCE_GAP_S:
        return False
    try:
        spend(world, account.appid, "force_refresh", Limit(20))
    except Refused:
        return False
    return True


def _issue(world: World, account: Account, pool: Any) -> AccessToken:
    now = world.clock.now()
    token = AccessToken(
        value=f"{world.rng.randrange(10, 99)}_{chance.letters(world.rng, 133)}",
        appid=account.appid,
        pool=pool,
        issued_at=now,
        dies_at=now + TOKEN_LIVES_S,
    )
    world.things.tokens[token.value] = token
    return token


def _shown(world: World, token: AccessToken) -> dict[str, Any]:
    left = int(token.dies_at - world.clock.now())
    return {"access_token": token.value, "expires_in": left}


def _clear_quota(call: Call) -> dict[str, Any]:
    if call.body.get("appid") != call.account.appid:
        raise Refused(40013)
    clear(call.world, call.account.appid)
    return {"errcode": 0, "errmsg": "ok"}


def _quota(call: Call, limits: dict[str, Limit]) -> dict[str, Any]:
    path = call.body.get("cgi_path")
    if not isinstance(path, str) or path not in limits:
        raise Refused(76021)
    return quota_of(call.world, call.account.appid, path, limits[path])
