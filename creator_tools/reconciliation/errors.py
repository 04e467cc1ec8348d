"""What reconciliation refuses, and why a bill could not be used."""

from creator_tools.kernel.errors import DomainError, ErrorKind


class BillNotReady(Exception):
    """The rail is still making the bill, or does not answer; ask later."""


class BillRefused(Exception):
    """A bill that cannot be believed or was refused; nothing of it is used. `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class BillDayNotFound(DomainError):
    """No such day of bills."""

    code = "bill_day_not_found"
    kind = ErrorKind.NOT_FOUND
    sentence = "没有这一天的账单。"
    sentence_en = "There are no bills of that day."


class DifferenceNotFound(DomainError):
    """No such difference."""

    code = "difference_not_found"
    kind = ErrorKind.NOT_FOUND
    sentence = "没有这条差异。"
    sentence_en = "There is no such difference."


class DifferenceClosed(DomainError):
    """Somebody explained it before."""

    code = "difference_closed"
    kind = ErrorKind.CONFLICT
    sentence = "这条差异已经有人处理了。"
    sentence_en = "Somebody has explained this difference already."
