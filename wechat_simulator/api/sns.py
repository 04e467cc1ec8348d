"""Login of the mini-program and web authorisation: codes, sessions, web tokens."""

import hashlib
import hmac
from typing import Any

from wechat_simulator import chance, logins
from wechat_simulator.api.entry import Call, serve, serve_open
from wechat_simulator.api.refusals import Refused
from wechat_simulator.entities import Account, LoginCode, OAuthToken
from wechat_simulator.pushcrypto import same
from wechat_simulator.routes import Request, Router
from wechat_simulator.world import World

WEB_TOKEN_S = 7200
REFRESH_S = 30 * 86400


def register(router: Router, world: World) -> None:
    """Serve everything under /sns and the session checks of the mini-program."""
    serve_open(router, world, "GET", "/sns/jscode2session", jscode2session)
    serve_open(router, world, "GET", "/sns/oauth2/access_token", oauth_token)
    serve_open(router, world, "GET", "/sns/oauth2/refresh_token", refresh)
    serve_open(router, world, "GET", "/sns/userinfo", userinfo)
    serve_open(router, world, "GET", "/sns/auth", check)
    serve(router, world, "GET", "/wxa/checksession", check_session, kinds=("mini",))
    serve(router, world, "GET", "/wxa/resetusersessionkey", reset_session, kinds=("mini",))


def jscode2session(world: World, request: Request) -> dict[str, Any]:
    """The openid, session key and unionid behind a login code; no errcode on success."""
    given = request.query
    account = _authenticated(world, given, "mini")
    code = _spent(world, given.get("js_code", ""), "login", account)
    person = world.people[code.person_id]
    key = world.session_key(person.id, account.appid)
    return {"session_key": key, "openid": person.mini_openid, "unionid": person.unionid}


def oauth_token(world: World, request: Request) -> dict[str, Any]:
    """The web token behind a code; a snapshot user gets a made-up openid."""
    given = request.query
    account = _authenticated(world, given, "oa")
    code = _spent(world, given.get("code", ""), "oauth", account)
    person = world.people[code.person_id]
    openid = person.oa_openid
    if code.snapshot:
        openid = chance.openid(world.rng, "snap0")
    token = _issue(world, code, openid)
    answer = _shown_token(token)
    if code.snapshot:
        answer["is_snapshotuser"] = 1
    elif code.scope == "snsapi_userinfo":
        answer["unionid"] = person.unionid
    return answer


def refresh(world: World, request: Request) -> dict[str, Any]:
    """Lengthen a web token by its refresh token."""
    given = request.query
    if given.get("grant_type") != "refresh_token":
        raise Refused(40002)
    if world.accounts.by_appid(given.get("appid", "")) is None:
        raise Refused(40013)
    asked = given.get("refresh_token", "")
    if not asked:
        raise Refused(41003)
    for token in world.things.oauth_tokens.values():
        if same(token.refresh, asked) and token.appid == given["appid"]:
            if world.clock.now() > token.refresh_until:
                raise Refused(42002)
            token.expires_at = world.clock.now() + WEB_TOKEN_S
            return _shown_token(token)
    raise Refused(40030)


def userinfo(world: World, request: Request) -> dict[str, Any]:
    """Name and picture, for snsapi_userinfo and real users only."""
    token = _web_token(world, request)
    if token.scope != "snsapi_userinfo" or token.snapshot:
        raise Refused(48001)
    person = world.people[token.person_id]
    return {
        "openid": token.openid,
        "nickname": person.nickname,
        "sex": 0,
        "language": "",
        "city": "",
        "province": "",
        "country": "",
        "headimgurl": person.avatar,
        "privilege": [],
        "unionid": person.unionid,
    }


def check(world: World, request: Request) -> dict[str, Any]:
    """Whether a web token is good for an openid."""
    _web_token(world, request)
    return {"errcode": 0, "errmsg": "ok"}


def check_session(call: Call) -> dict[str, Any]:
    """Whether the backend still holds the newest session key."""
    key = _session_key(call)
    wanted = hmac.new(key.encode(), b"", hashlib.sha256).hexdigest()
    if not same(wanted, call.request.query.get("signature", "")):
        raise Refused(87009)
    return {"errcode": 0, "errmsg": "ok"}


def reset_session(call: Call) -> dict[str, Any]:
    """Replace the session key."""
    check_session(call)
    openid = call.request.query["openid"]
    person = call.world.person_for(call.account.appid, openid)
    if person is None:
        raise Refused(40003)
    key = logins.new_session(call.world, person.id, call.account.appid)
    return {"errcode": 0, "errmsg": "ok", "openid": openid, "session_key": key}


def _session_key(call: Call) -> str:
    query = call.request.query
    if query.get("sig_method") != "hmac_sha256":
        raise Refused(40097, "hint: [sig_method]")
    person = call.world.person_for(call.account.appid, query.get("openid", ""))
    if person is None:
        raise Refused(40003)
    key = call.world.session_key(person.id, call.account.appid)
    if key is None:
        raise Refused(87009)
    return key


def _authenticated(world: World, given: dict[str, str], kind: str) -> Account:
    if given.get("grant_type") != "authorization_code":
        raise Refused(40002)
    if not given.get("appid"):
        raise Refused(41002)
    if not given.get("secret"):
        raise Refused(41004)
    account = world.accounts.by_appid(given["appid"])
    if account is None or account.kind != kind:
        raise Refused(40013)
    if not same(account.secret, given["secret"]):
        raise Refused(40125)
    return account


def _spent(world: World, value: str, purpose: str, account: Account) -> LoginCode:
    if not value:
        raise Refused(41008)
    code = world.things.codes.get(value)
    if code is None or code.purpose != purpose or code.appid != account.appid:
        raise Refused(40029)
    if code.used:
        raise Refused(40163)
    if world.clock.now() > code.expires_at:
        raise Refused(40029)
    code.used = True
    return code


def _issue(world: World, code: LoginCode, openid: str) -> OAuthToken:
    now = world.clock.now()
    token = OAuthToken(
        value=f"{world.rng.randrange(10, 99)}_{chance.letters(world.rng, 86)}",
        refresh=f"{world.rng.randrange(10, 99)}_{chance.letters(world.rng, 86)}",
        appid=code.appid,
        openid=openid,
        person_id=code.person_id,
        scope=code.scope,
        expires_at=now + WEB_TOKEN_S,
        refresh_until=now + REFRESH_S,
        snapshot=code.snapshot,
    )
    world.things.oauth_tokens[token.value] = token
    return token


def _shown_token(token: OAuthToken) -> dict[str, Any]:
    return {
        "access_token": token.value,
        "expires_in": WEB_TOKEN_S,
        "refresh_token": token.refresh,
        "openid": token.openid,
        "scope": token.scope,
    }


def _web_token(world: World, request: Request) -> OAuthToken:
    given = request.query
    if not given.get("access_token"):
        raise Refused(41001)
    if not given.get("openid"):
        raise Refused(41009)
    token = world.things.oauth_tokens.get(given["access_token"])
    if token is None:
        raise Refused(40001)
    if world.clock.now() >= token.expires_at:
        raise Refused(42001)
    if not same(token.openid, given["openid"]):
        raise Refused(40003)
    return token
