"""A statement as CSV: one line per entry, the mark that tells Excel it is UTF-8 in front."""

import csv
import io

from app.http.spreadsheet import BYTE_ORDER_MARK, guarded
from app.http.statements import wording
from creator_tools.insights.queries import Statement
from creator_tools.kernel.fen import format_yuan

CONTENT_TYPE = "text/csv; charset=utf-8"


def rendered(statement: Statement) -> bytes:
    """The file; sums in yuan with two decimals, lines ending CRLF.

    The first and the last line hold the balances, so that the last column adds up by itself.
    """
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(wording.headings())
    ends = wording.balances(statement)
    writer.writerow(_balance(statement.first.isoformat(), *ends[0]))
    for line in statement.lines:
        cells = wording.cells_of(line)
        writer.writerow(
            (
                cells.day,
                cells.kind,
                cells.rail,
                guarded(cells.number),
                guarded(cells.title),
                *map(format_yuan, cells.sums_fen),
            )
        )
    writer.writerow(_balance(statement.last.isoformat(), *ends[-1]))
    return (BYTE_ORDER_MARK + written.getvalue()).encode()


def _balance(day: str, name: str, balance_fen: int) -> tuple[str, ...]:
    return (day, name, "", "", "", "", "", "", "", format_yuan(balance_fen))
