"""Why: a code for machines and a sentence for people in both languages."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Reason:
    """One reason; `sentence` is Chinese."""

    code: str
    sentence: str
    sentence_en: str

    def as_json(self) -> dict[str, Any]:
        """The reason as a quote keeps it."""
        return {"code": self.code, "sentence": self.sentence, "sentence_en": self.sentence_en}


# Why somebody wants the money back.
ASKED_REASONS: tuple[Reason, ...] = (
    Reason("changed_mind", "不想要了", "I changed my mind"),
    Reason("not_as_described", "内容与描述不符", "It is not what was described"),
    Reason("promise_broken", "没有按承诺更新", "It was not updated as promised"),
    Reason("bought_twice", "重复购买或买错了", "I bought it twice, or by mistake"),
    Reason("cannot_open", "打不开或看不了", "I cannot open or play it"),
    Reason("other", "其他原因", "Another reason"),
)
# Why we give back what nobody asked for.
STRAY = Reason("stray", "款项对不上订单，原路退回", "The money fits no order and goes back")
OUTSIDE = Reason(
    "outside",
    "不是从这里发起的退款（商户后台或苹果）",
    "Not begun here, but in the merchant console or by Apple",
)
_KNOWN = {one.code: one for one in (*ASKED_REASONS, STRAY, OUTSIDE)}


def asked_reason(code: str) -> Reason | None:
    """The reason with this code, of those that somebody may choose; None for any other."""
    return next((one for one in ASKED_REASONS if one.code == code), None)


def reason_of(code: str) -> Reason:
    """The reason that was kept under this code."""
    return _KNOWN.get(code, Reason(code, code, code))


def within_grace(hours: int) -> Reason:
    """Everything goes back: it is early."""
    return Reason(
        "within_grace",
        f"付款后 {hours} 小时内，可以全额退款。",
        f"Within {hours} hours of payment everything goes back.",
    )


def hardly_read(days: int, read: int, works: int) -> Reason:
    """Everything goes back: in time, and almost nothing read."""
    return Reason(
        "hardly_read",
        f"付款后 {days} 天内，{works} 篇里读过 {read} 篇，可以全额退款。",
        f"Within {days} days of payment, with {read} of {works} works opened: all of it.",
    )


def part_used(days: int, percent: int) -> Reason:
    """What was not read or used goes back."""
    return Reason(
        "part_used",
        f"付款后 {days} 天内，已使用约 {percent}%，按没有使用的部分退款。",
        f"Within {days} days of payment, about {percent}% used: the rest of it.",
    )


def promise_open(delivered: int, promised: int) -> Reason:
    """What was promised and has not come goes back."""
    return Reason(
        "promise_open",
        f"承诺更新 {promised} 篇，已更新 {delivered} 篇，按没有更新的部分退款。",
        f"{promised} works were promised and {delivered} have come: the missing part.",
    )


def too_late(days: int) -> Reason:
    """The terms give nothing any more."""
    return Reason(
        "too_late",
        f"已超过 {days} 天的退款期限，可以写明情况，由运营人工处理。",
        f"The {days} days for refunds are over; say what happened and a person will look at it.",
    )


def all_used() -> Reason:
    """In time, but everything was read."""
    return Reason(
        "all_used",
        "购买的内容已经全部打开过，可以写明情况，由运营人工处理。",
        "All of it has been opened; say what happened and a person will look at it.",
    )


def returned_before(amount_yuan: str) -> Reason:
    """Some of it went back before."""
    return Reason(
        "returned_before", f"之前已退 {amount_yuan} 元。", f"¥{amount_yuan} went back before."
    )


def apple_decides() -> Reason:
    """Only Apple can give it back."""
    return Reason(
        "apple_decides",
        "这笔款项由苹果收取，请在苹果的「报告问题」页面申请退款，由苹果决定。",
        "Apple took this payment: ask Apple under “Report a Problem”; Apple decides.",
    )


def too_old_for_rail() -> Reason:
    """The rail gives nothing back after a year."""
    return Reason(
        "too_old_for_rail",
        "付款已超过一年，支付通道不能再原路退回。",
        "It was paid more than a year ago; the payment rail no longer gives money back.",
    )
