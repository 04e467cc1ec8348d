"""What can go wrong with columns."""

from creator_tools.kernel.errors import DomainError, ErrorKind


class ColumnNotFound(DomainError):
    """No column has this id, or it is another creator's: the asker cannot tell which."""

    code = "column_not_found"
    kind = ErrorKind.NOT_FOUND
    sentence = "没有找到这个专栏。"
    sentence_en = "There is no such column."


class ColumnTitleTaken(DomainError):
    """The creator has a column with this title."""

    code = "column_title_taken"
    kind = ErrorKind.CONFLICT
    sentence = "你已经有一个叫“{title}”的专栏了，换个标题试试。"
    sentence_en = "You have a column called “{title}” already; try another title."


class TooManyColumns(DomainError):
    """The creator has as many columns as a creator may have."""

    code = "too_many_columns"
    kind = ErrorKind.CONFLICT
    sentence = "最多可以开 {limit} 个专栏，先关掉或改用已有的专栏吧。"
    sentence_en = "You may have at most {limit} columns; use one that you have."
