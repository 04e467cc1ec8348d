"""What the catalogue has to be told: which rail may carry a sale, and its floor.

The table behind this is dated and belongs to the settings; the business only asks.
"""

from datetime import date
from typing import Protocol


class RailDecision(Protocol):
    """What may happen on one surface with one device."""

    @property
    def rail(self) -> str | None:
        """The rail that may carry the sale; None forbids it."""

    @property
    def may_show_price(self) -> bool:
        """Whether a price may be seen there at all."""

    @property
    def reasons(self) -> tuple[str, ...]:
        """Stable codes that say why."""


class RailPolicy(Protocol):
    """The dated table of rails."""

    def decide(self, surface: str, device: str, kind: str, on: date) -> RailDecision:
        """Which rail may carry a sale of `kind` ("virtual" or "free") on a business day."""

    def least_fen(self, rail: str, on: date) -> int:
        """The least amount a rail takes, in fen."""


class RateTable(Protocol):
    """The dated table of what rails keep."""

    def rate_for(self, rail: str, on: date) -> tuple[int, int]:
        """(rate in basis points, days until it settles) of a rail on a business day."""

    def least_fen(self, rail: str, on: date) -> int:
        """The least amount a rail takes, in fen."""
