"""Income by day as chart, table and CSV, and the sales behind each number."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, Response
from flask_babel import gettext as _

from app.http.asked import Period, asked_day, asked_period
from app.http.spreadsheet import BYTE_ORDER_MARK, guarded
from app.http.studio import asked
from app.http.studio.guard import creator_id
from app.http.studio.needs import StudioWiring
from app.http.studio.page import show
from creator_tools.insights import queries
from creator_tools.insights.queries import IncomeRow, SalesFilter
from creator_tools.kernel.business_day import business_day_of
from creator_tools.kernel.fen import format_yuan

DEFAULT_DAYS = 30
COLUMNS = (
    "business_day",
    "product",
    "orders",
    "gross_yuan",
    "fee_yuan",
    "platform_yuan",
    "creator_yuan",
)


@dataclass(frozen=True)
class Sum:
    """Some income rows added up, in fen."""

    orders: int
    gross_fen: int
    fee_fen: int
    platform_fen: int
    creator_fen: int


def hang(blueprint: Blueprint, wiring: StudioWiring) -> None:
    """Add these doors."""

    @blueprint.get("/income")
    def show_income() -> Response:
        today = business_day_of(wiring.units.clock.now())
        period = asked_period(today, DEFAULT_DAYS)
        rows = _rows(wiring, period)
        return show(
            "studio/income.html",
            period=period,
            today=today,
            days=_by(rows, lambda row: row.business_day),
            products=_by(rows, lambda row: (row.product_id, row.title)),
            total=added_up(rows),
            chart=chart_of(rows, period),
        )

    @blueprint.get("/income.csv")
    def download_income() -> Response:
        today = business_day_of(wiring.units.clock.now())
        period = asked_period(today, DEFAULT_DAYS)
        written = BYTE_ORDER_MARK + csv_of(_rows(wiring, period))
        response = Response(written, content_type="text/csv; charset=utf-8")
        name = f"income_{period.first}_{period.last}.csv"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    @blueprint.get("/buyers")
    def show_buyers() -> Response:
        filters = SalesFilter(asked_day("from"), asked_day("to"), asked.optional_id("product"))
        with wiring.units.reading() as session:
            page = queries.creator_sales(
                session, creator_id(), filters, cursor=asked.optional_id("before")
            )
        return show("studio/buyers.html", page=page, filters=filters)


def added_up(rows: Iterable[IncomeRow]) -> Sum:
    """The rows added up; a total is the sum of what it stands under."""
    kept = list(rows)
    return Sum(
        sum(row.orders for row in kept),
        sum(row.gross_fen for row in kept),
        sum(row.fee_fen for row in kept),
        sum(row.platform_fen for row in kept),
        sum(row.creator_fen for row in kept),
    )


def csv_of(rows: Iterable[IncomeRow]) -> str:
    """The rows as CSV, amounts in yuan with two decimals, lines ending CRLF."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(COLUMNS)
    for row in rows:
        sums = (row.gross_fen, row.fee_fen, row.platform_fen, row.creator_fen)
        writer.writerow(
            (row.business_day.isoformat(), guarded(row.title), row.orders, *map(format_yuan, sums))
        )
    return written.getvalue()


def chart_of(rows: Iterable[IncomeRow], period: Period) -> dict[str, Any]:
    """What the chart draws: days, and the creator's part of each in fen."""
    earned: dict[date, int] = defaultdict(int)
    for row in rows:
        earned[row.business_day] += row.creator_fen
    return {
        "days": [day.isoformat() for day in period.days],
        "creator_fen": [earned[day] for day in period.days],
        "name": _("我的收入"),
    }


def _rows(wiring: StudioWiring, period: Period) -> list[IncomeRow]:
    with wiring.units.reading() as session:
        return queries.creator_income(session, creator_id(), first=period.first, last=period.last)


def _by(rows: list[IncomeRow], key: Any) -> list[tuple[Any, Sum]]:
    grouped: dict[Any, list[IncomeRow]] = defaultdict(list)
    for row in rows:
        grouped[key(row)].append(row)
    found = [(one, added_up(grouped[one])) for one in grouped]
    if found and isinstance(found[0][0], date):
        return found[::-1]
    return sorted(found, key=lambda pair: -pair[1].creator_fen)
