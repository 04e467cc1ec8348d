"""A creator's statement is what was booked on their account, in every form it is given."""

import csv
import io
import random
from datetime import date, timedelta

import openpyxl
import pypdf
import pytest
from flask import Flask

from app.http import language
from app.http.statements import as_csv, as_pdf, as_xlsx
from creator_tools.creators.errors import CreatorNotFound
from creator_tools.insights import queries
from creator_tools.insights.errors import StatementTooLong
from creator_tools.insights.queries import Statement, statements
from creator_tools.kernel.fen import format_yuan
from tests.integration.insights.books import Books, Shop, random_sales
from tests.integration.insights.given_back import give_back

FIRST, LAST = date(2026, 5, 1), date(2026, 5, 31)


def _read(books: Books, shop: Shop, first: date = FIRST, last: date = LAST) -> Statement:
    with books.units.reading(of_one_moment=True) as session:
        return queries.statement(session, shop.creator_id, first=first, last=last)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_any_period_begins_where_the_one_before_ended(books: Books, seed: int) -> None:
    shops = [books.open_shop("mei"), books.open_shop("tao", share_bp=3333)]
    sales = random_sales(books, shops, seed=seed, count=25)
    cut = FIRST + timedelta(days=random.Random(seed).randrange(1, 30))
    for shop in shops:
        own = [sale for sale in sales if sale.creator_handle == shop.handle]
        whole = _read(books, shop)
        before, after = _read(books, shop, last=cut - timedelta(days=1)), _read(books, shop, cut)

        assert whole.closing_fen == sum(sale.division.creator_fen for sale in own)
        assert before.opening_fen == 0
        assert before.closing_fen == after.opening_fen
        assert before.lines + after.lines == whole.lines
        for part in (whole, before, after):
            assert part.opening_fen + part.total.own_fen == part.closing_fen
            gross = part.total.fee_fen + part.total.platform_fen + part.total.own_fen
            assert part.total.gross_fen == gross


def test_what_went_back_stands_there_as_well(books: Books) -> None:
    shop = books.open_shop("mei")
    sales = [books.sell(shop, gross_fen=990 + at, term=at < 2) for at in range(5)]
    give_back(books, sales[:4])  # the third comes back to the account
    failed, kept = sales[2].division.creator_fen, sales[4].division.creator_fen

    found = _read(books, shop)

    assert found.closing_fen == failed + kept
    counts = {kind: sums.count for kind, sums in found.by_kind.items()}
    assert counts == {"payment": 5, "refund": 4, "refund_failed": 1}
    assert found.by_kind["refund"].gross_fen == -sum(sale.division.gross_fen for sale in sales[:4])
    assert found.by_income_type["column_term"].own_fen == 0
    assert found.by_income_type["work"].own_fen == failed + kept


def test_months_lists_where_the_account_moved(books: Books) -> None:
    shop = books.open_shop("mei")
    sale = books.sell(shop)
    with books.units.reading() as session:
        (month,) = queries.statement_months(session, shop.creator_id)
    assert (month.first, month.last, month.count) == (FIRST, LAST, 1)
    assert month.own_fen == sale.division.creator_fen


def test_balances_are_listed_page_by_page(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statements, "PAGE_SIZE", 2)
    shops = [books.open_shop(handle) for handle in ("mei", "tao", "an")]
    sale = books.sell(shops[0])
    with books.units.reading() as session:
        first = queries.list_balances(session, after_handle=None)
        second = queries.list_balances(session, after_handle=first.next_cursor)
    listed = [(one.handle, one.balance_fen) for one in (*first.items, *second.items)]
    assert listed == [("an", 0), ("mei", sale.division.creator_fen), ("tao", 0)]
    assert first.total_count == 3
    assert second.next_cursor is None


def test_a_statement_that_fits_no_file_is_refused(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statements, "LINES_MAX", 1)
    shop = books.open_shop("mei")
    books.sell(shop)
    assert len(_read(books, shop).lines) == 1
    books.sell(shop)
    with pytest.raises(StatementTooLong):
        _read(books, shop)


def test_nobody_has_no_statement(books: Books) -> None:
    with books.units.reading() as session, pytest.raises(CreatorNotFound):
        queries.statement(session, books.person(), first=FIRST, last=LAST)


@pytest.fixture
def pages() -> Flask:
    """An application that knows both languages and nothing else."""
    app = Flask(__name__)
    language.install(app)
    return app


@pytest.mark.parametrize("tag", ["zh-CN", "en"])
def test_every_file_holds_the_same_sums(books: Books, pages: Flask, tag: str) -> None:
    shop = books.open_shop("=cmd|mei")
    random_sales(books, [shop], seed=4, count=12)
    found = _read(books, shop)
    with pages.test_request_context(headers={"Accept-Language": tag}):
        as_text = as_csv.rendered(found)
        workbook = openpyxl.load_workbook(io.BytesIO(as_xlsx.rendered(found)))
        printed = pypdf.PdfReader(io.BytesIO(as_pdf.rendered(found)))

    assert as_text.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(as_text.decode("utf-8-sig"))))
    sums_by_csv = [row[-1] for row in rows[2:-1]]
    assert sums_by_csv == [format_yuan(line.own_fen) for line in found.lines]
    assert (rows[1][-1], rows[-1][-1]) == ("0.00", format_yuan(found.closing_fen))

    _, lines = workbook.worksheets
    sums_by_sheet = [round(row[-1] * 100) for row in lines.iter_rows(min_row=2, values_only=True)]
    assert sums_by_sheet == [line.own_fen for line in found.lines]
    cells = [cell for sheet in workbook for row in sheet.iter_rows() for cell in row]
    assert [cell for cell in cells if cell.data_type == "f"] == []

    words = "".join(page.extract_text() for page in printed.pages)
    assert format_yuan(found.closing_fen) in words
    assert all(line.number in words.replace("\n", "") for line in found.lines)
    assert ("期末余额" in words) is (tag == "zh-CN")
    assert ("Balance at the end" in words) is (tag == "en")
