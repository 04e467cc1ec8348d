"""The day of a bill or a chart: a calendar day in Beijing.

A fixed offset, not a zone file: China has kept UTC+8 all year since 1992, and a fresh machine
may carry no zone files at all.
"""

from datetime import UTC, date, datetime, time, timedelta, timezone

BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")


def business_day_of(moment: datetime) -> date:
    """The Beijing calendar day in which `moment` lies.

    Raises:
        ValueError: `moment` is naive; a day cannot be told from it.
    """
    if moment.tzinfo is None:
        raise ValueError("a naive moment has no business day")
    return moment.astimezone(BEIJING).date()


def in_beijing_at(local: datetime) -> datetime:
    """What a clock on a wall in Beijing shows, as UTC; before the first moment there is, that one.

    Args:
        local: naive, as somebody typed it.
    """
    try:
        return local.replace(tzinfo=BEIJING).astimezone(UTC)
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC)


def start_of(day: date) -> datetime:
    """The first instant of `day`, as UTC."""
    return datetime.combine(day, time.min, tzinfo=BEIJING).astimezone(UTC)


def end_of(day: date) -> datetime:
    """The first instant after `day`, as UTC."""
    return start_of(day + timedelta(days=1))
