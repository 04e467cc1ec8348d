"""What can go wrong, in the business's own terms.

A `DomainError` is a statement about the business: `code` is for machines and never changes,
`kind` says what sort of thing it is, `sentence` tells a person what is wrong and what to do, and
`facts` may be logged (no secret, no subject of a platform). Only the edges know what it looks
like outside: an HTTP status, a reply in the chat, a parked task.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar


class ErrorKind(StrEnum):
    """What sort of refusal this is; each edge translates it once."""

    INVALID = "invalid"
    FORBIDDEN = "forbidden"
    UNAUTHENTICATED = "unauthenticated"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    UNAVAILABLE = "unavailable"
    TOO_MANY = "too_many"
    TOO_LARGE = "too_large"


@dataclass(frozen=True)
class FieldError:
    """One field of a request that cannot be accepted, and why.

    `message_en` is for what a door says of a field of its own; where it is empty, the door finds
    English words by the code.
    """

    field: str
    code: str
    message: str
    message_en: str = ""


class DomainError(Exception):
    """The mother of all refusals; never raised itself."""

    code: ClassVar[str] = "domain_error"
    kind: ClassVar[ErrorKind] = ErrorKind.INVALID
    sentence: ClassVar[str] = "这一步没有成功，请稍后再试。"
    sentence_en: ClassVar[str] = "This did not work; please try again later."

    def __init__(self, *, fields: tuple[FieldError, ...] = (), **facts: object) -> None:
        super().__init__(self.code)
        self.fields = fields
        self.facts = facts

    def in_chinese(self) -> str:
        """The sentence with its facts filled in, for a reader of Chinese."""
        return self.sentence.format_map(_Facts(self.facts))

    def in_english(self) -> str:
        """The sentence with its facts filled in, for a reader of English."""
        return self.sentence_en.format_map(_Facts(self.facts))


class _Facts(dict[str, object]):
    """Lets a sentence name a fact that this occasion does not have."""

    def __missing__(self, key: str) -> str:
        return "?"


class InputRefused(DomainError):
    """Something in the request is missing, too long or of the wrong sort; see `fields`."""

    code = "input_refused"
    kind = ErrorKind.INVALID
    sentence = "提交的内容有误，请检查后再试。"
    sentence_en = "The request has a mistake; see the fields."


class IdempotencyKeyReused(DomainError):
    """The same idempotency key came with another body."""

    code = "idempotency_key_reused"
    kind = ErrorKind.CONFLICT
    sentence = "同一个请求编号带来了不同的内容，请换一个编号再提交。"
    sentence_en = "This idempotency key was used with another body; use a new key."


class RequestInProgress(DomainError):
    """The first request with this idempotency key has not ended yet."""

    code = "request_in_progress"
    kind = ErrorKind.CONFLICT
    sentence = "上一次提交还在处理，请稍等几秒再试。"
    sentence_en = "The first request with this key is still running; try again in a few seconds."
