"""What a handler may use, and how the business's answer becomes a reply."""

import html
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.studio.dialogs import Answer
from creator_tools.studio.ports import Desk
from wechat_handlers.inbound.message import Message
from wechat_handlers.inbound.replies import NoReply, Reply, TextReply


@dataclass(frozen=True)
class Conversation:
    """One message's surroundings: the unit it is handled in and the account it came to.

    Attributes:
        absolute: makes an address that a phone can open out of a path of ours.
        is_late: the breath for a passive reply is over; answers go out as messages.
    """

    uow: UnitOfWork
    account_id: UUID
    account_kind: str
    desk: Desk
    absolute: Callable[[str], str]
    is_late: bool = False

    def reply(self, message: Message, person_id: UUID, answer: Answer) -> Reply:
        """The answer as a reply to the message.

        An Official Account answers in the same breath. A mini-program's customer service takes
        no text there, so the answer is promised as a message of its own.
        """
        words = self.words(answer)
        if not words:
            return NoReply()
        if self.account_kind == "oa" and not self.is_late:
            return TextReply(words)
        self.uow.promise(
            "customer_message.text",
            f"chat:{self.account_id}:{message.msg_id or message.created_at_epoch_s}:{person_id}",
            object_type="person",
            object_id=person_id,
            payload={
                "person_id": str(person_id),
                "account_id": str(self.account_id),
                "words": words,
            },
        )
        return NoReply()

    def words(self, answer: Answer) -> str:
        """The text with its links in the form that the chat makes tappable."""
        lines = [answer.text] if answer.text else []
        lines += [
            f'<a href="{html.escape(self.absolute(path))}">{html.escape(label)}</a>'
            for label, path in answer.links
        ]
        return "\n".join(lines)
