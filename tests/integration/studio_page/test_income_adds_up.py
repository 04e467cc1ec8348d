"""Every number of the creator's income is the sum of the postings that stand in the ledger.

What is expected is added up here from bare rows, without the queries that the pages use.
"""

import csv
import io
import json
import random
import re
from collections import Counter, defaultdict
from datetime import date, timedelta
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from creator_tools.catalogue import service as catalogue
from creator_tools.kernel.business_day import business_day_of
from creator_tools.kernel.fen import format_yuan, parse_yuan
from creator_tools.kernel.models import PlatformAccount
from creator_tools.ledger.models import RAILS, JournalEntry, LedgerAccount, Posting
from creator_tools.orders.models import OrderLine
from tests.factories import make_published_work
from tests.integration.insights.books import Books, Shop
from tests.integration.studio_page.conftest import Author

DAYS = 9
SALES = 70
# How many days ago a period begins and ends: all, a part, one day, and before the first sale.
PERIODS = ((29, 0), (DAYS, DAYS // 2), (3, 3), (399, DAYS + 2))
PAID_RAILS = tuple(rail for rail in RAILS if rail != "free")
# The sums of a row, in the order of the page and of the file.
KINDS = ("receivable", "fee", "platform_share", "creator_payable")

Sums = tuple[int, ...]
Cells = dict[tuple[date, UUID], Sums]

NOTHING: Sums = (0, 0, 0, 0, 0)

_ROW = re.compile(r'<tr><th scope="row">([^<]*)</th>(.*?)</tr>', re.DOTALL)
_NUMBER = re.compile(r'<td class="number[^"]*"><a href="[^"]*">(?:<b>)?¥?([0-9.,]+)')
_SALE = re.compile(r"<b>\+¥([0-9.]+)</b>.*?成交 ¥([0-9.]+)", re.DOTALL)
_CHART = re.compile(r'id="chart-facts">(.*?)</script>', re.DOTALL)
_NEXT = re.compile(r'rel="next" href="([^"]*)"')
_FIGURE = re.compile(r'class="figure__sum"[^>]*>¥([0-9.]+)<')


def fen(yuan: str) -> int:
    amount = parse_yuan(yuan)
    assert amount is not None, yuan
    return amount


def shop_of(author: Author, *, share_bp: int) -> Shop:
    """A column and a work of this creator, each with its price."""
    column = author.column(f"专栏 {share_bp}")
    with author.house.wiring.units("studio.act") as uow:
        work = make_published_work(uow, column, title=f"一篇 {share_bp}")
        work_product, term_product = (
            catalogue.set_price(
                uow,
                creator_id=author.creator_id,
                kind=kind,
                column_id=column.id,
                price_fen=990,
                **more,
            ).id
            for kind, more in (
                ("work", {"work_id": work.id}),
                ("column_term", {"term_days": 30}),
            )
        )
    return Shop(author.creator_id, "-", column.id, work.id, work_product, term_product, share_bp)


def sell_at_random(author: Author, shops: list[Shop], seed: int) -> None:
    """Sales of both creators on three rails within some days, one of them paid twice."""
    units, rng = author.house.wiring.units, random.Random(seed)
    found = author.read(lambda session: session.scalars(select(PlatformAccount)).all())
    books = Books(units, {account.kind: account.id for account in found})
    now = units.clock.now()
    sales = [
        books.sell(
            rng.choice(shops),
            gross_fen=rng.choice([1, 49, 100, 990, rng.randint(1, 5_000_000)]),
            rail=rng.choice(PAID_RAILS),
            paid_at=now - timedelta(minutes=rng.randint(1, DAYS * 24 * 60)),
            term=rng.random() < 0.4,
        )
        for _ in range(SALES)
    ]
    books.pay_twice(sales[0])


def postings_of(session: Session, creator_id: UUID) -> tuple[Cells, Counter[tuple[int, int]]]:
    """A creator's payments by day and product, and each one's gross and creator's part.

    A payment is the creator's when it credits the account that is owed to them.
    """
    rows = session.execute(
        select(JournalEntry, Posting.amount_fen, LedgerAccount)
        .join(Posting, Posting.entry_id == JournalEntry.id)
        .join(LedgerAccount, LedgerAccount.id == Posting.account_id)
        .where(JournalEntry.kind == "payment")
    ).all()
    lines = session.scalars(select(OrderLine)).all()
    products: dict[UUID | None, UUID] = {line.order_id: line.product_id for line in lines}
    own = {entry.id for entry, _, pot in rows if pot.creator_id == creator_id}
    parts: dict[UUID, dict[str, int]] = defaultdict(lambda: dict.fromkeys(KINDS, 0))
    where: dict[UUID, tuple[date, UUID]] = {}
    for entry, amount_fen, pot in rows:
        if entry.id in own:
            parts[entry.id][pot.kind] += amount_fen if pot.kind == "receivable" else -amount_fen
            where[entry.id] = (business_day_of(entry.occurred_at), products[entry.order_id])
    cells: Cells = {}
    for entry_id, part in parts.items():
        line = (1, *(part[kind] for kind in KINDS))
        cells[where[entry_id]] = added(cells.get(where[entry_id], NOTHING), line)
    return cells, Counter((one["receivable"], one["creator_payable"]) for one in parts.values())


def added(one: Sums, other: Sums) -> Sums:
    return tuple(left + right for left, right in zip(one, other, strict=True))


def total(cells: Cells, first: date, last: date) -> Sums:
    sums: Sums = NOTHING
    for (day, _), line in cells.items():
        if first <= day <= last:
            sums = added(sums, line)
    return sums


def table_of(page: str) -> dict[str, Sums]:
    """The page's tables: what stands at the head of a row, and its orders and sums in fen."""
    found: dict[str, Sums] = {}
    for head, cells in _ROW.findall(page):
        orders, *sums = _NUMBER.findall(cells)
        assert head not in found, head
        found[head] = (int(orders), *(fen(one) for one in sums))
    return found


def csv_rows(author: Author, asked: str) -> list[tuple[str, Sums]]:
    """The file's rows: the day, and the orders and sums in fen."""
    answer = author.get(f"/studio/income.csv{asked}")
    assert answer.status_code == 200
    rows = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert rows[0][2:] == ["orders", "gross_yuan", "fee_yuan", "platform_yuan", "creator_yuan"]
    return [(row[0], (int(row[2]), *(fen(one) for one in row[3:]))) for row in rows[1:]]


def sales_of(author: Author, asked: str) -> Counter[tuple[int, int]]:
    """Gross and creator's part of each sale in the list of buyers, page after page."""
    found: Counter[tuple[int, int]] = Counter()
    path: str | None = f"/studio/buyers{asked}"
    while path:
        shown = author.get(path).text
        found.update((fen(gross), fen(own)) for own, gross in _SALE.findall(shown))
        further = _NEXT.search(shown)
        path = further.group(1).replace("&amp;", "&") if further else None
    return found


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_number_of_a_creators_income_is_the_sum_of_postings(
    author: Author, rival: Author, seed: int
) -> None:
    shops = [shop_of(author, share_bp=1000), shop_of(rival, share_bp=3333)]
    sell_at_random(author, shops, seed)
    today = business_day_of(author.house.wiring.units.clock.now())
    spans = [(today - timedelta(days=back), today - timedelta(days=to)) for back, to in PERIODS]
    for one, other in ((author, shops[1]), (rival, shops[0])):
        cells, each = one.read(partial(postings_of, creator_id=one.creator_id))
        assert len(cells) > DAYS / 2
        for first, last in spans:
            compare(one, cells, first, last)
        assert sales_of(one, "") == each
        for product_id in (other.product_id, other.term_product_id):
            assert not sales_of(one, f"?product={product_id}")
        compare_home(one, cells, today)


def compare(author: Author, cells: Cells, first: date, last: date) -> None:
    """The page, its chart, the file and the buyers of a period against the ledger."""
    asked = f"?from={first}&to={last}"
    expected = sorted(
        ((day.isoformat(), line) for (day, _), line in cells.items() if first <= day <= last)
    )
    assert sorted(csv_rows(author, asked)) == expected
    page = author.get(f"/studio/income{asked}").text
    sums = total(cells, first, last)
    if not expected:
        assert table_of(page) == {}
        assert "这段时间还没有收入" in page
        return
    days = sorted({day for day, _ in cells if first <= day <= last})
    shown = table_of(page)
    by_day = {head: line for head, line in shown.items() if head[:2] == "20"}
    assert by_day == {day.isoformat(): total(cells, day, day) for day in days}
    assert shown.pop("合计") == sums
    by_product = [line for head, line in shown.items() if head not in by_day]
    products = {product for (day, product) in cells if first <= day <= last}
    assert sorted(by_product) == sorted(
        total({key: line for key, line in cells.items() if key[1] == one}, first, last)
        for one in products
    )
    assert f"{format_yuan(sums[4])}</a>" in page
    chart = json.loads(_CHART.search(page).group(1))  # type: ignore[union-attr]
    drawn = dict(zip(chart["days"], chart["creator_fen"], strict=True))
    assert {day: own for day, own in drawn.items() if own} == {
        day: line[4] for day, line in by_day.items() if line[4]
    }
    sold = sales_of(author, asked)
    assert sum(sold.values()) == sums[0]
    assert sum(gross * times for (gross, _), times in sold.items()) == sums[1]
    assert sum(own * times for (_, own), times in sold.items()) == sums[4]


def compare_home(author: Author, cells: Cells, today: date) -> None:
    """The three sums of the first page against the ledger."""
    shown = [fen(one) for one in _FIGURE.findall(author.get("/studio/").text)]
    spans = (today - timedelta(days=days - 1) for days in (1, 7, 30))
    assert shown == [total(cells, first, today)[4] for first in spans]
