"""What payouts need of the network: somebody who sends one, and asks what became of it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

from creator_tools.kernel.fen import Fen

TransferSays = Literal["accepted", "waiting", "succeeded", "failed", "cancelled"]


@dataclass(frozen=True)
class PayoutFacts:
    """What a gateway must know of a payout; no table leaves the capability.

    Attributes:
        account_id: the merchant account that pays.
        surface_id: the Official Account that knows the receiver; subject: what it calls them.
        is_over: nothing is left to be done.
    """

    id: UUID
    bill_no: str
    account_id: UUID
    surface_id: UUID
    amount_fen: Fen
    is_over: bool
    subject: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class TransferStatement:
    """A verified statement of a rail about one payout.

    Attributes:
        transfer_ref: the rail's number for it.
        package: what the receiver's WeChat needs to take the money; only while it waits.
        subject: to whom it goes, where the rail says so.
        at: when the rail last moved it.
    """

    account_id: UUID
    bill_no: str
    transfer_ref: str
    says: TransferSays
    amount_fen: Fen | None
    at: datetime | None
    code: str = ""
    package: str | None = field(default=None, repr=False)
    subject: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Answered:
    """How one call about a payout ended; the words are those of refunds.

    `told` has a statement; `absent`: the rail has never heard of the number; `refused`: it surely
    did nothing and never will for this request; `not_now`: it did nothing and may later;
    `no_funds`: the merchant's balance is short; `unknown`: nobody knows.
    """

    how: Literal["told", "absent", "refused", "not_now", "no_funds", "unknown"]
    statement: TransferStatement | None = None
    code: str = ""


class TransferGateway(Protocol):
    """The way to the rail; every call is outside any unit of work."""

    def transfer(self, payout: PayoutFacts) -> Answered:
        """Ask the rail to pay; the same number again is the same transfer."""

    def query(self, payout: PayoutFacts) -> Answered:
        """Ask what became of the number."""

    def cancel(self, payout: PayoutFacts) -> Answered:
        """Take it back before the receiver has confirmed."""
