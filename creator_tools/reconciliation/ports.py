"""What reconciliation needs of a rail: the bills of a day, row by row, in the words of business."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol
from uuid import UUID

BillKind = Literal["trade", "flow"]
RowKind = Literal["payment", "refund", "flow", "unread"]


@dataclass(frozen=True)
class BillRow:
    """One row of a bill.

    Attributes:
        line: its place in the file; the heading is line 1.
        payment_ref, refund_ref: the platform's numbers; trade_no, refund_no: ours.
        amount_fen: what was paid or went back; of a flow, negative where money left.
        fee_millifen: the fee in thousandths of a fen, as bills count it; negative when given back.
        merchant: the merchant's number in the row.
        words: of a flow, what it was for; of an unread row, its beginning.
    """

    line: int
    kind: RowKind
    payment_ref: str = ""
    trade_no: str = ""
    refund_ref: str = ""
    refund_no: str = ""
    merchant: str = ""
    amount_fen: int = 0
    fee_millifen: int = 0
    happened_at: datetime | None = None
    words: str = ""


@dataclass(frozen=True)
class KeptBill:
    """A bill that was fetched, proven against its hash and its own totals, and kept.

    Attributes:
        sha1: as the rail told it, of the file as it is; empty for a day without business.
        sha256: under which the file is kept; empty likewise.
    """

    kind: BillKind
    sha1: str
    sha256: str
    size_bytes: int
    rows_count: int


class BillSource(Protocol):
    """One merchant's bills."""

    def fetch(self, day: date, kind: BillKind) -> KeptBill:
        """Fetch, prove and keep the bill of a day.

        Raises:
            BillNotReady: the rail makes it later.
            BillRefused: it cannot be believed, or the rail refuses; see its `code`.
        """

    def rows(self, kept: KeptBill) -> Iterator[BillRow]:
        """The rows of a kept bill, one at a time."""


@dataclass(frozen=True)
class DueDay:
    """A day of one merchant whose bills are to be fetched and matched."""

    id: UUID
    account_id: UUID
    day: date
    attempts_count: int
