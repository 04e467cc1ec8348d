"""A statement as a workbook: a sheet that sums up, and a sheet with every entry."""

import io
from decimal import Decimal

import xlsxwriter
from flask_babel import gettext as _
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook

from app.http.statements import wording
from creator_tools.insights.queries import Statement, StatementSums

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_YUAN = "#,##0.00;[Red]-#,##0.00"
_FIRST_SUM = 5


def rendered(statement: Statement) -> bytes:
    """The file; sums are numbers in yuan, words are text and never a formula."""
    written = io.BytesIO()
    # Row by row, so that a long statement does not stand in memory twice.
    with xlsxwriter.Workbook(
        written, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        yuan = book.add_format({"num_format": _YUAN})
        head = book.add_format({"bold": True, "bottom": 1})
        _write_summary(book, statement, yuan, head)
        _write_lines(book, statement, yuan, head)
    return written.getvalue()


def _write_summary(book: Workbook, statement: Statement, yuan: Format, head: Format) -> None:
    sheet = book.add_worksheet(_("汇总"))
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 6, 16)
    sheet.write_string(0, 0, wording.title_of(statement), head)
    sheet.write_string(1, 0, wording.period_of(statement))
    row = 3
    for name, balance_fen in wording.balances(statement):
        sheet.write_string(row, 0, name)
        sheet.write_number(row, 1, Decimal(balance_fen) / 100, yuan)
        row += 1
    row += 1
    for at, name in enumerate([_("收入类型"), _("笔数"), *wording.sum_names()]):
        sheet.write_string(row, at, name, head)
    for kind, sums in statement.by_income_type.items():
        row += 1
        sheet.write_string(row, 0, wording.income_type_name(kind))
        sheet.write_number(row, 1, sums.count)
        for at, sum_fen in enumerate(_sums(sums), start=2):
            sheet.write_number(row, at, Decimal(sum_fen) / 100, yuan)
    for note in wording.notes():
        row += 2
        sheet.write_string(row, 0, note)


def _write_lines(book: Workbook, statement: Statement, yuan: Format, head: Format) -> None:
    sheet = book.add_worksheet(_("明细"))
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, 2, 14)
    sheet.set_column(3, 4, 34)
    sheet.set_column(_FIRST_SUM, _FIRST_SUM + 4, 16)
    for at, name in enumerate(wording.headings()):
        sheet.write_string(0, at, name, head)
    for row, line in enumerate(statement.lines, start=1):
        cells = wording.cells_of(line)
        words = (cells.day, cells.kind, cells.rail, cells.number, cells.title)
        for at, word in enumerate(words):
            sheet.write_string(row, at, word)
        for at, sum_fen in enumerate(cells.sums_fen, start=_FIRST_SUM):
            sheet.write_number(row, at, Decimal(sum_fen) / 100, yuan)
    sheet.autofilter(0, 0, max(1, len(statement.lines)), _FIRST_SUM + 4)


def _sums(sums: StatementSums) -> tuple[int, ...]:
    return (sums.gross_fen, sums.fee_fen, sums.platform_fen, sums.shared_fen, sums.own_fen)
