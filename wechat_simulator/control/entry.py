"""The common entrance of control calls: JSON in, JSON out, every refusal a sentence."""

import json
from collections.abc import Callable
from typing import Any

from wechat_simulator.accounts import AccountsWrong
from wechat_simulator.faults import FaultRuleWrong
from wechat_simulator.impossible import Impossible
from wechat_simulator.routes import Request, Response, Router, json_response

ControlHandler = Callable[[Request, dict[str, Any]], Any]


def control(router: Router, method: str, path: str, handler: ControlHandler) -> None:
    """Serve `/_sim/<path>`; the handler gets the request and its JSON object."""

    def answer(request: Request) -> Response:
        try:
            given = _body(request) if method in {"POST", "PUT"} else {}
            return json_response(handler(request, given))
        except Impossible as refusal:
            return refused(refusal.code, refusal.message, refusal.status)
        except AccountsWrong as refusal:
            return refused("accounts", str(refusal), 400)
        except FaultRuleWrong as refusal:
            return refused("faults", str(refusal), 400)

    router.add(method, f"/_sim/{path}", answer, host=None)


def refused(code: str, message: str, status: int) -> Response:
    """A refusal in the control API's form."""
    return json_response({"code": code, "message": message}, status)


def only(given: dict[str, Any], *names: str) -> None:
    """Refuse fields that a call does not know, so that a misspelt one is not overlooked.

    Raises:
        Impossible: there is one.
    """
    unknown = sorted(set(given) - set(names))
    if unknown:
        there = f"there are: {', '.join(names)}" if names else "this call takes none"
        raise Impossible(unknown[0], f"{unknown[0]} is no field of this call; {there}")


def _body(request: Request) -> dict[str, Any]:
    if not request.raw_body.strip():
        return {}
    try:
        body = json.loads(request.raw_body.decode("utf-8"))
        json.dumps(body, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise Impossible("json", "the body is not JSON in UTF-8") from error
    if not isinstance(body, dict):
        raise Impossible("json", "the body is not a JSON object")
    return body
