"""Revenue adds up, whichever way it is cut."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta

import pytest

from creator_tools.insights import queries
from creator_tools.insights.queries import EntryFilter, RevenueBy, RevenueRow
from tests.integration.insights.books import NOON, Books, Sale, random_sales

FIRST, LAST = date(2026, 5, 1), date(2026, 5, 31)


def _expected(sales: list[Sale], by: RevenueBy) -> list[RevenueRow]:
    cells: dict[tuple[date, str], list[int]] = defaultdict(lambda: [0] * 5)
    for sale in sales:
        key = {"rail": sale.rail, "creator": sale.creator_handle, "column": str(sale.column_id)}[by]
        cut = sale.division
        row = (1, cut.gross_fen, cut.fee_fen, cut.platform_fen, cut.creator_fen)
        cell = cells[(sale.business_day, key)]
        cell[:] = [held + more for held, more in zip(cell, row, strict=True)]
    return [RevenueRow(day, key, *cell) for (day, key), cell in sorted(cells.items())]


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("by", ["rail", "creator", "column"])
def test_revenue_is_the_brute_force_sum_of_all_sales(
    books: Books, seed: int, by: RevenueBy
) -> None:
    shops = [books.open_shop("mei"), books.open_shop("tao", share_bp=3333)]
    sales = random_sales(books, shops, seed=seed, count=25)
    books.pay_twice(sales[0])
    with books.units.reading() as session:
        rows = queries.revenue(session, first=FIRST, last=LAST, by=by)
    assert rows == _expected(sales, by)
    total = queries.total_of(rows)
    assert total.gross_fen == total.fee_fen + total.platform_fen + total.creator_fen
    assert total.orders == 25


def test_every_shown_number_opens_the_entries_that_make_it(books: Books) -> None:
    shops = [books.open_shop("mei"), books.open_shop("tao")]
    random_sales(books, shops, seed=5, count=20)
    with books.units.reading() as session:
        for row in queries.revenue(session, first=FIRST, last=LAST, by="creator"):
            page = queries.entries(
                session,
                EntryFilter(
                    first=row.business_day,
                    last=row.business_day,
                    kind="payment",
                    creator_handle=row.key,
                ),
                limit=100,
            )
            assert page.total_count == row.orders
            assert sum(entry.gross_fen for entry in page.items) == row.gross_fen


def test_a_sale_just_before_midnight_in_beijing_belongs_to_the_day_that_ends(books: Books) -> None:
    shop = books.open_shop("mei")
    books.sell(shop, paid_at=datetime(2026, 5, 20, 15, 59, 59, tzinfo=UTC))
    books.sell(shop, paid_at=datetime(2026, 5, 20, 16, 0, tzinfo=UTC))
    with books.units.reading() as session:
        rows = queries.revenue(session, first=FIRST, last=LAST, by="rail")
        only_second = queries.revenue(
            session, first=date(2026, 5, 21), last=date(2026, 5, 21), by="rail"
        )
    assert [(row.business_day, row.orders) for row in rows] == [
        (date(2026, 5, 20), 1),
        (date(2026, 5, 21), 1),
    ]
    assert only_second == rows[1:]


def test_the_demo_sale_of_nine_yuan_ninety_is_divided_to_the_fen(books: Books) -> None:
    books.sell(books.open_shop("mei"), gross_fen=990, rail="xpay_ios")
    with books.units.reading() as session:
        rows = queries.revenue(session, first=FIRST, last=LAST, by="rail")
    assert rows == [RevenueRow(date(2026, 5, 20), "xpay_ios", 1, 990, 119, 87, 784)]


def test_money_in_suspense_is_nobodys_revenue(books: Books) -> None:
    sale = books.sell(books.open_shop("mei"))
    books.pay_twice(sale)
    with books.units.reading() as session:
        (row,) = queries.revenue(session, first=FIRST, last=LAST, by="rail")
        entries = queries.postings_of_order(session, sale.order_id)
    assert (row.orders, row.gross_fen) == (1, 990)
    assert [entry.kind for entry in entries] == ["payment", "suspense"]


def test_income_of_a_creator_is_what_the_day_brought_to_that_creator_alone(books: Books) -> None:
    mei, tao = books.open_shop("mei"), books.open_shop("tao")
    books.sell(mei, gross_fen=990)
    books.sell(mei, gross_fen=10)
    books.sell(tao, gross_fen=5000)
    books.sell(mei, gross_fen=700, paid_at=NOON - timedelta(days=1))
    with books.units.reading() as session:
        income = queries.income_of_creator(session, mei.creator_id, date(2026, 5, 20))
        nothing = queries.income_of_creator(session, mei.creator_id, date(2026, 5, 1))
    assert (income.orders, income.gross_fen, income.creator_fen) == (2, 1000, 886 + 9)
    assert (nothing.orders, nothing.gross_fen, nothing.creator_fen) == (0, 0, 0)


def test_the_postings_of_an_order_sum_to_zero_and_name_their_accounts(books: Books) -> None:
    shop = books.open_shop("mei")
    sale = books.sell(shop, gross_fen=990)
    with books.units.reading() as session:
        (entry,) = queries.postings_of_order(session, sale.order_id)
    merchant = books.accounts["merchant"]
    assert [(line.account, line.amount_fen) for line in entry.postings] == [
        (f"receivable:jsapi:{merchant}", 990),
        ("fee:jsapi", -6),
        ("platform_share", -98),
        (f"creator_payable:{shop.creator_id}", -886),
    ]


def test_entries_come_in_pages_that_miss_and_repeat_nothing(books: Books) -> None:
    shop = books.open_shop("mei")
    sales = [books.sell(shop) for _ in range(7)]
    seen, cursor = [], None
    with books.units.reading() as session:
        while True:
            page = queries.entries(session, EntryFilter(rail="jsapi"), cursor=cursor, limit=3)
            assert page.total_count == 7
            seen += [entry.entry_id for entry in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
    assert seen == [sale.entry_id for sale in reversed(sales)]


def test_the_timeline_tells_the_order_from_quote_to_promise(books: Books) -> None:
    sale = books.sell(books.open_shop("mei"))
    with books.units.reading() as session:
        steps = queries.timeline_of_order(session, sale.order_id)
    assert [step.code for step in steps] == [
        "quoted",
        "created",
        "prepaid",
        "payment_seen",
        "posted",
        "access_opened",
        "audited",
        "audited",
        "effect_promised",
    ]
    seen = next(step for step in steps if step.code == "payment_seen")
    assert (seen.facts["seen_by"], seen.facts["amount_fen"]) == ("notification", 990)


def test_an_order_is_found_by_its_number_and_by_its_id(books: Books) -> None:
    sale = books.sell(books.open_shop("mei"))
    with books.units.reading() as session:
        assert queries.find_order(session, sale.trade_no) == sale.order_id
        assert queries.find_order(session, str(sale.order_id)) == sale.order_id
        assert queries.find_order(session, "' OR 1=1 --") is None
        assert queries.get_order(session, sale.order_id).title == "一篇作品"
        assert [one.order_id for one in queries.list_orders(session).items] == [sale.order_id]
