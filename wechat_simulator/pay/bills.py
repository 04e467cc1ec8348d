"""Bill files as a merchant downloads them: BOM, CRLF, a backtick before every value, no quotes.

Amounts are yuan here, fees with five places; everywhere else the API counts fen.
"""

import gzip
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from wechat_simulator.pay import bill_faults
from wechat_simulator.pay.bill_faults import Changes
from wechat_simulator.pay.model import Order, PayDesk, Refund
from wechat_simulator.pay.numbers import BEIJING
from wechat_simulator.pay.refusals import Refused, bad_field, invalid_request

TRADE_HEADER = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,"
    "付款银行,货币种类,应结订单金额,代金券金额,{refund}商品名称,商户数据包,手续费,费率,订单金额"
    "{asked},费率备注"
)
REFUND_COLUMNS = "微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,"
REFUND_TIMES = "退款申请时间,退款成功时间,"
TRADE_SUMMARY = (
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
)
FLOW_HEADER = (
    "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),"
    "资金变更提交申请人,备注,业务凭证号"
)
FLOW_SUMMARY = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额"

_DOWNLOAD_LIVES_FOR = timedelta(minutes=5)
_KEPT_FOR_DAYS = 92
_ESCAPES = str.maketrans(
    {
        "\\": "\\\\",
        "'": "\\'",
        '"': '\\"',
        "`": "\\`",
        ",": "\\ ",
        "\n": "\\n",
        "\r": "\\r",
        "\t": "\\t",
        "\ue000": "\\ ",
        "\x1a": "\\\x1a",
    }
)


@dataclass(frozen=True)
class _Line:
    """One row of the trade bill, before it is printed: a payment, or a refund of one."""

    order: Order
    fee_fen: int
    refund: Refund | None = None


@dataclass(frozen=True)
class Asked:
    """Which bill is asked for: its kind, the query, the address asked, and what it shall suffer."""

    kind: str
    query: str
    gateway: str
    fault: str = ""


def ask(desk: PayDesk, asked: Asked, now: datetime) -> dict[str, Any]:
    """Make the bill of one day ready for five minutes.

    Raises:
        Refused: a parameter, STATEMENT_CREATING before it is ready, NO_STATEMENT_EXIST
            for a day without business.
    """
    params = {name: values[-1] for name, values in parse_qs(asked.query).items()}
    day = _bill_day(desk, params.get("bill_date"), now)
    if asked.fault == "not_ready":
        raise Refused(400, "STATEMENT_CREATING", "账单生成中，请在 10 点以后再试")
    if asked.fault == "no_statement":
        raise _no_statement()
    is_trade = asked.kind == "tradebill"
    text = (_trade_bill if is_trade else _flow_bill)(desk, day, params, asked.fault)
    plain = bill_faults.changed_bytes(text.encode("utf-8-sig"), asked.fault)
    file = gzip.compress(plain, mtime=0) if _packed(params) else plain
    token = desk.numbers.hexadecimal(40)
    desk.records.downloads[token] = (now + _DOWNLOAD_LIVES_FOR, file)
    digest = hashlib.sha1(plain, usedforsecurity=False).hexdigest()
    return {
        "hash_type": "SHA1",
        "hash_value": bill_faults.changed_hash(digest, asked.fault),
        "download_url": f"{asked.gateway}/v3/billdownload/file?token={token}",
    }


def download(desk: PayDesk, query: str, now: datetime) -> bytes:
    """The file behind a download address.

    Raises:
        Refused: the address is unknown or older than five minutes.
    """
    token = parse_qs(query).get("token", [""])[-1]
    lives_until, file = desk.records.downloads.get(token, (now, b""))
    if lives_until <= now:
        raise invalid_request("下载地址无效或已过期，请重新申请账单")
    return file


def yuan(fen: int) -> str:
    """`fen` as yuan with two places."""
    sign, whole = ("-", -fen) if fen < 0 else ("", fen)
    return f"{sign}{whole // 100}.{whole % 100:02d}"


def escaped(text: str) -> str:
    """A text column as bills print it; a comma becomes a backslash and a space."""
    return text.translate(_ESCAPES)


