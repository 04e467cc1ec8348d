"""What the platform owes: the settled balance, and the bill file of a range of days."""

from datetime import date, datetime, timedelta
from typing import Any

from wechat_simulator.pay.bills import yuan
from wechat_simulator.pay.numbers import BEIJING
from wechat_simulator.xpay.model import LIVE, SETTLES_AFTER, VirtualOrder, XpayDesk
from wechat_simulator.xpay.refusals import BEING_MADE, ApiRefused, bad_parameter

_ADDRESS_LIVES_FOR = timedelta(minutes=30)
_DAYS_MOST = 31
_HEADER = "交易时间,商户订单号,微信订单号,支付方式,订单类型,道具ID,订单金额(元),技术服务费(元)"


def balance(desk: XpayDesk, now: datetime) -> dict[str, Any]:
    """What was settled and not withdrawn, in yuan."""
    fen = 0
    for order in desk.records.orders.values():
        if order.env == LIVE and order.paid_at is not None:
            if order.refund_of is not None:
                fen -= order.fee_fen
            elif order.paid_at + SETTLES_AFTER[order.rail] <= now:
                fen += order.fee_fen - desk.books.fee_fen(order.rail, order.fee_fen)
    return {"balance_available": {"amount": yuan(max(fen, 0)), "currency_code": "CNY"}}


def ask(desk: XpayDesk, asked: dict[str, Any], gateway: str, now: datetime) -> dict[str, Any]:
    """The address of a bill; the first call only sets the making in motion.

    Raises:
        ApiRefused: days that are none, or 268490011 while it is being made.
    """
    first, last = _day(asked, "begin_ds"), _day(asked, "end_ds")
    if last < first or (last - first).days >= _DAYS_MOST:
        raise bad_parameter("end_ds")
    key = (asked["begin_ds"], asked["end_ds"])
    ready_at = desk.records.bills.setdefault(
        key, now + timedelta(seconds=desk.settings.bill_delay_s)
    )
    if now < ready_at:
        raise ApiRefused(BEING_MADE, "data is generating, please try again later")
    token = desk.numbers.hexadecimal(40)
    file = _file(desk, first, last)
    desk.records.downloads[token] = (now + _ADDRESS_LIVES_FOR, file)
    return {"url": f"{gateway}/xpay/_bill?token={token}"}


def download(desk: XpayDesk, token: str, now: datetime) -> bytes | None:
    """The file behind a bill address, or None when it has lapsed."""
    until, file = desk.records.downloads.get(token, (now, b""))
    return file if now < until else None


def _file(desk: XpayDesk, first: date, last: date) -> bytes:
    rows = [_HEADER]
    for order in desk.records.orders.values():
        paid_at = order.paid_at.astimezone(BEIJING) if order.paid_at is not None else None
        if order.env == LIVE and paid_at is not None and first <= paid_at.date() <= last:
            rows.append(_row(desk, order, paid_at))
    return "".join(f"{row}\r\n" for row in rows).encode("utf-8-sig")


def _row(desk: XpayDesk, order: VirtualOrder, paid_at: datetime) -> str:
    refund = order.refund_of is not None
    cells = [
        paid_at.strftime("%Y-%m-%d %H:%M:%S"),
        order.order_id,
        order.wx_order_id,
        "苹果支付" if order.rail == "xpay_ios" else "微信支付",
        "退款" if refund else "支付",
        order.product_id,
        yuan(-order.fee_fen if refund else order.fee_fen),
        yuan(0 if refund else desk.books.fee_fen(order.rail, order.fee_fen)),
    ]
    return ",".join(f"`{cell}" for cell in cells)


def _day(asked: dict[str, Any], name: str) -> date:
    value = asked.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise bad_parameter(name)
    try:
        return datetime.strptime(str(value), "%Y%m%d").replace(tzinfo=BEIJING).date()
    except ValueError:
        raise bad_parameter(name) from None
