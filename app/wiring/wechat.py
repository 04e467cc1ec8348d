"""Puts the calls to WeChat together: one guard, one token owner, one session per host."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import UUID

import requests
from requests.adapters import HTTPAdapter

from app.wiring.accounts import AccountBook, pay_keys
from app.wiring.token_store import DatabaseTokenStore
from config.settings import HostSettings
from creator_tools.kernel import failpoints
from creator_tools.kernel.accounts import Account
from creator_tools.kernel.unit_of_work import UnitsOfWork, in_unit_of_work
from wechat_handlers.outbound.jsapi_bills import JsapiBills
from wechat_handlers.outbound.jsapi_rail import JsapiRail
from wechat_handlers.outbound.jsapi_refunds import JsapiRefunds
from wechat_handlers.outbound.jsapi_transfers import JsapiTransfers
from wechat_handlers.outbound.login import Login
from wechat_handlers.outbound.pay_gateway import WeChatPayGateway
from wechat_handlers.outbound.refund_gateway import WeChatRefundGateway
from wechat_handlers.outbound.xpay_rail import XpayRail
from wechat_handlers.outbound.xpay_refunds import XpayRefunds
from wechat_handlers.wire.access_token import AccessTokens
from wechat_handlers.wire.api_client import (
    AccountCredentials,
    WeChatApi,
    stable_token_fetcher,
)
from wechat_handlers.wire.api_transport import ApiTransport, build_session
from wechat_handlers.wire.outbound_call import OutboundCalls
from wechat_handlers.wire.pay_client import PayClient
from wechat_handlers.wire.wecom_client import WecomApi, wecom_token_fetcher, wecom_transport
from wechat_handlers.wire.xpay_client import Env, XpayApi

NOTIFY_PATH = "/wechat-pay/notifications/payment"
REFUND_NOTIFY_PATH = "/wechat-pay/notifications/refund"
TRANSFER_NOTIFY_PATH = "/wechat-pay/notifications/transfer"
_POOL = 16


@dataclass(frozen=True)
class WeChat:
    """What the doors may ask of WeChat."""

    api: WeChatApi
    xpay: XpayApi
    login: Login
    gateway: WeChatPayGateway
    refunds: WeChatRefundGateway
    rails: "Rails"
    wecom: WecomApi


class Rails:
    """Builds the rail of an account; cheap, so nothing is cached that a rotation would outdate."""

    def __init__(
        self,
        *,
        accounts: AccountBook,
        units: UnitsOfWork,
        hosts: HostSettings,
        public_base_url: str,
        calls: OutboundCalls,
        xpay_api: XpayApi,
    ) -> None:
        self._accounts = accounts
        self._units = units
        self._hosts = hosts
        self._public_base_url = public_base_url
        self._calls = calls
        self._xpay_api = xpay_api
        self._session = _plain_session()

    def jsapi(self, account_id: UUID) -> JsapiRail:
        """The rail of one Official Account."""
        merchant = self._accounts.payee_for("jsapi")
        return JsapiRail(
            client=self.pay_client(merchant),
            appid=self._accounts.get(account_id).external_id,
            account_id=account_id,
            payee_account_id=merchant.id,
            notify_url=self._public_base_url + NOTIFY_PATH,
            clock=self._units.clock,
            rng=self._units.rng,
        )

    def jsapi_refunds(self, merchant_id: UUID) -> JsapiRefunds:
        """The refunds of one merchant account."""
        merchant = self._accounts.get(merchant_id)
        return JsapiRefunds(
            client=self.pay_client(merchant),
            mchid=merchant.external_id,
            account_id=merchant.id,
            notify_url=self._public_base_url + REFUND_NOTIFY_PATH,
        )

    def jsapi_transfers(self, merchant_id: UUID) -> JsapiTransfers:
        """The transfers of one merchant account."""
        merchant = self._accounts.get(merchant_id)
        return JsapiTransfers(
            client=self.pay_client(merchant),
            mchid=merchant.external_id,
            account_id=merchant.id,
            appid_of=lambda surface_id: self._accounts.get(surface_id).external_id,
            notify_url=self._public_base_url + TRANSFER_NOTIFY_PATH,
        )

    def jsapi_bills(
        self,
        merchant_id: UUID,
        *,
        keep: Callable[[str, Iterator[bytes]], None],
        open_kept: Callable[[str, int], Iterator[bytes]],
    ) -> JsapiBills:
        """The bills of one merchant account, kept and opened by these two."""
        client = self.pay_client(self._accounts.get(merchant_id))
        return JsapiBills(client=client, keep=keep, open_kept=open_kept)

    def xpay_refunds(self, payee_id: UUID) -> XpayRefunds:
        """The refunds of one virtual payment account."""
        payee = self._accounts.get(payee_id)
        env: Env = 1 if payee.credentials["env"] == 1 else 0
        return XpayRefunds(
            api=self._xpay_api,
            surface_id=self._accounts.first("mini").id,
            account_id=payee.id,
            env=env,
        )

    def pay_client(self, merchant: Account) -> PayClient:
        """The calls of one merchant account, with the keys that it holds now."""
        return PayClient(
            keys=pay_keys(merchant),
            api_base=self._hosts.pay,
            session=self._session,
            calls=self._calls,
            clock=self._units.clock,
            rng=self._units.rng,
        )

    def xpay(self, account_id: UUID) -> XpayRail:
        """The rail of one mini-program."""
        payee = self._accounts.payee_for("xpay_android")
        env: Env = 1 if payee.credentials["env"] == 1 else 0
        return XpayRail(
            api=self._xpay_api,
            account_id=account_id,
            payee_account_id=payee.id,
            offer_id=payee.external_id,
            app_key=app_key_of(payee.credentials, env),
            env=env,
        )


def app_key_of(credentials: dict[str, str], env: Env) -> str:
    """The AppKey that signs in an environment: 0 live, 1 sandbox."""
    return credentials["sandbox_app_key"] if env == 1 else credentials["app_key"]


def open_wechat(
    *, units: UnitsOfWork, accounts: AccountBook, hosts: HostSettings, public_base_url: str
) -> WeChat:
    """Everything that talks to WeChat, for one process."""
    calls = OutboundCalls(
        in_unit_of_work=in_unit_of_work, hook=lambda name: failpoints.reach(f"call.{name}")
    )
    transport = ApiTransport(session=build_session(hosts.api), calls=calls)

    def credentials(account_id: UUID) -> AccountCredentials:
        account = accounts.get(account_id)
        return AccountCredentials(account.external_id, account.credentials["secret"])

    tokens = AccessTokens(
        store=DatabaseTokenStore(units),
        fetch=stable_token_fetcher(transport, credentials),
        clock=units.clock,
    )
    api = WeChatApi(transport=transport, tokens=tokens, credentials=credentials)
    xpay_api = XpayApi(
        api=api,
        app_key=lambda _mini, env: app_key_of(accounts.payee_for("xpay_android").credentials, env),
    )
    rails = Rails(
        accounts=accounts,
        units=units,
        hosts=hosts,
        public_base_url=public_base_url,
        calls=calls,
        xpay_api=xpay_api,
    )
    return WeChat(
        api=api,
        xpay=xpay_api,
        login=Login(api),
        gateway=WeChatPayGateway(jsapi=rails.jsapi, xpay=rails.xpay),
        refunds=WeChatRefundGateway(jsapi=rails.jsapi_refunds, xpay=rails.xpay_refunds),
        rails=rails,
        wecom=_open_wecom(units, hosts, calls, credentials),
    )


def _open_wecom(
    units: UnitsOfWork,
    hosts: HostSettings,
    calls: OutboundCalls,
    credentials: Callable[[UUID], AccountCredentials],
) -> WecomApi:
    transport = wecom_transport(hosts.wecom, calls)
    tokens = AccessTokens(
        store=DatabaseTokenStore(units),
        fetch=wecom_token_fetcher(transport, credentials),
        clock=units.clock,
    )
    return WecomApi(api_base=hosts.wecom, calls=calls, tokens=tokens)


def _plain_session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(pool_maxsize=_POOL))
    return session
