"""Pure rules of fan groups: what a way in may be, what a picture of a code says, how long."""

from creator_tools.fan_groups.rules.codes import code_in, draw_code
from creator_tools.fan_groups.rules.terms import FULL_WARNED_PERCENT, WARNED_BEFORE, GroupTerms
from creator_tools.fan_groups.rules.ways import (
    CAPACITY_COUNT_MAX,
    CODE_LENGTH,
    JOIN_WAYS_PER_GROUP_MAX,
    NAME_CHARS_MAX,
    VIEWS_PER_MINUTE_MAX,
    clean_join_link,
    usable_until,
)

__all__ = [
    "CAPACITY_COUNT_MAX",
    "CODE_LENGTH",
    "FULL_WARNED_PERCENT",
    "JOIN_WAYS_PER_GROUP_MAX",
    "NAME_CHARS_MAX",
    "VIEWS_PER_MINUTE_MAX",
    "WARNED_BEFORE",
    "GroupTerms",
    "clean_join_link",
    "code_in",
    "draw_code",
    "usable_until",
]
