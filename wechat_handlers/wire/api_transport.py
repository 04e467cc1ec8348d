"""Exchanges with api.weixin.qq.com: sent through one door, read with a limit, understood once.

WeChat answers a refusal with HTTP 200 and an `errcode`, even where a picture was asked for, and
often without a charset. So the status says little, the bytes are decoded as UTF-8, and every
answer that starts like JSON is looked at.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from wechat_handlers.wire import strict_json
from wechat_handlers.wire.error_sentences import api_refusal
from wechat_handlers.wire.errors import NetworkFailed, Outcome, WireRefused
from wechat_handlers.wire.outbound_call import (
    ANSWER_BYTES_MAX,
    TIMEOUT_S,
    AnswerTooLarge,
    OutboundCalls,
    read_body,
)

API_HOST = "https://api.weixin.qq.com"


class MovedAdapter(HTTPAdapter):
    """Sends what is meant for one host to another.

    The SDK has WeChat's host in some fifteen classes; moving it here covers all of them, so that
    a simulator is a setting and not a patch.
    """

    def __init__(self, target: str) -> None:
        super().__init__()
        self._target = target.rstrip("/")

    def send(
        self, request: requests.PreparedRequest, *args: Any, **kwargs: Any
    ) -> requests.Response:
        """Rewrite scheme and host, keep path and query, and send."""
        parts = urlsplit(request.url or "")
        query = f"?{parts.query}" if parts.query else ""
        request.url = f"{self._target}{parts.path}{query}"
        return super().send(request, *args, **kwargs)


def build_session(api_base: str) -> requests.Session:
    """A session whose calls to `API_HOST` go to `api_base`; it heeds no proxy or netrc."""
    session = requests.Session()
    session.trust_env = False
    if api_base.rstrip("/") != API_HOST:
        session.mount(f"{API_HOST}/", MovedAdapter(api_base))
    return session


@dataclass(frozen=True)
class RawAnswer:
    """An answer before it is understood."""

    status: int
    content_type: str
    disposition: str
    content: bytes = field(repr=False)


class ApiTransport:
    """Sends one request to api.weixin.qq.com, or another of its hosts."""

    def __init__(
        self, *, session: requests.Session, calls: OutboundCalls, host: str = API_HOST
    ) -> None:
        self._session = session
        self._calls = calls
        self._host = host

    def exchange(
        self,
        name: str,
        method: str,
        path: str,
        *,
        params: Mapping[str, str],
        body: bytes | None = None,
        limit: int = ANSWER_BYTES_MAX,
    ) -> RawAnswer:
        """One exchange, whatever it answers.

        Raises:
            WeChatApiRefused: no answer, an HTTP failure, or more than `limit` bytes.
        """
        outcome: Outcome
        try:
            answer = self._calls.call(
                name, lambda: self._send(method, path, dict(params), body, limit)
            )
        except NetworkFailed as failure:
            outcome = failure.outcome
        except AnswerTooLarge:
            outcome = "unknown"
        else:
            if answer.status == 200:
                return answer
            outcome = "unknown"
        raise api_refusal(name, None, outcome=outcome)

    def ask(
        self,
        name: str,
        method: str,
        path: str,
        *,
        params: Mapping[str, str],
        body: bytes | None = None,
    ) -> dict[str, Any]:
        """One exchange that answers JSON without an error.

        Raises:
            WeChatApiRefused: with WeChat's errcode, or None when the answer made no sense.
        """
        answer = self.exchange(name, method, path, params=params, body=body)
        return understood(name, answer.content)

    def _send(
        self, method: str, path: str, params: dict[str, str], body: bytes | None, limit: int
    ) -> RawAnswer:
        response = self._session.request(
            method,
            f"{self._host}{path}",
            params=params,
            data=body,
            headers={"Content-Type": "application/json; charset=utf-8"} if body else {},
            timeout=TIMEOUT_S,
            allow_redirects=False,
            stream=True,
        )
        headers = response.headers
        return RawAnswer(
            status=response.status_code,
            content_type=headers.get("Content-Type", ""),
            disposition=headers.get("Content-Disposition", ""),
            content=read_body(response, limit),
        )


def understood(name: str, content: bytes) -> dict[str, Any]:
    """The object in a JSON answer.

    Raises:
        WeChatApiRefused: it carries an errcode, or is no JSON object.
    """
    try:
        answer = strict_json.parse(content.decode("utf-8", "replace"), control_characters=True)
    except WireRefused:
        answer = None
    if not isinstance(answer, dict):
        raise api_refusal(name, None)
    errcode = errcode_of(answer)
    if errcode:
        raise api_refusal(name, errcode)
    return answer


def errcode_of(answer: Mapping[str, Any]) -> int:
    """WeChat's code; absent means 0, and it comes as text now and then."""
    value = answer.get("errcode", 0)
    try:
        return int(value)
    except (TypeError, ValueError):
        return -1


def json_body(members: Mapping[str, Any]) -> bytes:
    r"""JSON as raw UTF-8: WeChat shows `\uXXXX` as it stands, in menus for one."""
    return json.dumps(members, ensure_ascii=False).encode("utf-8", "replace")
