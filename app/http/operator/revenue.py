"""Revenue: today, seven days, thirty, any period; as chart, table and CSV; down to postings."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, Response, render_template, request
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.http.asked import Period, asked_period
from app.http.errors import known_id
from app.http.operator import asked, labels, report
from app.http.operator.guard import may, needs, signed_in
from app.http.operator.needs import DeskWiring
from app.http.spreadsheet import BYTE_ORDER_MARK
from creator_tools.insights import queries
from creator_tools.insights.queries import EntryFilter, RevenueBy, RevenueRow
from creator_tools.kernel.business_day import business_day_of
from creator_tools.kernel.database import as_uuid

DEFAULT_DAYS = 30
ROWS_PER_PAGE = 100
# "revenue" is every kind that revenue is added up from.
_KINDS = ("", "revenue", "payment", "suspense", "refund", "refund_done", "refund_failed")
_SPANS = ((1, _l("今日")), (7, _l("近 7 天")), (30, _l("近 30 天")))


@dataclass(frozen=True)
class Span:
    """One of the spans at the top of the page, with its totals and its link."""

    name: str
    first: date
    last: date
    totals: queries.RevenueTotals


def hang(blueprint: Blueprint, wiring: DeskWiring) -> None:
    """Add the home page, the revenue CSV and the entries to the desk."""
    _hang_report(blueprint, wiring)
    _hang_entries(blueprint, wiring)


def _hang_report(blueprint: Blueprint, wiring: DeskWiring) -> None:
    @blueprint.get("/")
    def home() -> str:
        signed_in()
        today = business_day_of(wiring.units.clock.now())
        if not may("revenue.read"):
            return render_template("operator/welcome.html")
        wanted, by = asked_period(today, DEFAULT_DAYS), asked.dimension()
        with wiring.units.reading() as session:
            rows = queries.revenue(session, first=wanted.first, last=wanted.last, by=by)
            names = _names(session, by, rows)
            spans = _spans(session, today)
        page = _page_number(len(rows))
        newest_first = rows[::-1]
        return render_template(
            "operator/revenue.html",
            spans=spans,
            period=wanted,
            today=today,
            by=by,
            rows=newest_first[(page - 1) * ROWS_PER_PAGE : page * ROWS_PER_PAGE],
            row_count=len(rows),
            page=page,
            page_count=_page_count(len(rows)),
            totals=queries.total_of(rows),
            names=names,
            chart=report.chart_of(rows, wanted, names),
            entries_link=_entries_link,
            day_link=lambda row: _day_link(row, by),
        )

    @blueprint.get("/revenue.csv")
    @needs("revenue.read")
    def revenue_csv() -> Response:
        today = business_day_of(wiring.units.clock.now())
        wanted, by = asked_period(today, DEFAULT_DAYS), asked.dimension()
        with wiring.units.reading() as session:
            rows = queries.revenue(session, first=wanted.first, last=wanted.last, by=by)
        # A script that reads the columns must not meet the mark.
        mark = BYTE_ORDER_MARK if request.args.get("bom") == "1" else ""
        response = Response(mark + report.csv_of(rows), content_type="text/csv; charset=utf-8")
        name = f"revenue_{wanted.first}_{wanted.last}_{by}.csv"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response


def _hang_entries(blueprint: Blueprint, wiring: DeskWiring) -> None:
    @blueprint.get("/entries")
    @needs("revenue.read")
    def entries() -> str:
        today = business_day_of(wiring.units.clock.now())
        wanted = asked_period(today, DEFAULT_DAYS)
        filters = EntryFilter(
            first=wanted.first,
            last=wanted.last,
            kind=asked.one_of("kind", _KINDS, "") or None,
            rail=asked.optional_key("rail"),
            creator_handle=asked.optional_key("creator"),
            column_id=asked.optional_id("column"),
        )
        with wiring.units.reading() as session:
            page = queries.entries(session, filters, cursor=asked.cursor())
        return render_template("operator/entries.html", page=page, period=wanted, filters=filters)

    @blueprint.get("/entries/<entry_id>")
    @needs("revenue.read")
    def entry(entry_id: str) -> str:
        with wiring.units.reading() as session:
            found = queries.get_entry(session, known_id(entry_id))
        return render_template("operator/entry.html", entry=found)


def is_download(path: str) -> bool:
    """Whether a stranger gets a plain refusal here instead of the sign-in page."""
    return path.endswith((".csv", ".xlsx", ".pdf"))


def _spans(session: Session, today: date) -> list[Span]:
    spans = []
    for days, name in _SPANS:
        first = date.fromordinal(today.toordinal() - days + 1)
        rows = queries.revenue(session, first=first, last=today, by="rail")
        spans.append(Span(str(name), first, today, queries.total_of(rows)))
    return spans


def _names(session: Session, by: RevenueBy, rows: list[RevenueRow]) -> dict[str, str]:
    keys = {row.key for row in rows}
    if by == "creator":
        return queries.names_of_creators(session, keys)
    if by == "column":
        ids: set[UUID] = {found for key in keys if (found := as_uuid(key)) is not None}
        return {
            str(known): title for known, title in queries.names_of_columns(session, ids).items()
        }
    return {rail: str(name) for rail, name in labels.RAILS.items()}


def _entries_link(period: Period | Span, by: str | None = None, key: str | None = None) -> str:
    wanted = {"from": str(period.first), "to": str(period.last), "kind": "revenue"}
    if by is not None and key:
        wanted[by] = key
    return "/operator/entries?" + urlencode(wanted)


def _day_link(row: RevenueRow, by: RevenueBy) -> str:
    return _entries_link(Period(row.business_day, row.business_day), by, row.key)


def _page_count(row_count: int) -> int:
    return max(1, -(-row_count // ROWS_PER_PAGE))


def _page_number(row_count: int) -> int:
    asked_for = request.args.get("page", "1")
    number = int(asked_for) if asked_for.isascii() and asked_for.isdigit() else 1
    return min(max(1, number), _page_count(row_count))
