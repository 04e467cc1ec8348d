"""What an order refuses."""

from creator_tools.kernel.errors import DomainError, ErrorKind


class QuoteExpired(DomainError):
    """The quote is older than it may be."""

    code = "quote_expired"
    kind = ErrorKind.CONFLICT
    sentence = "报价已过期，请重新获取价格。"
    sentence_en = "The quote has expired; ask for a new one."


class NotOnSaleNow(DomainError):
    """It was withdrawn, or takes no new readers, since its price was looked at."""

    code = "not_on_sale_now"
    kind = ErrorKind.CONFLICT
    sentence = "现在不能买了：作品下架了，或者专栏、作者暂停了。没有扣款，请刷新页面看看。"
    sentence_en = (
        "This is not on sale any more: the work was withdrawn, or its column or creator has "
        "paused. Nothing was charged; reload the page."
    )


class NotSellableHere(DomainError):
    """No rail may carry this sale on this surface and device."""

    code = "not_sellable_here"
    kind = ErrorKind.CONFLICT
    sentence = "当前环境暂不支持购买此内容。"
    sentence_en = "This cannot be bought here at present."


class AlreadyOwned(DomainError):
    """The person may open this for ever already."""

    code = "already_owned"
    kind = ErrorKind.CONFLICT
    sentence = "您已拥有此内容，无需重复购买。"
    sentence_en = "You own this already."


class OrderNotFound(DomainError):
    """No such order, or it is another person's."""

    code = "order_not_found"
    kind = ErrorKind.NOT_FOUND
    sentence = "没有找到这笔订单。"
    sentence_en = "There is no such order."


class PaymentNotFound(DomainError):
    """No such payment was ever seen."""

    code = "payment_not_found"
    kind = ErrorKind.NOT_FOUND
    sentence = "没有找到这笔款项。"
    sentence_en = "There is no such payment."


class SessionKeyStale(DomainError):
    """The mini-program session is too old to sign a payment; sign in again."""

    code = "session_key_stale"
    kind = ErrorKind.CONFLICT
    sentence = "登录已过期，请重新进入小程序后再支付。"
    sentence_en = "The mini-program session is stale; sign in again and retry."


class PaymentUnavailable(DomainError):
    """The rail did not answer, or said it cannot now."""

    code = "payment_unavailable"
    kind = ErrorKind.UNAVAILABLE
    sentence = "支付通道暂时没有响应，请稍后再试，不会重复扣款。"
    sentence_en = "The payment rail does not answer; try again later. Nothing is charged twice."


class PaymentRefused(DomainError):
    """The rail refused to prepare this payment."""

    code = "payment_refused"
    kind = ErrorKind.CONFLICT
    sentence = "支付通道拒绝了这笔订单，请重新下单或联系创作者。"
    sentence_en = "The payment rail refused this order; place a new one or ask the creator."
