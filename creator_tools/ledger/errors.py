"""What the ledger refuses."""

from creator_tools.kernel.errors import DomainError, ErrorKind


class EntryUnbalanced(DomainError):
    """The lines of an entry do not sum to zero; a bug, never a user's mistake."""

    code = "entry_unbalanced"
    kind = ErrorKind.CONFLICT
    sentence = "账目不平，已拒绝记账，请联系运营。"
    sentence_en = "The entry does not balance and was refused; please tell the operator."
