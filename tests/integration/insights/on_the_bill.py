"""A day of bills in the books, and what a hand may do to it.

It is made by the service: what is tested here is what `verify` says after somebody changed what
the service wrote.
"""

from dataclasses import replace
from datetime import date, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import select

from creator_tools.kernel.clock import ManualClock
from creator_tools.orders.models import Payment
from creator_tools.reconciliation import queries, service
from creator_tools.reconciliation.ports import BillRow, KeptBill
from creator_tools.reconciliation.service.matching import Merchant
from tests.integration.insights.books import Books

OURS = "external-merchant"


def reconcile(books: Books, day: date) -> UUID:
    """Match a day whose bill has every payment, one of them twice; the doubled row is explained."""
    assert isinstance(books.units.clock, ManualClock)
    books.units.clock.advance(timedelta(minutes=2))
    merchant = Merchant(books.accounts["merchant"], OURS, tuple(books.accounts.values()))
    with books.units("bills.open") as uow:
        service.open_days(uow, account_id=merchant.account_id, rail="jsapi", only=day)
        found = queries.find_day(uow.session, merchant.account_id, day)
        assert found is not None
        day_id = found.id
        rows = [
            BillRow(
                line=line,
                kind="payment",
                payment_ref=payment.fact_key,
                trade_no=payment.trade_no,
                merchant=OURS,
                amount_fen=payment.amount_fen,
            )
            for line, payment in enumerate(_paid_on(books, day), start=2)
        ]
        rows.append(replace(rows[0], line=len(rows) + 2))
        files = {
            kind: service.keep_file(uow, day_id, _kept(kind, len(rows) if kind == "trade" else 0))
            for kind in ("trade", "flow")
        }
        service.add_rows(uow, files["trade"], rows)
    with books.units("bills.match") as uow:
        service.match_rows(
            uow,
            bill_day_id=day_id,
            bill_file_id=files["trade"],
            merchant=merchant,
            after=0,
            count=1000,
        )
    with books.units("bills.finish") as uow:
        service.finish(uow, day_id, merchant)
    with books.units("bills.explain") as uow:
        for one in queries.open_differences(uow.session, day_id):
            service.explain(uow, difference_id=one.id, words="微信重复出了一行")
    return day_id


def _paid_on(books: Books, day: date) -> list[Payment]:
    with books.units.reading() as session:
        found = session.scalars(
            select(Payment).where(Payment.rail == "jsapi").order_by(Payment.id)
        ).all()
    return [one for one in found if one.paid_at.date() == day]


def _kept(kind: Literal["trade", "flow"], rows_count: int) -> KeptBill:
    digest = kind * 8 if rows_count else ""
    return KeptBill(kind, digest, digest, 1 if rows_count else 0, rows_count)


_STRAY_SETTLEMENT = (
    "UPDATE journal_entries SET source_key = 'settlement:nobody' WHERE source_key = 'settlement:' "
    "|| (SELECT entry_id FROM bill_rows WHERE entry_id IS NOT NULL ORDER BY line LIMIT 1)"
)

# name: (the SQL of the hand, the invariant that must find it)
BILL_TAMPERINGS: dict[str, tuple[str, str]] = {
    "a row loses its entry": (
        "UPDATE bill_rows SET entry_id = NULL WHERE line = 2",
        "bills.row_matched_or_listed",
    ),
    "the difference of a row is deleted": (
        "DELETE FROM differences WHERE cause = 'row_doubled'",
        "bills.row_matched_or_listed",
    ),
    "a row of a bill is deleted": (
        "DELETE FROM bill_rows WHERE line = 2",
        "bills.file_is_whole",
    ),
    "a payment vanishes from the bill with its row": (
        "DELETE FROM bill_rows WHERE line = 3",
        "bills.booked_is_on_bill",
    ),
    "a settlement loses its cause": (
        _STRAY_SETTLEMENT,
        "bills.settled_to_zero",
    ),
    "a settlement nobody's bill asked for": (
        _STRAY_SETTLEMENT,
        "bills.settlement_has_row",
    ),
    "an explained difference is opened again": (
        (
            "UPDATE differences SET closed_at = NULL, closed_by = NULL, words = '' "
            "WHERE cause = 'row_doubled'"
        ),
        "bills.certified_has_none_open",
    ),
}
