"""What a way into a group may look like, and how early it counts as gone."""

import re
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from creator_tools.kernel.text import clean_line, refused

NAME_CHARS_MAX = 30
URL_CHARS_MAX = 500
CAPACITY_COUNT_MAX = 2000
JOIN_WAYS_PER_GROUP_MAX = 100
CODE_LENGTH = 8
# Whoever is shown a door must still find it open when they have tapped through.
EXPIRY_MARGIN = timedelta(minutes=10)
VIEWS_PER_MINUTE_MAX = 5

_ADDRESS = re.compile(r"https://[!-~]+")
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}")
_OWN_PATH = re.compile(r"/[A-Za-z0-9._~%-][A-Za-z0-9/._~%?=&-]*")


def clean_url(value: object) -> str:
    """The address of a door: https on a named host, or a page of our own ("/…").

    Raises:
        TextRefused: another scheme, a number for a host, a name and password, other characters.
    """
    url = clean_line(value, "url", URL_CHARS_MAX)
    if _OWN_PATH.fullmatch(url) is not None or _is_https(url):
        return url
    raise refused(
        "url",
        "bad_url",
        "要以 https:// 开头，请复制完整的进群链接再发。",
        "must start with https://; copy the whole address of the group.",
    )


def _is_https(url: str) -> bool:
    if _ADDRESS.fullmatch(url) is None or "\\" in url:
        return False
    try:
        parts = urlsplit(url)
        has_odd_port = parts.port not in (None, 443)
    except ValueError:
        return False
    return (
        parts.username is None
        and parts.password is None
        and not has_odd_port
        and _HOST.fullmatch((parts.hostname or "").lower()) is not None
    )


def usable_until(now: datetime) -> datetime:
    """A join way that expires at this moment or earlier is not shown any more."""
    return now + EXPIRY_MARGIN
