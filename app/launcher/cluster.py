"""A PostgreSQL cluster as its owner sees it: roles, databases, addresses.

Three roles: the owner of the cluster, one that migrates, and one that runs and cannot
rewrite facts. Nothing here starts or stops a process.
"""

from dataclasses import dataclass, field

import psycopg
from psycopg import sql

from app.launcher.ports import LOOPBACK

OWNER = "postgres"
MIGRATOR = "juanliu_migrator"
RUNNER = "juanliu_app"
# The variable that tells `app.launcher.migrate` where, as the migrating role.
MIGRATION_URL = "MIGRATION_DATABASE_URL"


@dataclass(frozen=True, slots=True)
class Passwords:
    """The passwords of the three roles; letters and digits only, so URLs need no quoting."""

    owner: str = field(repr=False)
    migrator: str = field(repr=False)
    runner: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running server on a loopback port."""

    port: int
    passwords: Passwords

    def url(self, role: str, database: str) -> str:
        """The address of one database for one role, with its password."""
        secret = {
            OWNER: self.passwords.owner,
            MIGRATOR: self.passwords.migrator,
            RUNNER: self.passwords.runner,
        }[role]
        return f"postgresql://{role}:{secret}@{LOOPBACK}:{self.port}/{database}"

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """Open a connection as the owner of the cluster, each statement its own commit."""
        return psycopg.connect(self.url(OWNER, database), autocommit=True, connect_timeout=5)

    def ensure_roles(self) -> None:
        """Create the two roles, or set their passwords anew."""
        with self.connect() as connection:
            _ensure_role(connection, MIGRATOR, self.passwords.migrator)
            _ensure_role(connection, RUNNER, self.passwords.runner)

    def has_database(self, database: str) -> bool:
        """Whether a database of that name exists."""
        with self.connect() as connection:
            found = connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", (database,)
            ).fetchone()
        return found is not None

    def create_database(self, database: str, template: str = "template0") -> None:
        """Create one database owned by the migrating role, empty or as a copy of a template."""
        name = sql.Identifier(database)
        with self.connect() as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(
                    name, sql.Identifier(MIGRATOR), sql.Identifier(template)
                )
            )
            connection.execute(
                sql.SQL("REVOKE CONNECT, TEMPORARY ON DATABASE {} FROM PUBLIC").format(name)
            )
            connection.execute(
                sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(name, sql.Identifier(RUNNER))
            )

    def drop_database(self, database: str) -> None:
        """Drop one database and end the sessions that are in it; harmless when there is none."""
        with self.connect() as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database))
            )


def _ensure_role(connection: psycopg.Connection, role: str, secret: str) -> None:
    known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone()
    connection.execute(
        sql.SQL(
            "{} ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD {}"
        ).format(sql.SQL("ALTER" if known else "CREATE"), sql.Identifier(role), sql.Literal(secret))
    )
