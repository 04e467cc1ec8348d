"""What a request for a page asks for, read strictly: a wrong date is a sentence, not a guess."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, cast
from uuid import UUID

from flask import request
from flask_babel import gettext as _

from app.http.errors import NothingHere
from creator_tools.insights.queries import RevenueBy
from creator_tools.kernel.database import as_uuid
from creator_tools.kernel.errors import FieldError, InputRefused

DAYS_MAX = 400
FIRST_DAY = date(2020, 1, 1)
LAST_DAY = date(2199, 12, 31)
KEY_CHARS_MAX = 64
_BY = ("rail", "creator", "column")
Dimension = Literal["rail", "creator", "column"]


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
    last = _day("to", today)
    first = _day("from", last - timedelta(days=default_days - 1))
    if first > last:
        raise _refused("from", "out_of_range", _("开始日期晚于结束日期，请调换后再查。"))
    if (last - first).days >= DAYS_MAX:
        raise _refused(
            "from", "out_of_range", _("一次最多查 %(days)s 天，请缩短范围。", days=DAYS_MAX)
        )
    return Period(first, last)


def dimension() -> RevenueBy:
    """What revenue is cut by, `rail` unless said.

    Raises:
        InputRefused: something that revenue cannot be cut by.
    """
    asked = request.args.get("by", "rail")
    if asked not in _BY:
        raise _refused("by", "not_allowed", _("只能按 rail、creator 或 column 查看。"))
    return cast("Dimension", asked)


def one_of(name: str, allowed: tuple[str, ...], default: str) -> str:
    """A value from a list.

    Raises:
        InputRefused: a value that the list does not have.
    """
    asked = request.args.get(name, default)
    if asked not in allowed:
        raise _refused(
            name,
            "not_allowed",
            _("%(name)s 只能是 %(allowed)s。", name=name, allowed=" / ".join(allowed)),
        )
    return asked


def cursor() -> UUID | None:
    """Where the page begins; None for the first.

    Raises:
        InputRefused: it is no cursor.
    """
    return optional_id("cursor")


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
        raise _refused(name, "invalid", _("%(name)s 不是有效的编号。", name=name))
    return found


def optional_key(name: str) -> str | None:
    """A short text among the filters, or None when it is not asked for.

    Raises:
        InputRefused: longer than any key, or with characters that no key has.
    """
    asked = request.args.get(name, "")
    if not asked:
        return None
    if len(asked) > KEY_CHARS_MAX or not asked.isprintable():
        raise _refused(name, "invalid", _("%(name)s 的内容无法识别，请从列表里点选。", name=name))
    return asked


def known_id(text: str) -> UUID:
    """The id in an address.

    Raises:
        NothingHere: it is none, so nothing can have it.
    """
    found = as_uuid(text)
    if found is None:
        raise NothingHere
    return found


def _day(name: str, default: date) -> date:
    asked = request.args.get(name, "")
    if not asked:
        return default
    try:
        day = date.fromisoformat(asked)
    except ValueError:
        day = None
    if day is None or len(asked) != len("2026-05-20") or not FIRST_DAY <= day <= LAST_DAY:
        raise _refused(name, "invalid", _("日期请写成 2026-05-20 这样的格式。"))
    return day


def _refused(field: str, code: str, message: str) -> InputRefused:
    # `message` went through gettext: it is in the reader's language already.
    return InputRefused(fields=(FieldError(field, code, message, message),))
