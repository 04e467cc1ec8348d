"""`doctor`: what this installation lacks, in one look; a fault exits 1, a warning does not."""

from collections.abc import Iterator

import click
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.cli import checks
from app.cli.checks import Finding
from app.cli.opening import EXIT_FOUND_FAULTS, print_json, read_settings
from app.wiring.sealing import FieldKeySealer
from config.settings import Settings
from creator_tools.kernel.clock import WallClock
from creator_tools.kernel.database import open_engine

_MARKS = {"ok": "✓", "warning": "!", "fault": "✗"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / print JSON")
def doctor(as_json: bool) -> None:
    """检查设置、数据库、队列、存储、账号 / check settings, database, broker, storage, accounts."""
    settings = read_settings()
    settled = Finding("settings", "ok", "设置齐全", "all settings are there")
    findings = [settled, *_look(settings)]
    if as_json:
        print_json([vars(finding) for finding in findings])
    else:
        for finding in findings:
            mark = _MARKS[finding.state]
            click.echo(f"{mark} {finding.name:<11} {finding.chinese} / {finding.english}")
    if any(finding.state == "fault" for finding in findings):
        raise click.exceptions.Exit(EXIT_FOUND_FAULTS)


def _look(settings: Settings) -> Iterator[Finding]:
    engine = open_engine(settings.database_url, application_name="doctor", pool_size=1)
    try:
        with Session(engine) as session:
            yield from _look_at_database(session, settings)
    except SQLAlchemyError as fault:
        # Only the kind: the driver's own words may hold the address with its password.
        kind = type(fault).__name__
        yield Finding(
            "database",
            "fault",
            f"数据库连不上或没有迁移（{kind}），请检查 DATABASE_URL",
            f"the database is away or not migrated ({kind}); check DATABASE_URL",
        )
    finally:
        engine.dispose()
    yield checks.check_broker(settings)
    yield checks.check_storage(settings)
    yield checks.check_ffmpeg()


def _look_at_database(session: Session, settings: Settings) -> Iterator[Finding]:
    clock = WallClock(settings.clock_offset_file)
    yield checks.check_version(session)
    yield checks.check_migrations(session)
    yield checks.check_roles(session)
    yield checks.check_clock(session, clock, settings)
    yield checks.check_sweep(session, clock)
    sealer = FieldKeySealer(settings.field_keys)
    yield checks.check_accounts(session, sealer)
    yield checks.check_pay_keys(session, sealer, clock)
    yield checks.check_seals(session, sealer)