def _bill_day(desk: PayDesk, asked: str | None, now: datetime) -> date:
    try:
        day = date.fromisoformat(asked or "")
    except ValueError:
        raise bad_field("bill_date", "应为 YYYY-MM-DD", asked, at="query") from None
    if len(asked or "") != 10:
        raise bad_field("bill_date", "应为 YYYY-MM-DD", asked, at="query")
    today = now.astimezone(BEIJING)
    if day >= today.date():
        raise invalid_request("账单日期应早于今天")
    if (today.date() - day).days > _KEPT_FOR_DAYS:
        raise invalid_request("只能下载三个月以内的账单")
    if (today.date() - day).days == 1 and today.hour < desk.settings.bills_ready_hour:
        raise Refused(400, "STATEMENT_CREATING", "账单生成中，请在 10 点以后再试")
    return day


def _packed(params: dict[str, str]) -> bool:
    packing = params.get("tar_type")
    if packing not in (None, "", "GZIP"):
        raise bad_field("tar_type", "只支持 GZIP", packing, at="query")
    return packing == "GZIP"


def _no_statement() -> Refused:
    sentence = "账单文件不存在，请检查当前商户号在指定日期内是否有交易"
    return Refused(400, "NO_STATEMENT_EXIST", sentence)


def _trade_bill(desk: PayDesk, day: date, params: dict[str, str], fault: str) -> str:
    kind = params.get("bill_type") or "ALL"
    if kind not in ("ALL", "SUCCESS", "REFUND"):
        raise bad_field("bill_type", "只支持 ALL、SUCCESS、REFUND", kind, at="query")
    lines = list(_trade_lines(desk, day, kind))
    if not lines:
        raise _no_statement()
    lines = bill_faults.changed_lines(lines, fault, _TRADE_CHANGES)
    header = TRADE_HEADER.format(
        refund={"ALL": "", "SUCCESS": "", "REFUND": REFUND_TIMES}[kind]
        + ("" if kind == "SUCCESS" else REFUND_COLUMNS),
        asked="" if kind == "SUCCESS" else ",申请退款金额",
    )
    rows = [_trade_row(desk, line, header.split(",")) for line in lines]
    paid = sum(line.order.total_fen for line in lines if line.refund is None)
    back = sum(line.refund.refund_fen for line in lines if line.refund is not None)
    fee = sum(line.fee_fen for line in lines)
    count = bill_faults.changed_count(len(lines), fault)
    summary = [f"{count}.0", yuan(paid), yuan(back), "0.00", _fee(fee), yuan(paid), yuan(back)]
    return _printed(header, rows, TRADE_SUMMARY, summary, fault)


def _foreign(line: _Line) -> _Line:
    order = replace(
        line.order,
        mchid="1999999999",
        out_trade_no="nobody-knows-it",
        transaction_id="4299" + "9" * 24,
    )
    return replace(line, order=order)


_TRADE_CHANGES = Changes[_Line](
    foreign=_foreign,
    dearer=lambda line: replace(
        line, order=replace(line.order, total_fen=line.order.total_fen + 100)
    ),
    costlier=lambda line: replace(line, fee_fen=line.fee_fen + 5),
)


def _trade_lines(desk: PayDesk, day: date, kind: str) -> Iterable[_Line]:
    if kind in ("ALL", "SUCCESS"):
        for payment in desk.books.payments:
            order = desk.paid_order(payment.payment_ref)
            if order is not None and _on(payment.paid_at, day):
                yield _Line(order, payment.fee_fen)
    if kind in ("ALL", "REFUND"):
        for booked in desk.books.refunds:
            order = desk.paid_order(booked.payment_ref)
            if order is not None and _on(booked.refunded_at, day):
                yield _Line(order, -booked.fee_fen, desk.records.refunds[booked.refund_no])


def _trade_row(desk: PayDesk, line: _Line, columns: Sequence[str]) -> list[str]:
    order, refund = line.order, line.refund
    at = order.paid_at if refund is None else refund.succeeded_at
    cells = {
        "交易时间": _clock(at),
        "公众账号ID": order.appid,
        "商户号": order.mchid,
        "特约商户号": "0",
        "微信订单号": order.transaction_id or "",
        "商户订单号": order.out_trade_no,
        "用户标识": order.payer_openid or "",
        "交易类型": order.trade_type,
        "交易状态": "SUCCESS" if refund is None else "REFUND",
        "付款银行": "OTHERS",
        "货币种类": "CNY",
        "应结订单金额": yuan(order.total_fen if refund is None else 0),
        "代金券金额": "0.00",
        "商品名称": escaped(order.description),
        "商户数据包": escaped(order.attach or ""),
        "手续费": _fee(line.fee_fen),
        "费率": f"{desk.books.fee_bp['jsapi'] / 100:.2f}%",
        "订单金额": yuan(order.total_fen if refund is None else 0),
    }
    cells |= _refund_cells(refund)
    return [cells.get(column, "") for column in columns]


