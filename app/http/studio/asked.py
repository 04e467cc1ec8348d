"""What a request for a page of the studio asks for, read strictly."""

from uuid import UUID

from flask import request
from flask_babel import gettext as _

from app.http.asked import asked_id

WORDS_CHARS_MAX = 60


def optional_id(name: str) -> UUID | None:
    """An id among the filters, or None when it is not asked for.

    Raises:
        InputRefused: it is no id.
    """
    return asked_id(name, _("这个编号无法识别，请从页面里点选。"))


def one_of(name: str, allowed: tuple[str, ...], default: str) -> str:
    """A value from a list; anything else is the default."""
    asked = request.args.get(name, default)
    return asked if asked in allowed else default


def words() -> str:
    """What to search for; what cannot be in a title is left out."""
    typed = request.args.get("q", "")[:WORDS_CHARS_MAX]
    return "".join(char for char in typed if char.isprintable()).strip()
