"""What every push has in common.

Its kinds are in the neighbouring modules; `messages` gathers them all for those who read them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

AccountKind = str  # "oa", "mini" or "wecom": which of our accounts it came to


@dataclass(frozen=True, kw_only=True)
class Message:
    """What every push carries.

    `sender` is an openid (or, for xpay pushes, a fixed official one); `recipient` is our original
    id; `created_at_epoch_s` is WeChat's clock; only messages from people have a `msg_id`, which
    exceeds 2^53 and therefore stays text.
    """

    account_kind: AccountKind
    sender: str = field(repr=False)
    recipient: str
    created_at_epoch_s: int
    msg_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Unknown(Message):
    """Something new: acknowledged, counted, kept."""

    name: str
    fields: Mapping[str, Any] = field(repr=False)
