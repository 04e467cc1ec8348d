"""Connections for statements that are whole units: prepared once, committed by themselves.

They are kept apart from the pool of the sessions, because they live differently: no transaction
is ever open on them, a plan is made once and kept, and their statements are short or fail. A
connection that broke while it lay idle is replaced and the statement sent once more.
"""

import re
import threading
from collections.abc import Mapping
from functools import cache
from typing import Any

import psycopg
from sqlalchemy import event
from sqlalchemy.orm import Session, sessionmaker

from creator_tools.kernel.database import BY_KEY

STATEMENT_MAX_MS = 300
LOCK_WAIT_MAX_MS = 200
_NAME = re.compile(r"%\((\w+)\)s")
_COLON = re.compile(r"(?<!:):([a-z_]+)\b")
# How many lie idle; each thread that runs a statement has one for itself meanwhile. As many as a
# web process has threads, so that none is opened and closed for one statement.
_IDLE_MAX = 24
_MANNERS = ";".join(
    f"SET {name} = {text}"
    for name, text in {
        "statement_timeout": STATEMENT_MAX_MS,
        "lock_timeout": LOCK_WAIT_MAX_MS,
        **BY_KEY,
    }.items()
)


def named(statement: str) -> str:
    """A statement that names its values `:so`, as one that `AtOnce` runs."""
    return _COLON.sub(r"%(\1)s", statement)


@cache
def _numbered(statement: str) -> tuple[bytes, tuple[str, ...]]:
    """The statement with `$1` for its first name and so on, and the names in that order.

    Done once: the driver would look for the names again each time.
    """
    names = tuple(dict.fromkeys(_NAME.findall(statement)))
    numbers = {name: f"${number}" for number, name in enumerate(names, start=1)}
    return _NAME.sub(lambda found: numbers[found.group(1)], statement).encode(), names


class AtOnce:
    """Runs statements that commit by themselves, over the database of `sessions`."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions
        self._idle: list[psycopg.Connection[Any]] = []
        self._lock = threading.Lock()
        self._is_told_of_the_end = False

    def run(self, statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Run one statement; gives its rows.

        Raises:
            psycopg.Error: refused, too slow, or the database is away.
        """
        connection = self._taken()
        try:
            return self._sent(connection or self._opened(), statement, values)
        except (psycopg.OperationalError, psycopg.InterfaceError):
            # It may have been broken for hours; a fresh one is not.
            if connection is None or not connection.closed:
                raise
            return self._sent(self._opened(), statement, values)

    def _sent(
        self, connection: psycopg.Connection[Any], statement: str, values: Mapping[str, Any]
    ) -> list[tuple[Any, ...]]:
        try:
            query, names = _numbered(statement)
            cursor = psycopg.RawCursor(connection)
            rows = cursor.execute(query, [values[name] for name in names], prepare=True).fetchall()
        finally:
            self._put_back(connection)
        return rows

    def _taken(self) -> psycopg.Connection[Any] | None:
        with self._lock:
            return self._idle.pop() if self._idle else None

    def _put_back(self, connection: psycopg.Connection[Any]) -> None:
        with self._lock:
            if not connection.closed and len(self._idle) < _IDLE_MAX:
                self._idle.append(connection)
                return
        connection.close()

    def _opened(self) -> psycopg.Connection[Any]:
        engine = self._sessions.kw["bind"]
        if not self._is_told_of_the_end:
            self._is_told_of_the_end = True
            event.listen(engine, "engine_disposed", self._close)
        pooled = engine.raw_connection()
        connection: psycopg.Connection[Any] = pooled.driver_connection
        pooled.detach()
        connection.autocommit = True
        connection.execute(_MANNERS)
        return connection

    def _close(self, _engine: object) -> None:
        while (connection := self._taken()) is not None:
            connection.close()
