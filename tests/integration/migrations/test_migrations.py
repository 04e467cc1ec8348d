"""The schema goes up, down and up again, and says what the models say."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Connection, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from app.launcher.cluster import MIGRATOR, OWNER, RUNNER, Cluster
from app.wiring.container import SCHEMA_HEAD
from migrations.migrate import downgrade, upgrade
from migrations.tables import METADATA

FOLDER = Path(__file__).parents[3] / "migrations"
STEPS = sorted((FOLDER / "versions").glob("[0-9]*.py"))
HEADINGS = ("Why:", "Locks:", "Deploy:", "Back:")


def connected(url: str) -> Connection:
    return create_engine(
        url.replace("postgresql://", "postgresql+psycopg://"), poolclass=NullPool
    ).connect()


def tables(connection: Connection) -> set[str]:
    rows = connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
    return {row.tablename for row in rows} - {"alembic_version"}


def test_up_down_up(postgres_server: Cluster, new_database: Callable[..., str]) -> None:
    name = new_database(migrated=True)
    url = postgres_server.url(MIGRATOR, name)
    with connected(url) as connection:
        before = tables(connection)
        checks = _checks(connection)
    downgrade(url)
    with connected(url) as connection:
        assert tables(connection) == set()
    upgrade(url)
    with connected(url) as connection:
        assert tables(connection) == before == set(METADATA.tables)
        assert _checks(connection) == checks


def test_there_is_one_head_and_the_code_knows_it() -> None:
    script = ScriptDirectory(str(FOLDER))
    assert script.get_heads() == [SCHEMA_HEAD]


@pytest.mark.parametrize("step", STEPS, ids=lambda path: path.stem)
def test_each_step_is_numbered_bounded_and_explained(step: Path) -> None:
    source = step.read_text("utf-8")
    doc = source.split('"""')[1]
    assert all(re.search(rf"^{heading}", doc, re.MULTILINE) for heading in HEADINGS)
    assert source.count("SET LOCAL lock_timeout") == 2
    assert f'revision = "{step.stem}"' in source
    assert re.fullmatch(r"\d{4}_[a-z_]{1,27}", step.stem)


def test_the_models_are_what_the_database_is(migrator_database_url: str) -> None:
    with connected(migrator_database_url) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []


def _checks(connection: Connection) -> dict[str, str]:
    rows = connection.execute(
        text(
            "SELECT conname, pg_get_constraintdef(oid) AS said FROM pg_constraint "
            "WHERE contype = 'c' AND connamespace = 'public'::regnamespace"
        )
    )
    return {row.conname: row.said for row in rows}


def test_every_check_of_the_models_stands_in_the_database_and_means_the_same(
    postgres_server: Cluster, database_name: str
) -> None:
    """PostgreSQL prints both back from its own parse tree, so only the meaning is compared."""
    with connected(postgres_server.url(OWNER, database_name)) as connection:
        held = _checks(connection)
        wanted = {
            str(check.name): (table.name, str(check.sqltext))
            for table in METADATA.sorted_tables
            for check in table.constraints
            if isinstance(check, CheckConstraint)
        }
        assert set(held) == set(wanted)
        for name, (table, said) in wanted.items():
            connection.execute(text(f"CREATE TABLE twin (LIKE {table})"))
            connection.execute(text(f"ALTER TABLE twin ADD CONSTRAINT twin_check CHECK ({said})"))
            twin = connection.execute(
                text(
                    "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname='twin_check'"
                )
            ).scalar_one()
            assert twin == held[name], name
            connection.rollback()


FACTS = (
    "journal_entries",
    "postings",
    "ledger_accounts",
    "payments",
    "inbox_facts",
    "audit_events",
)


@pytest.mark.parametrize("table", FACTS)
@pytest.mark.parametrize("verb", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_neither_role_can_change_a_fact(
    postgres_server: Cluster, database_name: str, table: str, verb: str
) -> None:
    column = {"postings": "amount_fen", "inbox_facts": "kind", "audit_events": "action"}.get(
        table, "rail"
    )
    statement = verb.format(table, column, column)
    for role in (RUNNER, MIGRATOR):
        with connected(postgres_server.url(role, database_name)) as connection:
            with pytest.raises(DBAPIError) as refused:
                connection.execute(text(statement))
            state = refused.value.orig.sqlstate  # type: ignore[union-attr]  # psycopg's error
            assert state in {"42501", "23001"}


def test_an_unbalanced_entry_is_refused_at_commit(clean_database: str) -> None:
    with connected(clean_database) as connection:
        connection.execute(
            text(
                "INSERT INTO ledger_accounts (id, code, kind, created_at) VALUES "
                "('00000000-0000-7000-8000-000000000001', 'a', 'suspense', now()), "
                "('00000000-0000-7000-8000-000000000002', 'b', 'suspense', now())"
            )
        )
        connection.execute(
            text(
                "INSERT INTO journal_entries (id, kind, source_key, rail, business_day, "
                "occurred_at, posted_at) VALUES ('00000000-0000-7000-8000-000000000003', "
                "'suspense', 'k', 'jsapi', current_date, now(), now())"
            )
        )
        connection.execute(
            text(
                "INSERT INTO postings (entry_id, line, account_id, amount_fen) VALUES "
                "('00000000-0000-7000-8000-000000000003', 1, "
                "'00000000-0000-7000-8000-000000000001', 5), "
                "('00000000-0000-7000-8000-000000000003', 2, "
                "'00000000-0000-7000-8000-000000000002', -4)"
            )
        )
        with pytest.raises(DBAPIError, match="does not balance"):
            connection.commit()
