"""How an access token is asked for.

Source: https://developers.weixin.qq.com/doc/offiaccount/Basic_Information/getStableAccessToken.html
"""

from collections.abc import Callable
from uuid import UUID

from wechat_handlers.wire.access_token import FetchedToken
from wechat_handlers.wire.api_answers import AccountCredentials, seconds, text
from wechat_handlers.wire.api_transport import ApiTransport, json_body


def stable_token_fetcher(
    transport: ApiTransport, credentials: Callable[[UUID], AccountCredentials]
) -> Callable[[UUID], FetchedToken]:
    """How `AccessTokens` asks WeChat: by POST, so that the secret is in no address."""

    def fetch(account_id: UUID) -> FetchedToken:
        account = credentials(account_id)
        body = {
            "grant_type": "client_credential",
            "appid": account.appid,
            "secret": account.secret,
        }
        answer = transport.ask(
            "api.stable_token", "POST", "/cgi-bin/stable_token", params={}, body=json_body(body)
        )
        return FetchedToken(text("api.stable_token", answer, "access_token"), seconds(answer))

    return fetch
