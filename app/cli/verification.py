"""`verify`: every invariant over the whole database, and what is open in each clearing account."""

from datetime import timedelta

import click
from sqlalchemy import text

from app.cli.opening import EXIT_FOUND_FAULTS, opened, print_json
from config.rails import RailPolicy
from creator_tools.insights import queries
from creator_tools.insights.queries import ClearingAccount, InvariantResult

_SHOWN_MAX = 5


@click.command()
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / print JSON")
def verify(as_json: bool) -> None:
    """逐条核对全部不变式，有违反则退出码为 1 / check every invariant; exit 1 if one is broken."""
    # One moment for all invariants: a sale that lands meanwhile is in all of them or in none.
    with opened() as wiring, wiring.units.reading(of_one_moment=True) as session:
        session.execute(text("SET LOCAL statement_timeout = '10min'"))
        now = wiring.units.clock.now()
        results = queries.verify(session, now, RailPolicy.load().rates)
        accounts = queries.clearing_accounts(session, now)
    if as_json:
        print_json([*map(_as_document, results), *map(_account_document, accounts)])
    else:
        _print_accounts(accounts)
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


def _account_document(account: ClearingAccount) -> dict[str, object]:
    """A clearing account in the shape of an invariant: open money breaks nothing by itself."""
    return {
        "id": f"clearing.{account.code}",
        "sentence": f"清算科目 {account.code} 未了结的款项",
        "rows_examined": account.open_count,
        "violations": (),
        "open_fen": account.open_fen,
        "oldest_id": account.oldest_id,
        "oldest_since": account.oldest_since,
        "oldest_age_s": None if account.oldest_age is None else _seconds(account.oldest_age),
    }


def _seconds(age: timedelta) -> int:
    return int(age.total_seconds())


def _print_accounts(accounts: list[ClearingAccount]) -> None:
    click.echo("清算科目里未了结的 / open in the clearing accounts")
    for account in accounts:
        said = f"  {account.code:<60} {account.open_count:>6} {account.open_fen:>12} fen"
        if account.oldest_age is not None:
            hours = account.oldest_age / timedelta(hours=1)
            said += f"  最久 / oldest {account.oldest_id}  {hours:.1f} h"
        click.echo(said)


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
