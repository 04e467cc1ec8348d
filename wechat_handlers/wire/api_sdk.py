"""wechatpy's endpoints, carried by our transport."""

from typing import Any

from wechatpy.client import WeChatClient

from wechat_handlers.wire.api_transport import API_HOST, ApiTransport, json_body


class SdkCall(WeChatClient):  # type: ignore[misc]  # the library is untyped
    """wechatpy's endpoints over our transport, for one call with one token."""

    def __init__(self, transport: ApiTransport, name: str, token: str) -> None:
        super().__init__("", "", auto_retry=False)
        self._transport = transport
        self._name = name
        self._token = token

    def fetch_access_token(self) -> None:
        """Never: tokens are renewed in one place."""
        raise NotImplementedError

    def _request(self, method: str, url_or_endpoint: str, **kwargs: Any) -> Any:
        base = str(kwargs.get("api_base_url", self.API_BASE_URL))
        url = url_or_endpoint if url_or_endpoint.startswith("https://") else base + url_or_endpoint
        members = kwargs.get("data")
        return self._transport.ask(
            self._name,
            method.upper(),
            url.removeprefix(API_HOST),
            params={"access_token": self._token, **(kwargs.get("params") or {})},
            body=None if members is None else json_body(members),
        )
