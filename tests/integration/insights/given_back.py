"""Refunds in the books, each at another point of its life, and what a hand may do to them.

They are made by the service: what is tested here is what `verify` says after somebody changed
what the service wrote.
"""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from creator_tools.kernel.fen import Fen
from creator_tools.refunds import queries, service
from creator_tools.refunds.ports import RefundStatement
from tests.integration.insights.books import Books, Sale

Says = Literal["succeeded", "closed", "abnormal"]


def give_back(books: Books, sales: Sequence[Sale]) -> dict[str, UUID]:
    """Refund four sales: one is on its way, one went, one failed, one is stuck; gives their ids."""
    going, gone, failed, stuck = sales[:4]
    made = {"going": _ask(books, going)}
    for name, sale, says in (
        ("gone", gone, "succeeded"),
        ("failed", failed, "closed"),
        ("stuck", stuck, "abnormal"),
    ):
        made[name] = _ask(books, sale)
        _hear(books, made[name], says)  # type: ignore[arg-type]
    return made


def _ask(books: Books, sale: Sale) -> UUID:
    with books.units("refunds.ask") as uow:
        asked = service.ask(uow, order_id=sale.order_id, reason_code="other", by_fan=False)
    with books.units("refunds.decide") as uow:
        return service.approve(uow, refund_id=asked.id, roles=("owner",)).id


def _hear(books: Books, refund_id: UUID, says: Says) -> None:
    with books.units("refunds.record") as uow:
        refund = queries.get(uow.session, refund_id)
        service.record_outcome(
            uow,
            RefundStatement(
                account_id=refund.account_id,
                rail=refund.rail,
                refund_no=refund.refund_no,
                refund_ref=f"5030{refund_id.int % 10**20}",
                trade_no="",
                payment_ref=None,
                amount_fen=Fen(refund.amount_fen),
                says=says,
                at=uow.now() if says == "succeeded" else None,
                seen_by="query",
            ),
        )


_ENTRY = "(SELECT id FROM journal_entries WHERE source_key = '{kind}:' || '{{{name}}}')"
_GOING = _ENTRY.format(kind="refund", name="going")

# name: (the SQL of the hand, the invariant that must find it)
REFUND_TAMPERINGS: dict[str, tuple[str, str]] = {
    "a refund grows beyond its payment": (
        (
            "UPDATE refunds SET amount_fen = amount_fen + 1000, creator_fen = creator_fen + 1000 "
            "WHERE id = '{going}'"
        ),
        "refunds.within_payment",
    ),
    "a payment gets a second refund at a time": (
        (
            "DROP INDEX uq_refunds_underway; "
            "UPDATE refunds SET "
            "payment_id = (SELECT payment_id FROM refunds WHERE id = '{going}'), "
            "state = 'sent' WHERE id = '{stuck}'"
        ),
        "refunds.one_underway",
    ),
    "two refunds have one number": (
        (
            "ALTER TABLE refunds DROP CONSTRAINT uq_refunds_refund_no; "
            "UPDATE refunds SET refund_no = (SELECT refund_no FROM refunds WHERE id = '{going}') "
            "WHERE id = '{gone}'"
        ),
        "refunds.one_underway",
    ),
    "a refund moves to another rail": (
        "UPDATE refunds SET rail = 'xpay_ios' WHERE id = '{gone}'",
        "refunds.fits_its_payment",
    ),
    "the creator gives back more than they got": (
        (
            "UPDATE refunds SET creator_fen = creator_fen + platform_fen, platform_fen = 0 "
            "WHERE id = '{going}'"
        ),
        "refunds.parts_within_division",
    ),
    "a refund says that it went": (
        "UPDATE refunds SET state = 'succeeded', finished_at = decided_at WHERE id = '{going}'",
        "refunds.posted_as_decided",
    ),
    "a refund that failed says that it went": (
        "UPDATE refunds SET state = 'succeeded' WHERE id = '{failed}'",
        "refunds.posted_as_decided",
    ),
    "a fen of a refund moves from the platform to the creator": (
        (
            f"UPDATE postings SET amount_fen = amount_fen + CASE line WHEN 3 THEN 1 ELSE -1 END "
            f"WHERE entry_id = {_GOING} AND line IN (2, 3)"
        ),
        "refunds.posted_as_decided",
    ),
    "the entry of a refund names none": (
        f"UPDATE journal_entries SET source_key = 'refund:nobody' WHERE id = {_GOING}",
        "refunds.entry_has_refund",
    ),
    "what is in flight is owed to nobody": (
        "UPDATE refunds SET state = 'failed', finished_at = decided_at WHERE id = '{stuck}'",
        "refunds.in_flight_is_owed",
    ),
    "a line of a refund shrinks": (
        "UPDATE refund_lines SET amount_fen = amount_fen - 1 WHERE refund_id = '{gone}'",
        "refunds.lines_are_the_sum",
    ),
    "an order whose lines went back is paid": (
        (
            "UPDATE orders SET state = 'paid' "
            "WHERE id = (SELECT order_id FROM refunds WHERE id = '{gone}')"
        ),
        "refunds.order_agrees",
    ),
    "what went back is open again": (
        (
            "UPDATE entitlement_sources SET ended_at = NULL, ended_reason = NULL "
            "WHERE source_id = (SELECT order_id FROM refunds WHERE id = '{gone}')"
        ),
        "refunds.returned_is_shut",
    ),
    "the promise to the rail is gone": (
        "DELETE FROM effects WHERE kind = 'refund.send' AND object_id = '{going}'",
        "refunds.decided_is_promised",
    ),
    "nobody is told of a failed refund": (
        "DELETE FROM alarms WHERE code = 'refund_failed'",
        "refunds.bad_end_has_alarm",
    ),
}
