"""What can go wrong with people and their sessions."""

from creator_tools.kernel.errors import DomainError, ErrorKind


class IdentityNotFound(DomainError):
    """No identity has this id."""

    code = "identity_not_found"
    kind = ErrorKind.NOT_FOUND
    sentence = "没有认出你的微信身份，请重新进入一次。"
    sentence_en = "We do not know this identity; please enter again."
