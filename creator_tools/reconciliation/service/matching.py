"""Rows are matched with what we booked, and what does not match is listed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from creator_tools.kernel.sheaf import Sheaf
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.ledger import service as ledger
from creator_tools.ledger.rules import Line, receivable
from creator_tools.ledger.service import Cause, KnownPots
from creator_tools.orders import service as orders
from creator_tools.reconciliation import queries, rules
from creator_tools.reconciliation.models import BillDay, Difference
from creator_tools.reconciliation.rules import Booked

RAIL = "jsapi"
_TAKE = text("""
UPDATE bill_rows SET entry_id = given.entry_id
FROM unnest(CAST(:lines AS bigint[]), CAST(:entries AS uuid[])) AS given(line, entry_id)
WHERE bill_rows.bill_file_id = :bill_file_id AND bill_rows.line = given.line
""")
_HEAL = text("""
UPDATE differences SET closed_at = :now, closed_by = 'system', words = 'recorded_meanwhile'
WHERE bill_file_id = :bill_file_id AND line = ANY(:lines) AND closed_at IS NULL
""")


@dataclass(frozen=True)
class Merchant:
    """Whose bills they are: our account, the rail's number for it, and where payments are kept."""

    account_id: UUID
    number: str
    payment_accounts: Sequence[UUID]

    @property
    def receivable(self) -> str:
        """The code of the pot that its rows must have moved."""
        return receivable(RAIL, self.account_id).code


def match_rows(
    uow: UnitOfWork,
    *,
    bill_day_id: UUID,
    bill_file_id: UUID,
    merchant: Merchant,
    after: int,
    count: int,
) -> int | None:
    """Match the next rows of a trade bill; what agrees is settled, what does not is listed.

    Returns:
        The last line that was looked at, or None when there was nothing left.
    """
    found = queries.rows_beside(
        uow.session,
        bill_file_id=bill_file_id,
        accounts=merchant.payment_accounts,
        receivable=merchant.receivable,
        healing=sorted(rules.HEALING),
        after=after,
        count=count,
    )
    if not found:
        return None
    taken: dict[int, UUID] = {}
    claimed: set[UUID] = set()
    agreed: list[Any] = []
    for row in found:
        booked = _booked(row, claimed)
        cause = rules.judge(
            kind=row.kind,
            merchant=row.merchant,
            ours=merchant.number,
            amount_fen=row.amount_fen,
            booked=booked,
            is_known=(row.known_refund_id if row.kind == "refund" else row.known_order_id)
            is not None,
        )
        if cause is None:
            taken[row.line] = row.entry_id
            claimed.add(row.entry_id)
            agreed.append(row)
        else:
            _list_row(uow, bill_day_id, bill_file_id, row, cause)
    _settle(uow, merchant, agreed)
    _take(uow, bill_file_id, taken)
    return int(found[-1].line)


def _booked(row: Any, claimed: set[UUID]) -> Booked | None:
    if row.entry_id is None or row.receivable_fen is None:
        return None
    return Booked(
        row.entry_id, row.receivable_fen, row.fee_fen, row.is_taken or row.entry_id in claimed
    )


def _settle(uow: UnitOfWork, merchant: Merchant, rows: Sequence[Any]) -> None:
    """The entries of rows that agree: the fee as the rail took it, and the settlement."""
    entries: list[tuple[Cause, list[Line]]] = []
    for row in rows:
        is_refund = row.kind == "refund"
        fee_fen = rules.fee_of(-row.fee_millifen if is_refund else row.fee_millifen)
        more_fen = (row.fee_fen - fee_fen) if is_refund else (fee_fen - row.fee_fen)
        if more_fen:
            cause = _cause(uow, row, "fee_true_up")
            entries.append((cause, rules.true_up_lines(rail=RAIL, more_fen=more_fen)))
        lines = rules.settlement_lines(
            rail=RAIL,
            account_id=merchant.account_id,
            amount_fen=row.amount_fen,
            fee_fen=fee_fen,
            is_refund=is_refund,
        )
        entries.append((_cause(uow, row, "settlement"), lines))
    if not entries:
        return
    pots = list({line.pot.code: line.pot for _, lines in entries for line in lines}.values())
    ledger.open_pots(uow, pots)
    accounts = KnownPots().accounts(uow, pots)
    sheaf = Sheaf()
    for cause, lines in entries:
        ledger.put(sheaf, uow, cause, lines, accounts)
    sheaf.send(uow.session)


def _cause(uow: UnitOfWork, row: Any, kind: str) -> Cause:
    return Cause(
        kind=kind,
        source_key=f"{kind}:{row.entry_id}",
        rail=RAIL,
        occurred_at=uow.now(),
        order_id=row.order_id,
        payment_id=row.payment_id,
        creator_id=row.creator_id,
        column_id=row.column_id,
    )


