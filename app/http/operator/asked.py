"""What a request for a page of this desk asks for, read strictly."""

from typing import Literal, cast
from uuid import UUID

from flask import request
from flask_babel import gettext as _

from app.http.asked import asked_id, refused
from creator_tools.insights.queries import RevenueBy

KEY_CHARS_MAX = 64
_BY = ("rail", "creator", "column")
Dimension = Literal["rail", "creator", "column"]


def dimension() -> RevenueBy:
    """What revenue is cut by, `rail` unless said.

    Raises:
        InputRefused: something that revenue cannot be cut by.
    """
    asked = request.args.get("by", "rail")
    if asked not in _BY:
        raise refused("by", "not_allowed", _("只能按 rail、creator 或 column 查看。"))
    return cast("Dimension", asked)


def one_of(name: str, allowed: tuple[str, ...], default: str) -> str:
    """A value from a list.

    Raises:
        InputRefused: a value that the list does not have.
    """
    asked = request.args.get(name, default)
    if asked not in allowed:
        raise refused(
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
    return asked_id(name, _("%(name)s 不是有效的编号。", name=name))


def optional_key(name: str) -> str | None:
    """A short text among the filters, or None when it is not asked for.

    Raises:
        InputRefused: longer than any key, or with characters that no key has.
    """
    asked = request.args.get(name, "")
    if not asked:
        return None
    if len(asked) > KEY_CHARS_MAX or not asked.isprintable():
        raise refused(name, "invalid", _("%(name)s 的内容无法识别，请从列表里点选。", name=name))
    return asked
