"""A push that was opened and understood, and the key under which it is kept once."""

import hashlib
from dataclasses import dataclass, field
from functools import cached_property

from creator_tools.kernel.accounts import Account
from wechat_handlers.inbound.messages import Message, Unknown, source_key
from wechat_handlers.wire.envelope import MessageKeys, OpenedMessage

MESSAGE_SOURCE = "message"
XPAY_SOURCE = "xpay"
_KIND_CHARS_MAX = 120


@dataclass(frozen=True)
class Push:
    """Whose it is, what was in the envelope, and what that means.

    Attributes:
        keys: those of the account; the answer is sealed with them.
        came_epoch_s: when it came, by our clock.
    """

    account: Account
    keys: MessageKeys = field(repr=False)
    came_epoch_s: int
    opened: OpenedMessage
    message: Message

    @cached_property
    def source_key(self) -> str:
        """What makes two deliveries the same push; hashed, because the sender is in it."""
        return hashlib.sha256(source_key(self.message).encode()).hexdigest()

    @property
    def kind(self) -> str:
        """What it is, for people who look at the inbox, and the format it came in."""
        message = self.message
        name = message.name if isinstance(message, Unknown) else type(message).__name__
        return f"{name}:{self.opened.format}"[:_KIND_CHARS_MAX]
