"""Dividing what came in: each entry of a creator with an agreement gets its companion.

The loop looks at what was posted lately, and once an hour at everything: what a late fact or a
process that stood still left behind.
"""

from datetime import datetime, timedelta

from creator_tools.kernel.unit_of_work import UnitsOfWork
from creator_tools.splits import queries, service

LATELY = timedelta(minutes=15)
EVERYTHING_PERIOD = timedelta(hours=1)
UNIT_MAX = 200


class Splits:
    """The step of the sweep that divides."""

    def __init__(self, units: UnitsOfWork) -> None:
        self._units = units
        self._looked_at_all_at: datetime | None = None

    def step(self) -> int:
        """Divide what is due; returns how many entries were."""
        now = self._units.clock.now()
        with self._units.reading() as session:
            first_at = queries.first_in_force_at(session)
            if first_at is None:
                return 0
            since = max(first_at, self._since(now) or first_at)
            creators = queries.list_creators_due(session, since=since)
        done_count = 0
        for creator_id in creators:
            while done := self._units.run(
                "splits.divide",
                lambda uow, of=creator_id: service.divide_due(  # type: ignore[misc]
                    uow, of, since=since, limit=UNIT_MAX
                ),
            ):
                done_count += done
        if since == first_at:
            self._looked_at_all_at = now
        return done_count

    def _since(self, now: datetime) -> datetime | None:
        """From when on to look; None is everything."""
        last = self._looked_at_all_at
        if last is None or not timedelta(0) <= now - last < EVERYTHING_PERIOD:
            return None
        return now - LATELY
