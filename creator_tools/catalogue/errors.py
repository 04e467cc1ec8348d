"""What can go wrong with products, prices and tiers."""

from creator_tools.kernel.errors import DomainError, ErrorKind


class ProductNotFound(DomainError):
    """There is no such product, or it is somebody else's."""

    code = "product_not_found"
    kind = ErrorKind.NOT_FOUND
    sentence = "没有找到这件商品，它可能已经下架。"
    sentence_en = "There is no such product; it may have been taken off sale."


class QuoteNotFound(DomainError):
    """There is no such quote, or it was made for somebody else."""

    code = "quote_not_found"
    kind = ErrorKind.NOT_FOUND
    sentence = "没有找到这份报价，请重新打开商品。"
    sentence_en = "There is no such quote; ask for a new one."


class PriceRefused(DomainError):
    """The price is outside of what can be paid."""

    code = "price_refused"
    kind = ErrorKind.INVALID
    sentence = "价格要在 0.01 元到 50000 元之间，比如：定价 9.9。"
    sentence_en = "A price is between 0.01 and 50,000.00 yuan."


class TermRefused(DomainError):
    """Columns are sold for 30, 90 or 365 days, or for ever."""

    code = "term_refused"
    kind = ErrorKind.INVALID
    sentence = "专栏可以按 30 天、90 天、365 天或永久出售。"
    sentence_en = "A column is sold for 30, 90 or 365 days, or for ever."


class TierNotFound(DomainError):
    """There is no such price tier."""

    code = "price_tier_not_found"
    kind = ErrorKind.NOT_FOUND
    sentence = "没有找到这个价格档位。"
    sentence_en = "There is no such price tier."
