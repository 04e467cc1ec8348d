"""How money is divided, and what the pots are called. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from creator_tools.kernel.fen import (
    Fen,
    fee_rounded_half_up,
    largest_remainder,
    share_rounded_down,
)


@dataclass(frozen=True)
class Pot:
    """A ledger account by name: its code, its kind, and whose or which rail's it is."""

    code: str
    kind: str
    rail: str | None = None
    creator_id: UUID | None = None


@dataclass(frozen=True)
class Line:
    """So many fen into a pot (debit) or, negative, out of it (credit)."""

    pot: Pot
    amount_fen: int


@dataclass(frozen=True)
class Division:
    """One payment cut in four; `gross_fen` is the sum of the other three."""

    gross_fen: Fen
    fee_fen: Fen
    platform_fen: Fen
    creator_fen: Fen


def divide(gross_fen: Fen, *, rate_bp: int, platform_share_bp: int) -> Division:
    """Cut a payment: fee half up, platform's share of the rest down, the creator all that is left.

    Args:
        gross_fen: what the fan paid, in fen.
        rate_bp: the rail's fee, in basis points of the gross.
        platform_share_bp: the platform's share of (gross - fee), in basis points.
    """
    fee_fen = fee_rounded_half_up(gross_fen, rate_bp)
    net_fen = Fen(gross_fen - fee_fen)
    platform_fen = share_rounded_down(net_fen, platform_share_bp)
    return Division(gross_fen, fee_fen, platform_fen, Fen(net_fen - platform_fen))


def divide_back(paid: Division, gone: Division, gross_fen: Fen) -> Division:
    """Cut what goes back of a payment: whose of the fen they are.

    The rail keeps its fee on what stays with us, half up, as the platforms do; what is not fee is
    the platform's and the creator's in proportion to what each still has, by largest remainder.
    So nobody gives back more than they got, and the last fen back leaves all three at zero.

    Args:
        paid: how the payment was cut.
        gone: the sum of what went back of it before.
        gross_fen: what goes back now.

    Raises:
        ValueError: nothing goes back, or more than is left.
    """
    left_fen = paid.gross_fen - gone.gross_fen
    if not 0 < gross_fen <= left_fen:
        raise ValueError(f"{gross_fen} of {left_fen} fen cannot go back")
    fee_left_fen = paid.fee_fen - gone.fee_fen
    stays_fen = left_fen - gross_fen
    fee_stays_fen = (2 * paid.fee_fen * stays_fen + paid.gross_fen) // (2 * paid.gross_fen)
    # After a refund that failed, what was kept may differ from the rule by a fen of rounding.
    least_fen = max(0, gross_fen - (left_fen - fee_left_fen))
    fee_fen = min(max(fee_left_fen - fee_stays_fen, least_fen), gross_fen, fee_left_fen)
    platform_fen, creator_fen = largest_remainder(
        gross_fen - fee_fen,
        (paid.platform_fen - gone.platform_fen, paid.creator_fen - gone.creator_fen),
    )
    return Division(gross_fen, Fen(fee_fen), platform_fen, creator_fen)


def receivable(rail: str, payee_account_id: UUID) -> Pot:
    """What a rail's merchant account owes us until it settles."""
    return Pot(f"receivable:{rail}:{payee_account_id}", "receivable", rail)


def merchant_balance(rail: str, account_id: UUID) -> Pot:
    """What a rail has settled into a merchant account of ours."""
    return Pot(f"merchant_balance:{rail}:{account_id}", "merchant_balance", rail)


def fee(rail: str) -> Pot:
    """What a rail keeps."""
    return Pot(f"fee:{rail}", "fee", rail)


def platform_share() -> Pot:
    """What the platform earns."""
    return Pot("platform_share", "platform_share")


def creator_payable(creator_id: UUID) -> Pot:
    """What we owe one creator."""
    return Pot(f"creator_payable:{creator_id}", "creator_payable", creator_id=creator_id)


