"""Settling many ordinary payments at once; everything else takes the long way.

Ordinary is a first payment of a pending or closed order of one line, by its own buyer, of all
that the order says, for something the buyer has had no right to yet, of a creator and a rail
whose pots exist. Such a payment is settled with three statements for the whole batch (four where
a pot is new to us), and it means row by row what `record_payment` would have written. Whatever is
not ordinary, or is in somebody else's hands, is not touched here: `record_payment` is the one
place that knows what it means.

Nobody is waited for: an order or a right that is locked is left to the long way. So two batches,
or a batch and a payment on the long way, cannot wait for each other.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from creator_tools.access import queries as access_queries
from creator_tools.access import service as access
from creator_tools.kernel.models import AuditEvent, Effect
from creator_tools.kernel.sheaf import Sheaf
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.ledger import service as ledger
from creator_tools.ledger.rules import Line
from creator_tools.orders import queries, rules
from creator_tools.orders.models import Order, Payment
from creator_tools.orders.ports import FeeTable, PaymentStatement
from creator_tools.orders.queries import PayableLine
from creator_tools.orders.rules import Disposition, OrderAction
from creator_tools.orders.service.meaning import (
    Sold,
    cause_of,
    entry_of,
    payment_row,
    stated,
    word_of_payment,
)
from creator_tools.orders.service.moving import step, told_of
from creator_tools.orders.service.recording import Recorded


@dataclass(frozen=True)
class _Ordinary:
    """A statement that settles, with the order it pays and the entry it causes."""

    statement: PaymentStatement
    paid: PayableLine
    payment: dict[str, object]
    cause: ledger.Cause
    lines: list[Line]


def settle_ordinary(
    uow: UnitOfWork,
    statements: Sequence[PaymentStatement],
    *,
    fees: FeeTable,
    pots: ledger.KnownPots,
    sheaf: Sheaf,
) -> list[Recorded | None]:
    """Settle those of the statements that are ordinary; None for each that is not.

    The rows stand on `sheaf`; nothing is settled before its owner has sent it in this unit.

    Args:
        statements: what rails said, verified; at most a batch.
        fees: the dated table; the fee of the day of payment is accrued.
        pots: what the caller remembers of this database's accounts.
    """
    recorded: list[Recorded | None] = [None] * len(statements)
    first = list(_first_of_each(statements))
    if not first:
        return recorded
    locked = queries.lock_payable_lines(uow.session, [statements[place] for place in first])
    agreed = [
        _ordinary(uow, statements[first[paid.position]], paid, fees)
        for paid in locked
        if _settles(statements[first[paid.position]], paid)
    ]
    accounts = pots.accounts(uow, (line.pot for one in agreed for line in one.lines))
    agreed = [one for one in agreed if all(_pot(line) in accounts for line in one.lines)]
    for one in _first_rights(uow, agreed):
        _put(sheaf, uow, one, accounts)
        payment_id = one.payment["id"]
        assert isinstance(payment_id, UUID), "an id of ours"
        recorded[first[one.paid.position]] = Recorded(
            payment_id, one.paid.order_id, Disposition.SETTLED, is_new=True
        )
    return recorded


def _first_of_each(statements: Sequence[PaymentStatement]) -> Iterator[int]:
    """The places of the statements that are the first here of their order and of their fact."""
    seen: set[object] = set()
    for place, one in enumerate(statements):
        names = {("order", one.trade_no), (one.payee_account_id, one.fact_key)}
        if not names & seen:
            yield place
        seen |= names


def _settles(statement: PaymentStatement, paid: PayableLine) -> bool:
    said = stated(statement, paid.payer_id)
    return rules.disposition_of(paid.expected, said) is Disposition.SETTLED


def _ordinary(
    uow: UnitOfWork, statement: PaymentStatement, paid: PayableLine, fees: FeeTable
) -> _Ordinary:
    payment = payment_row(uow, statement, paid.order_id, Disposition.SETTLED)
    sold = Sold(
        paid.order_id,
        paid.creator_id,
        paid.column_id,
        paid.expected.amount_fen,
        paid.platform_share_bp,
    )
    cause, lines = entry_of(statement, sold, payment["id"], fees)
    return _Ordinary(statement, paid, payment, cause, [one for one in lines if one.amount_fen])


def _pot(line: Line) -> str:
    return line.pot.code


def _first_rights(uow: UnitOfWork, agreed: list[_Ordinary]) -> list[_Ordinary]:
    """Those whose buyer has no right yet to what they buy; two of one right are one too many."""
    wanted: dict[tuple[UUID, str, UUID], _Ordinary] = {}
    for one in agreed:
        wanted.setdefault((_buyer(one), one.paid.object_type, one.paid.object_id), one)
    if not wanted:
        return []
    are_first = access_queries.claim_first(uow.session, list(wanted))
    return [one for one, is_first in zip(wanted.values(), are_first, strict=True) if is_first]


def _buyer(one: _Ordinary) -> UUID:
    buyer_id = one.paid.expected.payer_id
    assert isinstance(buyer_id, UUID), "an order has a buyer"
    return buyer_id


def _put(sheaf: Sheaf, uow: UnitOfWork, one: _Ordinary, accounts: Mapping[str, UUID]) -> None:
    """Everything that one settled payment means, in the order in which `record_payment` writes."""
    statement, paid = one.statement, one.paid
    before = paid.expected.state
    after = step(before, OrderAction.PAY, statement.rail, statement.paid_at)
    told = told_of(
        before,
        cause=cause_of(before, statement),
        amount_fen=paid.expected.amount_fen,
        rail=statement.rail,
    )
    sheaf.add(Payment, one.payment)
    sheaf.change(Order, "id", {"id": paid.order_id, "rail": statement.rail} | after)
    sheaf.add(AuditEvent, uow.audit_row(f"order.{after['state']}", "order", paid.order_id, **told))
    ledger.put(sheaf, uow, one.cause, one.lines, accounts)
    access.put_first(sheaf, uow, _right(one))
    sheaf.add(Effect, uow.promise_row(**word_of_payment(paid.order_id)))


def _right(one: _Ordinary) -> access.FirstGrant:
    paid_at = one.statement.paid_at
    return access.FirstGrant(
        person_id=_buyer(one),
        creator_id=one.paid.line_creator_id,
        object_type=one.paid.object_type,
        object_id=one.paid.object_id,
        source_kind="order",
        source_id=one.paid.order_id,
        starts_at=paid_at,
        ends_at=rules.entitlement_end(paid_at, one.paid.term_days),
    )
