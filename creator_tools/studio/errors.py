"""Refusals of the chat itself; everything else is refused by those who do the work."""

from creator_tools.kernel.errors import DomainError, ErrorKind


class NotACreator(DomainError):
    """A fan asked for something that only creators may do."""

    code = "not_a_creator"
    kind = ErrorKind.FORBIDDEN
    sentence = "这是创作者的功能。有邀请码的话直接发来；没有的话，先发「专栏」看看别人的作品。"
    sentence_en = "Only creators can do this; send your invitation code to become one."


class NothingAtHand(DomainError):
    """A command needs an item, and there is none, or none of that number."""

    code = "nothing_at_hand"
    kind = ErrorKind.NOT_FOUND
    sentence = "{said}"
    sentence_en = "There is no such item; list your works to see their numbers."
