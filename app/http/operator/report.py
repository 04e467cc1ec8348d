"""The revenue page's picture and table, out of revenue rows. Pure."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from app.http.asked import Period
from app.http.spreadsheet import guarded
from creator_tools.insights.queries import RevenueRow

COLUMNS = (
    "business_day",
    "key",
    "orders",
    "gross_fen",
    "fee_fen",
    "platform_fen",
    "creator_fen",
)
SERIES_MAX = 8
OTHERS = _l("其他")


@dataclass(frozen=True)
class Series:
    """One key of the chart: its gross in fen for each day of the period."""

    name: str
    gross_fen: tuple[int, ...]


def chart_of(
    rows: Iterable[RevenueRow], period: Period, names: Mapping[str, str]
) -> dict[str, Any]:
    """What the chart draws: days, and the gross of the largest keys, the rest together."""
    grids: dict[str, dict[Any, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        grids[row.key][row.business_day] += row.gross_fen
    ranked = sorted(grids, key=lambda key: (-sum(grids[key].values()), key))
    series = [_series(names.get(key, key), [grids[key]], period) for key in ranked[:SERIES_MAX]]
    if len(ranked) > SERIES_MAX:
        series.append(_series(str(OTHERS), [grids[key] for key in ranked[SERIES_MAX:]], period))
    return {
        "days": [day.isoformat() for day in period.days],
        "series": [{"name": one.name, "gross_fen": list(one.gross_fen)} for one in series],
    }


def _series(name: str, grids: list[dict[Any, int]], period: Period) -> Series:
    return Series(name, tuple(sum(grid.get(day, 0) for grid in grids) for day in period.days))


def csv_of(rows: Iterable[RevenueRow]) -> str:
    """The rows as CSV with the columns that are promised, amounts in fen, lines ending CRLF."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow(
            (
                row.business_day.isoformat(),
                guarded(row.key),
                row.orders,
                row.gross_fen,
                row.fee_fen,
                row.platform_fen,
                row.creator_fen,
            )
        )
    return written.getvalue()
