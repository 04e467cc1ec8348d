"""Keeping the simulator's records in a file.

The file is a pickle that is read with a closed list: plain values, and the record types that were
named with `persisted`. Whatever else it names is refused, so that a file can make the simulator
build nothing but its own records.
"""

import dataclasses
import enum
import importlib
import io
import pickle
from pathlib import Path
from typing import Any, TypeVar

from wechat_simulator.clock import write_atomically

T = TypeVar("T", bound=type)

_HOME = "wechat_simulator."
_PLAIN = {
    ("datetime", "datetime"),
    ("datetime", "date"),
    ("datetime", "timedelta"),
    ("datetime", "timezone"),
    ("builtins", "set"),
    ("builtins", "frozenset"),
}
_RECORDS: set[tuple[str, str]] = set()


class StateUnreadable(Exception):
    """The state file is not one of ours."""


def persisted(record: T) -> T:
    """Class decorator: allow a dataclass in the state file under its own full name."""
    if not dataclasses.is_dataclass(record):
        raise TypeError(f"{record.__name__} is not a dataclass")
    _RECORDS.add((record.__module__, record.__qualname__))
    return record


def pack(state: Any) -> bytes:
    """The state as the bytes of a state file, the same from every Python."""
    packed = io.BytesIO()
    _Writer(packed, protocol=5).dump(state)
    return packed.getvalue()


def unpack(content: bytes) -> Any:
    """The opposite of `pack`.

    Raises:
        StateUnreadable: the bytes are no pickle, or name something that is not kept here.
    """
    try:
        return _Reader(io.BytesIO(content)).load()
    except StateUnreadable:
        raise
    except Exception as error:
        # A damaged pickle fails in as many ways as it has opcodes.
        raise StateUnreadable("this is not a state file of this simulator") from error


def write_state(path: Path, content: bytes) -> None:
    """Replace the state file by packed content, whole."""
    write_atomically(path, content)


def read_state(path: Path) -> Any:
    """What was written with `write_state`.

    Raises:
        StateUnreadable: see `unpack`.
    """
    return unpack(path.read_bytes())


class _Writer(pickle.Pickler):
    def reducer_override(self, thing: Any) -> Any:
        # Some Pythons (3.11.2 is one) would name a member by `getattr`, which no reader takes.
        if isinstance(thing, enum.Enum):
            return type(thing), (thing.value,)
        return NotImplemented


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _PLAIN:
            return super().find_class(module, name)
        if (module, name) in _RECORDS:
            return super().find_class(module, name)
        if module.startswith(_HOME) and name.isidentifier():
            found = getattr(importlib.import_module(module), name, None)
            if isinstance(found, type) and issubclass(found, enum.Enum):
                return found
        raise StateUnreadable(f"the state file names {module}.{name}, which is not kept")
