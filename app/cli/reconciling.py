"""`reconcile DAY`: fetch the bills of one day and match every row, now."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import click
from sqlalchemy.orm import Session

from app.cli.opening import EXIT_FOUND_FAULTS, Stop, opened, print_json
from app.wiring.container import Process
from creator_tools.insights import queries as insights
from creator_tools.kernel.business_day import business_day_of
from creator_tools.kernel.fen import format_yuan
from creator_tools.reconciliation import queries
from creator_tools.reconciliation.rules import CAUSES_BY_CODE

EXIT_NO_BILL = 6
_PROCESS = Process("cli", statement_timeout_ms=120_000)
_DOING = {
    "import trade": "读入交易账单 / reading the trade bill",
    "import flow": "读入资金账单 / reading the flow bill",
    "match": "逐笔核对 / matching",
}


class NoBill(Stop):
    """The bill is not there yet, or cannot be used."""

    exit_code = EXIT_NO_BILL


@click.command()
@click.argument("day", type=click.DateTime(["%Y-%m-%d"]))
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / print JSON")
def reconcile(day: datetime, as_json: bool) -> None:
    """核对一天的账单 / reconcile the bills of DAY (YYYY-MM-DD, Beijing).

    退出码 / exit: 0 零差异 / no difference; 1 有差异 / differences; 6 账单不可用 / no usable bill.
    """
    with opened(_PROCESS) as wiring:
        _require_past(day.date(), business_day_of(wiring.clock.now()))
        bill_day_id = wiring.bills.reconcile(day.date(), _told)
        with wiring.units.reading() as session:
            document = _document(session, bill_day_id)
    if as_json:
        print_json(document)
    else:
        _print(document)
    if document["state"] != "matched":
        raise NoBill(
            f"{document['day']} 的账单现在不能用：{document['failure_code']}",
            "the bill cannot be used now; it is tried again by itself",
        )
    if document["differences_open"]:
        raise click.exceptions.Exit(EXIT_FOUND_FAULTS)


def _require_past(day: date, today: date) -> None:
    if day >= today:
        raise NoBill("账单第二天上午十点后才有", "a bill is there the next day, after ten o'clock")


def _told(doing: str, done: int, whole: int) -> None:
    click.echo(f"{_DOING[doing]}: {done}/{whole}", err=True)


def _document(session: Session, bill_day_id: UUID) -> dict[str, Any]:
    day, sums = queries.get_day(session, bill_day_id), queries.sums_of(session, bill_day_id)
    return {
        "day": day.day.isoformat(),
        "state": day.state,
        "failure_code": day.failure_code,
        "rows": sums.rows_count,
        "matched": sums.matched_count,
        "paid_fen": sums.paid_fen,
        "refunded_fen": sums.refunded_fen,
        "fee_fen": sums.fee_fen,
        "differences_open": sums.open_count,
        "differences_closed": sums.closed_count,
        "certified": day.certified_at is not None,
        "certificate_sha256": day.certificate_sha256,
        "differences": [
            {
                "id": str(one["id"]),
                "cause": one["cause"],
                "owner": CAUSES_BY_CODE[one["cause"]].owner,
                "line": one["line"],
                "trade_no": one["trade_no"],
                "ours_fen": one["ours_fen"],
                "theirs_fen": one["theirs_fen"],
                "is_open": one["closed_at"] is None,
            }
            for one in insights.list_differences(session, bill_day_id)
        ],
    }


def _print(document: dict[str, Any]) -> None:
    click.echo(
        f"{document['day']}  {document['matched']}/{document['rows']} 行一致 / rows agree  "
        f"收款 / paid {format_yuan(document['paid_fen'])}  "
        f"退款 / refunded {format_yuan(document['refunded_fen'])}  "
        f"手续费 / fee {format_yuan(document['fee_fen'])}"
    )
    for one in document["differences"]:
        cause = CAUSES_BY_CODE[one["cause"]]
        mark = "✗" if one["is_open"] else "✓"
        sides = f"{_yuan(one['ours_fen'])} | {_yuan(one['theirs_fen'])}"
        click.echo(f"{mark} {cause.code:<20} {cause.sentence} / {cause.sentence_en}  {sides}")
    if document["certified"]:
        click.echo(f"零差异证明 / certificate {document['certificate_sha256']}")


def _yuan(fen: int | None) -> str:
    return "–" if fen is None else format_yuan(fen)
