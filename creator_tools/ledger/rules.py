"""How money is divided, and what the pots are called. Pure."""

from dataclasses import dataclass
from uuid import UUID

from creator_tools.kernel.fen import Fen, fee_rounded_half_up, share_rounded_down


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


def receivable(rail: str, payee_account_id: UUID) -> Pot:
    """What a rail's merchant account owes us until it settles."""
    return Pot(f"receivable:{rail}:{payee_account_id}", "receivable", rail)


def fee(rail: str) -> Pot:
    """What a rail keeps."""
    return Pot(f"fee:{rail}", "fee", rail)


def platform_share() -> Pot:
    """What the platform earns."""
    return Pot("platform_share", "platform_share")


def creator_payable(creator_id: UUID) -> Pot:
    """What we owe one creator."""
    return Pot(f"creator_payable:{creator_id}", "creator_payable", creator_id=creator_id)


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
