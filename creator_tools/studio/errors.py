"""Refusals of the studio itself; everything else is refused by those who do the work."""

from typing import Any

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


class CreatorPaused(DomainError):
    """An operator paused this creator, who may look and change nothing meanwhile."""

    code = "creator_paused"
    kind = ErrorKind.FORBIDDEN
    sentence = "你的创作者身份已被暂停，内容和收入都还在，但暂时不能修改。有疑问请联系运营。"
    sentence_en = "You are paused as a creator: nothing is lost, and nothing can be changed."


class MustConfirm(DomainError):
    """A dangerous deed needs a second word; `step` is what will be done then."""

    code = "must_confirm"
    kind = ErrorKind.CONFLICT
    sentence = "这一步影响较大，请再确认一次。"
    sentence_en = "This has consequences; confirm it once more."

    def __init__(self, step: dict[str, Any], **facts: Any) -> None:
        super().__init__(**facts)
        self.step = step


class WorkUnpriced(DomainError):
    """Nobody said yet what readers pay for this work, not even nothing."""

    code = "work_unpriced"
    kind = ErrorKind.CONFLICT
    sentence = "《{title}》还没有定价，先定个价格，或设为免费，再发布。"
    sentence_en = "“{title}” has no price yet; set one, or make it free, and publish again."


class NothingToPublish(DomainError):
    """Readers see this very text already."""

    code = "nothing_to_publish"
    kind = ErrorKind.CONFLICT
    sentence = "《{title}》已经发布了，没有新的修改。"
    sentence_en = "“{title}” is published already, and nothing has changed since."
