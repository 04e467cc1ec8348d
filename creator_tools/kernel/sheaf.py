"""Many rows of many tables, sent as one statement.

Where a batch is worth it, each capability puts the rows of its own tables on a sheaf, and the
unit sends the sheaf in one round trip. A sheaf decides nothing: every inserted row must be new
and every changed row must be there, otherwise the statement or `SheafBroken` ends the unit, and
whoever opened it goes the long way, one by one.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy import Date, DateTime, Integer, LargeBinary, Row, String, Table, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from creator_tools.kernel.database import Model

_ESCAPED = str.maketrans({"\\": "\\\\", '"': '\\"'})


class SheafBroken(Exception):
    """A row that should have been changed was not there; the unit must not be committed."""


@dataclass
class _Rows:
    """Rows of one table: new ones, or changes of what `key` names."""

    table: Table
    key: str | None
    columns: tuple[str, ...]
    in_order: Callable[[Mapping[str, Any]], tuple[Any, ...]]
    values: list[tuple[Any, ...]] = field(default_factory=list)


class Sheaf:
    """Rows on their way; `send` writes all of them or none."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str | None], _Rows] = {}

    def add(self, model: type[Model], values: Mapping[str, Any]) -> None:
        """Put a new row on the sheaf; rows of one table name the same columns."""
        self._put(model, None, values)

    def change(self, model: type[Model], key: str, values: Mapping[str, Any]) -> None:
        """Put a change on the sheaf: the row whose `key` column is `values[key]` gets the rest."""
        self._put(model, key, values)

    def _put(self, model: type[Model], key: str | None, values: Mapping[str, Any]) -> None:
        table = _table_of(model)
        rows = self._rows.get((table.name, key))
        if rows is None:
            names = tuple(values)
            rows = self._rows[(table.name, key)] = _Rows(table, key, names, itemgetter(*names))
        rows.values.append(rows.in_order(values))

    def send(self, session: Session) -> None:
        """Write every row in one round trip; an empty sheaf sends nothing.

        Raises:
            SheafBroken: a row to be changed was not there.
            IntegrityError: a new row was not new, or breaks a rule of its table.
        """
        if not self._rows:
            return
        rows = list(self._rows.values())
        parameters = [
            array_of(column, _column_of(one.table, name).type)
            for one in rows
            for name, column in zip(one.columns, zip(*one.values, strict=True), strict=True)
        ]
        statement = _statement(tuple((one.table, one.key, one.columns) for one in rows))
        written = run(session, statement, parameters)[0]
        if list(written) != [len(one.values) for one in rows]:
            raise SheafBroken(f"{list(written)} rows written")
        self._rows.clear()


def run(
    session: Session, statement: str, parameters: Sequence[Any] | Mapping[str, Any]
) -> Sequence[Row[Any]]:
    """Send one statement as it is written, with `%s` or `%(name)s` in it; gives its rows."""
    given = dict(parameters) if isinstance(parameters, Mapping) else tuple(parameters)
    found: Sequence[Row[Any]] = session.connection().exec_driver_sql(statement, given).all()
    return found


@cache
def _statement(parts: tuple[tuple[Table, str | None, tuple[str, ...]], ...]) -> str:
    """One statement that writes every part and says how many rows each of them wrote."""
    written = [_part(*part) for part in parts]
    named = ", ".join(f"w{number} AS ({one} RETURNING 1)" for number, one in enumerate(written))
    counts = [f"(SELECT count(*) FROM w{number})" for number in range(len(written))]  # noqa: S608
    return f"WITH {named} SELECT {', '.join(counts)}"


def _part(table: Table, key: str | None, columns: tuple[str, ...]) -> str:
    arrays = ", ".join(f"%s::{type_name(_column_of(table, name).type)}[]" for name in columns)
    names = ", ".join(columns)
    if key is None:
        return f"INSERT INTO {table.name} ({names}) SELECT * FROM unnest({arrays})"  # noqa: S608
    changed = ", ".join(f"{name} = given.{name}" for name in columns if name != key)
    return (
        f"UPDATE {table.name} SET {changed} "  # noqa: S608
        f"FROM unnest({arrays}) AS given({names}) WHERE {table.name}.{key} = given.{key}"
    )


def _table_of(model: type[Model]) -> Table:
    table = model.__table__
    assert isinstance(table, Table), "a model of ours is a table"
    return table


@cache
def _column_of(table: Table, name: str) -> Any:
    return table.c[name]


# --- arrays as text -------------------------------------------------------------------------


def array_of(values: Iterable[Any], kind: TypeEngine[Any]) -> str:
    """The values as PostgreSQL spells an array; None is NULL.

    Spelt here because a batch holds hundreds of values, and the driver's own way of an element
    costs more than all that is done with it.
    """
    spell = _spelling(kind)[1]
    return "{" + ",".join(["NULL" if one is None else spell(one) for one in values]) + "}"


def type_name(kind: TypeEngine[Any]) -> str:
    """How PostgreSQL calls the type of a column."""
    return _spelling(kind)[0]


def _spell_uuid(value: UUID) -> str:
    return f"{value.int:032x}"


def _spell_moment(value: Any) -> str:
    return str(value.isoformat())


def _spell_text(value: str) -> str:
    text = str(value)
    if '"' in text or "\\" in text:
        text = text.translate(_ESCAPED)
    return f'"{text}"'


def _spell_bytes(value: bytes) -> str:
    return '"\\\\x' + value.hex() + '"'


def _spell_document(value: Any) -> str:
    return _spell_text(json.dumps(value))


_SPELLINGS: dict[type[TypeEngine[Any]], tuple[str, Callable[[Any], str]]] = {
    Uuid: ("uuid", _spell_uuid),
    Integer: ("bigint", str),
    DateTime: ("timestamptz", _spell_moment),
    Date: ("date", _spell_moment),
    String: ("text", _spell_text),
    LargeBinary: ("bytea", _spell_bytes),
    JSONB: ("jsonb", _spell_document),
}


def _spelling(kind: TypeEngine[Any]) -> tuple[str, Callable[[Any], str]]:
    return next(_SPELLINGS[one] for one in type(kind).__mro__ if one in _SPELLINGS)
