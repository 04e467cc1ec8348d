"""What a request for a page of the studio asks for, read strictly."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from flask import request
from flask_babel import gettext as _

from creator_tools.kernel.database import as_uuid
from creator_tools.kernel.errors import FieldError, InputRefused

DAYS_MAX = 400
WORDS_CHARS_MAX = 60
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


def period(today: date, default_days: int) -> Period:
    """The period of `from` and `to`; the last `default_days` days where they are missing.

    Raises:
        InputRefused: no dates, in the wrong order, or more than 400 days.
    """
    last = _day("to") or today
    first = _day("from") or last - timedelta(days=default_days - 1)
    if first > last:
        raise refused("from", "out_of_range", _("开始日期晚于结束日期，请调换后再查。"))
    if (last - first).days >= DAYS_MAX:
        raise refused("from", "out_of_range", _("一次最多查 400 天，请缩短范围。"))
    return Period(first, last)


def optional_period() -> tuple[date | None, date | None]:
    """The days of `from` and `to` where they are given."""
    return _day("from"), _day("to")


def optional_id(name: str) -> UUID | None:
    """An id among the filters, or None when it is not asked for.

    Raises:
        InputRefused: it is no id.
    """
    asked = request.args.get(name, "")
    if not asked:
        return None
    found = as_uuid(asked)
    if found is None:
        raise refused(name, "invalid", _("这个编号无法识别，请从页面里点选。"))
    return found


def one_of(name: str, allowed: tuple[str, ...], default: str) -> str:
    """A value from a list; anything else is the default."""
    asked = request.args.get(name, default)
    return asked if asked in allowed else default


def words() -> str:
    """What to search for; what cannot be in a title is left out."""
    typed = request.args.get("q", "")[:WORDS_CHARS_MAX]
    return "".join(char for char in typed if char.isprintable()).strip()


def _day(name: str) -> date | None:
    asked = request.args.get(name, "")
    if not asked:
        return None
    try:
        day = date.fromisoformat(asked)
    except ValueError:
        day = None
    if day is None or len(asked) != len("2026-05-20") or not _FIRST_DAY <= day <= _LAST_DAY:
        raise refused(name, "invalid", _("日期请写成 2026-05-20 这样的格式。"))
    return day


def refused(field: str, code: str, message: str = "") -> InputRefused:
    """A refusal of one field; `message` went through gettext, so it is in the reader's language."""
    return InputRefused(fields=(FieldError(field, code, message, message),))
