"""How long a session lives, what is kept of a token, and how a platform's nickname is shown."""

import hashlib
import re
from datetime import timedelta

SESSION_LIFE = timedelta(days=30)
SESSION_IDLE = timedelta(days=7)
# Seen again within the hour is not written again: reading must not cost a write each time.
SESSION_TOUCH_AFTER = timedelta(hours=1)
# How recently a person must have been in the mini-program for a text check in their name.
TEXT_CHECK_WITHIN = timedelta(hours=2)
NICKNAME_CHARS_MAX = 32

_NOT_SHOWN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]+")


def token_hash(token: str) -> bytes:
    """What is kept of a bearer token: enough to know it again, useless to whoever reads it."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def without_controls(nickname: str) -> str:
    """A platform's nickname without what a line may not hold, cut to a length worth keeping."""
    return _NOT_SHOWN.sub(" ", nickname)[: NICKNAME_CHARS_MAX * 2]
