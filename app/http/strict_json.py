"""JSON as the doors read and write it: one meaning per text.

Refused: a key that stands twice, NaN and infinities, numbers of absurd length and nesting of
absurd depth. Written: Chinese as Chinese.
"""

import json
import math
from typing import Any

from flask import Request
from flask.json.provider import DefaultJSONProvider

DIGITS_MAX = 40


class JsonRefused(ValueError):
    """The text is JSON to some reader and not to another; `code` says what was wrong."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class StrictRequest(Request):
    """A request whose JSON is refused for the reason it was refused for."""

    def on_json_loading_failed(self, e: ValueError | None) -> Any:
        """Let our own refusal through instead of a reason that names none."""
        if isinstance(e, JsonRefused):
            raise e
        return super().on_json_loading_failed(e)


class StrictJson(DefaultJSONProvider):
    """Flask's JSON, without its latitude."""

    ensure_ascii = False
    sort_keys = False
    mimetype = "application/json"

    def loads(self, s: str | bytes, **_kwargs: Any) -> Any:
        """Read one JSON text.

        Raises:
            JsonRefused: the text is malformed or ambiguous.
        """
        try:
            text = s.decode("utf-8") if isinstance(s, bytes) else s
            return json.loads(
                text,
                object_pairs_hook=_object_of,
                parse_constant=_refuse_constant,
                parse_int=_whole,
                parse_float=_fraction,
            )
        except RecursionError:
            raise JsonRefused("nested_too_deep") from None
        except UnicodeDecodeError:
            raise JsonRefused("not_utf8") from None
        except json.JSONDecodeError:
            raise JsonRefused("malformed_json") from None

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        """Write one JSON text; a NaN is a bug here, not an answer."""
        kwargs.setdefault("allow_nan", False)
        return super().dumps(obj, **kwargs)


def _object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise JsonRefused("duplicate_key")
        found[key] = value
    return found


def _refuse_constant(_name: str) -> Any:
    raise JsonRefused("not_a_number")


def _whole(digits: str) -> int:
    if len(digits) > DIGITS_MAX:
        raise JsonRefused("number_too_long")
    return int(digits)


def _fraction(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise JsonRefused("number_too_long")
    return number
