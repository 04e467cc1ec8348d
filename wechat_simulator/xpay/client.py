"""`wx.requestVirtualPayment` as the person's WeChat carries it out: checked, then charged."""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wechat_simulator.books import PaymentBooked
from wechat_simulator.xpay import crypto
from wechat_simulator.xpay.model import LIVE, OrderType, Status, VirtualOrder, XpayDesk

RAIL_OF_DEVICE = {"ios": "xpay_ios"}
IOS_FLOOR_FEN = 100

_NEEDED = {
    "offerId": str,
    "buyQuantity": int,
    "env": int,
    "currencyType": str,
    "outTradeNo": str,
    "attach": str,
}
_GOODS_NEEDED = {"productId": str, "goodsPrice": int}
_KINDS = _NEEDED | _GOODS_NEEDED | {"activitySellingPrice": int}
_TRADE_NO = re.compile(r"(?!_)[0-9A-Za-z_\-|*@]{8,32}")


class SheetRefused(Exception):
    """WeChat shows no pay sheet: its error code and the name it goes by."""

    def __init__(self, code: int, name: str) -> None:
        super().__init__(name)
        self.code = code
        self.name = name


@dataclass(frozen=True)
class Payer:
    """The person before the telephone, as this mini-program's WeChat knows them."""

    person_id: str
    openid: str
    device: str
    session_key: str | None
    former_session_keys: tuple[str, ...] = ()

    @property
    def rail(self) -> str:
        """Whose payment this device uses: Apple's on iOS, WeChat Pay's elsewhere."""
        return RAIL_OF_DEVICE.get(self.device, "xpay_android")


def open_sheet(
    desk: XpayDesk, payer: Payer, payment: dict[str, Any], now: datetime
) -> VirtualOrder:
    """Check all that WeChat checks before it shows the pay sheet; the order is then created.

    Raises:
        SheetRefused: with the code of the first check that fails.
    """
    sign_data = payment.get("signData")
    if not isinstance(sign_data, str) or not isinstance(payment.get("mode"), str):
        raise SheetRefused(1001, "PARAM_INVALID")
    asked = _read_sign_data(payment["mode"], sign_data)
    _check_offer(desk, asked)
    _check_signatures(desk, payer, payment, sign_data, asked["env"])
    if payment["mode"] == "short_series_coin":
        raise SheetRefused(-15009, "COIN_NOT_PUBLISHED")
    known = desk.records.orders.get((asked["env"], asked["outTradeNo"]))
    if known is not None:
        return _same_sheet(known, payer, sign_data)
    price_fen = _check_good(desk, asked, now)
    _check_device(desk, payer, asked, price_fen)
    order = VirtualOrder(
        order_id=asked["outTradeNo"],
        env=asked["env"],
        openid=payer.openid,
        person_id=payer.person_id,
        rail=payer.rail,
        order_type=OrderType.IOS_PAY if payer.rail == "xpay_ios" else OrderType.PAY,
        wx_order_id=f"VP{desk.numbers.channel_order_id(now)}",
        channel_order_id=desk.numbers.channel_order_id(now),
        asked=sign_data,
        product_id=asked["productId"],
        quantity=asked["buyQuantity"],
        orig_price_fen=asked["goodsPrice"],
        price_fen=price_fen,
        attach=asked["attach"],
        created_at=now,
        updated_at=now,
    )
    desk.keep(order)
    return order


def charge(desk: XpayDesk, order: VirtualOrder, now: datetime) -> None:
    """Take the person's money on the order's rail and book it; sandbox money is no money."""
    order.status, order.paid_at, order.updated_at = Status.PAID, now, now
    if order.rail == "xpay_android":
        order.wxpay_order_id = desk.numbers.transaction_id(now)
    if order.env != LIVE:
        return
    desk.books.payments.append(
        PaymentBooked(
            rail=order.rail,
            trade_no=order.order_id,
            payment_ref=order.payment_ref,
            appid=desk.appid,
            mchid=desk.mchid,
            person_id=order.person_id,
            amount_fen=order.fee_fen,
            fee_fen=desk.books.fee_fen(order.rail, order.fee_fen),
            state="SUCCESS",
            paid_at=now,
        )
    )


