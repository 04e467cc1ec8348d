"""What refunds refuse."""

from creator_tools.kernel.errors import DomainError, ErrorKind


class RefundNotFound(DomainError):
    """No such refund, or it is another person's."""

    code = "refund_not_found"
    kind = ErrorKind.NOT_FOUND
    sentence = "没有找到这笔退款。"
    sentence_en = "There is no such refund."


class NothingToRefund(DomainError):
    """The order is not paid, was free, went back before, or its rail cannot give back."""

    code = "nothing_to_refund"
    kind = ErrorKind.CONFLICT
    sentence = "这笔订单没有可以退的款项。"
    sentence_en = "Nothing of this order can be refunded."


class RefundUnderway(DomainError):
    """There is one for this payment that has not ended yet."""

    code = "refund_underway"
    kind = ErrorKind.CONFLICT
    sentence = "这笔款项已有一笔退款在处理，请等它结束。"
    sentence_en = "A refund of this payment is under way; wait until it has ended."


class RefundTooLarge(DomainError):
    """More than is left of what was paid."""

    code = "refund_too_large"
    kind = ErrorKind.CONFLICT
    sentence = "退款金额超过了还能退的金额。"
    sentence_en = "That is more than is left of what was paid."


class RefundDecided(DomainError):
    """Somebody has decided it already."""

    code = "refund_decided"
    kind = ErrorKind.CONFLICT
    sentence = "这笔退款已经处理过了，请刷新页面查看结果。"
    sentence_en = "This refund was decided already; reload the page to see how."


class ApprovalLimitExceeded(DomainError):
    """This operator's roles do not reach so far."""

    code = "approval_limit_exceeded"
    kind = ErrorKind.FORBIDDEN
    sentence = "这笔退款超过了您的审批额度，请让额度更高的同事处理。"
    sentence_en = "This refund is above your limit; ask a colleague with a higher one."


class SecondPersonNeeded(DomainError):
    """Whoever began a large refund does not approve it too."""

    code = "second_person_needed"
    kind = ErrorKind.FORBIDDEN
    sentence = "大额退款要由另一位运营审批，不能自己发起自己通过。"
    sentence_en = "A large refund needs the yes of another operator than the one who began it."


class RefundReasonUnknown(DomainError):
    """A reason that is not in the list."""

    code = "refund_reason_unknown"
    kind = ErrorKind.INVALID
    sentence = "请从列表里选择退款原因。"
    sentence_en = "Choose a reason from the list."


class RefundLineUnknown(DomainError):
    """A line that this order does not have, or no line at all."""

    code = "refund_line_unknown"
    kind = ErrorKind.INVALID
    sentence = "请选择要退的内容。"
    sentence_en = "Choose what shall be refunded."
