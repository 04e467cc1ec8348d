"""The terms of refund that were shown when an order was placed; frozen on the order."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self


@dataclass(frozen=True)
class Terms:
    """What was promised about refunds.

    Attributes:
        name: what these terms are called, for people who compare.
        grace_hours: so long the whole price goes back, whatever was read.
        window_days: so long the price goes back but for the part that was read or used.
        read_percent_max: as little read as this counts as nothing read.
        promise_days: so long the part of a promise that was not delivered goes back.
        self_service_max_fen: up to this a fan needs nobody's yes for what the terms give.
        self_service_count: so many times in thirty days.
    """

    name: str
    grace_hours: int
    window_days: int
    read_percent_max: int
    promise_days: int
    self_service_max_fen: int
    self_service_count: int

    @classmethod
    def of(cls, kept: Mapping[str, Any] | None) -> Self:
        """The terms as an order keeps them; those of older orders where it keeps none."""
        if kept is None:
            return cls(**asdict(OLDER_ORDERS))
        return cls(**{name: kept[name] for name in cls.__dataclass_fields__})


# Orders from before terms were kept: nothing was shown then, so the buyer has the better of it.
OLDER_ORDERS = Terms(
    name="older-orders",
    grace_hours=24,
    window_days=7,
    read_percent_max=20,
    promise_days=180,
    self_service_max_fen=20_000,
    self_service_count=3,
)
