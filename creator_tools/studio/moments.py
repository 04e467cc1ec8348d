"""When "明天 8:00" is: a moment in Beijing as people type it, turned into UTC."""

import re
import unicodedata
from datetime import date, datetime, time, timedelta

from creator_tools.kernel.business_day import BEIJING, business_day_of, in_beijing_at

_DAYS = (
    ("大后天", 3),
    ("后天", 2),
    ("明天", 1),
    ("明早", 1),
    ("明晚", 1),
    ("今天", 0),
    ("今晚", 0),
)
_FULL_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_SHORT_DATE = re.compile(r"(?<!\d)(\d{1,2})\s*[-/月]\s*(\d{1,2})\s*[日号]?(?![\d:])")
_CLOCK = re.compile(r"(\d{1,2})\s*(?::\s*(\d{1,2})|点\s*(半|\d{1,2}|整)?\s*分?)")
_AFTERNOON = ("下午", "晚上", "傍晚", "今晚", "明晚", "pm")


def parse_moment(text: str, now: datetime) -> datetime | None:
    """The moment that a person typed, in UTC, or None when it is no moment.

    Understands "明天 8:00", "今晚8点半", "12月1日 20:00", "2026-12-01 08:00", "8:00" (the next
    one to come); a day without a clock time is 8:00.
    """
    line = unicodedata.normalize("NFKC", text).lower().strip()
    today = business_day_of(now)
    try:
        found, rest = _day_in(line, today)
    except ValueError:
        return None
    clock = _clock_in(rest)
    if clock is None and (found is None or any(char.isdigit() for char in rest)):
        return None
    moment_of_day = clock or time(8, 0)
    wanted = _at(found or today, moment_of_day)
    if found is None and wanted <= now:
        wanted = _at(today + timedelta(days=1), moment_of_day)
    return wanted


def in_beijing(moment: datetime) -> str:
    """A moment for people: "5月21日 08:00"."""
    local = moment.astimezone(BEIJING)
    return f"{local.month}月{local.day}日 {local:%H:%M}"


def _at(day: date, clock: time) -> datetime:
    return in_beijing_at(datetime.combine(day, clock))


def _day_in(line: str, today: date) -> tuple[date | None, str]:
    for word, days in _DAYS:
        if word in line:
            rest = line.replace(word, " ", 1)
            return today + timedelta(days=days), rest if word[1] != "晚" else f"晚上{rest}"
    full = _FULL_DATE.search(line)
    if full is not None:
        year, month, day = (int(part) for part in full.groups())
        return date(year, month, day), line[: full.start()] + " " + line[full.end() :]
    short = _SHORT_DATE.search(line)
    if short is not None:
        month, day = int(short.group(1)), int(short.group(2))
        found = date(today.year, month, day)
        if found < today:
            found = date(today.year + 1, month, day)
        return found, line[: short.start()] + " " + line[short.end() :]
    return None, line


def _clock_in(line: str) -> time | None:
    match = _CLOCK.search(line)
    if match is None:
        return None
    hour = int(match.group(1))
    if match.group(2) is not None:
        minute = int(match.group(2))
    else:
        spoken = match.group(3) or "整"
        minute = int(spoken) if spoken.isdecimal() else {"半": 30, "整": 0}[spoken]
    if hour < 12 and any(word in line for word in _AFTERNOON):
        hour += 12
    return time(hour, minute) if hour < 24 and minute < 60 else None
