"""JSON with one reading.

Two readers of `{"a":1,"a":2}` may disagree about `a`; so may readers of a float that stands for an
amount. Duplicate keys and NaN are refused, integers stay exact, and numbers with a point stay text
until somebody asks for them.
"""

import json
import re
from typing import Any, NoReturn

from wechat_handlers.wire.errors import WireRefused

# Lone surrogates cannot be encoded and NUL cannot be stored by PostgreSQL. WeChat truncates names
# in the middle of an emoji now and then, so such text is repaired, not refused.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

DEPTH_MAX = 32


def parse(text: str, *, control_characters: bool = False) -> Any:
    """The value that `text` spells.

    Args:
        control_characters: whether texts may hold bare line feeds and the like; WeChat's API
            answers now and then do, inside names.

    Raises:
        WireRefused: `malformed`, or `duplicate_key`.
    """
    try:
        value = json.loads(
            text,
            strict=not control_characters,
            object_pairs_hook=_unique,
            parse_float=str,
            parse_constant=_refuse_constant,
        )
    except (ValueError, RecursionError):
        raise WireRefused("malformed", "not JSON") from None
    return _storable(value, DEPTH_MAX)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise WireRefused("duplicate_key", "a JSON key appears twice")
    return members


def _refuse_constant(_name: str) -> NoReturn:
    raise WireRefused("malformed", "NaN and Infinity are not JSON")


def _storable(value: Any, depth: int) -> Any:
    if depth < 0:
        raise WireRefused("malformed", "nested too deeply")
    if isinstance(value, str):
        return _UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_storable(item, depth - 1) for item in value]
    if isinstance(value, dict):
        return {
            _UNSTORABLE.sub("\ufffd", key): _storable(item, depth - 1)
            for key, item in value.items()
        }
    return value
