"""What a way into a group may look like, and how early it counts as gone."""

import re
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from creator_tools.fan_groups.errors import JoinLinkForeign, JoinLinkNeedsScan
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
# By host and path only: what follows is the platform's own and may change.
_TAPPED = re.compile(r"work\.weixin\.qq\.com/gm/[A-Za-z0-9_~.%=?&+-]{1,400}")
_SCANNED = re.compile(r"weixin\.qq\.com/g/.+")


def clean_join_link(value: object) -> str:
    """The link of a group as a creator gave it, if a tap on it leads into the group.

    That is so for the link of a group of WeCom, and for no other address: what a personal group's
    code says opens only when it is scanned, and any other page may ask for anything in our name.
    Ways that were opened before this was asked stay as they are.

    Raises:
        TextRefused: another scheme, a number for a host, a name and password, other characters.
        JoinLinkNeedsScan: it is what the code of a personal group says.
        JoinLinkForeign: it leads elsewhere.
    """
    url = clean_line(value, "url", URL_CHARS_MAX)
    if not _is_https(url):
        raise refused(
            "url",
            "bad_url",
            "要以 https:// 开头，请复制完整的进群链接再发。",
            "must start with https://; copy the whole address of the group.",
        )
    host, _, rest = url.removeprefix("https://").partition("/")
    place = f"{host.lower().removesuffix(':443')}/{rest}"
    if _TAPPED.fullmatch(place) is not None:
        return url
    if _SCANNED.fullmatch(place) is not None:
        raise JoinLinkNeedsScan
    raise JoinLinkForeign


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
