"""What insights needs from outside to check the books."""

from datetime import date
from typing import Protocol


class FeeRate(Protocol):
    """One row of the dated fee table: from `since` on, `rail` takes `rate_bp` of the gross."""

    @property
    def rail(self) -> str:
        """The rail that takes the fee."""

    @property
    def since(self) -> date:
        """The first business day on which the row holds."""

    @property
    def rate_bp(self) -> int:
        """Basis points of the gross."""
