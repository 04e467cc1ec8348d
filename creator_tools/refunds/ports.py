"""What refunds need of the network: somebody who sends one, and asks what became of it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol
from uuid import UUID

from creator_tools.kernel.fen import Fen

RailSays = Literal["processing", "succeeded", "abnormal", "closed"]


@dataclass(frozen=True)
class RefundFacts:
    """What a gateway must know of a refund; no table leaves the capability.

    Attributes:
        account_id: the merchant account that gives back.
        surface_id: the account the order was placed on; None where no order is known.
        subject: what that account calls the buyer, where it knows them.
        total_fen: what the payment was; amount_fen: what goes back of it.
        words: what the payer reads about it on the rail's own slip.
        is_over: nothing is left to be done.
    """

    id: UUID
    refund_no: str
    rail: str
    account_id: UUID
    surface_id: UUID | None
    person_id: UUID | None
    trade_no: str
    payment_ref: str | None
    amount_fen: Fen
    total_fen: Fen
    words: str
    is_over: bool
    subject: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class RefundStatement:
    """A verified statement of a rail about one refund.

    Attributes:
        refund_no: our number; the rail's own where we never asked for it.
        at: when the rail says it ended; None while it is under way.
    """

    account_id: UUID
    rail: str
    refund_no: str
    refund_ref: str
    trade_no: str
    payment_ref: str | None
    amount_fen: Fen
    says: RailSays
    at: datetime | None
    seen_by: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Answered:
    """How one call about a refund ended.

    `told` has a statement; `absent`: the rail has never heard of the number; `refused`: it surely
    did nothing and never will for this request; `not_now`: it did nothing and may later;
    `no_funds`: the merchant's balance is short; `unknown`: nobody knows.
    """

    how: Literal["told", "absent", "refused", "not_now", "no_funds", "unknown"]
    statement: RefundStatement | None = None
    code: str = ""


class RefundGateway(Protocol):
    """One way to all rails; every call is outside any unit of work."""

    def refund(self, refund: RefundFacts) -> Answered:
        """Ask the rail to give back; the same number again is the same refund."""

    def query(self, refund: RefundFacts) -> Answered:
        """Ask what became of the number."""
