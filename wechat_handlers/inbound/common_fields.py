"""The fields that every push has, ready to be handed to any message type."""

from collections.abc import Callable
from typing import TypedDict

from wechat_handlers.inbound.message import Message
from wechat_handlers.wire.field_reader import FieldReader


class CommonFields(TypedDict):
    """The arguments of `Message`."""

    account_kind: str
    sender: str
    recipient: str
    created_at_epoch_s: int
    msg_id: str | None


Builder = Callable[[CommonFields, FieldReader], Message]
