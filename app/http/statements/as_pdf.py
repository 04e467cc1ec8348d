"""A statement as PDF, to be printed and kept: the sums, and every entry while they are few.

The letters are one of Adobe's Chinese fonts, named and not carried: readers have it or put one of
theirs in its place, and the file stays small.
"""

import io
from typing import Any
from xml.sax.saxutils import escape

from flask_babel import gettext as _
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table

from app.http.statements import wording
from creator_tools.insights.queries import Statement
from creator_tools.kernel.fen import format_yuan

CONTENT_TYPE = "application/pdf"
# Two thousand lines are forty pages; who needs more takes the workbook.
LINES_MAX = 2_000
_FONT = "STSong-Light"
_MARGIN = 15 * mm
_WORDS = ParagraphStyle("words", fontName=_FONT, fontSize=8, leading=11, wordWrap="CJK")
_TITLE = ParagraphStyle("title", parent=_WORDS, fontSize=16, leading=22)
_GRID: list[tuple[Any, ...]] = [
    ("FONT", (0, 0), (-1, -1), _FONT, 8),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LINEBELOW", (0, 0), (-1, -1), 0.25, colors.lightgrey),
]


def rendered(statement: Statement) -> bytes:
    """The file, on A4 lying, its pages numbered."""
    if _FONT not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(_FONT))
    written = io.BytesIO()
    page = SimpleDocTemplate(
        written,
        pagesize=landscape(A4),
        title=wording.title_of(statement),
        author=statement.creator_name,
        invariant=True,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN,
    )
    page.build(_story(statement), onFirstPage=_numbered, onLaterPages=_numbered)
    return written.getvalue()


def _story(statement: Statement) -> list[Any]:
    balances = [(name, format_yuan(sum_fen)) for name, sum_fen in wording.balances(statement)]
    story: list[Any] = [
        _words(wording.title_of(statement), _TITLE),
        _words(wording.period_of(statement)),
        Spacer(1, 5 * mm),
        Table(balances, colWidths=(70 * mm, 40 * mm), hAlign="LEFT", style=_right_from(1)),
        Spacer(1, 5 * mm),
        *[_words(note) for note in wording.notes()],
        Spacer(1, 5 * mm),
    ]
    if len(statement.lines) > LINES_MAX:
        said = _("明细共 %(count)s 行，请下载表格查看。", count=len(statement.lines))
        return [*story, _words(said)]
    if not statement.lines:
        return [*story, _words(_("这段时间没有明细。"))]
    return [*story, _lines(statement)]


def _lines(statement: Statement) -> Table:
    rows: list[list[Any]] = [[_words(name) for name in wording.headings()]]
    for line in statement.lines:
        cells = wording.cells_of(line)
        words = (cells.day, cells.kind, cells.rail, cells.number, cells.title)
        rows.append([*map(_words, words), *map(format_yuan, cells.sums_fen)])
    widths = [width * mm for width in (20, 26, 28, 47, 50, 20, 20, 20, 18, 18)]
    return Table(rows, colWidths=widths, repeatRows=1, hAlign="LEFT", style=_right_from(5))


def _right_from(column: int) -> list[tuple[Any, ...]]:
    return [*_GRID, ("ALIGN", (column, 0), (-1, -1), "RIGHT")]


def _words(text: str, style: ParagraphStyle = _WORDS) -> Paragraph:
    return Paragraph(escape(text), style)


def _numbered(canvas: Any, page: Any) -> None:
    canvas.setFont(_FONT, 8)
    canvas.drawRightString(landscape(A4)[0] - _MARGIN, 8 * mm, str(page.page))
