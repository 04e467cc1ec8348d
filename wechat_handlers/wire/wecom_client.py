"""Calls to qyapi.weixin.qq.com: ways into groups that the platform makes, and who is in them.

A way is made for one to five rooms; when all are full the platform makes the next one itself. Its
code is given as the address of a picture on the platform's picture hosts, so the picture is
fetched, and what it says is read by whoever asked.

Source: https://developer.work.weixin.qq.com/document/path/92229
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

import requests

from wechat_handlers.wire.access_token import AccessTokens, FetchedToken
from wechat_handlers.wire.api_answers import AccountCredentials, optional_text, seconds, text
from wechat_handlers.wire.api_transport import ApiTransport, MovedAdapter, json_body
from wechat_handlers.wire.error_sentences import api_refusal
from wechat_handlers.wire.errors import WeChatApiRefused
from wechat_handlers.wire.outbound_call import OutboundCalls

WECOM_HOST = "https://qyapi.weixin.qq.com"
TOKEN_REFUSED = frozenset({40014, 42001})
NO_SUCH_ROOM = frozenset({40050, 49008})
ROOMS_PER_WAY_MAX = 5
STATE_CHARS_MAX = 30
NAME_CHARS_MAX = 40
PICTURE_BYTES_MAX = 2 * 1024 * 1024
_BY_CODE, _CUSTOMER = 2, 2
# Where the platform keeps pictures of codes; no other host is ever asked for one.
_PICTURE_HOST = re.compile(r"(?:[a-z0-9-]+\.)?(?:qpic|qlogo)\.cn")

Result = TypeVar("Result")


@dataclass(frozen=True)
class RoomMember:
    """A customer in a room: how the owner's accounts know them, and by which way they came."""

    union_subject: str | None = field(repr=False)
    state: str


@dataclass(frozen=True)
class RoomRead:
    """A room as the platform holds it now; staff are counted and not listed."""

    room_ref: str
    name: str
    members_count: int
    members: tuple[RoomMember, ...]


class WecomApi:
    """The calls. Safe to share between threads.

    Args:
        api_base: where the platform is; pictures come from there too when it is not the real one.
        tokens: the access tokens that all processes share.
    """

    def __init__(self, *, api_base: str, calls: OutboundCalls, tokens: AccessTokens) -> None:
        self._session = wecom_session(api_base)
        self._calls = calls
        self._transport = wecom_transport(api_base, calls)
        self._tokens = tokens

    def add_join_way(
        self, account_id: UUID, *, state: str, name: str, room_refs: Sequence[str]
    ) -> str:
        """Make a way into these rooms, and into those that follow when they are full; its id.

        Args:
            state: comes back with every member who used the way.
            name: what rooms that follow are called; a number is added.
        """
        body = {
            "scene": _BY_CODE,
            "remark": name[:STATE_CHARS_MAX],
            "auto_create_room": 1,
            "room_base_name": name[:NAME_CHARS_MAX],
            "room_base_id": 2,
            "chat_id_list": list(room_refs)[:ROOMS_PER_WAY_MAX],
            "state": state[:STATE_CHARS_MAX],
        }
        answer = self._ask("wecom.join_way", account_id, "add_join_way", body)
        return text("wecom.join_way", answer, "config_id")

    def join_way_picture(self, account_id: UUID, way_ref: str) -> bytes:
        """The picture of a way's code.

        Raises:
            WeChatApiRefused: also when the platform names a host that is none of its own.
        """
        answer = self._ask("wecom.join_way", account_id, "get_join_way", {"config_id": way_ref})
        way = answer.get("join_way")
        if not isinstance(way, dict):
            raise api_refusal("wecom.join_way", None)
        return self._picture(text("wecom.join_way", way, "qr_code"))

    def read_room(self, account_id: UUID, room_ref: str) -> RoomRead | None:
        """Who is in a room now; None when it is gone."""
        body = {"chat_id": room_ref, "need_name": 0}
        try:
            answer = self._ask("wecom.room", account_id, "get", body)
        except WeChatApiRefused as refusal:
            if refusal.errcode in NO_SUCH_ROOM:
                return None
            raise
        room = answer.get("group_chat")
        if not isinstance(room, dict) or not isinstance(room.get("member_list"), list):
            raise api_refusal("wecom.room", None)
        listed = [one for one in room["member_list"] if isinstance(one, dict)]
        members = tuple(
            RoomMember(optional_text(one, "unionid"), optional_text(one, "state") or "")
            for one in listed
            if one.get("type") == _CUSTOMER
        )
        return RoomRead(room_ref, optional_text(room, "name") or "", len(listed), members)

    def list_rooms(self, account_id: UUID) -> list[str]:
        """The rooms that the app may see, a thousand at most."""
        body = {"status_filter": 0, "limit": 1000}
        answer = self._ask("wecom.room", account_id, "list", body)
        listed = answer.get("group_chat_list")
        if not isinstance(listed, list):
            raise api_refusal("wecom.room", None)
        return [text("wecom.room", one, "chat_id") for one in listed if isinstance(one, dict)]

    def _ask(self, name: str, account_id: UUID, verb: str, body: dict[str, Any]) -> dict[str, Any]:
        path = f"/cgi-bin/externalcontact/groupchat/{verb}"
        return self._with_token(
            account_id,
            lambda token: self._transport.ask(
                name, "POST", path, params={"access_token": token}, body=json_body(body)
            ),
        )

    def _with_token(self, account_id: UUID, use: Callable[[str], Result]) -> Result:
        token = self._tokens.get(account_id)
        try:
            return use(token)
        except WeChatApiRefused as refusal:
            if refusal.errcode not in TOKEN_REFUSED:
                raise
        return use(self._tokens.renew(account_id, token))

    def _picture(self, address: str) -> bytes:
        parts = urlsplit(address)
        host = (parts.hostname or "").lower()
        if parts.scheme not in {"http", "https"} or _PICTURE_HOST.fullmatch(host) is None:
            raise api_refusal("wecom.picture", None)
        transport = ApiTransport(session=self._session, calls=self._calls, host=f"https://{host}")
        answer = transport.exchange(
            "wecom.picture", "GET", parts.path, params={}, limit=PICTURE_BYTES_MAX
        )
        return answer.content


def wecom_session(api_base: str) -> requests.Session:
    """A session that goes to the real hosts, or for all of them to where `api_base` says."""
    session = requests.Session()
    session.trust_env = False
    if api_base.rstrip("/") != WECOM_HOST:
        session.mount("https://", MovedAdapter(api_base))
    return session


def wecom_transport(api_base: str, calls: OutboundCalls) -> ApiTransport:
    """Exchanges with qyapi.weixin.qq.com."""
    return ApiTransport(session=wecom_session(api_base), calls=calls, host=WECOM_HOST)


def wecom_token_fetcher(
    transport: ApiTransport, credentials: Callable[[UUID], AccountCredentials]
) -> Callable[[UUID], FetchedToken]:
    """How `AccessTokens` asks WeCom, which knows no POST for it; repeated calls get the same."""

    def fetch(account_id: UUID) -> FetchedToken:
        account = credentials(account_id)
        params = {"corpid": account.appid, "corpsecret": account.secret}
        answer = transport.ask("wecom.token", "GET", "/cgi-bin/gettoken", params=params)
        return FetchedToken(text("wecom.token", answer, "access_token"), seconds(answer))

    return fetch
