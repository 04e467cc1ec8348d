"""Reads fields out of a parsed push without trusting their shape.

The same field comes as text in XML, as number or text in JSON, with capital letters here and
without there, and a list of one comes as the one. That is smoothed out here and nowhere else.
"""

import math
import re
from typing import Any

from wechat_handlers.wire.errors import WireRefused

_INTEGER = re.compile(r"-?[0-9]{1,19}\Z")
_DECIMAL = re.compile(r"-?[0-9]{1,10}(\.[0-9]{1,20})?\Z")

INTEGER_MAX = 2**63 - 1
EPOCH_S_MAX = 253_402_300_799  # the end of year 9999


class FieldReader:
    """The fields of one element or object."""

    def __init__(self, fields: dict[str, Any]) -> None:
        self._fields = fields
        self._by_lower = {name.lower(): name for name in reversed(fields)}

    def value(self, name: str) -> Any:
        """The field as parsed, by exact name or else regardless of case; None if absent."""
        if name in self._fields:
            return self._fields[name]
        return self._fields.get(self._by_lower.get(name.lower(), ""))

    def has(self, name: str) -> bool:
        """Whether the field is there and holds anything."""
        return self.value(name) not in (None, "", {}, [])

    def raw_text(self, name: str) -> str:
        """Text exactly as a person wrote it; empty if absent.

        Raises:
            WireRefused: the field is not a scalar.
        """
        value = self.value(name)
        if isinstance(value, str):
            return value
        if value is None or value == {}:
            return ""
        if isinstance(value, bool) or not isinstance(value, int):
            raise WireRefused("malformed", f"{name} is not text")
        return _digits(value, name)

    def text(self, *names: str) -> str:
        """The first of these fields that holds anything, without surrounding white space."""
        for name in names:
            found = self.raw_text(name).strip()
            if found:
                return found
        return ""

    def integer(self, name: str, default: int | None = None) -> int:
        """A whole number; `default` if absent or empty.

        Raises:
            WireRefused: it is something else, or absent without a default.
        """
        text = self.text(name)
        if not text and default is not None:
            return default
        if _INTEGER.match(text) is None:
            raise WireRefused("malformed", f"{name} is not a whole number")
        if abs(int(text)) > INTEGER_MAX:
            raise WireRefused("malformed", f"{name} is too large a number")
        return int(text)

    def epoch_s(self, name: str) -> int:
        """Seconds since 1970 that a calendar can show; 0 if absent."""
        seconds = self.integer(name, 0)
        if not 0 <= seconds <= EPOCH_S_MAX:
            raise WireRefused("malformed", f"{name} is not a time")
        return seconds

    def optional_integer(self, name: str) -> int | None:
        """A whole number, or None if absent or empty."""
        return self.integer(name) if self.has(name) else None

    def decimal(self, name: str) -> float:
        """A number of degrees or metres; 0.0 if absent."""
        text = self.text(name)
        if not text:
            return 0.0
        if _DECIMAL.match(text) is None or not math.isfinite(float(text)):
            raise WireRefused("malformed", f"{name} is not a number")
        return float(text)

    def inner(self, name: str) -> "FieldReader":
        """A nested element; empty if absent.

        Raises:
            WireRefused: the field is not an element.
        """
        value = self.value(name)
        if value is None or (isinstance(value, str) and not value.strip()):
            return FieldReader({})
        if not isinstance(value, dict):
            raise WireRefused("malformed", f"{name} is not an element")
        return FieldReader(value)

    def items(self, name: str) -> list["FieldReader"]:
        """A list of elements, which with one member may come as the member itself."""
        value = self.value(name)
        if value is None or (isinstance(value, str) and not value.strip()):
            return []
        members = value if isinstance(value, list) else [value]
        if not all(isinstance(member, dict) for member in members):
            raise WireRefused("malformed", f"{name} is not a list of elements")
        return [FieldReader(member) for member in members]

    def scalars(self, name: str) -> list[str]:
        """A list of scalars, which with one member may come as the member itself."""
        value = self.value(name)
        members = value if isinstance(value, list) else [value]
        return [FieldReader({name: member}).text(name) for member in members if member is not None]


def _digits(value: int, name: str) -> str:
    if abs(value) >= 10**19:
        raise WireRefused("malformed", f"{name} is too large a number")
    return str(value)
