"""What can go wrong when somebody looks at the books."""

from creator_tools.kernel.errors import DomainError, ErrorKind
from creator_tools.orders.errors import OrderNotFound


class ReportOrderNotFound(OrderNotFound):
    """No order has this id or trade number."""

    sentence = "没有找到这笔订单，请核对订单号。"
    sentence_en = "There is no such order; check the number."


class EntryNotFound(DomainError):
    """No journal entry has this id."""

    code = "entry_not_found"
    kind = ErrorKind.NOT_FOUND
    sentence = "没有找到这张凭证，请从收入页重新打开。"
    sentence_en = "There is no such entry; open it again from the revenue page."


class AlarmNotFound(DomainError):
    """No open alarm has this id."""

    code = "alarm_not_found"
    kind = ErrorKind.NOT_FOUND
    sentence = "这条告警不存在或已经处理过了，请刷新列表。"
    sentence_en = "There is no such open alarm; reload the list."


class EffectNotRetryable(DomainError):
    """The effect does not exist or is not waiting for a person."""

    code = "effect_not_retryable"
    kind = ErrorKind.CONFLICT
    sentence = "这个外部动作不在失败状态，不需要重试，请刷新列表。"
    sentence_en = "This effect has not failed, so there is nothing to retry; reload the list."


class StatementTooLong(DomainError):
    """A statement of this period would have more lines than one file holds."""

    code = "statement_too_long"
    kind = ErrorKind.INVALID
    sentence = "这段时间的明细超过 5 万行，一份对账单放不下，请缩短范围，例如按月下载。"
    sentence_en = "This period has more than 50,000 lines; choose a shorter one, such as a month."
