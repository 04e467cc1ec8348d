"""Our side of WeChat Pay v3: order, query, close, and the signature of the pay sheet.

wechatpayv3 (always in its public-key mode, whatever the merchant has) knows the paths and the
shape of the bodies. Its transport is replaced by `_Gate`, because the original signs with wall
time that no simulation can move, has the live host wired in, verifies decoded text instead of
bytes, checks no freshness, opens a new connection per call, and logs what it sends.

Nothing here retries. Whoever calls holds a row with our number for the order; on "unknown" it
queries by that number.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import requests
from wechatpayv3 import WeChatPay, WeChatPayType
from wechatpayv3.type import RequestType

from creator_tools.kernel.clock import Clock
from creator_tools.kernel.rng import Rng
from wechat_handlers.wire import pay_keys, strict_json
from wechat_handlers.wire.error_sentences import pay_refusal
from wechat_handlers.wire.errors import NetworkFailed, WireRefused
from wechat_handlers.wire.outbound_call import (
    TIMEOUT_S,
    AnswerTooLarge,
    OutboundCalls,
    pour_body,
    read_body,
)
from wechat_handlers.wire.pay_gate import verify_signed
from wechat_handlers.wire.pay_keys import PayKeys

USER_AGENT = "juanliu/0.1"
DESCRIPTION_LENGTH_MAX = 127
ATTACH_LENGTH_MAX = 128
REASON_BYTES_MAX = 80

_TRADE_NO = re.compile(r"[0-9A-Za-z_\-]{6,32}\Z")
_FOUR_BYTE = re.compile("[\U00010000-\U0010ffff\ud800-\udfff\ufe0f\u200d]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


class _Sdk(Protocol):
    """What we use of wechatpayv3."""

    def pay(self, **arguments: Any) -> dict[str, Any]: ...
    def query(self, **arguments: Any) -> dict[str, Any]: ...
    def close(self, **arguments: Any) -> dict[str, Any]: ...
    def refund(self, **arguments: Any) -> dict[str, Any]: ...
    def query_refund(self, **arguments: Any) -> dict[str, Any]: ...


class PayClient:
    """One merchant's calls. Safe to share between threads.

    Args:
        keys: of the merchant.
        api_base: `https://api.mch.weixin.qq.com`, or a simulator.
        session: carries the connections.
        calls: the guard through which every call leaves.
        clock, rng: stamp and vary the signatures.
    """

    def __init__(
        self,
        *,
        keys: PayKeys,
        api_base: str,
        session: requests.Session,
        calls: OutboundCalls,
        clock: Clock,
        rng: Rng,
    ) -> None:
        self._keys = keys
        self._api_base = api_base.rstrip("/")
        self._session = session
        self._calls = calls
        self._clock = clock
        self._rng = rng

    def jsapi_prepay(
        self,
        *,
        appid: str,
        openid: str,
        out_trade_no: str,
        description: str,
        total_fen: int,
        notify_url: str,
        time_expire: str | None = None,
        attach: str = "",
    ) -> str:
        """Tell WeChat Pay of an order and get its `prepay_id`, good for two hours.

        The same number with the same arguments may be sent again; with others it is refused.
        Characters of four bytes are left out of the texts, because this API refuses them.

        Raises:
            PayApiRefused: see its `outcome`.
            ValueError: an argument that WeChat Pay cannot take.
        """
        _require_trade_no(out_trade_no)
        if isinstance(total_fen, bool) or total_fen < 1:
            raise ValueError("total_fen must be at least 1")
        answer = self._sdk("pay.prepay", appid).pay(
            description=payable_text(description, DESCRIPTION_LENGTH_MAX) or "作品",
            out_trade_no=out_trade_no,
            amount={"total": total_fen, "currency": "CNY"},
            payer={"openid": openid},
            time_expire=time_expire,
            attach=payable_text(attach, ATTACH_LENGTH_MAX),
            notify_url=notify_url,
        )
        prepay_id = answer.get("prepay_id")
        if not isinstance(prepay_id, str) or not prepay_id:
            raise pay_refusal("pay.prepay", "bad_answer", 200)
        return prepay_id

    def query(self, out_trade_no: str) -> dict[str, Any]:
        """What WeChat Pay knows of our order, as it says it (`trade_state` and so on).

        Raises:
            PayApiRefused: `ORDER_NOT_EXIST` when WeChat Pay never heard of it.
        """
        _require_trade_no(out_trade_no)
        answer = self._sdk("pay.query", "").query(out_trade_no=out_trade_no)
        if answer.get("out_trade_no") != out_trade_no or answer.get("mchid") != self._keys.mchid:
            raise pay_refusal("pay.query", "bad_answer", 200)
        return answer

    def close(self, out_trade_no: str) -> None:
        """Make an unpaid order unpayable; closing again is no error.

        Raises:
            PayApiRefused: `ORDER_PAID` when the money was faster.
        """
        _require_trade_no(out_trade_no)
        self._sdk("pay.close", "").close(out_trade_no=out_trade_no)

    def refund(
        self,
        *,
        transaction_id: str,
        out_refund_no: str,
        refund_fen: int,
        total_fen: int,
        reason: str,
        notify_url: str,
    ) -> dict[str, Any]:
        """Ask for money to go back; "accepted" is `status` PROCESSING and says nothing of the end.

        The same number with the same arguments is the same refund, for ever; another number is
        another refund, whatever became of the first.

        Args:
            reason: what the payer reads; cut to 80 bytes, without what the API refuses.

        Raises:
            PayApiRefused: see its `outcome`.
        """
        _require_trade_no(out_refund_no)
        answer = self._sdk("pay.refund", "").refund(
            out_refund_no=out_refund_no,
            transaction_id=transaction_id,
            amount={"refund": refund_fen, "total": total_fen, "currency": "CNY"},
            reason=_within_bytes(payable_text(reason, REASON_BYTES_MAX), REASON_BYTES_MAX),
            notify_url=notify_url,
        )
        return _own_refund("pay.refund", answer, out_refund_no)

    def query_refund(self, out_refund_no: str) -> dict[str, Any]:
        """What WeChat Pay knows of our refund, as it says it (`status` and so on).

        Raises:
            PayApiRefused: `RESOURCE_NOT_EXISTS` when WeChat Pay never heard of it.
        """
        _require_trade_no(out_refund_no)
        answer = self._sdk("pay.refund_query", "").query_refund(out_refund_no=out_refund_no)
        return _own_refund("pay.refund_query", answer, out_refund_no)

    def jsapi_pay_parameters(
        self, *, appid: str, prepay_id: str, timestamp: int, nonce: str
    ) -> dict[str, str]:
        """What `wx.requestPayment` and `WeixinJSBridge` want, signed."""
        package = f"prepay_id={prepay_id}"
        signature = pay_keys.sign(self._keys, appid, str(timestamp), nonce, package)
        return {
            "appId": appid,
            "timeStamp": str(timestamp),
            "nonceStr": nonce,
            "package": package,
            "signType": "RSA",
            "paySign": signature,
        }

    def _sdk(self, name: str, appid: str) -> _Sdk:
        public_key_id, pem = self._named(name)
        sdk: Any = WeChatPay(
            wechatpay_type=WeChatPayType.JSAPI,
            mchid=self._keys.mchid,
            private_key=None,
            cert_serial_no=self._keys.serial_no,
            appid=appid,
            apiv3_key="",
            # Its certificate mode would call the network here; see wire/pay_certificates.
            public_key=pay_keys.bare_pem(pem),
            public_key_id=public_key_id,
        )
        sdk._core = _Gate(self, name)  # noqa: SLF001 - its transport has no official way in
        return sdk  # type: ignore[no-any-return]  # the library is untyped

    def exchange(self, name: str, method: str, target: str, body: bytes) -> dict[str, Any]:
        """Send one signed request and return the object of its verified answer.

        Raises:
            PayApiRefused: no answer, an unsigned one, or a refusal; `no_platform_key` when no
                answer could be verified, and then nothing was sent.
        """
        self._named(name)
        return self._understood(name, *self.raw(name, method, target, body))

    def raw(
        self, name: str, method: str, target: str, body: bytes
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        """Send one signed request; gives status, headers and body as they came, unverified.

        Raises:
            PayApiRefused: no answer.
        """
        try:
            return self._calls.call(name, lambda: self._send(method, target, body))
        except NetworkFailed as failure:
            outcome = failure.outcome
        except AnswerTooLarge:
            outcome = "unknown"
        raise pay_refusal(name, "no_answer", None, outcome=outcome)

    def _named(self, name: str) -> tuple[str, str]:
        named = self._keys.named_at(self._clock.now())
        if named is None:
            raise pay_refusal(name, "no_platform_key", None, outcome="not_done")
        return named

    def stream(self, name: str, target: str, take: Callable[[bytes], None], bytes_max: int) -> int:
        """Send one signed GET and hand its body over chunk by chunk; nobody signs such an answer.

        Returns:
            How many bytes came.

        Raises:
            NetworkFailed: no answer, or it broke off.
            AnswerTooLarge: more than `bytes_max` would come.
            PayApiRefused: a refusal.
        """

        def send() -> tuple[int, int, bytes]:
            response = self._session.request(
                "GET",
                self._api_base + target,
                headers=self._headers("GET", target, b""),
                timeout=TIMEOUT_S,
                allow_redirects=False,
                stream=True,
            )
            if response.status_code != 200:
                return response.status_code, 0, read_body(response)
            return 200, pour_body(response, take, bytes_max), b""

        status, size_bytes, refused = self._calls.call(name, send)
        if status != 200:
            raise pay_refusal(name, code_of(refused), status)
        return size_bytes

    def _send(
        self, method: str, target: str, body: bytes
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        response = self._session.request(
            method,
            self._api_base + target,
            data=body or None,
            headers=self._headers(method, target, body),
            timeout=TIMEOUT_S,
            allow_redirects=False,
            stream=True,
        )
        return response.status_code, list(response.headers.items()), read_body(response)

    def _headers(self, method: str, target: str, body: bytes) -> dict[str, str]:
        timestamp = str(int(self._clock.now().timestamp()))
        nonce = f"{self._rng.getrandbits(128):032X}"
        signature = pay_keys.sign(
            self._keys, method, target, timestamp, nonce, body.decode("utf-8")
        )
        headers = {
            "Authorization": "WECHATPAY2-SHA256-RSA2048 "
            f'mchid="{self._keys.mchid}",nonce_str="{nonce}",signature="{signature}",'
            f'timestamp="{timestamp}",serial_no="{self._keys.serial_no}"',
            "Accept": "application/json",
            "User-Agent": USER_AGENT,
        }
        named = self._keys.named_at(self._clock.now())
        if named is not None:
            headers["Wechatpay-Serial"] = named[0]
        return headers | ({"Content-Type": "application/json"} if body else {})

    def _understood(
        self, name: str, status: int, headers: list[tuple[str, str]], content: bytes
    ) -> dict[str, Any]:
        if not 200 <= status < 300:
            raise pay_refusal(name, code_of(content), status)
        try:
            now = int(self._clock.now().timestamp())
            verify_signed(self._keys, headers, content, now_epoch_s=now)
            answer = strict_json.parse(content.decode("utf-8")) if content else {}
        except (WireRefused, UnicodeDecodeError):
            answer = None
        if not isinstance(answer, dict):
            raise pay_refusal(name, "unsigned_answer", status)
        return answer


class _Gate:
    """Stands where wechatpayv3 has its transport: it hands over a path and a body."""

    def __init__(self, client: PayClient, name: str) -> None:
        self._client = client
        self._name = name

    def request(
        self,
        path: str,
        method: RequestType = RequestType.GET,
        data: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Send it our way. The body is spelt once, and those bytes are signed and sent."""
        body = b"" if data is None else json.dumps(data, ensure_ascii=False).encode("utf-8")
        return self._client.exchange(self._name, method.value, path, body)


def payable_text(text: str, length_max: int) -> str:
    """`text` without what WeChat Pay v3 refuses (four-byte characters, control characters)."""
    plain = _CONTROL.sub(" ", _FOUR_BYTE.sub("", text))
    return plain.strip()[:length_max].strip()


def _own_refund(name: str, answer: dict[str, Any], out_refund_no: str) -> dict[str, Any]:
    if answer.get("out_refund_no") != out_refund_no:
        raise pay_refusal(name, "bad_answer", 200)
    return answer


def _within_bytes(text: str, bytes_max: int) -> str:
    return text.encode("utf-8")[:bytes_max].decode("utf-8", "ignore")


def _require_trade_no(out_trade_no: str) -> None:
    if _TRADE_NO.match(out_trade_no) is None:
        raise ValueError("out_trade_no must be 6 to 32 of 0-9 A-Z a-z _ -")


def code_of(content: bytes) -> str:
    """WeChat Pay's code in the body of a refusal, or `bad_answer`."""
    try:
        code = strict_json.parse(content.decode("utf-8")).get("code")
    except (WireRefused, UnicodeDecodeError, AttributeError):
        return "bad_answer"
    return code[:64] if isinstance(code, str) and code else "bad_answer"