def party_payable(person_id: UUID) -> Pot:
    """What we owe one party of split agreements, by all of them together."""
    return Pot(f"party_payable:{person_id}", "party_payable")


def suspense(rail: str) -> Pot:
    """Money that came and that nobody can explain yet."""
    return Pot(f"suspense:{rail}", "suspense", rail)


def payment_lines(
    division: Division, *, rail: str, payee_account_id: UUID, creator_id: UUID
) -> list[Line]:
    """The postings of one payment: the rail owes the gross, which belongs to three."""
    return [
        Line(receivable(rail, payee_account_id), division.gross_fen),
        Line(fee(rail), -division.fee_fen),
        Line(platform_share(), -division.platform_fen),
        Line(creator_payable(creator_id), -division.creator_fen),
    ]


def suspense_lines(amount_fen: Fen, *, rail: str, payee_account_id: UUID) -> list[Line]:
    """The postings of money that may not open anything: it came, and it waits."""
    return [
        Line(receivable(rail, payee_account_id), amount_fen),
        Line(suspense(rail), -amount_fen),
    ]


def refund_in_flight(rail: str, payee_account_id: UUID) -> Pot:
    """What we have decided to give back and the rail has not confirmed; zero per refund at last."""
    return Pot(f"refund_in_flight:{rail}:{payee_account_id}", "refund_in_flight", rail)


def refund_lines(
    back: Division, *, rail: str, payee_account_id: UUID, creator_id: UUID
) -> list[Line]:
    """The postings of a decided refund: three give back, the sum is on its way."""
    return [
        Line(fee(rail), back.fee_fen),
        Line(platform_share(), back.platform_fen),
        Line(creator_payable(creator_id), back.creator_fen),
        Line(refund_in_flight(rail, payee_account_id), -back.gross_fen),
    ]


def suspense_refund_lines(amount_fen: Fen, *, rail: str, payee_account_id: UUID) -> list[Line]:
    """The postings of money that belonged to nobody here and is on its way back."""
    return [
        Line(suspense(rail), amount_fen),
        Line(refund_in_flight(rail, payee_account_id), -amount_fen),
    ]


def refund_done_lines(amount_fen: Fen, *, rail: str, payee_account_id: UUID) -> list[Line]:
    """The postings of a refund that the rail has confirmed: it owes us so much less."""
    return [
        Line(refund_in_flight(rail, payee_account_id), amount_fen),
        Line(receivable(rail, payee_account_id), -amount_fen),
    ]


def payout_in_flight(account_id: UUID) -> Pot:
    """What left earners' accounts and has not reached them; zero per payout at last."""
    return Pot(f"payout_in_flight:{account_id}", "payout_in_flight", "jsapi")


def payout_lines(amount_fen: Fen, *, payable: Pot, account_id: UUID) -> list[Line]:
    """The postings of a payout that was asked for: it can be asked for only once."""
    return [Line(payable, amount_fen), Line(payout_in_flight(account_id), -amount_fen)]


def payout_paid_lines(amount_fen: Fen, *, account_id: UUID) -> list[Line]:
    """The postings of a payout that reached its receiver: our merchant account has so much less."""
    return [
        Line(payout_in_flight(account_id), amount_fen),
        Line(merchant_balance("jsapi", account_id), -amount_fen),
    ]


def split_lines(parts: Mapping[UUID, int], *, creator_id: UUID) -> list[Line]:
    """The postings of a division: off the creator, onto the parties; negative for going back."""
    return [
        Line(creator_payable(creator_id), sum(parts.values())),
        *(Line(party_payable(person_id), -part_fen) for person_id, part_fen in parts.items()),
    ]


def turned(lines: list[Line]) -> list[Line]:
    """The same lines the other way round, for what did not come true."""
    return [Line(line.pot, -line.amount_fen) for line in lines]
