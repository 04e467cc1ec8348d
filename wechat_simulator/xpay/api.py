"""The server calls of virtual payment: `POST /xpay/…?access_token&pay_sig[&signature]`."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wechat_simulator.xpay import bills, crypto, goods, orders
from wechat_simulator.xpay.model import XpayDesk
from wechat_simulator.xpay.refusals import (
    OPENID,
    SESSION_KEY,
    SIGNATURE,
    ApiRefused,
    bad_parameter,
)


@dataclass(frozen=True)
class ServerCall:
    """One server call with its body as it was sent; the access token was checked before."""

    path: str
    body: bytes
    pay_sig: str
    signature: str
    gateway: str
    session_key_of: Callable[[str], str | None]
    knows: Callable[[str], bool]


Act = Callable[[XpayDesk, ServerCall, dict[str, Any], datetime], dict[str, Any]]


def answer(desk: XpayDesk, call: ServerCall, now: datetime) -> dict[str, Any]:
    """The JSON answer, errors included: always with errcode and errmsg."""
    try:
        found = _act(desk, call, now)
    except ApiRefused as refusal:
        return {"errcode": refusal.errcode, "errmsg": refusal.errmsg}
    return {"errcode": 0, "errmsg": "ok"} | found


def _act(desk: XpayDesk, call: ServerCall, now: datetime) -> dict[str, Any]:
    act = _ACTS.get(call.path)
    if act is None:
        raise ApiRefused(48001, "api unauthorized")
    try:
        text = call.body.decode()
        asked = json.loads(text)
    except (ValueError, RecursionError):
        raise bad_parameter("body") from None
    if not isinstance(asked, dict):
        raise bad_parameter("body")
    asked.setdefault("env", 0)  # bill calls name no environment and mean the live one
    env = asked["env"]
    if not isinstance(env, int) or isinstance(env, bool) or env not in desk.app_keys:
        raise bad_parameter("env")
    if not crypto.same(call.pay_sig, crypto.pay_sig(desk.app_keys[env], call.path, text)):
        raise ApiRefused(SIGNATURE, "pay_sig error")
    if "openid" in asked and not (isinstance(asked["openid"], str) and call.knows(asked["openid"])):
        raise ApiRefused(OPENID, "openid error")
    return act(desk, call, asked, now)


def _query_order(
    desk: XpayDesk, _call: ServerCall, asked: dict[str, Any], now: datetime
) -> dict[str, Any]:
    if "openid" not in asked:
        raise bad_parameter("openid")
    return {"order": orders.shown(desk, orders.find(desk, asked["env"], asked), now)}


def _provide(
    desk: XpayDesk, _call: ServerCall, asked: dict[str, Any], now: datetime
) -> dict[str, Any]:
    if not orders.delivered(orders.find(desk, asked["env"], asked), now):
        raise bad_parameter("order_id: order not paid")
    return {}


def _refund(
    desk: XpayDesk, _call: ServerCall, asked: dict[str, Any], now: datetime
) -> dict[str, Any]:
    if "openid" not in asked:
        raise bad_parameter("openid")
    return orders.ask_refund(desk, asked["env"], asked, now)


def _user_balance(
    _desk: XpayDesk, call: ServerCall, asked: dict[str, Any], _now: datetime
) -> dict[str, Any]:
    """The person's coins: none, since this platform publishes no coin."""
    for name in ("openid", "user_ip"):
        if not isinstance(asked.get(name), str) or not asked[name]:
            raise bad_parameter(name)
    session_key = call.session_key_of(asked["openid"])
    if session_key is None:
        raise ApiRefused(SESSION_KEY, "session_key not exist or expired")
    if not crypto.same(call.signature, crypto.user_signature(session_key, call.body.decode())):
        raise ApiRefused(SIGNATURE, "signature error")
    return {
        "balance": 0,
        "present_balance": 0,
        "sum_save": 0,
        "sum_present": 0,
        "sum_balance": 0,
        "sum_cost": 0,
        "first_save_flag": 1,
    }


def _start_upload(
    desk: XpayDesk, _call: ServerCall, asked: dict[str, Any], now: datetime
) -> dict[str, Any]:
    return goods.start_upload(desk, asked["env"], asked, now)


def _query_upload(
    desk: XpayDesk, _call: ServerCall, asked: dict[str, Any], now: datetime
) -> dict[str, Any]:
    return goods.query_upload(desk, asked["env"], now)


def _start_publish(
    desk: XpayDesk, _call: ServerCall, asked: dict[str, Any], now: datetime
) -> dict[str, Any]:
    return goods.start_publish(desk, asked["env"], asked, now)


def _query_publish(
    desk: XpayDesk, _call: ServerCall, asked: dict[str, Any], _now: datetime
) -> dict[str, Any]:
    return goods.query_publish(desk, asked["env"])


def _biz_balance(
    desk: XpayDesk, _call: ServerCall, _asked: dict[str, Any], now: datetime
) -> dict[str, Any]:
    return bills.balance(desk, now)


def _download_bill(
    desk: XpayDesk, call: ServerCall, asked: dict[str, Any], now: datetime
) -> dict[str, Any]:
    return bills.ask(desk, asked, call.gateway, now)


_ACTS: dict[str, Act] = {
    "/xpay/query_order": _query_order,
    "/xpay/notify_provide_goods": _provide,
    "/xpay/refund_order": _refund,
    "/xpay/query_user_balance": _user_balance,
    "/xpay/start_upload_goods": _start_upload,
    "/xpay/query_upload_goods": _query_upload,
    "/xpay/start_publish_goods": _start_publish,
    "/xpay/query_publish_goods": _query_publish,
    "/xpay/query_biz_balance": _biz_balance,
    "/xpay/download_bill": _download_bill,
}
