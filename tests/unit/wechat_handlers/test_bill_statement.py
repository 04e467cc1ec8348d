"""Bill files: as real ones look, and as nobody should send them."""

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wechat_handlers.statements import bill
from wechat_handlers.statements.bill import Read, Totals, Unread
from wechat_handlers.wire.errors import BillUnreadable

HEADING = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,"
    "付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,"
    "退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
)
PAID = (
    "`2026-11-30 08:35:41,`wx0001,`1900000109,`0,`,`4200000000000000000000000001,`order0001,`oUser,"
    "`JSAPI,`SUCCESS,`PSBC_DEBIT,`CNY,`9.90,`0.00,`0,`0,`0.00,`0.00,`,`,`清晨\\ 的街道,`,`0.05940,"
    "`0.60%,`9.90,`0.00,`"
)
BACK = (
    "`2026-11-30 09:00:00,`wx0001,`1900000109,`0,`,`4200000000000000000000000001,`order0001,`oUser,"
    "`JSAPI,`REFUND,`PSBC_DEBIT,`CNY,`0.00,`0.00,`5030000000000000000000000001,`refund0001,`3.30,"
    "`0.00,`ORIGINAL,`SUCCESS,`清晨\\ 的街道,`,`-0.02000,`0.60%,`0.00,`3.30,`"
)
SUMMARY = (
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
)
TOTALS = "`2.0,`9.90,`3.30,`0.00,`0.03940,`9.90,`3.30"
FLOW_HEADING = (
    "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),"
    "资金变更提交申请人,备注,业务凭证号"
)
FLOW = (
    "`2026-11-30 08:35:41,`4200,`1,`扣除交易手续费,`扣除交易手续费,`支出,`0.06,`9.84,`system,`,`o1"
)
FLOW_SUMMARY = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额"


def file(*lines: str) -> list[bytes]:
    return [line.encode() for line in ("\ufeff" + "\r\n".join(lines) + "\r\n").splitlines(True)]


def rows(*lines: str, kind: Literal["trade", "flow"] = "trade") -> list[Read | Unread | Totals]:
    return list(bill.read(kind, file(*lines)))


def test_a_payment_and_a_refund_are_read_by_the_names_of_their_columns() -> None:
    paid, back, totals = rows(HEADING, PAID, BACK, SUMMARY, TOTALS)
    assert isinstance(paid, Read)
    assert (paid.kind, paid.amount_fen, paid.fee_millifen) == ("payment", 990, 5940)
    assert (paid.payment_ref, paid.trade_no) == ("4200000000000000000000000001", "order0001")
    assert paid.happened_at.isoformat() == "2026-11-30T00:35:41+00:00"
    assert isinstance(back, Read)
    assert (back.kind, back.amount_fen, back.fee_millifen) == ("refund", 330, -2000)
    assert back.refund_no == "refund0001"
    assert totals == Totals(2, 990, 330)


def test_columns_in_another_order_say_the_same() -> None:
    def turned(line: str, between: str) -> str:
        cells = line.removeprefix("`").split(between)
        return ("`" if between == ",`" else "") + between.join(reversed(cells))

    plain = rows(HEADING, PAID, SUMMARY, TOTALS)
    assert rows(turned(HEADING, ","), turned(PAID, ",`"), SUMMARY, TOTALS) == plain


def test_a_fee_that_left_the_balance_is_negative() -> None:
    flow, totals = rows(FLOW_HEADING, FLOW, FLOW_SUMMARY, "`1.0,`0.0,`0.0,`1.0,`0.06", kind="flow")
    assert isinstance(flow, Read)
    assert (flow.amount_fen, flow.words) == (-6, "扣除交易手续费")
    assert totals == Totals(1, 0, 6)


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ((), "heading"),
        (("甲,乙", PAID, SUMMARY, TOTALS), "heading"),
        ((HEADING, PAID), "totals"),
        ((HEADING, PAID, SUMMARY), "totals"),
        ((HEADING, PAID, SUMMARY, "`zwei,`9.90,`0.00"), "totals"),
        ((HEADING, PAID, SUMMARY, "`1.0,`9.905,`0.00"), "totals"),
        ((HEADING, PAID, SUMMARY, TOTALS, PAID), "totals"),
        ((HEADING, "`" + "x" * 20_000, SUMMARY, TOTALS), "line_too_long"),
    ],
)
def test_a_file_that_is_no_bill_is_refused_whole(lines: tuple[str, ...], code: str) -> None:
    with pytest.raises(BillUnreadable) as refused:
        rows(*lines)
    assert refused.value.code == code


def test_another_encoding_is_refused() -> None:
    with pytest.raises(BillUnreadable) as refused:
        list(bill.read("trade", [HEADING.encode("gbk") + b"\r\n"]))
    assert refused.value.code == "encoding"


@pytest.mark.parametrize(
    "wrong",
    [
        PAID.replace("`9.90,`0.00,`0,", "`-9.90,`0.00,`0,"),
        PAID.replace("`9.90,`0.00,`0,", "`9.9,`0.00,`0,"),
        PAID.replace("`9.90,`0.00,`0,", "`٩.٩٠,`0.00,`0,"),
        PAID.replace("`0.05940,", "`1e3,"),
        PAID.replace("2026-11-30", "2026-13-30"),
        PAID.replace("`SUCCESS,", "`PENDING,"),
        PAID.replace("`order0001,", "`,"),
        PAID[:80],
        PAID + ",`",
        "no backtick at all",
    ],
)
def test_a_row_that_is_not_what_the_heading_says_is_kept_as_unread(wrong: str) -> None:
    (row, _totals) = rows(HEADING, wrong, SUMMARY, TOTALS)
    assert isinstance(row, Unread)
    assert row.line == 2
    assert wrong.startswith(row.text)


ENDS = "\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"


@given(
    place=st.integers(0, len(PAID) - 1),
    put=st.text(st.characters(exclude_characters=ENDS, codec="utf-8"), max_size=3),
)
def test_however_a_row_is_mangled_it_is_read_or_unread_and_nothing_else(
    place: int, put: str
) -> None:
    mangled = PAID[:place] + put + PAID[place + 1 :]
    found = rows(HEADING, mangled, SUMMARY, TOTALS)
    if mangled:
        (row, totals) = found
        assert isinstance(row, Unread) or (isinstance(row, Read) and row.amount_fen >= 0)
    else:
        (totals,) = found
    assert isinstance(totals, Totals)