def _read_sign_data(mode: str, sign_data: str) -> dict[str, Any]:
    try:
        asked = json.loads(sign_data)
    except (ValueError, RecursionError):
        raise SheetRefused(-15016, "SIGN_DATA_INVALID") from None
    if mode not in ("short_series_goods", "short_series_coin"):
        raise SheetRefused(1001, "PARAM_INVALID")
    if not isinstance(asked, dict):
        raise SheetRefused(-15016, "SIGN_DATA_INVALID")
    needed = _NEEDED.keys() | (_GOODS_NEEDED.keys() if mode == "short_series_goods" else set())
    if not needed <= asked.keys():
        raise SheetRefused(-15016, "SIGN_DATA_INVALID")
    for key, value in asked.items():
        if key not in _KINDS:
            raise SheetRefused(-15005, "SIGNATURE_INVALID")
        # bool is an int to Python, and no number to WeChat.
        if not isinstance(value, _KINDS[key]) or isinstance(value, bool):
            raise SheetRefused(-15016, "SIGN_DATA_INVALID")
    return asked


def _check_offer(desk: XpayDesk, asked: dict[str, Any]) -> None:
    if asked["env"] not in desk.app_keys or asked["buyQuantity"] < 1:
        raise SheetRefused(-15001, "PARAM_INVALID")
    if asked["offerId"] != desk.offer_id or not _TRADE_NO.fullmatch(asked["outTradeNo"]):
        raise SheetRefused(-15001, "PARAM_INVALID")
    if asked["currencyType"] != "CNY":
        raise SheetRefused(-15004, "CURRENCY_TYPE_INVALID")


def _check_signatures(
    desk: XpayDesk, payer: Payer, payment: dict[str, Any], sign_data: str, env: int
) -> None:
    wanted = crypto.pay_sig(desk.app_keys[env], crypto.CLIENT_URI, sign_data)
    if not crypto.same(payment.get("paySig"), wanted):
        raise SheetRefused(-15006, "PAY_SIG_INVALID")
    shown = payment.get("signature")
    if payer.session_key is None:
        raise SheetRefused(-15007, "SESSION_KEY_EXPIRED")
    if crypto.same(shown, crypto.user_signature(payer.session_key, sign_data)):
        return
    for former in payer.former_session_keys:
        if crypto.same(shown, crypto.user_signature(former, sign_data)):
            raise SheetRefused(-15007, "SESSION_KEY_EXPIRED")
    raise SheetRefused(-15005, "SIGNATURE_INVALID")


def _same_sheet(known: VirtualOrder, payer: Payer, sign_data: str) -> VirtualOrder:
    """An unpaid order may be shown again to the same person with the same text; nothing else."""
    if known.status == Status.CLOSED:
        raise SheetRefused(-15012, "ORDER_CLOSED")
    again = known.asked == sign_data and known.openid == payer.openid
    if known.status != Status.CREATED or not again:
        raise SheetRefused(-15002, "OUT_TRADE_NO_USED")
    return known


def _check_good(desk: XpayDesk, asked: dict[str, Any], now: datetime) -> int:
    """The price of one item, in fen: the published one, or the lower one of a promotion."""
    good = desk.records.goods.get((asked["env"], asked["productId"]))
    if good is None or good.effective_at is None:
        raise SheetRefused(-15010, "PRODUCT_ID_NOT_PUBLISHED")
    if now < good.effective_at:
        raise SheetRefused(-15014, "COIN_OR_PRODUCT_ID_CREATED_IN_RECENTLY")
    if asked["goodsPrice"] != good.price_fen:
        raise SheetRefused(-15013, "PRICE_MISMATCH")
    selling_fen: int = asked.get("activitySellingPrice", good.price_fen)
    if not 0 < selling_fen <= good.price_fen or selling_fen * 10 < good.price_fen * 4:
        raise SheetRefused(-15013, "PRICE_MISMATCH")
    return selling_fen


def _check_device(desk: XpayDesk, payer: Payer, asked: dict[str, Any], price_fen: int) -> None:
    if payer.rail != "xpay_ios":
        return
    if not desk.settings.ios_open:
        raise SheetRefused(-15017, "MERCHANT_RESTRICTED")
    if asked["env"] != LIVE:
        raise SheetRefused(-15001, "PAYMENT_ILLEGAL_IN_SANDBOX")
    if price_fen * asked["buyQuantity"] < IOS_FLOOR_FEN:
        raise SheetRefused(-15001, "PARAM_INVALID")
