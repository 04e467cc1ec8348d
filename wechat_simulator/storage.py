"""Keeping the simulator's records in a file: plain JSON with the types written beside the values.

A record type is kept only when it was named with `persisted`; a file can therefore never make the
simulator build anything else. Records that point at each other are kept once and found again.
"""

import base64
import dataclasses
import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from wechat_simulator.clock import write_atomically

T = TypeVar("T", bound=type)

_RECORDS: dict[str, type] = {}
_PLAIN: dict[str, tuple[type, Callable[[Any], Any], Callable[[Any], Any]]] = {
    "bytes": (bytes, lambda value: base64.b64encode(value).decode(), base64.b64decode),
    "datetime": (datetime, datetime.isoformat, datetime.fromisoformat),
    "date": (date, date.isoformat, date.fromisoformat),
    "span": (timedelta, timedelta.total_seconds, lambda value: timedelta(seconds=value)),
}


class StateUnreadable(Exception):
    """The state file is not one of ours."""


def persisted(record: T) -> T:
    """Class decorator: allow a dataclass in the state file under its own full name."""
    if not dataclasses.is_dataclass(record):
        raise TypeError(f"{record.__name__} is not a dataclass")
    _RECORDS[_name(record)] = record
    return record


def write_state(path: Path, state: Any) -> None:
    """Replace the state file by `state`, whole."""
    write_atomically(path, json.dumps(pack(state), ensure_ascii=False).encode())


def read_state(path: Path) -> Any:
    """What was written with `write_state`.

    Raises:
        StateUnreadable: the file is not JSON, or names a record unknown here.
    """
    try:
        return unpack(json.loads(path.read_bytes()))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StateUnreadable(f"{path} is not a state file of this simulator") from error


def pack(value: Any) -> Any:
    """A value as JSON; what JSON cannot say becomes `{"~": kind, "v": …}`.

    Raises:
        TypeError: the value holds something that was not declared with `persisted`.
    """
    return _Packer().pack(value)


def unpack(value: Any) -> Any:
    """The opposite of `pack`."""
    return _Unpacker().unpack(value)


def _name(record: type) -> str:
    return f"{record.__module__}.{record.__qualname__}"


class _Packer:
    def __init__(self) -> None:
        self._seen: dict[int, int] = {}

    def pack(self, value: Any) -> Any:
        if value is None or isinstance(value, str | bool | int | float):
            return value
        if isinstance(value, list):
            return [self.pack(one) for one in value]
        if isinstance(value, dict):
            return self._mapping(value)
        if isinstance(value, tuple):
            return {"~": "tuple", "v": [self.pack(one) for one in value]}
        if isinstance(value, set | frozenset):
            kind = "set" if isinstance(value, set) else "frozenset"
            return {"~": kind, "v": [self.pack(one) for one in sorted(value)]}
        for kind, (known, write, _) in _PLAIN.items():
            if isinstance(value, known):
                return {"~": kind, "v": write(value)}
        return self._record(value)

    def _mapping(self, value: dict[Any, Any]) -> Any:
        if all(isinstance(key, str) for key in value) and "~" not in value:
            return {key: self.pack(one) for key, one in value.items()}
        pairs = [[self.pack(key), self.pack(one)] for key, one in value.items()]
        return {"~": "map", "v": pairs}

    def _record(self, value: Any) -> dict[str, Any]:
        known: Any = type(value)
        name = _name(known)
        if name not in _RECORDS:
            raise TypeError(f"{name} cannot be kept: it was not declared with @persisted")
        if id(value) in self._seen:
            return {"~": "same", "v": self._seen[id(value)]}
        number = self._seen[id(value)] = len(self._seen)
        content = {
            one.name: self.pack(getattr(value, one.name)) for one in dataclasses.fields(known)
        }
        return {"~": "record", "is": name, "no": number, "v": content}


class _Unpacker:
    def __init__(self) -> None:
        self._made: dict[int, Any] = {}

    def unpack(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self.unpack(one) for one in value]
        if not isinstance(value, dict):
            return value
        kind = value.get("~")
        if kind is None:
            return {key: self.unpack(one) for key, one in value.items()}
        if kind == "record":
            return self._record(value)
        content = value["v"]
        if kind == "same":
            return self._made[content]
        if kind == "map":
            return {self.unpack(key): self.unpack(one) for key, one in content}
        if kind in _PLAIN:
            return _PLAIN[kind][2](content)
        inside = [self.unpack(one) for one in content]
        return {"tuple": tuple, "set": set, "frozenset": frozenset}[kind](inside)

    def _record(self, value: dict[str, Any]) -> Any:
        known: Any = _RECORDS[value["is"]]
        # Made empty first, so that records pointing back at it find it.
        made: Any = object.__new__(known)
        self._made[value["no"]] = made
        given = value["v"]
        for one in dataclasses.fields(known):
            if one.name in given:
                object.__setattr__(made, one.name, self.unpack(given[one.name]))
            elif one.default is not dataclasses.MISSING:
                object.__setattr__(made, one.name, one.default)
            elif one.default_factory is not dataclasses.MISSING:
                object.__setattr__(made, one.name, one.default_factory())
        return made
