"""Checks of a request body, one rule a line, as the API pages print them."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from wechat_simulator.pay.refusals import Refused, bad_field

_MISSING = object()


@dataclass(frozen=True)
class Text:
    """A string of `least` to `most` characters, or bytes where the page counts bytes."""

    path: str
    most: int
    least: int = 1
    pattern: str | None = None
    required: bool = True
    in_bytes: bool = False

    def check(self, value: object) -> str | None:
        """What is wrong with `value`, or None."""
        if not isinstance(value, str):
            return "应为字符串"
        length = len(value.encode()) if self.in_bytes else len(value)
        if not self.least <= length <= self.most:
            return f"长度应在 {self.least} 到 {self.most} 之间"
        if self.pattern is not None and re.fullmatch(self.pattern, value) is None:
            return "含有不支持的字符"
        return None


@dataclass(frozen=True)
class Whole:
    """An integer of at least `least`; booleans and numbers in quotes are not integers."""

    path: str
    least: int = 1
    most: int = 10_000_000_000
    required: bool = True

    def check(self, value: object) -> str | None:
        """What is wrong with `value`, or None."""
        if not isinstance(value, int) or isinstance(value, bool):
            return "应为整数"
        if not self.least <= value <= self.most:
            return f"应不小于 {self.least}" if value < self.least else "数值过大"
        return None


@dataclass(frozen=True)
class Flag:
    """true or false."""

    path: str
    required: bool = False

    def check(self, value: object) -> str | None:
        """What is wrong with `value`, or None."""
        return None if isinstance(value, bool) else "应为布尔值"


@dataclass(frozen=True)
class Moment:
    """An RFC 3339 time with its offset."""

    path: str
    required: bool = False

    def check(self, value: object) -> str | None:
        """What is wrong with `value`, or None."""
        return None if isinstance(value, str) and read_moment(value) else "应为 RFC3339 时间"


@dataclass(frozen=True)
class Address:
    """A notification address: http or https, absolute, without query and fragment."""

    path: str
    most: int = 255
    required: bool = True

    def check(self, value: object) -> str | None:
        """What is wrong with `value`, or None."""
        if not isinstance(value, str) or not 8 <= len(value) <= self.most:
            return f"长度应在 8 到 {self.most} 之间"
        try:
            parts = urlsplit(value)
        except ValueError:
            return "不是合法的地址"
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return "应为 http 或 https 的完整地址"
        if "?" in value or "#" in value:
            return "不能携带参数"
        # A public site must be https; the laptop beside us cannot have a certificate.
        if parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
            return "应使用 https"
        return None


Field = Text | Whole | Flag | Moment | Address


def read_moment(value: str) -> datetime | None:
    """The aware time an RFC 3339 text names, or None."""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None and "T" in value else None


def read_object(body: bytes) -> dict[str, Any]:
    """The JSON object of a request body.

    Raises:
        Refused: PARAM_ERROR, the body is no UTF-8 JSON object or holds a 4-byte character.
    """
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise Refused(400, "PARAM_ERROR", "请求体不是合法的 JSON") from None
    if not isinstance(found, dict):
        raise Refused(400, "PARAM_ERROR", "请求体应为 JSON 对象")
    for path, text in _texts(found, ""):
        if any(ord(letter) > 0xFFFF or 0xD800 <= ord(letter) <= 0xDFFF for letter in text):
            raise bad_field(path, "含有不支持的字符（表情等四字节字符）")
    return found


def check_fields(body: dict[str, Any], fields: Sequence[Field]) -> None:
    """Compare a body with its rules, first fault first.

    Raises:
        Refused: PARAM_ERROR naming the field.
    """
    for field in fields:
        value = at_path(body, field.path)
        if value is _MISSING or value is None:
            if field.required:
                raise bad_field(field.path, "不能为空")
            continue
        issue = field.check(value)
        if issue is not None:
            raise bad_field(field.path, issue, value)


def at_path(body: dict[str, Any], path: str) -> Any:
    """The value at a dotted path, or a private mark when a step is missing.

    Raises:
        Refused: PARAM_ERROR, a step on the way is not an object.
    """
    found: Any = body
    for step in path.split("."):
        if not isinstance(found, dict):
            raise bad_field(path, "上级应为对象")
        found = found.get(step, _MISSING)
        if found is _MISSING or found is None:
            return _MISSING
    return found


def _texts(value: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _texts(inner, f"{path}.{place}")
