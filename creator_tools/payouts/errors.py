"""What can go wrong when somebody wants their money."""

from creator_tools.kernel.errors import DomainError, ErrorKind


class PayoutNotFound(DomainError):
    """No payout has this id, or it is somebody else's."""

    code = "payout_not_found"
    kind = ErrorKind.NOT_FOUND
    sentence = "没有找到这笔提现，请从列表里重新打开。"
    sentence_en = "There is no such payout; open it again from the list."


class PayoutTooLarge(DomainError):
    """More than may be taken out now."""

    code = "payout_too_large"
    kind = ErrorKind.CONFLICT
    sentence = "可提现的余额不够，请改小金额；还在留存的部分到期后才能提。"
    sentence_en = "That is more than you may take out now; what is held comes later."


class PayoutTooSmall(DomainError):
    """Less than a transfer may be."""

    code = "payout_too_small"
    kind = ErrorKind.INVALID
    sentence = "每笔提现至少 0.30 元，请改大金额。"
    sentence_en = "A payout is 0.30 yuan at least."


class PayoutAboveLimit(DomainError):
    """More than one transfer, one person's day or the merchant's day allows."""

    code = "payout_above_limit"
    kind = ErrorKind.CONFLICT
    sentence = "超过了微信转账的限额（单笔、每人每天或全部每天），请分几笔或改天再提。"
    sentence_en = (
        "Above what WeChat transfers at once or in a day; take it out in parts or tomorrow."
    )


class ReceiverUnknown(DomainError):
    """The receiver is not known to the Official Account that pays."""

    code = "receiver_unknown"
    kind = ErrorKind.CONFLICT
    sentence = "还不知道收款人的微信，请先用微信打开公众号的页面，再申请提现。"
    sentence_en = "The receiver is not known to the account yet; open a page of it in WeChat first."


class PayoutDecided(DomainError):
    """Somebody decided it already, or it has moved on."""

    code = "payout_decided"
    kind = ErrorKind.CONFLICT
    sentence = "这笔提现已经处理过了，请刷新页面查看现在的状态。"
    sentence_en = "This payout was decided already; reload to see how it stands."


class SecondPersonRequired(DomainError):
    """Whoever asked for a payout, or receives it, cannot approve it."""

    code = "payout_second_person"
    kind = ErrorKind.FORBIDDEN
    sentence = "申请人和收款人不能自己审批，请另一位运营处理。"
    sentence_en = "Whoever asked or receives cannot approve; another operator must."


class PayoutNotCancellable(DomainError):
    """Nothing waits for the receiver any more."""

    code = "payout_not_cancellable"
    kind = ErrorKind.CONFLICT
    sentence = "收款人已经确认或这笔提现已经结束，不能撤销了。"
    sentence_en = "It was confirmed or has ended; it cannot be taken back."
