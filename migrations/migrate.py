"""Runs migrations without an ini file: `python -m migrations.migrate URL [revision]`.

An advisory lock makes a second migrator wait; `lock_timeout` makes a blocked step fail instead of
blocking everyone behind it.
"""

import sys
from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

_LOCK_KEY = 0x6A75616E  # "juan": one migrator at a time


def upgrade(database_url: str, revision: str = "head") -> None:
    """Bring the schema at `database_url` up to `revision`; harmless when it is there already."""
    _run(database_url, lambda config: command.upgrade(config, revision))


def downgrade(database_url: str, revision: str = "base") -> None:
    """Take the schema back down to `revision`."""
    _run(database_url, lambda config: command.downgrade(config, revision))


def config_for(connection: Connection) -> Config:
    """Alembic's settings for one open connection."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _run(database_url: str, act: Callable[[Config], None]) -> None:
    url = database_url.replace("postgres://", "postgresql://", 1)
    engine = create_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=NullPool
    )
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK_KEY})
        connection.commit()
        try:
            act(config_for(connection))
            connection.commit()
        finally:
            connection.rollback()
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK_KEY})
            connection.commit()
    engine.dispose()


if __name__ == "__main__":
    upgrade(*sys.argv[1:3])
