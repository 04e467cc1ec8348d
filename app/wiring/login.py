"""Signing in on a surface: which account is asked, and where a visitor is sent for it."""

from app.wiring.accounts import AccountBook
from app.wiring.wechat import WeChat
from config.settings import HostSettings
from wechat_handlers.outbound.login import LoginResult
from wechat_handlers.wire.h5_pages import oauth_authorize_url


class SurfaceLogin:
    """Login of the installation's own Official Account and mini-program."""

    def __init__(self, *, wechat: WeChat, accounts: AccountBook, hosts: HostSettings) -> None:
        self._wechat = wechat
        self._accounts = accounts
        self._hosts = hosts

    def exchange(self, surface: str, code: str) -> LoginResult:
        """Turn a one-time code of surface "oa" or "mini" into a person's subject.

        Raises:
            LoginCodeInvalid, LoginCodeUsed, SnapshotRefused, LoginRefused, LoginUnavailable.
        """
        return self._wechat.login.exchange(self._accounts.first(surface).id, surface, code)

    def consent_url(self, return_url: str, state: str) -> str:
        """Where a visitor of the Official Account's pages is sent to be recognised, silently."""
        return oauth_authorize_url(
            self._hosts.open,
            appid=self._accounts.first("oa").external_id,
            redirect_uri=return_url,
            scope="snsapi_base",
            state=state,
        )
