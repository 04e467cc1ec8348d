"""Which rail may carry a sale, and what it costs, by date.

The rules of the platforms change by notice, with a date on it. So they are rows with
a date in `rails.toml`, never branches in code: a change is a new row, and a question
about last month is answered by last month's row. Dates are business days (Asia/Shanghai).
"""

import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

RAILS_FILE = Path(__file__).with_name("rails.toml")
RAILS = ("jsapi", "xpay_android", "xpay_ios", "free")
SURFACES = ("mini", "oa")
UNKNOWN_DEVICE = "unknown"
BASIS_POINTS = 10_000

_Row = TypeVar("_Row")


class RailTableRefused(Exception):
    """`rails.toml` contradicts itself or leaves a question open."""


class RailNotPriced(Exception):
    """No row of the fee table holds for that rail on that day."""


@dataclass(frozen=True, slots=True)
class RailDecision:
    """What may happen on one surface: `rail` None means nothing may be sold there."""

    rail: str | None
    may_show_price: bool
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RateRow:
    """What a rail takes (basis points of the gross) and when it settles."""

    rail: str
    since: date
    rate_bp: int
    settles_after_days: int


@dataclass(frozen=True, slots=True)
class SurfaceRow:
    """Which rail a surface uses for some devices; `rail` None forbids selling."""

    surface: str
    devices: frozenset[str]
    kind: str
    since: date
    rail: str | None
    may_show_price: bool
    reason: str


@dataclass(frozen=True, slots=True)
class ShareRow:
    """What the platform keeps of (gross - fee), in basis points."""

    since: date
    share_bp: int


@dataclass(frozen=True, slots=True)
class FloorRow:
    """The least a rail takes for one sale, in fen."""

    rail: str
    since: date
    least_fen: int


@dataclass(frozen=True, slots=True)
class RailPolicy:
    """The dated table, loaded once and asked often."""

    devices: frozenset[str]
    rates: tuple[RateRow, ...]
    surfaces: tuple[SurfaceRow, ...]
    shares: tuple[ShareRow, ...]
    floors: tuple[FloorRow, ...]

    @classmethod
    def load(cls, path: Path = RAILS_FILE) -> "RailPolicy":
        """Read the table; `RailTableRefused` when a row is impossible or one is lacking."""
        with path.open("rb") as stream:
            table = tomllib.load(stream)
        try:
            policy = _policy_of(table)
        except (KeyError, TypeError, ValueError) as fault:
            raise RailTableRefused(f"{path.name}: {fault}") from fault
        _refuse_gaps(policy)
        return policy

    def decide(self, surface: str, device: str, kind: str, on: date) -> RailDecision:
        """Say which rail may carry a sale of `kind` ("virtual" or "free") on that day.

        A device nobody listed counts as unknown. A surface or kind without a row sells nothing.
        """
        if kind == "free":
            return RailDecision("free", may_show_price=True, reasons=("free_of_charge",))
        known = device if device in self.devices else UNKNOWN_DEVICE
        row = _latest(
            on,
            (
                row
                for row in self.surfaces
                if row.surface == surface and row.kind == kind and known in row.devices
            ),
            lambda row: row.since,
        )
        if row is None:
            return RailDecision(None, may_show_price=False, reasons=("no_rule_for_surface",))
        return RailDecision(row.rail, row.may_show_price, (row.reason,))

    def rate_for(self, rail: str, on: date) -> tuple[int, int]:
        """Return (rate_bp, settles_after_days) of a rail on a day, or `RailNotPriced`."""
        row = _latest(on, (row for row in self.rates if row.rail == rail), lambda row: row.since)
        if row is None:
            raise RailNotPriced(f"{rail} on {on.isoformat()}")
        return row.rate_bp, row.settles_after_days

    def platform_share_bp(self, on: date) -> int:
        """Return the platform's share of (gross - fee), in basis points, on a day."""
        row = _latest(on, self.shares, lambda row: row.since)
        if row is None:
            raise RailNotPriced(f"platform share on {on.isoformat()}")
        return row.share_bp

    def least_fen(self, rail: str, on: date) -> int:
        """Return the least amount a rail takes on a day, in fen; 0 when it has no floor."""
        row = _latest(on, (row for row in self.floors if row.rail == rail), lambda row: row.since)
        return row.least_fen if row else 0


def _latest(on: date, rows: Iterable[_Row], since: Callable[[_Row], date]) -> _Row | None:
    holding = [row for row in rows if since(row) <= on]
    return max(holding, key=since, default=None)


def _policy_of(table: dict[str, Any]) -> RailPolicy:
    devices = frozenset(table["devices"])
    return RailPolicy(
        devices=devices,
        rates=tuple(_rate(row) for row in table["rate"]),
        surfaces=tuple(_surface(row, devices) for row in table["surface"]),
        shares=tuple(
            ShareRow(_day(row), _basis_points(row["share_bp"])) for row in table["platform_share"]
        ),
        floors=tuple(
            FloorRow(_rail(row["rail"]), _day(row), _positive(row["least_fen"]))
            for row in table["floor"]
        ),
    )


def _rate(row: dict[str, Any]) -> RateRow:
    days = _whole(row["settles_after_days"])
    return RateRow(_rail(row["rail"]), _day(row), _basis_points(row["rate_bp"]), days)


def _surface(row: dict[str, Any], devices: frozenset[str]) -> SurfaceRow:
    named = frozenset(row["devices"])
    if not named or not named <= devices:
        raise ValueError(f"unknown device in {sorted(named)}")
    if row["surface"] not in SURFACES:
        raise ValueError(f"unknown surface {row['surface']!r}")
    if not isinstance(row["may_show_price"], bool):
        raise TypeError("may_show_price must be true or false")
    return SurfaceRow(
        surface=row["surface"],
        devices=named,
        kind=row["kind"],
        since=_day(row),
        rail=_rail(row["rail"]) if row["rail"] else None,
        may_show_price=row["may_show_price"],
        reason=row["reason"],
    )


def _refuse_gaps(policy: RailPolicy) -> None:
    for rail in RAILS:
        if not any(row.rail == rail for row in policy.rates):
            raise RailTableRefused(f"no rate for {rail}")
    for surface in SURFACES:
        for device in policy.devices:
            if not any(row.surface == surface and device in row.devices for row in policy.surfaces):
                raise RailTableRefused(f"no row for {surface} on {device}")
    _refuse_twins(policy)


def _refuse_twins(policy: RailPolicy) -> None:
    seen: set[tuple[str, str, str, date]] = set()
    for row in policy.surfaces:
        for device in row.devices:
            key = (row.surface, device, row.kind, row.since)
            if key in seen:
                raise RailTableRefused(f"two rows for {row.surface} {device} from {row.since}")
            seen.add(key)


def _rail(name: str) -> str:
    if name not in RAILS:
        raise ValueError(f"unknown rail {name!r}")
    return name


def _day(row: dict[str, Any]) -> date:
    since = row["from"]
    if type(since) is not date:
        raise TypeError("`from` must be a date without a time")
    return since


def _basis_points(number: int) -> int:
    if _whole(number) > BASIS_POINTS:
        raise ValueError(f"out of range: {number} basis points")
    return number


def _positive(number: int) -> int:
    if _whole(number) == 0:
        raise ValueError("must be above 0")
    return number


def _whole(number: int) -> int:
    if type(number) is not int or number < 0:
        raise ValueError(f"must be a whole number, 0 or above: {number!r}")
    return number
