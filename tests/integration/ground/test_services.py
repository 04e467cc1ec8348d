"""The services every other integration test stands on."""

import socket
from collections.abc import Callable

import psycopg
import pytest
import redis

from app.launcher.cluster import Cluster


def test_the_running_role_meets_the_migrated_schema_and_cannot_change_it(
    clean_database: str,
) -> None:
    with psycopg.connect(clean_database) as connection:
        assert connection.execute("SELECT count(*) FROM orders").fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE mine (id int)")


def test_text_is_utf8_in_code_point_order(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
        assert connection.execute("SELECT upper('é'), 'Z' < 'a', length('涓流')").fetchone() == (
            "É",
            True,
            2,
        )


def test_cleaning_empties_facts_too(
    database_url: str, superuser_database_url: str, request: pytest.FixtureRequest
) -> None:
    with psycopg.connect(superuser_database_url, autocommit=True) as owner:
        owner.execute(
            "INSERT INTO ledger_accounts (id, code, kind, created_at) "
            "VALUES (gen_random_uuid(), 'suspense', 'suspense', now())"
        )
    with psycopg.connect(database_url) as runner:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            runner.execute("DELETE FROM ledger_accounts")
        runner.rollback()
        request.getfixturevalue("clean_database")
        assert runner.execute("SELECT count(*) FROM ledger_accounts").fetchone() == (0,)


def test_a_further_database_is_empty_when_it_is_asked_to_be(
    postgres_server: Cluster, new_database: Callable[..., str]
) -> None:
    with postgres_server.connect(new_database(migrated=False)) as connection:
        found = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        assert found.fetchone() == (0,)
    with postgres_server.connect(new_database()) as connection:
        assert connection.execute("SELECT count(*) FROM alembic_version").fetchone() == (1,)


def test_the_broker_of_a_test_is_empty(valkey_url: str) -> None:
    with redis.Redis.from_url(valkey_url) as client:
        assert client.dbsize() == 0
        client.set("left", "behind")


@pytest.mark.parametrize("host", ["192.0.2.1", "api.weixin.qq.com", "2001:db8::1"])
def test_no_test_leaves_this_machine(host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as outward, pytest.raises(Exception, match=host) as caught:
        outward.connect((host, 443))
    assert type(caught.value).__name__ == "OutsideReached"
