"""From a bill file of WeChat Pay to rows: by the names of its columns, never by their places.

A file is UTF-8 with a byte order mark and CRLF; every value begins with a backtick and nothing is
quoted, so that a comma and a backtick together end a value. The last two lines are totals.

Source: https://pay.weixin.qq.com/doc/v3/merchant/4013071228
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Literal

from wechat_handlers.wire.errors import BillUnreadable

LINE_BYTES_MAX = 16_384
RAW_CHARS_MAX = 300
FEN_MAX = 10**12
_BEIJING = timezone(timedelta(hours=8))
_YUAN = re.compile(r"-?\d{1,12}\.\d{2}\Z", re.ASCII)
_FEE = re.compile(r"-?\d{1,12}\.\d{2,5}\Z", re.ASCII)
_COUNT = re.compile(r"(\d{1,9})(?:\.0+)?\Z", re.ASCII)
_AT = "%Y-%m-%d %H:%M:%S"

TRADE_COLUMNS = (
    "交易时间",
    "商户号",
    "微信订单号",
    "商户订单号",
    "交易状态",
    "应结订单金额",
    "微信退款单号",
    "商户退款单号",
    "退款金额",
    "手续费",
)
FLOW_COLUMNS = (
    "记账时间",
    "微信支付业务单号",
    "业务名称",
    "收支类型",
    "收支金额(元)",
    "业务凭证号",
)
_TOTALS = {"trade": "总交易单数", "flow": "资金流水总笔数"}


@dataclass(frozen=True)
class Read:
    """One row that was understood; see `BillRow` of the business for what the fields mean."""

    line: int
    kind: Literal["payment", "refund", "flow"]
    payment_ref: str
    trade_no: str
    merchant: str
    amount_fen: int
    happened_at: datetime
    refund_ref: str = ""
    refund_no: str = ""
    fee_millifen: int = 0
    words: str = ""


@dataclass(frozen=True)
class Unread:
    """A row that could not be understood: its place and its beginning."""

    line: int
    text: str


@dataclass(frozen=True)
class Totals:
    """What the file says of itself: how many rows, and their sums in fen.

    Of a trade bill `in_fen` was paid and `out_fen` went back; of a flow bill it came and left.
    """

    rows_count: int
    in_fen: int
    out_fen: int


def read(kind: Literal["trade", "flow"], file: Iterable[bytes]) -> Iterator[Read | Unread | Totals]:
    """The rows of a file, and its totals last.

    Args:
        file: its lines with their ends, as a binary file gives them.

    Raises:
        BillUnreadable: `encoding`: not UTF-8; `heading`: a column is missing; `totals`: they are
            missing or unreadable; `line_too_long`.
    """
    lines = _texts(file)
    heading = next(lines, (0, ""))[1].removeprefix("\ufeff")
    columns = {name.strip(): place for place, name in enumerate(heading.split(","))}
    wanted = TRADE_COLUMNS if kind == "trade" else FLOW_COLUMNS
    if any(name not in columns for name in wanted):
        raise BillUnreadable("heading")
    for line, text in lines:
        if text.startswith("`"):
            yield _row(kind, line, text, columns)
        elif text.startswith(_TOTALS[kind]):
            yield _totals(kind, text, next(lines, (0, ""))[1])
            break
        elif text:
            yield Unread(line, text[:RAW_CHARS_MAX])
    else:
        raise BillUnreadable("totals")
    if any(text for _, text in lines):
        raise BillUnreadable("totals")


def _texts(file: Iterable[bytes]) -> Iterator[tuple[int, str]]:
    for line, raw in enumerate(file, start=1):
        if len(raw) > LINE_BYTES_MAX:
            raise BillUnreadable("line_too_long")
        try:
            yield line, raw.decode("utf-8").rstrip("\r\n")
        except UnicodeDecodeError:
            raise BillUnreadable("encoding") from None


def _row(kind: str, line: int, text: str, columns: dict[str, int]) -> Read | Unread:
    cells = text[1:].split(",`")
    if len(cells) != len(columns):
        return Unread(line, text[:RAW_CHARS_MAX])
    named = {name: cells[place] for name, place in columns.items()}
    try:
        return _trade(line, named) if kind == "trade" else _flow(line, named)
    except ValueError:
        return Unread(line, text[:RAW_CHARS_MAX])


def _trade(line: int, cells: dict[str, str]) -> Read:
    state = cells["交易状态"]
    if state not in {"SUCCESS", "REFUND", "REVOKED"}:
        raise ValueError(state)
    is_refund = state != "SUCCESS"
    return Read(
        line=line,
        kind="refund" if is_refund else "payment",
        payment_ref=_number(cells["微信订单号"]),
        trade_no=_number(cells["商户订单号"]),
        merchant=_number(cells["商户号"]),
        amount_fen=_fen(cells["退款金额" if is_refund else "应结订单金额"]),
        happened_at=_at(cells["交易时间"]),
        refund_ref=_number(cells["微信退款单号"]) if is_refund else "",
        refund_no=_number(cells["商户退款单号"]) if is_refund else "",
        fee_millifen=_millifen(cells["手续费"]),
    )


def _flow(line: int, cells: dict[str, str]) -> Read:
    way = cells["收支类型"]
    if way not in {"收入", "支出"}:
        raise ValueError(way)
    fen = _fen(cells["收支金额(元)"])
    return Read(
        line=line,
        kind="flow",
        payment_ref=_number(cells["微信支付业务单号"]),
        trade_no=cells["业务凭证号"][:64],
        merchant="",
        amount_fen=fen if way == "收入" else -fen,
        happened_at=_at(cells["记账时间"]),
        words=cells["业务名称"][:64],
    )


def _totals(kind: str, heading: str, text: str) -> Totals:
    names, cells = heading.split(","), text.removeprefix("`").split(",`")
    named = dict(zip(names, cells, strict=False))
    came, left = ("应结订单总金额", "退款总金额") if kind == "trade" else ("收入金额", "支出金额")
    counted = _COUNT.match(named.get(names[0], ""))
    if counted is None:
        raise BillUnreadable("totals")
    try:
        return Totals(int(counted[1]), _loose_fen(named[came]), _loose_fen(named[left]))
    except (KeyError, ValueError):
        raise BillUnreadable("totals") from None


def _number(text: str) -> str:
    if not text or len(text) > 64:
        raise ValueError("not a number of anything")
    return text


def _fen(text: str) -> int:
    if _YUAN.match(text) is None:
        raise ValueError(text)
    fen = int(text.replace(".", ""))
    if not 0 <= fen <= FEN_MAX:
        raise ValueError(text)
    return fen


def _loose_fen(text: str) -> int:
    # Totals were seen as `0.0` and `0.47`, where rows have two places.
    whole, _, part = text.partition(".")
    if not whole.isdecimal() or not (part or "0").isdecimal() or len(part) > 5:
        raise ValueError(text)
    if int(part[2:] or "0") != 0:
        raise ValueError(text)
    return int(whole) * 100 + int(f"{part:0<2}"[:2])


def _millifen(text: str) -> int:
    if _FEE.match(text) is None:
        raise ValueError(text)
    whole, _, part = text.partition(".")
    sign = -1 if whole.startswith("-") else 1
    return sign * (abs(int(whole)) * 100_000 + int(f"{part:0<5}"))


def _at(text: str) -> datetime:
    return datetime.strptime(text, _AT).replace(tzinfo=_BEIJING).astimezone(UTC)
