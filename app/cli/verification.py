"""`verify`: every invariant over the whole database, with the rows that were looked at."""

import click
from sqlalchemy import text

from app.cli.opening import EXIT_FOUND_FAULTS, opened, print_json
from config.rails import RailPolicy
from creator_tools.insights import queries
from creator_tools.insights.queries import InvariantResult

_SHOWN_MAX = 5


@click.command()
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / print JSON")
def verify(as_json: bool) -> None:
    """逐条核对全部不变式，有违反则退出码为 1 / check every invariant; exit 1 if one is broken."""
    # One moment for all invariants: a sale that lands meanwhile is in all of them or in none.
    with opened() as wiring, wiring.units.reading(of_one_moment=True) as session:
        session.execute(text("SET LOCAL statement_timeout = '10min'"))
        results = queries.verify(session, wiring.units.clock.now(), RailPolicy.load().rates)
    if as_json:
        print_json([_as_document(result) for result in results])
    else:
        _print(results)
    if any(result.violations for result in results):
        raise click.exceptions.Exit(EXIT_FOUND_FAULTS)


def _as_document(result: InvariantResult) -> dict[str, object]:
    return {
        "id": result.id,
        "sentence": result.sentence,
        "rows_examined": result.rows_examined,
        "violations": result.violations,
    }


def _print(results: list[InvariantResult]) -> None:
    for result in results:
        mark = "✗" if result.violations else "✓"
        said = f"{result.sentence} / {result.sentence_en}"
        click.echo(f"{mark} {result.id:<32} {result.rows_examined:>9} rows  {said}")
        for row in result.violations[:_SHOWN_MAX]:
            click.echo("    " + ", ".join(f"{name}={value}" for name, value in row.items()))
        hidden_count = len(result.violations) - _SHOWN_MAX
        if hidden_count > 0:
            click.echo(f"    … 还有 {hidden_count} 行 / {hidden_count} more rows")
    broken_count = sum(1 for result in results if result.violations)
    examined_count = sum(result.rows_examined for result in results)
    click.echo(
        f"共 {len(results)} 条不变式，检查 {examined_count} 行，违反 {broken_count} 条 / "
        f"{len(results)} invariants, {examined_count} rows examined, {broken_count} broken"
    )
