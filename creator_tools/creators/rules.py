"""What a handle may look like, and what an invitation code looks like once it is tidied."""

import re
import unicodedata

from creator_tools.kernel import rng
from creator_tools.kernel.rng import Rng
from creator_tools.kernel.text import clean_line, refused

NAME_CHARS_MAX = 20
INTRODUCTION_CHARS_MAX = 500
HANDLE_CHARS_MIN = 3
HANDLE_CHARS_MAX = 24
CODE_LENGTH = 8
INVITATION_DAYS_MAX = 365
UNUSED_INVITATIONS_MAX = 5
PLATFORM_SHARE_BP_DEFAULT = 1000

# Addresses of the house and words that pretend to speak for it.
RESERVED_HANDLES = frozenset(
    (
        "admin",
        "api",
        "columns",
        "creators",
        "fan-groups",
        "h5",
        "help",
        "juanliu",
        "login",
        "me",
        "media",
        "official",
        "operator",
        "orders",
        "root",
        "settings",
        "studio",
        "support",
        "system",
        "wechat",
        "works",
    )
)
_HANDLE = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_NOT_IN_CODE = re.compile(r"[^0-9a-z]+")


def clean_handle(value: object) -> str:
    """A handle as it is kept: lower case; letters, digits and single hyphens.

    Raises:
        TextRefused: too short or long, other characters, or a word the house keeps.
    """
    handle = clean_line(value, "handle", HANDLE_CHARS_MAX, HANDLE_CHARS_MIN).lower()
    if _HANDLE.fullmatch(handle) is None:
        raise refused(
            "handle",
            "bad_handle",
            "只能用小写字母、数字和短横线，并以字母开头。",
            "may hold small letters, digits and hyphens only, and starts with a letter.",
        )
    if handle in RESERVED_HANDLES:
        raise refused(
            "handle", "reserved", "用了系统保留的词，换一个试试。", "is reserved; try another one."
        )
    return handle


def proposed_handles(name: str, chance: Rng) -> tuple[str, ...]:
    """Handles for a new creator, best first: from a Latin name, then made of chance."""
    latin = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:HANDLE_CHARS_MAX].strip("-")
    fallback = tuple(f"c{rng.short_code(chance, 6)}" for _ in range(4))
    is_fit = (
        name.isascii()
        and len(latin) >= HANDLE_CHARS_MIN
        and _HANDLE.fullmatch(latin) is not None
        and latin not in RESERVED_HANDLES
    )
    return (latin, *fallback) if is_fit else fallback


def tidied_code(code: str) -> str:
    """An invitation code as typed by thumbs: any case or width, spaces and dashes between."""
    return _NOT_IN_CODE.sub("", unicodedata.normalize("NFKC", code[:64]).lower())
