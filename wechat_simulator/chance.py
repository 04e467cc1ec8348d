"""Seeded identifiers in the shapes WeChat gives them."""

import random
import string

_LETTERS = string.ascii_letters + string.digits
_OPENID = _LETTERS + "-_"


def letters(rng: random.Random, length: int) -> str:
    """Letters and digits."""
    return "".join(rng.choices(_LETTERS, k=length))


def digits(rng: random.Random, length: int) -> str:
    """Digits, the first one not 0."""
    return rng.choice("123456789") + "".join(rng.choices(string.digits, k=length - 1))


def hexadecimal(rng: random.Random, length: int) -> str:
    """Lower-case hexadecimal digits."""
    return "".join(rng.choices("0123456789abcdef", k=length))


def openid(rng: random.Random, family: str) -> str:
    """28 characters beginning with `o`; people of one account share the next five."""
    return "o" + family[:5].ljust(5, "0") + "".join(rng.choices(_OPENID, k=22))
