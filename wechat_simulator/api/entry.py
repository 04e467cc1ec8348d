"""The common entrance of the server APIs: token, quota, JSON, and errors in WeChat's form."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from wechat_simulator import chance
from wechat_simulator.api.quotas import Limit, spend
from wechat_simulator.api.refusals import Refused
from wechat_simulator.entities import Account, Kind
from wechat_simulator.routes import API, Request, Response, Router, json_response
from wechat_simulator.world import World

TOKEN_LIVES_S = 7200
BOTH: tuple[Kind, ...] = ("oa", "mini")
_ESCAPE = re.compile(r"(?<!\\)((?:\\\\)*)\\u(?=[0-9a-fA-F]{4})")


@dataclass
class Call:
    """One API call whose token was accepted."""

    world: World
    request: Request
    account: Account
    body: dict[str, Any] = field(default_factory=dict)

    def text(self, name: str, errcode: int = 47001) -> str:
        """A text of the body that must be there and not be empty.

        Raises:
            Refused: it is missing, empty or no text.
        """
        value = self.body.get(name)
        if not isinstance(value, str) or not value:
            raise Refused(errcode, f"hint: [{name}]")
        return value


ApiHandler = Callable[[Call], dict[str, Any] | Response]
OpenHandler = Callable[[World, Request], dict[str, Any] | Response]


def serve(
    router: Router,
    world: World,
    method: str,
    path: str,
    handler: ApiHandler,
    *,
    kinds: tuple[Kind, ...] = BOTH,
    quota: int | None = None,
    a_minute: int | None = None,
) -> None:
    """Serve an API behind an access token, for these kinds of account, `quota` calls a day."""
    limit = Limit(quota, a_minute)
    router.notes[path] = limit

    def answer(request: Request) -> dict[str, Any] | Response:
        account = authorised(world, request)
        if account.kind not in kinds:
            raise Refused(48001)
        spend(world, account.appid, path, limit)
        call = Call(world, request, account)
        if method == "POST" and "multipart" not in (request.header("content-type") or ""):
            call.body = read_body(request)
        return handler(call)

    router.add(method, path, _guarded(world, answer))


def serve_open(
    router: Router,
    world: World,
    method: str,
    path: str,
    handler: OpenHandler,
    *,
    host: str = API,
) -> None:
    """Serve an API that needs no access token."""
    router.add(method, path, _guarded(world, lambda request: handler(world, request)), host=host)


def error_answer(world: World, errcode: int, errmsg: str) -> Response:
    """WeChat's error: HTTP 200, the code, the words and a request id."""
    with world.lock:
        rid = f"{int(world.clock.now()):x}-{chance.hexadecimal(world.rng, 8)}"
        rid += f"-{chance.hexadecimal(world.rng, 8)}"
    return json_response({"errcode": errcode, "errmsg": f"{errmsg} rid: {rid}"})


def authorised(world: World, request: Request) -> Account:
    """Whose access token the call carries.

    Raises:
        Refused: 41001, 40014, 40001 or 42001.
    """
    value = request.query.get("access_token", "")
    if not value:
        raise Refused(41001)
    token = world.things.tokens.get(value)
    if token is None:
        raise Refused(40014 if len(value) < 16 else 40001)
    now = world.clock.now()
    if not token.revoked and now >= token.issued_at + TOKEN_LIVES_S:
        raise Refused(42001)
    if token.revoked or now >= token.dies_at:
        raise Refused(40001)
    account = world.accounts.by_appid(token.appid)
    if account is None:
        raise Refused(40001)
    return account


def read_body(request: Request) -> dict[str, Any]:
    """The JSON body; `\\uXXXX` is not undone, as WeChat does not undo it.

    Raises:
        Refused: empty (44002), or no JSON object (47001).
    """
    if not request.raw_body.strip():
        raise Refused(44002)
    try:
        text = request.raw_body.decode("utf-8")
        body = json.loads(_ESCAPE.sub(r"\1\\\\u", text))
    except (ValueError, RecursionError) as error:
        raise Refused(47001) from error
    if not isinstance(body, dict):
        raise Refused(47001)
    return body


def _guarded(
    world: World, answer: Callable[[Request], dict[str, Any] | Response]
) -> Callable[[Request], Response]:
    def handle(request: Request) -> Response:
        try:
            with world.lock:
                content = answer(request)
        except Refused as refusal:
            return error_answer(world, refusal.errcode, refusal.errmsg)
        return content if isinstance(content, Response) else json_response(content)

    return handle
