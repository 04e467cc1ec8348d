"""What a request for a page of a desk asks for, read strictly: wrong is a sentence, not a guess."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from flask import request
from flask_babel import gettext as _

from creator_tools.kernel.database import as_uuid
from creator_tools.kernel.errors import FieldError, InputRefused

DAYS_MAX = 400
_FIRST_DAY, _LAST_DAY = date(2020, 1, 1), date(2199, 12, 31)


@dataclass(frozen=True)
class Period:
    """Business days from `first` to `last`, both included."""

    first: date
    last: date

    @property
    def days(self) -> list[date]:
        """Every day of it, in order."""
        count = (self.last - self.first).days + 1
        return [self.first + timedelta(days=at) for at in range(count)]


def asked_period(today: date, default_days: int) -> Period:
    """The period of `from` and `to`; the last `default_days` days where they are missing.

    Raises:
        InputRefused: no dates, in the wrong order, or more than 400 days.
    """
    last = asked_day("to") or today
    first = asked_day("from") or last - timedelta(days=default_days - 1)
    if first > last:
        raise refused("from", "out_of_range", _("开始日期晚于结束日期，请调换后再查。"))
    if (last - first).days >= DAYS_MAX:
        raise refused(
            "from", "out_of_range", _("一次最多查 %(days)s 天，请缩短范围。", days=DAYS_MAX)
        )
    return Period(first, last)


def asked_day(name: str) -> date | None:
    """A day among the filters, or None when it is not asked for.

    Raises:
        InputRefused: it is no date, or none of ours.
    """
    typed = request.args.get(name, "")
    if not typed:
        return None
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        day = None
    if day is None or len(typed) != len("2026-05-20") or not _FIRST_DAY <= day <= _LAST_DAY:
        raise refused(name, "invalid", _("日期请写成 2026-05-20 这样的格式。"))
    return day


def asked_id(name: str, sentence: str) -> UUID | None:
    """An id among the filters, or None when it is not asked for.

    Raises:
        InputRefused: it is no id, which `sentence` says.
    """
    typed = request.args.get(name, "")
    if not typed:
        return None
    found = as_uuid(typed)
    if found is None:
        raise refused(name, "invalid", sentence)
    return found


def refused(field: str, code: str, message: str = "") -> InputRefused:
    """A refusal of one field; `message` went through gettext, so it is in the reader's language."""
    return InputRefused(fields=(FieldError(field, code, message, message),))
