"""Connections for statements that are whole units: prepared once, committed by themselves.

They are kept apart from the pool of the sessions, because they live differently: no transaction
is ever open on them, a plan is made once and kept, and their statements are short or fail. A
connection that broke while it lay idle is replaced and the statement sent once more.
"""

import re
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, cast

import psycopg
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult
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


class _Line:
    """A connection, and by which name it has each statement.

    Speaks with the inner part of the driver: a cursor costs the process as much again as a short
    statement does, mostly for what these statements never need.
    """

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        self._inner = connection.pgconn
        self._form = Transformer(connection)
        self._names: dict[tuple[bytes, tuple[int, ...] | None], bytes] = {}

    def ask(self, statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Run one statement; gives its rows."""
        query, names = _numbered(statement)
        form = self._form
        given = form.dump_sequence([values[name] for name in names], [PyFormat.AUTO] * len(names))
        # What a value is told to be belongs to the statement: None is told to be nothing.
        name = self._names.get((query, form.types)) or self._prepared(query, form.types)
        # The driver's own words for the argument leave out None, which is how NULL is sent.
        sent = cast("Sequence[bytes]", given)
        answer = _good(self._inner.exec_prepared(name, sent, form.formats))
        form.set_pgresult(answer)
        rows = form.load_rows(0, answer.ntuples, tuple)
        form.set_pgresult(None)
        return rows

    def _prepared(self, query: bytes, types: tuple[int, ...] | None) -> bytes:
        name = f"at_once_{len(self._names)}".encode()
        _good(self._inner.prepare(name, query, types))
        self._names[query, types] = name
        return name


def _good(answer: PGresult) -> PGresult:
    if answer.status not in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
        raise error_from_result(answer)
    return answer


class AtOnce:
    """Runs statements that commit by themselves, over the database of `sessions`."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions
        self._idle: list[_Line] = []
        self._lock = threading.Lock()
        self._is_told_of_the_end = False

    def run(self, statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Run one statement; gives its rows.

        Raises:
            psycopg.Error: refused, too slow, or the database is away.
        """
        line = self._taken()
        try:
            return self._sent(line or self._opened(), statement, values)
        except psycopg.Error:
            # It may have been broken for hours; a fresh one is not.
            if line is None or not line.connection.closed:
                raise
            return self._sent(self._opened(), statement, values)

    def _sent(
        self, line: _Line, statement: str, values: Mapping[str, Any]
    ) -> list[tuple[Any, ...]]:
        try:
            return line.ask(statement, values)
        finally:
            self._put_back(line)

    def _taken(self) -> _Line | None:
        with self._lock:
            return self._idle.pop() if self._idle else None

    def _put_back(self, line: _Line) -> None:
        with self._lock:
            if not line.connection.closed and len(self._idle) < _IDLE_MAX:
                self._idle.append(line)
                return
        line.connection.close()

    def _opened(self) -> _Line:
        engine = self._sessions.kw["bind"]
        if not self._is_told_of_the_end:
            self._is_told_of_the_end = True
            event.listen(engine, "engine_disposed", self._close)
        pooled = engine.raw_connection()
        connection: psycopg.Connection[Any] = pooled.driver_connection
        pooled.detach()
        connection.autocommit = True
        connection.execute(_MANNERS)
        return _Line(connection)

    def _close(self, _engine: object) -> None:
        while (line := self._taken()) is not None:
            line.connection.close()
