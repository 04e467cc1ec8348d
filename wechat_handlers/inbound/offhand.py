"""Replies that need no conversation, each with what has to be true for it to be right.

What a handler of `handlers` would say to a fan whose conversation waits for nothing. Nothing is
read or written here; whoever keeps the message looks whether it is true.
"""

from dataclasses import dataclass, field

from creator_tools.studio import offhand
from creator_tools.studio.offhand import Offhand
from wechat_handlers.inbound.handlers import CANNOT_READ
from wechat_handlers.inbound.message import Message
from wechat_handlers.inbound.person_messages import MenuClickEvent, TextMessage, VoiceMessage
from wechat_handlers.inbound.replies import NoReply, Reply, TextReply


@dataclass(frozen=True, kw_only=True)
class OffhandReply:
    """A reply, and what it supposes.

    Attributes:
        has_speaker: a person said it; they are recognised, and when they spoke is noted.
        is_for_fans: it is wrong for a creator.
        takes_turn: it is wrong when a step of the conversation waits.
        unless_found: it may be wrong if any entry of the search has all of these grams.
    """

    reply: Reply
    has_speaker: bool = True
    is_for_fans: bool = False
    takes_turn: bool = False
    unless_found: tuple[str, ...] = field(default=(), repr=False)


NOTHING = OffhandReply(reply=NoReply(), has_speaker=False)
_UNREADABLE = OffhandReply(reply=TextReply(CANNOT_READ))
# A creator's speech joins the draft, and their films are told where to go.
_UNREADABLE_OF_FANS = OffhandReply(reply=TextReply(CANNOT_READ), is_for_fans=True)


def to_text(message: Message) -> OffhandReply | None:
    """Words that mean nothing here, a greeting, a call for help."""
    assert isinstance(message, TextMessage), "the router sends only text here"
    return _in_turn(offhand.answer_to(message.text))


def to_menu_click(message: Message) -> OffhandReply | None:
    """A tapped key that says the same as such words."""
    assert isinstance(message, MenuClickEvent), "the router sends only menu clicks here"
    return _in_turn(offhand.answer_to_key(message.key))


def to_voice(message: Message) -> OffhandReply | None:
    """Speech that was recognised as such words, or as none."""
    assert isinstance(message, VoiceMessage), "the router sends only voices here"
    if not message.recognition:
        return _UNREADABLE_OF_FANS
    return _in_turn(offhand.answer_to(message.recognition))


def to_scan(_message: Message) -> OffhandReply | None:
    """A follower scanned a code of ours."""
    return _in_turn(offhand.welcome())


def to_file(_message: Message) -> OffhandReply | None:
    """A fan's film or file."""
    return _UNREADABLE_OF_FANS


def to_unreadable(_message: Message) -> OffhandReply | None:
    """A place, link or page of a mini-program, from whomever."""
    return _UNREADABLE


def _in_turn(found: Offhand | None) -> OffhandReply | None:
    if found is None:
        return None
    return OffhandReply(
        reply=TextReply(found.answer.text),
        is_for_fans=True,
        takes_turn=True,
        unless_found=found.unless_found,
    )
