"""How much goes back of what was paid, and why. Whole fen, rounded down; no float."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import Any

from creator_tools.kernel.fen import Fen, format_yuan
from creator_tools.refunds.rules import reasons
from creator_tools.refunds.rules.reasons import Reason
from creator_tools.refunds.rules.terms import Terms

RAIL_REFUNDS_FOR = timedelta(days=365)
# Only Apple gives back what Apple took.
REFUNDABLE_RAILS = frozenset({"jsapi", "xpay_android"})


@dataclass(frozen=True)
class LineFacts:
    """What is known of one order line: time, reading, and what of the promise has come.

    Attributes:
        returned_fen: what went back of it before, or is on its way.
        is_returned: its access ended with an earlier refund.
        elapsed: since it was paid.
        works_count, read_count: what it opens, and what of that the buyer has opened.
        promised_count, delivered_count: of a column; zero where nothing was promised.
        term: how long it was bought for; None means for ever.
    """

    line: int
    title: str
    paid_fen: Fen
    returned_fen: Fen
    is_returned: bool
    elapsed: timedelta
    works_count: int
    read_count: int
    promised_count: int = 0
    delivered_count: int = 0
    term: timedelta | None = None


@dataclass(frozen=True)
class LineQuote:
    """What goes back of one line, at most and by the terms, and the reasons."""

    line: int
    title: str
    paid_fen: Fen
    left_fen: Fen
    refundable_fen: Fen
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class RefundQuote:
    """What goes back of an order by the terms it was placed under.

    Attributes:
        is_possible: the rail can give something back at all.
        is_self_service: the terms give it without anybody's yes.
    """

    terms: str
    lines: tuple[LineQuote, ...]
    is_possible: bool
    is_self_service: bool

    @property
    def refundable_fen(self) -> Fen:
        """What the terms give, of all lines."""
        return Fen(sum(line.refundable_fen for line in self.lines))

    @property
    def left_fen(self) -> Fen:
        """What could go back at most, of all lines."""
        return Fen(sum(line.left_fen for line in self.lines))

    def only(self, numbers: Sequence[int]) -> "RefundQuote":
        """The same quote for some of the lines."""
        kept = tuple(line for line in self.lines if line.line in numbers)
        return RefundQuote(self.terms, kept, self.is_possible, self.is_self_service)

    def as_json(self) -> dict[str, Any]:
        """The quote as a refund keeps it."""
        return {
            "terms": self.terms,
            "is_self_service": self.is_self_service,
            "lines": [
                {
                    "line": line.line,
                    "title": line.title,
                    "paid_fen": line.paid_fen,
                    "left_fen": line.left_fen,
                    "refundable_fen": line.refundable_fen,
                    "reasons": [reason.as_json() for reason in line.reasons],
                }
                for line in self.lines
            ],
        }


def quote_order(
    terms: Terms, rail: str, lines: Sequence[LineFacts], *, lately_count: int
) -> RefundQuote:
    """Quote every line of a paid order.

    Args:
        lately_count: how often the buyer got something back in the last thirty days.
    """
    quoted = tuple(quote_line(terms, rail, line) for line in lines)
    total_fen = sum(line.refundable_fen for line in quoted)
    is_self_service = (
        0 < total_fen <= terms.self_service_max_fen and lately_count < terms.self_service_count
    )
    is_possible = any(
        line.left_fen > 0 and rail in REFUNDABLE_RAILS and facts.elapsed < RAIL_REFUNDS_FOR
        for line, facts in zip(quoted, lines, strict=True)
    )
    return RefundQuote(terms.name, quoted, is_possible, is_self_service and is_possible)


def quote_line(terms: Terms, rail: str, facts: LineFacts) -> LineQuote:
    """Quote one line: the best share that the terms give, less what went back before."""
    left_fen = max(0, facts.paid_fen - facts.returned_fen)
    if rail not in REFUNDABLE_RAILS:
        share, said = Fraction(0), [reasons.apple_decides()]
    elif facts.elapsed >= RAIL_REFUNDS_FOR:
        share, said = Fraction(0), [reasons.too_old_for_rail()]
    else:
        share, reason = _share_of(terms, facts)
        said = [reason]
    given_fen = facts.paid_fen * share.numerator // share.denominator
    refundable_fen = min(left_fen, max(0, given_fen - facts.returned_fen))
    if facts.is_returned:
        refundable_fen = 0
    if facts.returned_fen:
        said.append(reasons.returned_before(format_yuan(facts.returned_fen)))
    return LineQuote(
        facts.line,
        facts.title,
        facts.paid_fen,
        Fen(left_fen),
        Fen(refundable_fen),
        tuple(said),
    )


def _share_of(terms: Terms, facts: LineFacts) -> tuple[Fraction, Reason]:
    if facts.elapsed <= timedelta(hours=terms.grace_hours):
        return Fraction(1), reasons.within_grace(terms.grace_hours)
    given = [*_for_what_is_unused(terms, facts), *_for_what_has_not_come(terms, facts)]
    if not given:
        return Fraction(0), reasons.too_late(terms.window_days)
    share, reason = max(given, key=lambda one: one[0])
    return (share, reason) if share else (share, reasons.all_used())


def _for_what_is_unused(terms: Terms, facts: LineFacts) -> list[tuple[Fraction, Reason]]:
    if facts.elapsed > timedelta(days=terms.window_days):
        return []
    read = Fraction(facts.read_count, facts.works_count) if facts.works_count else Fraction(0)
    if read * 100 <= terms.read_percent_max:
        said = reasons.hardly_read(terms.window_days, facts.read_count, facts.works_count)
        return [(Fraction(1), said)]
    used = max(read, _passed(facts))
    return [(1 - used, reasons.part_used(terms.window_days, -(-100 * used // 1)))]


def _passed(facts: LineFacts) -> Fraction:
    if facts.term is None:
        return Fraction(0)
    return min(Fraction(1), Fraction(_us(facts.elapsed), _us(facts.term)))


def _for_what_has_not_come(terms: Terms, facts: LineFacts) -> list[tuple[Fraction, Reason]]:
    missing_count = facts.promised_count - facts.delivered_count
    if missing_count <= 0 or facts.elapsed > timedelta(days=terms.promise_days):
        return []
    said = reasons.promise_open(facts.delivered_count, facts.promised_count)
    return [(Fraction(missing_count, facts.promised_count), said)]


def _us(duration: timedelta) -> int:
    return duration // timedelta(microseconds=1)
