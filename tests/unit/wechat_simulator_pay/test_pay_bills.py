"""Bill files byte by byte: what a merchant downloads the morning after."""

import csv
import gzip
import hashlib
import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.unit.wechat_simulator_pay.shop import REFUNDS, Shop, read
from wechat_simulator.pay import bills
from wechat_simulator.pay.cashier import person_pays

VECTORS = Path(__file__).parents[4] / "shared" / "reference" / "vectors" / "bills"
TRADE = "/v3/bill/tradebill?bill_date=2026-05-20"
UNTIL_ELEVEN_S = 15 * 3600  # the shop's clock stands at 20:00 in Beijing


@pytest.fixture
def yesterday(shop: Shop) -> Shop:
    """A shop on the morning after: one order paid, one paid and given back."""
    person_pays(shop.world, shop.fan, shop.pay_object(shop.place("order-001")))
    spiced = shop.place("order-002", attach='a,b\\c"d', description="专栏,第一期")
    person_pays(shop.world, shop.fan, shop.pay_object(spiced))
    amount = {"refund": 990, "total": 990, "currency": "CNY"}
    back = {"out_trade_no": "order-002", "out_refund_no": "refund-1", "amount": amount}
    shop.call("POST", REFUNDS, back)
    shop.wait(UNTIL_ELEVEN_S)
    return shop


def fetched(shop: Shop, target: str) -> tuple[dict[str, str], bytes]:
    told = read(shop.call("GET", target))
    parts = urlsplit(told["download_url"])
    reply = shop.call("GET", f"{parts.path}?{parts.query}")
    assert reply.status == 200
    assert "Wechatpay-Signature" not in reply.headers
    return told, reply.body


def rows(file: bytes) -> list[list[str]]:
    return list(csv.reader(file.decode("utf-8-sig").splitlines(), quoting=csv.QUOTE_NONE))


def test_the_file_has_its_mark_its_line_ends_and_its_ticks(yesterday: Shop) -> None:
    told, file = fetched(yesterday, TRADE)

    assert file.startswith(b"\xef\xbb\xbf")
    assert file.endswith(b"\r\n")
    assert b"\n" not in file.replace(b"\r\n", b"")
    assert told["hash_value"] == hashlib.sha1(file).hexdigest()
    lines = file.decode("utf-8-sig").split("\r\n")[:-1]
    assert not lines[0].startswith("`")
    assert all(cell.startswith("`") for line in lines[1:-2] for cell in line.split(","))


def test_the_rows_say_what_was_paid_and_given_back(yesterday: Shop) -> None:
    _, file = fetched(yesterday, TRADE)

    header, *lines, summary_header, summary = rows(file)
    named = [dict(zip(header, line, strict=True)) for line in lines]
    assert len(header) == 27
    assert [one["交易状态"] for one in named] == ["`SUCCESS", "`SUCCESS", "`REFUND"]
    assert [one["手续费"] for one in named] == ["`0.06000", "`0.06000", "`-0.06000"]
    assert named[0]["应结订单金额"] == "`9.90"
    assert named[0]["费率"] == "`0.60%"
    assert named[1]["商户数据包"] == '`a\\ b\\\\c\\"d'
    assert named[1]["商品名称"] == "`专栏\\ 第一期"
    assert named[2]["商户退款单号"] == "`refund-1"
    totals = dict(zip(summary_header, summary, strict=True))
    assert totals["总交易单数"] == "`3.0"
    assert totals["应结订单总金额"] == "`19.80"
    assert totals["退款总金额"] == "`9.90"
    assert totals["手续费总金额"] == "`0.06000"


@pytest.mark.parametrize(("kind", "columns", "count"), [("SUCCESS", 20, 2), ("REFUND", 29, 1)])
def test_the_narrow_bills_have_their_own_columns(
    yesterday: Shop, kind: str, columns: int, count: int
) -> None:
    _, file = fetched(yesterday, f"{TRADE}&bill_type={kind}")

    header, *lines = rows(file)
    assert len(header) == columns
    assert len(lines) == count + 2


