"""The terms of refund by date: what a fan is promised when they buy.

Like the rails, terms are rows with a date, never branches in code. An order keeps the row of the
day it was placed on, so that a later change takes nothing from anybody.
"""

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

TERMS_FILE = Path(__file__).with_name("refund_terms.toml")
_NUMBERS = (
    "grace_hours",
    "window_days",
    "read_percent_max",
    "promise_days",
    "self_service_max_fen",
    "self_service_count",
)


class RefundTermsRefused(Exception):
    """`refund_terms.toml` has an impossible row, or none."""


@dataclass(frozen=True, slots=True)
class RefundTermsTable:
    """The dated table, oldest row first."""

    rows: tuple[tuple[date, dict[str, Any]], ...]

    @classmethod
    def load(cls, path: Path = TERMS_FILE) -> "RefundTermsTable":
        """Read the table.

        Raises:
            RefundTermsRefused: a row lacks something, has something else, or none is there.
        """
        with path.open("rb") as stream:
            table = tomllib.load(stream)
        try:
            rows = sorted((_row_of(row) for row in table["terms"]), key=lambda row: row[0])
        except (KeyError, TypeError, ValueError) as fault:
            raise RefundTermsRefused(f"{path.name}: {fault}") from fault
        if not rows or len({since for since, _ in rows}) != len(rows):
            raise RefundTermsRefused(f"{path.name}: no row, or two for one day")
        return cls(tuple(rows))

    def on(self, day: date) -> dict[str, Any]:
        """The terms that hold on a business day; the oldest hold before there were any."""
        holding = [terms for since, terms in self.rows if since <= day]
        return dict(holding[-1] if holding else self.rows[0][1])


def _row_of(row: dict[str, Any]) -> tuple[date, dict[str, Any]]:
    since, name = row["from"], row["name"]
    if type(since) is not date or not isinstance(name, str) or not name:
        raise ValueError("a row needs a date and a name")
    if set(row) != {"from", "name", *_NUMBERS}:
        raise ValueError(f"{name}: not the fields of terms")
    for number in _NUMBERS:
        if type(row[number]) is not int or row[number] < 0:
            raise ValueError(f"{name}: {number} is not a number of zero or more")
    return since, {"name": name} | {number: row[number] for number in _NUMBERS}
