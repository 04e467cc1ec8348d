"""The limits of a column, and how often a promise wants a work."""

import re

TITLE_CHARS_MAX = 30
INTRODUCTION_CHARS_MAX = 500
FIELD_NAME_CHARS_MAX = 20
CADENCE_CHARS_MAX = 20
PROMISED_COUNT_MAX = 1000
COLUMNS_PER_CREATOR_MAX = 50

_PERIODS = {"天": 1, "日": 1, "周": 7, "星期": 7, "月": 30, "季": 90, "季度": 90, "年": 365}
_ENGLISH = {"daily": 1, "weekly": 7, "monthly": 30}
_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九十")} | {"两": 2}
_COUNT = r"(\d{1,3}|[一二两三四五六七八九十])?"
_EVERY = re.compile(
    rf"每\s*{_COUNT}\s*个?\s*(天|日|周|星期|月|季度|季|年)\s*{_COUNT}\s*(?:篇|期|讲|节|更)?"
)
_SHORT = re.compile(r"^(日|周|月|季|年)更")


def cadence_days(cadence: str) -> float | None:
    """Every how many days a cadence promises a work: "每周1篇" is 7; None when it does not say."""
    line = cadence.strip().lower()
    if line in _ENGLISH:
        return float(_ENGLISH[line])
    short = _SHORT.match(line)
    if short is not None:
        return float(_PERIODS[short.group(1)])
    every = _EVERY.search(line)
    if every is None:
        return None
    span, works = _number(every.group(1)), _number(every.group(3))
    return _PERIODS[every.group(2)] * span / works if span and works else None


def _number(digits: str | None) -> int:
    if digits is None:
        return 1
    return int(digits) if digits.isdecimal() else _DIGITS[digits]