def test_a_packed_bill_is_hashed_unpacked(yesterday: Shop) -> None:
    told, file = fetched(yesterday, f"{TRADE}&tar_type=GZIP")

    assert hashlib.sha1(gzip.decompress(file)).hexdigest() == told["hash_value"]


def test_the_fund_bill_adds_up(yesterday: Shop) -> None:
    _, file = fetched(yesterday, "/v3/bill/fundflowbill?bill_date=2026-05-20")

    header, *lines, _, summary = rows(file)
    named = [dict(zip(header, line, strict=True)) for line in lines]
    came = [one["收支金额(元)"] for one in named if one["收支类型"] == "`收入"]
    assert came == ["`9.90", "`9.90"]
    assert named[-1]["账户结余(元)"] == "`9.84"
    assert summary == ["`5.0", "`2.0", "`19.80", "`3.0", "`9.96"]


def test_the_bill_is_not_ready_before_ten(shop: Shop) -> None:
    person_pays(shop.world, shop.fan, shop.pay_object(shop.place()))
    shop.wait(13 * 3600)

    early = shop.call("GET", TRADE)
    shop.wait(3600)

    assert (early.status, read(early)["code"]) == (400, "STATEMENT_CREATING")
    assert shop.call("GET", TRADE).status == 200


def test_a_day_without_business_has_no_bill(shop: Shop) -> None:
    shop.wait(UNTIL_ELEVEN_S)

    reply = shop.call("GET", TRADE)

    assert (reply.status, read(reply)["code"]) == (400, "NO_STATEMENT_EXIST")


@pytest.mark.parametrize(
    "target",
    [
        "/v3/bill/tradebill",
        "/v3/bill/tradebill?bill_date=20260520",
        "/v3/bill/tradebill?bill_date=2026-05-21",
        "/v3/bill/tradebill?bill_date=2025-05-20",
        f"{TRADE}&bill_type=SOME",
        f"{TRADE}&tar_type=ZIP",
        "/v3/bill/fundflowbill?bill_date=2026-05-20&account_type=OTHER",
        "/v3/billdownload/file?token=unknown",
    ],
)
def test_a_wrong_question_about_bills_is_refused(yesterday: Shop, target: str) -> None:
    assert yesterday.call("GET", target).status == 400


def test_a_download_address_lives_five_minutes(yesterday: Shop) -> None:
    parts = urlsplit(read(yesterday.call("GET", TRADE))["download_url"])
    yesterday.clock.advance(300)

    assert yesterday.call("GET", f"{parts.path}?{parts.query}").status == 400


@pytest.mark.skipif(
    not VECTORS.exists(), reason="put the public samples into ../shared/reference/vectors"
)
def test_the_headers_are_those_of_public_bills() -> None:
    public = (VECTORS / "tradebill-all-excerpt.csv").read_text(encoding="utf-8-sig").splitlines()
    refunds = (VECTORS / "tradebill-refund-wxjava.csv").read_text(encoding="utf-8-sig")
    flow = (VECTORS / "fundflow-summary.csv").read_text(encoding="utf-8-sig").splitlines()
    asked = ",申请退款金额"

    assert bills.TRADE_HEADER.format(refund=bills.REFUND_COLUMNS, asked=asked) == public[0]
    assert public[-2] == bills.TRADE_SUMMARY
    assert flow[0] == bills.FLOW_SUMMARY
    wide = bills.REFUND_TIMES + bills.REFUND_COLUMNS
    assert bills.TRADE_HEADER.format(refund=wide, asked=asked) == refunds.splitlines()[0]


def test_texts_in_bills_are_escaped() -> None:
    assert json.dumps(bills.escaped("a`b\nc\td'e")) == json.dumps("a\\`b\\nc\\td\\'e")
