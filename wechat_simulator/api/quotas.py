"""How often an API may be called: by the day, by the minute; asked for, and set back."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from wechat_simulator.api.refusals import Refused
from wechat_simulator.world import World

BEIJING = dt.timezone(dt.timedelta(hours=8))
CLEARED_A_MONTH = 10
MINUTE_S = 60


@dataclass(frozen=True)
class Limit:
    """The most calls of an account a day, and a minute; None where nothing is published."""

    a_day: int | None = None
    a_minute: int | None = None


def spend(world: World, appid: str, path: str, limit: Limit) -> None:
    """Count a call against its limits; the day is Beijing's, and a refused call costs none of it.

    Raises:
        Refused: 45011, too many in this minute; 45009, the quota of the day is used up.
    """
    _count(world, f"{appid} {path} minute", _minute(world), limit.a_minute, 45011)
    _count(world, f"{appid} {path} day", _day(world), limit.a_day, 45009)


def quota_of(world: World, appid: str, path: str, limit: Limit) -> dict[str, Any]:
    """The answer of `openapi/quota/get` for one path."""
    most = limit.a_day or 0
    used = world.things.quotas.get(f"{appid} {path} day {_day(world)}", 0)
    told: dict[str, Any] = {
        "errcode": 0,
        "errmsg": "ok",
        "quota": {"daily_limit": most, "used": used, "remain": max(most - used, 0)},
    }
    if limit.a_minute is not None:
        told["rate_limit"] = {"call_count": limit.a_minute, "refresh_second": MINUTE_S}
    return told


def clear(world: World, appid: str) -> None:
    """Set every daily count of an account back to nothing.

    Raises:
        Refused: 48006, that was done ten times this month.
    """
    month = dt.datetime.fromtimestamp(world.clock.now(), BEIJING).strftime("%Y%m")
    _count(world, f"{appid} clear_quota month", month, CLEARED_A_MONTH, 48006)
    quotas = world.things.quotas
    for name in [name for name in quotas if name.startswith(f"{appid} ") and " day " in name]:
        del quotas[name]


def _count(world: World, name: str, period: str, most: int | None, errcode: int) -> None:
    if most is None:
        return
    quotas = world.things.quotas
    used = quotas.get(f"{name} {period}", 0) + 1
    if used > most:
        raise Refused(errcode)
    if used == 1:
        for former in [one for one in quotas if one.startswith(f"{name} ")]:
            del quotas[former]
    quotas[f"{name} {period}"] = used


def _day(world: World) -> str:
    return dt.datetime.fromtimestamp(world.clock.now(), BEIJING).strftime("%Y%m%d")


def _minute(world: World) -> str:
    return str(int(world.clock.now() // MINUTE_S))
