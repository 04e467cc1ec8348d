"""Signs the pages of the Official Account for WeChat's JS-SDK: share cards, closing, scanning.

The ticket is shared by all processes like the access token; the signature covers the page's own
address, so it is made per page and only for our own host.
"""

from dataclasses import dataclass

from app.wiring.accounts import AccountBook
from app.wiring.token_store import DatabaseTokenStore
from app.wiring.wechat import WeChat
from creator_tools.kernel.errors import DomainError, ErrorKind
from creator_tools.kernel.unit_of_work import UnitsOfWork
from wechat_handlers.wire.access_token import JsapiTickets
from wechat_handlers.wire.errors import WeChatApiRefused
from wechat_handlers.wire.h5_pages import sign_jssdk


class NotOurPage(DomainError):
    """The address to sign is not one of our pages."""

    code = "not_our_page"
    kind = ErrorKind.INVALID
    sentence = "只能为本站的页面签名。"
    sentence_en = "Only pages of this site are signed."


class SignatureUnavailable(DomainError):
    """WeChat gave no ticket; the page works without the SDK."""

    code = "js_sdk_unavailable"
    kind = ErrorKind.UNAVAILABLE
    sentence = "微信接口暂时没有响应，不影响阅读和支付。"
    sentence_en = "WeChat does not answer; reading and paying go on without it."


@dataclass(frozen=True)
class PageSignature:
    """What `wx.config` wants, in WeChat's order of needs."""

    account: str
    timestamp: int
    nonce: str
    signature: str


class JsSdk:
    """Signs our own pages."""

    def __init__(
        self, *, units: UnitsOfWork, accounts: AccountBook, wechat: WeChat, public_base_url: str
    ) -> None:
        self._units = units
        self._accounts = accounts
        self._public_base_url = public_base_url
        self._tickets = JsapiTickets(
            store=DatabaseTokenStore(units), fetch=wechat.api.fetch_jsapi_ticket, clock=units.clock
        )

    def sign(self, url: str) -> PageSignature:
        """Sign one page of ours.

        Raises:
            NotOurPage: the address lies outside `PUBLIC_BASE_URL`.
            SignatureUnavailable: WeChat gave no ticket.
        """
        if not url.startswith(f"{self._public_base_url}/") or not url.isascii():
            raise NotOurPage
        account = self._accounts.first("oa")
        try:
            ticket = self._tickets.get(account.id)
        except WeChatApiRefused as refused:
            raise SignatureUnavailable from refused
        timestamp = int(self._units.clock.now().timestamp())
        nonce = f"{self._units.rng.getrandbits(128):032x}"
        signature = sign_jssdk(ticket=ticket, noncestr=nonce, timestamp=timestamp, url=url)
        return PageSignature(account.external_id, timestamp, nonce, signature)
