"""What orders need of the network: somebody who prepares, asks about and closes payments."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from creator_tools.kernel.fen import Fen


@dataclass(frozen=True)
class OrderFacts:
    """What a gateway must know of an order; no table leaves the capability."""

    id: UUID
    trade_no: str
    rail: str
    account_id: UUID
    payee_account_id: UUID
    person_id: UUID
    amount_fen: Fen
    title: str
    goods_id: str | None
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class PaymentStatement:
    """A verified statement of a rail: this money came for this number.

    `fact_key` makes two statements the same payment: the rail's own number where it always names
    one (`jsapi`), our `trade_no` where it may not (`xpay_*`). Two different numbers of the rail
    under one key are two payments all the same.
    `goods_id` and `payer_subject` are None where the rail does not say.
    """

    account_id: UUID
    payee_account_id: UUID
    rail: str
    trade_no: str
    payment_ref: str | None
    fact_key: str
    amount_fen: Fen
    currency: str
    paid_at: datetime
    seen_by: str
    facts: dict[str, Any] = field(default_factory=dict)
    goods_id: str | None = None
    quantity: int = 1
    payer_subject: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Prepared:
    """What the client needs to pay, and the rail's own name for it where it has one."""

    prepay_ref: str | None
    pay: dict[str, Any]


@dataclass(frozen=True)
class Queried:
    """What a rail says about a number: paid (with its statement), closed, open or unknown."""

    state: str
    statement: PaymentStatement | None = None
    is_delivered: bool = True


class PaymentGateway(Protocol):
    """One way to all rails; every call is outside any unit of work."""

    def prepare(self, order: OrderFacts, *, subject: str, session_key: str | None) -> Prepared:
        """Ask the rail to take this payment; the same order again is harmless.

        Raises:
            PaymentRefused, PaymentUnavailable, SessionKeyStale: see errors.
        """

    def query(self, order: OrderFacts, *, subject: str) -> Queried:
        """Ask what became of the number; `unknown` when the rail does not answer."""

    def close(self, order: OrderFacts) -> bool:
        """Make the number unpayable; False when the rail does not confirm it."""


class FeeTable(Protocol):
    """The dated table of fees."""

    def rate_for(self, rail: str, on: date) -> tuple[int, int]:
        """(rate in basis points, days until it settles) of a rail on a business day."""
