"""Which bytes of a file a `Range` header asks for (RFC 9110, 14).

A header that is not one is as good as none. One that asks for nothing that is there, or for more
pieces than a player ever needs, is answered 416.
"""

import itertools
import re
from dataclasses import dataclass

RANGES_MAX = 5
_SPEC = re.compile(r"(\d{0,19})-(\d{0,19})")


class RangeNotSatisfiable(Exception):
    """None of what is asked for is there, or it is asked for in too many pieces."""


@dataclass(frozen=True)
class ByteRange:
    """Bytes `start` … `end`, both included."""

    start: int
    end: int

    @property
    def length(self) -> int:
        """How many bytes."""
        return self.end - self.start + 1

    def of(self, size_bytes: int) -> str:
        """The value of `Content-Range`."""
        return f"bytes {self.start}-{self.end}/{size_bytes}"


def wanted_ranges(header: str | None, size_bytes: int) -> list[ByteRange] | None:
    """The ranges to send, in the order asked for; None for the whole file.

    Raises:
        RangeNotSatisfiable: nothing to send, or too many, or overlapping pieces.
    """
    specs = _specs(header)
    if specs is None:
        return None
    found = [one for one in (_resolved(first, last, size_bytes) for first, last in specs) if one]
    if not found or len(specs) > RANGES_MAX or _overlap(found):
        raise RangeNotSatisfiable
    return found


def _specs(header: str | None) -> list[tuple[str, str]] | None:
    if header is None:
        return None
    unit, _, listed = header.partition("=")
    if unit.strip().lower() != "bytes":
        return None
    specs = []
    for part in listed.split(","):
        match = _SPEC.fullmatch(part.strip())
        if match is None or match.group(0) == "-" or not part.isascii():
            return None
        first, last = match.groups()
        if first and last and int(last) < int(first):
            return None
        specs.append((first, last))
    return specs


def _resolved(first: str, last: str, size_bytes: int) -> ByteRange | None:
    if not first:
        length = min(int(last), size_bytes)
        return ByteRange(size_bytes - length, size_bytes - 1) if length else None
    start = int(first)
    if start >= size_bytes:
        return None
    return ByteRange(start, min(int(last), size_bytes - 1) if last else size_bytes - 1)


def _overlap(ranges: list[ByteRange]) -> bool:
    ordered = sorted(ranges, key=lambda one: one.start)
    return any(one.end >= following.start for one, following in itertools.pairwise(ordered))