def _take(uow: UnitOfWork, bill_file_id: UUID, taken: dict[int, UUID]) -> None:
    if not taken:
        return
    lines = list(taken)
    uow.session.execute(
        _TAKE, {"bill_file_id": bill_file_id, "lines": lines, "entries": list(taken.values())}
    )
    uow.session.execute(_HEAL, {"bill_file_id": bill_file_id, "lines": lines, "now": uow.now()})


def _list_row(uow: UnitOfWork, bill_day_id: UUID, bill_file_id: UUID, row: Any, cause: str) -> None:
    if cause == "payment_unrecorded":
        # The rail has the money and we do not know it: ask about the order at once.
        orders.hasten_query(uow, row.known_order_id)
    _list(
        uow,
        bill_day_id,
        cause,
        f"trade:{row.line}",
        bill_file_id=bill_file_id,
        line=row.line,
        entry_id=row.entry_id if cause == "amount_differs" else None,
        order_id=row.order_id or row.known_order_id,
        ours_fen=row.receivable_fen if cause != "row_foreign" else None,
        theirs_fen=row.amount_fen if cause != "row_unreadable" else None,
    )


def _list(uow: UnitOfWork, bill_day_id: UUID, cause: str, object_key: str, **facts: object) -> None:
    uow.session.execute(
        insert(Difference)
        .values(
            id=uow.ids.new(),
            bill_day_id=bill_day_id,
            cause=cause,
            object_key=object_key,
            opened_at=uow.now(),
            words="",
            **facts,
        )
        .on_conflict_do_nothing(index_elements=["bill_day_id", "cause", "object_key"])
    )


def finish(uow: UnitOfWork, bill_day_id: UUID, merchant: Merchant) -> BillDay:
    """All rows were looked at: list what we booked and no bill shows, and what the balance says.

    A day without open differences gets its certificate; one whose differences may still heal is
    looked at again for three days.
    """
    day = queries.get_day(uow.session, bill_day_id)
    _heal_missing(uow, day)
    for missing in queries.booked_and_not_on_bill(uow.session, day, merchant.receivable):
        kind = "refund" if missing.kind == "refund_done" else "payment"
        _list(
            uow,
            day.id,
            f"{kind}_not_on_bill",
            str(missing.entry_id),
            entry_id=missing.entry_id,
            order_id=missing.order_id,
            ours_fen=abs(missing.ours_fen),
        )
    _list_flows(uow, day.id, merchant)
    day.state, day.failure_code = "matched", None
    day.matched_at = day.matched_at or uow.now()
    uow.session.flush()
    certify(uow, day)
    heals = queries.open_differences(uow.session, day.id, sorted(rules.HEALING))
    day.next_at = rules.next_look_at(day.day, uow.now()) if heals else None
    uow.audit("bills.matched", "bill_day", day.id, day=str(day.day))
    return day


def _heal_missing(uow: UnitOfWork, day: BillDay) -> None:
    """What was missing on its own day and stands on another day's bill is missing no more."""
    uow.session.execute(
        text(
            "UPDATE differences SET closed_at = :now, closed_by = 'system', "
            "words = 'on_another_bill' WHERE bill_day_id = :day AND closed_at IS NULL "
            "AND cause IN ('payment_not_on_bill', 'refund_not_on_bill') "
            "AND EXISTS (SELECT FROM bill_rows WHERE bill_rows.entry_id = differences.entry_id)"
        ),
        {"day": day.id, "now": uow.now()},
    )


def _list_flows(uow: UnitOfWork, bill_day_id: UUID, merchant: Merchant) -> None:
    kept = queries.kept_bills(uow.session, bill_day_id)
    (trade_id, _), (flow_id, _) = kept["trade"], kept["flow"]
    found = queries.flows_beside(
        uow.session, flow_file_id=flow_id, trade_file_id=trade_id, merchant=merchant.number
    )
    for one in found:
        cause = "flow_differs"
        if one.moved_fen is None:
            cause = "flow_missing"
        elif one.told_fen is None:
            cause = "flow_unexplained"
        _list(
            uow,
            bill_day_id,
            cause,
            f"flow:{one.number}",
            bill_file_id=flow_id if one.line is not None else None,
            line=one.line,
            ours_fen=one.told_fen,
            theirs_fen=one.moved_fen,
        )


def certify(uow: UnitOfWork, day: BillDay) -> bool:
    """Give a matched day its certificate, if nothing of it is open; an old one stays."""
    if day.state != "matched" or day.certified_at is not None:
        return False
    sums = queries.sums_of(uow.session, day.id)
    if sums.open_count:
        count = sums.open_count
        uow.alarm("bill_differs", str(day.id), day=str(day.day), differences_count=count)
        return False
    files = sorted(kept.sha256 for _, kept in queries.kept_bills(uow.session, day.id).values())
    facts = (*files, sums.rows_count, sums.paid_fen, sums.refunded_fen, sums.fee_fen)
    day.certified_at = uow.now()
    day.certificate_sha256 = rules.certificate_of(
        day.account_id, day.day, (*facts, sums.closed_count)
    )
    uow.audit("bills.certified", "bill_day", day.id, day=str(day.day))
    return True
