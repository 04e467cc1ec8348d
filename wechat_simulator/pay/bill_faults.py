"""What may be wrong with a bill, ordered by the fault of the call that asks for it.

A row that is missing, doubled, foreign or changed is so in the totals too: the file agrees with
itself and not with the world. Only a mangled row and wrong totals contradict the file itself.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Line = TypeVar("Line")


@dataclass(frozen=True)
class Changes(Generic[Line]):
    """How one line of this bill becomes another merchant's, dearer, or costs another fee."""

    foreign: Callable[[Line], Line]
    dearer: Callable[[Line], Line]
    costlier: Callable[[Line], Line]


def changed_lines(lines: Sequence[Line], fault: str, changes: Changes[Line]) -> list[Line]:
    """The lines of a bill after a fault; without one, or without lines, as they are."""
    if not lines:
        return list(lines)
    first, *rest = lines
    if fault == "missing_row":
        return rest
    if fault == "doubled_row":
        return [*lines, first]
    if fault == "foreign_row":
        return [*lines, changes.foreign(first)]
    if fault == "wrong_amount":
        return [changes.dearer(first), *rest]
    if fault == "wrong_fee":
        return [changes.costlier(first), *rest]
    return list(lines)


def changed_rows(rows: Sequence[str], fault: str) -> list[str]:
    """The printed rows after a fault: of a mangled one the middle is missing."""
    if fault != "mangled_row" or not rows:
        return list(rows)
    first, *rest = rows
    return [first[: len(first) // 3] + first[2 * len(first) // 3 :], *rest]


def changed_count(count: int, fault: str) -> int:
    """How many rows the totals speak of."""
    return count + 1 if fault == "wrong_totals" else count


def changed_bytes(file: bytes, fault: str) -> bytes:
    """The unpacked file after a fault: in another encoding, hash and all."""
    return file.decode("utf-8-sig").encode("gbk", "replace") if fault == "wrong_encoding" else file


def changed_hash(digest: str, fault: str) -> str:
    """The hash that is told."""
    return digest[::-1] if fault == "wrong_hash" else digest
