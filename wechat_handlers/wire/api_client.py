"""Calls to api.weixin.qq.com on behalf of our accounts.

wechatpy's client knows the endpoints and the shape of the bodies. Its transport is replaced: on a
lasting 40001 the original fetches tokens and recurses without bound, its exceptions hold requests
with the token in their address, and it waits for ever. Here a refused token is exchanged once, by
comparison with the shared store, and the call is repeated once.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from wechat_handlers.wire.access_token import AccessTokens, FetchedToken
from wechat_handlers.wire.api_answers import (
    AccountCredentials,
    Follower,
    Media,
    MiniProgramSession,
    OAuthIdentity,
    Profile,
    TextVerdict,
    optional_text,
    seconds,
    text,
)
from wechat_handlers.wire.api_sdk import SdkCall
from wechat_handlers.wire.api_transport import ApiTransport, json_body, understood
from wechat_handlers.wire.error_sentences import api_refusal
from wechat_handlers.wire.errors import SnapshotUser, WeChatApiRefused
from wechat_handlers.wire.h5_pages import oauth_authorize_url, sign_jssdk
from wechat_handlers.wire.stable_token import stable_token_fetcher
from wechat_handlers.wire.text_limit import cut_to_bytes

__all__ = [
    "AccountCredentials",
    "Follower",
    "Media",
    "MiniProgramSession",
    "OAuthIdentity",
    "Profile",
    "TextVerdict",
    "WeChatApi",
    "oauth_authorize_url",
    "sign_jssdk",
    "stable_token_fetcher",
]

TOKEN_REFUSED = frozenset({40001, 40014, 42001})
NO_MENU = 46003
SESSION_SIGNATURE_INVALID = 87009
TEXT_BYTES_MAX = 2048
MEDIA_BYTES_MAX = 20 * 1024 * 1024
CHECKED_TEXT_LENGTH_MAX = 2500

Result = TypeVar("Result")


class WeChatApi:
    """The calls. Safe to share between threads.

    Args:
        transport: carries them out.
        tokens: the access tokens that all processes share.
        credentials: looks up an account's appid and secret.
    """

    def __init__(
        self,
        *,
        transport: ApiTransport,
        tokens: AccessTokens,
        credentials: Callable[[UUID], AccountCredentials],
    ) -> None:
        self._transport = transport
        self._tokens = tokens
        self._credentials = credentials

    def create_menu(self, account_id: UUID, menu: Mapping[str, Any]) -> None:
        """Replace the account's menu; followers see it within minutes, at worst a day."""
        self._with_sdk("api.menu", account_id, lambda sdk: sdk.menu.create(dict(menu)))

    def get_menu(self, account_id: UUID) -> dict[str, Any] | None:
        """The menu as WeChat holds it, or None."""
        try:
            menu: dict[str, Any] = self._with_sdk(
                "api.menu", account_id, lambda sdk: sdk.menu.get()
            )
        except WeChatApiRefused as refusal:
            if refusal.errcode == NO_MENU:
                return None
            raise
        return menu

    def send_customer_text(self, account_id: UUID, openid: str, words: str) -> None:
        """Write to a person outside the reply. Allowed a while after they did something."""
        content = cut_to_bytes(words, TEXT_BYTES_MAX)
        self._with_sdk(
            "api.customer_message", account_id, lambda sdk: sdk.message.send_text(openid, content)
        )

    def send_customer_image(self, account_id: UUID, openid: str, media_id: str) -> None:
        """Send a picture that was uploaded before."""
        self._with_sdk(
            "api.customer_message",
            account_id,
            lambda sdk: sdk.message.send_image(openid, media_id),
        )

    def send_customer_news(
        self,
        account_id: UUID,
        openid: str,
        *,
        title: str,
        description: str,
        url: str,
        picture_url: str,
    ) -> None:
        """Send one card that opens `url`; WeChat allows one per message."""
        card = {"title": title, "description": description, "url": url, "picurl": picture_url}
        self._with_sdk(
            "api.customer_message",
            account_id,
            lambda sdk: sdk.message.send_articles(openid, [card]),
        )

    def send_customer_mini_program(
        self, account_id: UUID, openid: str, card: Mapping[str, str]
    ) -> None:
        """Send a mini-program card: title, appid, pagepath, thumb_media_id."""
        self._with_sdk(
            "api.customer_message",
            account_id,
            lambda sdk: sdk.message.send_mini_program_page(openid, dict(card)),
        )

    def send_customer_menu(
        self,
        account_id: UUID,
        openid: str,
        *,
        head: str,
        choices: Sequence[tuple[str, str]],
        tail: str = "",
    ) -> None:
        """Send choices of (id, words); a tap comes back as a `TextMessage` with `menu_choice`."""
        menu = {
            "head_content": head,
            "list": [{"id": key, "content": words} for key, words in choices],
            "tail_content": tail,
        }
        self._with_sdk(
            "api.customer_message",
            account_id,
            lambda sdk: sdk.message.send_msg_menu(openid, menu),
        )

    def jscode2session(self, account_id: UUID, code: str) -> MiniProgramSession:
        """Exchange the code of `wx.login`, which works once.

        Raises:
            WeChatApiRefused: 40029 and 40163 mean: sign in again.
        """
        account = self._credentials(account_id)
        answer = self._transport.ask(
            "api.login",
            "GET",
            "/sns/jscode2session",
            params={
                "appid": account.appid,
                "secret": account.secret,
                "js_code": code,
                "grant_type": "authorization_code",
            },
        )
        return MiniProgramSession(
            openid=text("api.login", answer, "openid"),
            session_key=text("api.login", answer, "session_key"),
            unionid=optional_text(answer, "unionid"),
        )

    def is_session_current(self, account_id: UUID, openid: str, session_key: str) -> bool:
        """Whether WeChat still honours a session key; another `wx.login` replaces it.

        Raises:
            WeChatApiRefused: WeChat did not say.
        """
        signature = hmac.new(session_key.encode(), b"", hashlib.sha256).hexdigest()
        params = {"openid": openid, "signature": signature, "sig_method": "hmac_sha256"}

        def ask(token: str) -> None:
            self._transport.ask(
                "api.login",
                "GET",
                "/wxa/checksession",
                params={"access_token": token, **params},
                body=None,
            )

        try:
            self._with_token(account_id, ask)
        except WeChatApiRefused as refusal:
            if refusal.errcode == SESSION_SIGNATURE_INVALID:
                return False
            raise
        return True

    def exchange_oauth_code(self, account_id: UUID, code: str) -> OAuthIdentity:
        """Exchange the code that an H5 page got; it works once.

        Raises:
            SnapshotUser: the page is a snapshot and its openid nobody's: make no account of it.
        """
        account = self._credentials(account_id)
        answer = self._transport.ask(
            "api.oauth",
            "GET",
            "/sns/oauth2/access_token",
            params={
                "appid": account.appid,
                "secret": account.secret,
                "code": code,
                "grant_type": "authorization_code",
            },
        )
        if answer.get("is_snapshotuser") in (1, "1"):
            raise SnapshotUser
        return OAuthIdentity(
            openid=text("api.oauth", answer, "openid"),
            unionid=optional_text(answer, "unionid"),
            scope=optional_text(answer, "scope") or "",
            access_token=text("api.oauth", answer, "access_token"),
        )

    def userinfo(self, identity: OAuthIdentity) -> Profile:
        """Name and picture of a person who agreed to it (scope snsapi_userinfo)."""
        answer = self._transport.ask(
            "api.oauth",
            "GET",
            "/sns/userinfo",
            params={
                "access_token": identity.access_token,
                "openid": identity.openid,
                "lang": "zh_CN",
            },
        )
        return Profile(
            nickname=optional_text(answer, "nickname") or "",
            avatar_url=optional_text(answer, "headimgurl") or "",
            unionid=optional_text(answer, "unionid"),
        )

    def user_info(self, account_id: UUID, openid: str) -> Follower:
        """Whether a person follows the account, and their unionid if the platform binds one."""
        answer = self._with_sdk("api.user", account_id, lambda sdk: sdk.user.get(openid))
        followed_at = answer.get("subscribe_time")
        return Follower(
            is_following=answer.get("subscribe") in (1, "1"),
            unionid=optional_text(answer, "unionid"),
            followed_at_epoch_s=followed_at if isinstance(followed_at, int) else None,
            scene=optional_text(answer, "qr_scene_str") or "",
        )

    def download_media(self, account_id: UUID, media_id: str) -> Media:
        """A temporary picture or sound, which lives three days; at most 20 MB.

        Raises:
            WeChatApiRefused: also when WeChat answers an error where bytes were expected, or the
                address of a video, which we do not follow.
        """
        return self._with_token(account_id, lambda token: self._media(token, media_id))

    def msg_sec_check(
        self, account_id: UUID, *, openid: str, content: str, scene: int = 2, title: str = ""
    ) -> TextVerdict:
        """Ask for WeChat's opinion of a text; its author must have been active for two hours.

        Args:
            scene: 1 profile, 2 comment, 3 forum, 4 social log.

        Raises:
            WeChatApiRefused: 61010: the author was not active, so a person must look.
        """
        body = {
            "version": 2,
            "scene": scene,
            "openid": openid,
            "content": content[:CHECKED_TEXT_LENGTH_MAX],
        } | ({"title": title} if title else {})
        answer = self.post(account_id, "api.text_check", "/wxa/msg_sec_check", json_body(body))
        result = answer.get("result")
        if not isinstance(result, dict) or not isinstance(result.get("label"), int):
            raise api_refusal("api.text_check", None)
        return TextVerdict(
            suggestion=text("api.text_check", result, "suggest"),
            label=result["label"],
            trace_id=optional_text(answer, "trace_id") or "",
        )

    def post(
        self,
        account_id: UUID,
        name: str,
        path: str,
        body: bytes,
        params: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """POST exactly these bytes with the account's token; for what the SDK does not know."""
        return self._with_token(
            account_id,
            lambda token: self._transport.ask(
                name, "POST", path, params={"access_token": token, **(params or {})}, body=body
            ),
        )

    def fetch_jsapi_ticket(self, account_id: UUID) -> FetchedToken:
        """A fresh JS ticket, for `JsapiTickets` to share."""
        answer = self._with_sdk(
            "api.jsapi_ticket", account_id, lambda sdk: sdk.jsapi.get_ticket("jsapi")
        )
        ticket = text("api.jsapi_ticket", answer, "ticket")
        return FetchedToken(ticket, seconds(answer))

    def _media(self, token: str, media_id: str) -> Media:
        answer = self._transport.exchange(
            "api.media",
            "GET",
            "/cgi-bin/media/get",
            params={"access_token": token, "media_id": media_id},
            limit=MEDIA_BYTES_MAX,
        )
        is_text = "json" in answer.content_type or "text/" in answer.content_type
        if is_text or answer.content.lstrip()[:1] == b"{":
            understood("api.media", answer.content)
            raise api_refusal("api.media", 40007)
        return Media(content=answer.content, content_type=answer.content_type)

    def _with_sdk(self, name: str, account_id: UUID, use: Callable[[Any], Any]) -> Any:
        return self._with_token(
            account_id, lambda token: use(SdkCall(self._transport, name, token))
        )

    def _with_token(self, account_id: UUID, use: Callable[[str], Result]) -> Result:
        token = self._tokens.get(account_id)
        try:
            return use(token)
        except WeChatApiRefused as refusal:
            if refusal.errcode not in TOKEN_REFUSED:
                raise
        return use(self._tokens.renew(account_id, token))
