"""Reads an opened Pay v3 resource, strictly: an amount is an integer, and `true` is not 1."""

import re
from datetime import UTC, datetime
from typing import Any

from wechat_handlers.wire.errors import WireRefused

FEN_MAX = 10**12
TEXT_LENGTH_MAX = 256
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)\Z", re.ASCII)


def text(resource: dict[str, Any], name: str, *, default: str | None = None) -> str:
    """A text that is not empty; `default` when the field is absent.

    Raises:
        WireRefused: `malformed`.
    """
    value = resource.get(name)
    if value is None and default is not None:
        return default
    if (
        not isinstance(value, str)
        or len(value) > TEXT_LENGTH_MAX
        or (not value and default is None)
    ):
        raise WireRefused("malformed", f"{name} is not text")
    return value


def fen(resource: dict[str, Any], name: str, *, default: int | None = None) -> int:
    """An amount in fen, zero or more.

    Raises:
        WireRefused: `malformed`.
    """
    value = resource.get(name)
    if value is None and default is not None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= FEN_MAX:
        raise WireRefused("malformed", f"{name} is not an amount in fen")
    return value


def inner(resource: dict[str, Any], name: str) -> dict[str, Any]:
    """A nested object.

    Raises:
        WireRefused: `malformed`.
    """
    value = resource.get(name)
    if not isinstance(value, dict):
        raise WireRefused("malformed", f"{name} is not an object")
    return value


def moment(resource: dict[str, Any], name: str) -> datetime:
    """A time with its offset (with or without milliseconds), as UTC.

    Raises:
        WireRefused: `malformed`.
    """
    value = text(resource, name)
    if _TIME.match(value) is None:
        raise WireRefused("malformed", f"{name} is not a time")
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):
        raise WireRefused("malformed", f"{name} is not a time") from None
