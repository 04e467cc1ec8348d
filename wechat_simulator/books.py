"""The simulator's own books: every payment, refund and transfer, with the platform's fee.

What a tested backend says about its money is compared with these.
"""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from wechat_simulator.storage import persisted

FEE_BP = {"jsapi": 60, "xpay_android": 100, "xpay_ios": 1200}


@persisted
@dataclass
class PaymentBooked:
    """Money that came in; amounts in fen."""

    rail: str
    trade_no: str
    payment_ref: str
    appid: str
    mchid: str
    person_id: str
    amount_fen: int
    fee_fen: int
    state: str
    paid_at: datetime


@persisted
@dataclass
class RefundBooked:
    """Money that went back; `fee_fen` is the part of the fee that goes back with it."""

    rail: str
    trade_no: str
    payment_ref: str
    refund_no: str
    refund_ref: str
    appid: str
    mchid: str
    person_id: str
    amount_fen: int
    fee_fen: int
    state: str
    refunded_at: datetime


@persisted
@dataclass
class TransferBooked:
    """Money paid out to a person."""

    bill_no: str
    transfer_ref: str
    appid: str
    mchid: str
    person_id: str
    amount_fen: int
    state: str
    transferred_at: datetime


@persisted
@dataclass
class Books:
    """The three journals and the fee table in force (basis points by rail)."""

    fee_bp: dict[str, int] = field(default_factory=lambda: dict(FEE_BP))
    payments: list[PaymentBooked] = field(default_factory=list)
    refunds: list[RefundBooked] = field(default_factory=list)
    transfers: list[TransferBooked] = field(default_factory=list)

    def fee_fen(self, rail: str, amount_fen: int) -> int:
        """The platform's fee on `amount_fen`, half a fen rounded up.

        Raises:
            KeyError: the rail is not in the table.
        """
        return (amount_fen * self.fee_bp[rail] + 5_000) // 10_000

    def payment(self, payment_ref: str) -> PaymentBooked:
        """The payment the platform numbers `payment_ref`.

        Raises:
            KeyError: no such payment is booked.
        """
        for one in self.payments:
            if one.payment_ref == payment_ref:
                return one
        raise KeyError(payment_ref)

    def returned_fen(self, payment_ref: str) -> int:
        """What has gone back of one payment, in fen."""
        return sum(one.amount_fen for one in self.refunds if one.payment_ref == payment_ref)

    def book_refund(
        self, *, payment_ref: str, refund_no: str, refund_ref: str, amount_fen: int, at: datetime
    ) -> RefundBooked:
        """Write a refund beside its payment; the last fen back takes the last of the fee along.

        Raises:
            KeyError: no such payment is booked.
        """
        paid = self.payment(payment_ref)
        returned = self.returned_fen(payment_ref)
        # The fee kept is always the fee on what stays, so partial refunds never drift.
        kept_before = self._fee_kept(paid, returned)
        kept_after = self._fee_kept(paid, returned + amount_fen)
        booked = RefundBooked(
            rail=paid.rail,
            trade_no=paid.trade_no,
            payment_ref=payment_ref,
            refund_no=refund_no,
            refund_ref=refund_ref,
            appid=paid.appid,
            mchid=paid.mchid,
            person_id=paid.person_id,
            amount_fen=amount_fen,
            fee_fen=kept_before - kept_after,
            state="SUCCESS",
            refunded_at=at,
        )
        self.refunds.append(booked)
        paid.state = "REFUND"
        return booked

    def shown(self) -> dict[str, list[dict[str, Any]]]:
        """All three journals as JSON values; times are ISO 8601 with their offset."""
        return {
            "payments": [_row(one) for one in self.payments],
            "refunds": [_row(one) for one in self.refunds],
            "transfers": [_row(one) for one in self.transfers],
        }

    def clear(self) -> None:
        """Forget every journal line; the fee table stays."""
        self.payments.clear()
        self.refunds.clear()
        self.transfers.clear()

    def _fee_kept(self, paid: PaymentBooked, returned_fen: int) -> int:
        if paid.amount_fen == 0:
            return 0
        stays = paid.amount_fen - returned_fen
        return (2 * paid.fee_fen * stays + paid.amount_fen) // (2 * paid.amount_fen)


def _row(booked: PaymentBooked | RefundBooked | TransferBooked) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in asdict(booked).items()
    }
