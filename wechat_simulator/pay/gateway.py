"""The gateway's door: who is asking, what for, and an answer under the platform's signature."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, unquote

from wechat_simulator.pay import bills, crypto, notices, orders, platform, refunds, transfers
from wechat_simulator.pay.model import PayDesk
from wechat_simulator.pay.refusals import Refused

JSON_TYPE = "application/json; charset=utf-8"

# The digits after the dash of Request-ID name the fault inside the platform; 0 is none.
_FAULT_NUMBERS = {
    "PARAM_ERROR": "268435461",
    "SIGN_ERROR": "268443699",
    "ORDER_NOT_EXIST": "268512771",
    "ORDER_PAID": "268449538",
    "ORDER_CLOSED": "268447914",
    "INVALID_REQUEST": "268498688",
    "APPID_MCHID_NOT_MATCH": "268445527",
    "FREQUENCY_LIMITED": "268447840",
}


@dataclass(frozen=True)
class Call:
    """One request, with target and body byte for byte as they were sent."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    gateway: str
    fault: str = ""

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """The target's query, without the question mark."""
        return self.target.partition("?")[2]

    def asked(self, name: str) -> str | None:
        """The last value of a query parameter, or None."""
        return parse_qs(self.query).get(name, [None])[-1]

    def header(self, name: str) -> str:
        """A header's value whatever the case of its name; empty when absent."""
        for known, value in self.headers.items():
            if known.lower() == name.lower():
                return value
        return ""


@dataclass(frozen=True)
class Reply:
    """One answer."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


Answer = Callable[[PayDesk, Call, re.Match[str], datetime], "dict[str, Any] | bytes | None"]


def answer(desk: PayDesk, call: Call, now: datetime) -> Reply:
    """Answer one merchant request: checked, acted upon, signed."""
    try:
        desk.signer = platform.for_answer(desk, call.header("Wechatpay-Serial"), now)
        _check_signature(desk, call, now)
        found = _dispatch(desk, call, now)
    except Refused as refusal:
        return refused(desk, refusal, now)
    if isinstance(found, bytes):  # bill files are the one 2xx without a signature
        packed = found.startswith(b"\x1f\x8b")
        return Reply(200, found, {"Content-Type": "application/x-gzip" if packed else "text/plain"})
    body = b"" if found is None else _as_json(found)
    return Reply(204 if found is None else 200, body, _signed_headers(desk, body, "0", now))


def refused(desk: PayDesk, refusal: Refused, now: datetime) -> Reply:
    """The error answer of a refusal; unsigned when the settings say so."""
    body = _as_json(refusal.body())
    number = _FAULT_NUMBERS.get(refusal.code, "268435462")
    headers = _signed_headers(desk, body, number, now)
    if desk.settings.unsigned_errors:
        headers = {k: v for k, v in headers.items() if not k.startswith("Wechatpay-")}
    return Reply(refusal.status, body, headers)


def _check_signature(desk: PayDesk, call: Call, now: datetime) -> None:
    if not call.header("User-Agent") or not call.header("Accept"):
        raise Refused(400, "PARAM_ERROR", "Http头缺少Accept或User-Agent")
    try:
        shown = crypto.parse_authorization(call.header("Authorization"))
    except crypto.AuthorizationMalformed:
        sentence = "Http头Authorization值格式错误，请参考《微信支付商户REST API签名规则》"
        raise Refused(401, "SIGN_ERROR", sentence) from None
    if shown.mchid != desk.keys.mchid:
        raise Refused(401, "SIGN_ERROR", "商户号不存在或未开通", _sign_detail(call, shown))
    if shown.serial_no != desk.keys.serial_no:
        raise Refused(401, "SIGN_ERROR", "商户证书序列号有误。", _sign_detail(call, shown))
    if abs(now.timestamp() - int(shown.timestamp)) > crypto.FRESH_FOR_S:
        raise Refused(
            401, "SIGN_ERROR", "Http头Authorization中的timestamp与发起请求的时间不得超过5分钟"
        )
    message = _message(call, shown)
    if not crypto.is_signed(desk.keys.merchant_key, message, shown.signature):
        raise Refused(401, "SIGN_ERROR", "错误的签名，验签失败", _sign_detail(call, shown))
    platform.check_named(desk, call.header("Wechatpay-Serial"), now)


def _message(call: Call, shown: crypto.Authorization) -> bytes:
    body = call.body
    return crypto.request_message(call.method, call.target, shown.timestamp, shown.nonce, body)


def _sign_detail(call: Call, shown: crypto.Authorization) -> dict[str, Any]:
    """What the platform signed, with the body cut: the merchant's best hint."""
    message = _message(call, shown)
    cut = message[: len(message) - len(call.body) - 1] + call.body[:8] + b"\n"
    return {
        "field": "signature",
        "issue": "sign not match",
        "location": "authorization",
        "sign_information": {
            "method": call.method,
            "url": call.target,
            "truncated_sign_message": cut.decode("utf-8", "replace"),
            "sign_message_length": len(message),
        },
        "detail": {"issue": "sign not match"},
    }


