"""`postings ORDER`: the entries of one order, by its id or its trade number."""

from typing import Any

import click

from app.cli.opening import opened, print_json
from creator_tools.insights import queries
from creator_tools.insights.errors import ReportOrderNotFound
from creator_tools.insights.queries import EntryView
from creator_tools.kernel.fen import format_yuan


@click.command()
@click.argument("order")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / print JSON")
def postings(order: str, as_json: bool) -> None:
    """显示一笔订单的全部凭证和分录 / show the entries of an order (id or trade number)."""
    with opened() as wiring, wiring.units.reading() as session:
        order_id = queries.find_order(session, order)
        if order_id is None:
            raise ReportOrderNotFound(order=order)
        entries = queries.postings_of_order(session, order_id)
    document = {
        "order_id": str(order_id),
        "entries": [_as_document(entry) for entry in entries],
        "sum_fen": sum(line.amount_fen for entry in entries for line in entry.postings),
    }
    if as_json:
        print_json(document)
    else:
        _print(document)


def _as_document(entry: EntryView) -> dict[str, Any]:
    return {
        "entry_id": str(entry.entry_id),
        "kind": entry.kind,
        "business_day": entry.business_day.isoformat(),
        "rail": entry.rail,
        "postings": [
            {"account": line.account, "amount_fen": line.amount_fen} for line in entry.postings
        ],
    }


def _print(document: dict[str, Any]) -> None:
    click.echo(f"订单 / order {document['order_id']}")
    if not document["entries"]:
        click.echo("  没有凭证 / no entries")
    for entry in document["entries"]:
        told = (entry["kind"], entry["rail"], entry["business_day"], entry["entry_id"])
        click.echo("  " + "  ".join(told))
        for line in entry["postings"]:
            click.echo(f"    {format_yuan(line['amount_fen']):>12}  {line['account']}")
    click.echo(f"合计 / sum: {format_yuan(document['sum_fen'])}")
