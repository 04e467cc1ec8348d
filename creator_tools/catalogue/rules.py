"""Prices, titles and reasons: what is said about a product, and what a price may be."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from creator_tools.catalogue.errors import PriceRefused, TermRefused
from creator_tools.catalogue.ports import RateTable
from creator_tools.kernel.fen import PRICE_FEN_MAX, Fen
from creator_tools.ledger.rules import divide

QUOTE_LIFETIME = timedelta(minutes=15)
TERM_DAYS = (30, 90, 365)
_TERMS_WRITTEN = frozenset(str(days) for days in TERM_DAYS)
PRICE_FEN_MIN = 1
PRODUCT_TITLE_CHARS_MAX = 80
# The rails of a sale, as a creator thinks of them: here, Android, iOS.
EARNING_RAILS = ("jsapi", "xpay_android", "xpay_ios")

# Neutral words: no sentence may tell a reader to buy somewhere else.
REASONS = {
    "free_of_charge": "免费内容，直接阅读。",
    "mini_virtual_goods": "可以在小程序内购买。",
    "mini_virtual_goods_ios": "可以在小程序内购买，退款由 Apple 处理。",
    "device_unknown": "还不知道你的设备类型，请更新微信后再试。",
    "official_account_pages": "可以用微信支付购买。",
    "ios_official_account_pages": "由于相关规范，当前设备暂不支持此功能。",
    "no_rule_for_surface": "这里暂不支持此功能。",
    "below_rail_floor": "这件商品的价格低于当前设备的最低金额，暂不能购买。",
    "tier_not_live": "这个价格正在准备中，通常需要 10–30 分钟，请稍后再来。",
    "not_on_sale": "这件商品已停止出售。",
    "work_not_published": "这篇作品目前没有发布。",
    "column_not_open": "这个专栏目前不出售新的订阅。",
    "creator_paused": "这位作者暂停了更新，暂时不接受新读者。",
}
# Of these, the ones that are about what is sold, and not about where and on what it is looked at.
OBSTACLES = frozenset({"not_on_sale", "work_not_published", "column_not_open", "creator_paused"})
_UNKNOWN_REASON = "这里暂不支持此功能。"


def reason(code: str) -> dict[str, str]:
    """A reason as it is kept with a quote: a stable code and a sentence for people."""
    return {"code": code, "sentence": REASONS.get(code, _UNKNOWN_REASON)}


def check_price(kind: str, price_fen: int) -> None:
    """Refuse a price that nobody could pay; only a single work may be free.

    Raises:
        PriceRefused: below 1 fen (a work: below 0) or above 50,000.00 yuan.
    """
    least_fen = 0 if kind == "work" else PRICE_FEN_MIN
    if isinstance(price_fen, bool) or not least_fen <= price_fen <= PRICE_FEN_MAX:
        raise PriceRefused(price_fen=price_fen)


def check_term(kind: str, term_days: int | None) -> None:
    """Refuse a term that is not sold.

    Raises:
        TermRefused: a term without days, days without a term, or other days than 30, 90, 365.
    """
    wanted = TERM_DAYS if kind == "column_term" else (None,)
    if term_days not in wanted:
        raise TermRefused(term_days=term_days)


def product_title(kind: str, object_title: str, term_days: int | None) -> str:
    """What a product is called on a page, in an order and on a bill."""
    if kind == "work":
        return object_title
    return f"{object_title} · 永久" if term_days is None else f"{object_title} · {term_days} 天"


def title_parts(title: str) -> tuple[str, Literal["forever"] | int | None]:
    """What `product_title` put together: the object's title, and how long it is sold for.

    A page in another language says the second part in its own words; the title that stands on
    orders and bills stays as it was sold.

    Returns:
        The title with "forever", with the days of a term, or with None for a work alone.
    """
    object_title, _, end = title.rpartition(" · ")
    if object_title and end == "永久":
        return object_title, "forever"
    days = end.removesuffix(" 天")
    if object_title and end != days and days in _TERMS_WRITTEN:
        return object_title, int(days)
    return title, None


def goods_id_of(price_fen: int) -> str:
    """The id of the good that stands for a price: one good per price point."""
    return f"price_{price_fen}_fen"


@dataclass(frozen=True)
class Earning:
    """What one sale at a price leaves its creator on one rail.

    `creator_fen` is None where the rail does not take so little; `least_fen` says what it takes.
    """

    rail: str
    creator_fen: int | None
    least_fen: int
    rate_bp: int
    settles_after_days: int


def earnings(
    price_fen: int, *, platform_share_bp: int, table: RateTable, on: date
) -> list[Earning]:
    """What a sale at this price leaves its creator on each rail, as it would be posted on a day."""
    found = []
    for rail in EARNING_RAILS:
        rate_bp, days = table.rate_for(rail, on)
        least_fen = table.least_fen(rail, on)
        division = divide(Fen(price_fen), rate_bp=rate_bp, platform_share_bp=platform_share_bp)
        creator_fen = None if price_fen < least_fen else int(division.creator_fen)
        found.append(Earning(rail, creator_fen, least_fen, rate_bp, days))
    return found