def _dispatch(desk: PayDesk, call: Call, now: datetime) -> dict[str, Any] | bytes | None:
    known = False
    for method, pattern, act in _ROUTES:
        found = pattern.fullmatch(call.path)
        known = known or found is not None
        if found is not None and method == call.method:
            return act(desk, call, found, now)
    if known:
        raise Refused(405, "METHOD_NOT_ALLOWED", "请求方法不支持，请检查请求方法")
    raise Refused(404, "RESOURCE_NOT_EXISTS", "请求的资源不存在，请检查请求地址")


def _signed_headers(desk: PayDesk, body: bytes, number: str, now: datetime) -> dict[str, str]:
    headers = {"Request-ID": f"{desk.numbers.request_id()}-{number}", "Content-Language": "zh-CN"}
    if body:
        headers["Content-Type"] = JSON_TYPE
    probe = desk.numbers.chance(desk.settings.probe_rate)
    keys = desk.signer or platform.for_answer(desk, "", now)
    return headers | notices.signed_headers(keys, desk.numbers, body, now, probe=probe)


def _as_json(shown: dict[str, Any]) -> bytes:
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":")).encode()


def _place(desk: PayDesk, call: Call, found: re.Match[str], now: datetime) -> dict[str, Any]:
    return orders.place(desk, found["kind"], call.body, now)


def _order_by_number(
    desk: PayDesk, call: Call, found: re.Match[str], _now: datetime
) -> dict[str, Any]:
    return orders.shown(orders.find(desk, unquote(found["number"]), call.asked("mchid")))


def _order_by_payment(
    desk: PayDesk, call: Call, found: re.Match[str], _now: datetime
) -> dict[str, Any]:
    return orders.shown(orders.find_paid(desk, unquote(found["number"]), call.asked("mchid")))


def _close(desk: PayDesk, call: Call, found: re.Match[str], _now: datetime) -> None:
    orders.close(desk, unquote(found["number"]), call.body)


def _refund(desk: PayDesk, call: Call, _found: re.Match[str], now: datetime) -> dict[str, Any]:
    return refunds.ask(desk, call.body, now)


def _refund_by_number(
    desk: PayDesk, _call: Call, found: re.Match[str], _now: datetime
) -> dict[str, Any]:
    return refunds.shown(refunds.find(desk, unquote(found["number"])))


def _certificates(
    desk: PayDesk, call: Call, _found: re.Match[str], now: datetime
) -> dict[str, Any]:
    return platform.listed(desk, now, call.fault)


def _transfer(desk: PayDesk, call: Call, _found: re.Match[str], now: datetime) -> dict[str, Any]:
    return transfers.ask(desk, call.body, now)


def _transfer_by_number(
    desk: PayDesk, _call: Call, found: re.Match[str], _now: datetime
) -> dict[str, Any]:
    number = unquote(found["number"])
    if found["whose"] == "out-bill-no":
        return transfers.shown(transfers.find(desk, number))
    return transfers.shown(transfers.find_by_platform_number(desk, number))


def _transfer_cancel(
    desk: PayDesk, _call: Call, found: re.Match[str], now: datetime
) -> dict[str, Any]:
    return transfers.cancel(desk, unquote(found["number"]), now)


def _bill(desk: PayDesk, call: Call, found: re.Match[str], now: datetime) -> dict[str, Any]:
    asked = bills.Asked(found["kind"], call.query, call.gateway, call.fault)
    return bills.ask(desk, asked, now)


def _bill_file(desk: PayDesk, call: Call, _found: re.Match[str], now: datetime) -> bytes:
    return bills.download(desk, call.query, now)


def _not_permitted(
    _desk: PayDesk, _call: Call, _found: re.Match[str], _now: datetime
) -> dict[str, Any]:
    raise Refused(403, "NO_AUTH", "商户号没有开通该产品权限，请在商户平台申请")


_TRANSFERS = "/v3/fund-app/mch-transfer/transfer-bills"
_ORDERS = "/v3/pay/transactions"
_ROUTES: tuple[tuple[str, re.Pattern[str], Answer], ...] = tuple(
    (method, re.compile(pattern), act)
    for method, pattern, act in (
        ("POST", f"{_ORDERS}/(?P<kind>jsapi|native|h5|app)", _place),
        ("GET", f"{_ORDERS}/out-trade-no/(?P<number>[^/]+)", _order_by_number),
        ("GET", f"{_ORDERS}/id/(?P<number>[^/]+)", _order_by_payment),
        ("POST", f"{_ORDERS}/out-trade-no/(?P<number>[^/]+)/close", _close),
        ("POST", "/v3/refund/domestic/refunds", _refund),
        ("GET", "/v3/refund/domestic/refunds/(?P<number>[^/]+)", _refund_by_number),
        ("GET", "/v3/certificates", _certificates),
        ("POST", _TRANSFERS, _transfer),
        (
            "GET",
            f"{_TRANSFERS}/(?P<whose>out-bill-no|transfer-bill-no)/(?P<number>[^/]+)",
            _transfer_by_number,
        ),
        ("POST", f"{_TRANSFERS}/out-bill-no/(?P<number>[^/]+)/cancel", _transfer_cancel),
        ("GET", "/v3/bill/(?P<kind>tradebill|fundflowbill)", _bill),
        ("GET", "/v3/billdownload/file", _bill_file),
        ("GET", "/v3/profitsharing/.*", _not_permitted),
        ("POST", "/v3/profitsharing/.*", _not_permitted),
    )
)