def _refund_cells(refund: Refund | None) -> dict[str, str]:
    if refund is None:
        return {
            "微信退款单号": "0",
            "商户退款单号": "0",
            "退款金额": "0.00",
            "充值券退款金额": "0.00",
            "申请退款金额": "0.00",
        }
    return {
        "退款申请时间": _clock(refund.created_at),
        "退款成功时间": _clock(refund.succeeded_at),
        "微信退款单号": refund.refund_id,
        "商户退款单号": refund.out_refund_no,
        "退款金额": yuan(refund.refund_fen),
        "充值券退款金额": "0.00",
        "退款类型": "ORIGINAL",
        "退款状态": refund.status,
        "申请退款金额": yuan(refund.refund_fen),
    }


_Flow = tuple[datetime, str, str, str, int]
_FLOW_CHANGES = Changes[_Flow](
    foreign=lambda flow: (flow[0], "4299" + "9" * 24, "nobody-knows-it", *flow[3:]),
    dearer=lambda flow: (*flow[:4], flow[4] + 100),
    costlier=lambda flow: (*flow[:4], flow[4] - 5),
)


def _flow_bill(desk: PayDesk, day: date, params: dict[str, str], fault: str) -> str:
    account = params.get("account_type") or "BASIC"
    if account not in ("BASIC", "OPERATION", "FEES"):
        raise bad_field("account_type", "只支持 BASIC、OPERATION、FEES", account, at="query")
    flows = sorted(_flows(desk)) if account == "BASIC" else []
    balance = sum(flow[4] for flow in flows if flow[0].astimezone(BEIJING).date() < day)
    of_day = [flow for flow in flows if _on(flow[0], day)]
    if not of_day:
        raise _no_statement()
    rows: list[list[str]] = []
    came: list[int] = []
    went: list[int] = []
    for at, ref, number, name, fen in bill_faults.changed_lines(of_day, fault, _FLOW_CHANGES):
        balance += fen
        (came if fen > 0 else went).append(abs(fen))
        way = "收入" if fen > 0 else "支出"
        money = [way, yuan(abs(fen)), yuan(balance), "system", "", number]
        rows.append([_clock(at), ref, f"{ref}{number}"[-32:], name, name, *money])
    counts = [
        f"{bill_faults.changed_count(len(rows), fault)}.0",
        f"{len(came)}.0",
        yuan(sum(came)),
        f"{len(went)}.0",
        yuan(sum(went)),
    ]
    return _printed(FLOW_HEADER, rows, FLOW_SUMMARY, counts, fault)


def _flows(desk: PayDesk) -> Iterable[_Flow]:
    """Every movement of the merchant's balance: (at, platform number, our number, name, fen)."""
    for paid in desk.books.payments:
        if paid.payment_ref in desk.records.trade_of_payment:
            yield paid.paid_at, paid.payment_ref, paid.trade_no, "交易", paid.amount_fen
            if paid.fee_fen:
                yield paid.paid_at, paid.payment_ref, paid.trade_no, "扣除交易手续费", -paid.fee_fen
    for back in desk.books.refunds:
        if back.payment_ref in desk.records.trade_of_payment:
            net = back.amount_fen - back.fee_fen
            yield back.refunded_at, back.refund_ref, back.refund_no, "退款", -net
    for bill in desk.books.transfers:
        yield bill.transferred_at, bill.transfer_ref, bill.bill_no, "商家转账", -bill.amount_fen


def _printed(
    header: str,
    rows: Iterable[Sequence[str]],
    summary_header: str,
    summary: Sequence[str],
    fault: str,
) -> str:
    printed = bill_faults.changed_rows([_ticked(row) for row in rows], fault)
    lines = [header, *printed, summary_header, _ticked(summary)]
    return "".join(f"{line}\r\n" for line in lines)


def _ticked(cells: Sequence[str]) -> str:
    return ",".join(f"`{cell}" for cell in cells)


def _fee(fen: int) -> str:
    return f"{yuan(fen)}000"


def _clock(at: datetime | None) -> str:
    return at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S") if at is not None else ""


def _on(at: datetime, day: date) -> bool:
    return at.astimezone(BEIJING).date() == day
