"""A merchant's backend for these tests: signs calls, shows pay objects, receives notifications."""

import json
import random
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa

from wechat_simulator.accounts import Accounts, make_merchant
from wechat_simulator.clock import Clock, ManualClock
from wechat_simulator.entities import Merchant, Person, Session
from wechat_simulator.pay import crypto, gateway
from wechat_simulator.pay.office import PayOffice
from wechat_simulator.pay.office import office_of as pay_office_of
from wechat_simulator.transport import WsgiTransport
from wechat_simulator.world import World
from wechat_simulator.xpay import crypto as xpay_crypto
from wechat_simulator.xpay.office import XpayOffice
from wechat_simulator.xpay.office import office_of as xpay_office_of

NOON = datetime(2026, 5, 20, 12, 0, tzinfo=UTC).timestamp()
HOST = "shop.test"
JSAPI = "/v3/pay/transactions/jsapi"
REFUNDS = "/v3/refund/domestic/refunds"


class Shop:
    """One merchant beside one world, in one process, with a clock that stands still."""

    def __init__(
        self, merchant_pem: str, platform_pem: str, *, seed: int = 7, clock: Clock | None = None
    ) -> None:
        self.received: list[tuple[str, dict[str, str], bytes]] = []
        self.answers: list[int] = []
        self.answer_body = b""
        self.while_answering: Callable[[], None] = lambda: None
        self.clock: Clock = clock or ManualClock(NOON)
        self.world = World(
            seed=seed, clock=self.clock, transport=WsgiTransport({HOST: self._receive})
        )
        self.accounts: Accounts = self.world.accounts
        self.accounts.merchant_kept = _merchant(merchant_pem, platform_pem)
        self.key: rsa.RSAPrivateKey = crypto.read_private_key(merchant_pem)
        self.pay: PayOffice = pay_office_of(self.world)
        self.xpay: XpayOffice = xpay_office_of(self.world)
        self.appid = self.accounts.oa.appid
        self.mchid = self.accounts.merchant.mchid
        self.fan = self.person("fan")

    def person(self, name: str, device: str = "android") -> Person:
        """A new person with a telephone."""
        person = Person(
            id=name,
            nickname=name,
            device=device,
            oa_openid=f"oOA{name:0>25}",
            mini_openid=f"oMI{name:0>25}",
            unionid=f"u{name}",
            phone="",
        )
        self.world.things.people[name] = person
        return person

    def log_in(self, person: Person, session_key: str, *former: str) -> None:
        """Give a person a mini-program session, and the keys it has replaced."""
        appid = self.accounts.mini.appid
        self.world.things.sessions[f"{appid}/{person.id}"] = Session(
            person.id, appid, session_key, self.clock.now(), list(former)
        )

    def call(
        self,
        method: str,
        target: str,
        body: dict[str, Any] | bytes | None = None,
        **changed: Any,
    ) -> gateway.Reply:
        """Sign and send one merchant call; `changed` spoils a part of the Authorization header."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode() if body else b""
        signed = changed.pop("signed", content)
        timestamp = changed.pop("timestamp", str(int(self.clock.now())))
        message = crypto.request_message(method, target, timestamp, "n" * 32, signed)
        pairs = {
            "mchid": self.mchid,
            "nonce_str": "n" * 32,
            "signature": crypto.sign(self.key, message),
            "timestamp": timestamp,
            "serial_no": self.accounts.merchant.serial,
        } | changed
        shown = ",".join(f'{name}="{value}"' for name, value in pairs.items())
        headers = {
            "authorization": f"{crypto.SCHEME} {shown}",
            "accept": "application/json",
            "user-agent": "shop",
        }
        call = gateway.Call(method, target, headers, content, "http://pay.test")
        with self.world.lock:
            return gateway.answer(self.pay.desk(), call, self.pay.now())

    def order_body(self, number: str = "order-001", **changed: Any) -> dict[str, Any]:
        """A prepay request for 9.90 yuan."""
        return {
            "appid": self.appid,
            "mchid": self.mchid,
            "description": "专栏《咖啡》",
            "out_trade_no": number,
            "notify_url": f"https://{HOST}/notify",
            "amount": {"total": 990, "currency": "CNY"},
            "payer": {"openid": self.fan.oa_openid},
        } | changed

    def place(self, number: str = "order-001", **changed: Any) -> str:
        """Place an order; its prepay_id."""
        reply = self.call("POST", JSAPI, self.order_body(number, **changed))
        assert reply.status == 200, reply.body
        return str(read(reply)["prepay_id"])

    def pay_object(self, prepay_id: str, **changed: str) -> dict[str, str]:
        """What a page passes to WeChat, signed by the merchant."""
        package = f"prepay_id={prepay_id}"
        parts = (self.appid, str(int(self.clock.now())), "nonce", package)
        return {
            "appId": parts[0],
            "timeStamp": parts[1],
            "nonceStr": parts[2],
            "package": parts[3],
            "signType": "RSA",
            "paySign": crypto.sign(self.key, crypto.cashier_message(*parts)),
        } | changed

    def virtual_payment(self, session_key: str, env: int = 0, **changed: Any) -> dict[str, Any]:
        """What a mini-program passes to wx.requestVirtualPayment for one item of 9.90 yuan."""
        console = self.accounts.xpay
        app_key = console.sandbox_app_key if env else console.app_key
        asked = {
            "offerId": console.offer_id,
            "buyQuantity": 1,
            "env": env,
            "currencyType": "CNY",
            "productId": "tier-990",
            "goodsPrice": 990,
            "outTradeNo": "virtual-001",
            "attach": "order 1",
        } | changed
        text = json.dumps(asked)
        return {
            "mode": "short_series_goods",
            "signData": text,
            "paySig": xpay_crypto.pay_sig(app_key, "requestVirtualPayment", text),
            "signature": xpay_crypto.user_signature(session_key, text),
        }

    def wait(self, seconds: int) -> None:
        """Let time pass, every promise kept at its own time."""
        self.world.scheduler.advance(seconds)

    def opened(self, place: int = -1) -> dict[str, Any]:
        """A received notification, its signature checked and its resource opened."""
        _, headers, body = self.received[place]
        message = crypto.reply_message(
            headers["Wechatpay-Timestamp"], headers["Wechatpay-Nonce"], body
        )
        platform = crypto.read_public_key(self.accounts.merchant.public_key_pem)
        assert crypto.is_signed(platform, message, headers["Wechatpay-Signature"])
        envelope: dict[str, Any] = json.loads(body)
        box = envelope["resource"]
        plain = crypto.unseal(
            self.accounts.merchant.apiv3_key,
            box["nonce"],
            box["associated_data"],
            box["ciphertext"],
        )
        return envelope | {"resource": json.loads(plain)}

    def _receive(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        body = environ["wsgi.input"].read()
        headers = {
            name[5:].replace("_", "-").title(): value
            for name, value in environ.items()
            if name.startswith("HTTP_")
        }
        self.received.append((environ["PATH_INFO"], headers, body))
        self.while_answering()
        status = self.answers.pop(0) if self.answers else 200
        start_response(f"{status} Said", [("Content-Type", "text/plain")])
        return [self.answer_body]


def read(reply: gateway.Reply) -> dict[str, Any]:
    """The JSON of an answer."""
    found: dict[str, Any] = json.loads(reply.body)
    return found


def _merchant(merchant_pem: str, platform_pem: str) -> Merchant:
    given = {"private_key_pem": merchant_pem, "platform_private_key_pem": platform_pem}
    return make_merchant(random.Random(1), given)
