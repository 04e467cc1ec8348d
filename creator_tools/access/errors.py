"""What can go wrong with access."""

from creator_tools.kernel.errors import DomainError, ErrorKind


class AccessTermInvalid(DomainError):
    """A term that ends before it starts opens nothing."""

    code = "access_term_invalid"
    kind = ErrorKind.INVALID
    sentence = "有效期的结束时间要晚于开始时间。"
    sentence_en = "A term must end after it starts."
