"""Days are opened, claimed, and given their files and rows."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from creator_tools.kernel.sheaf import Sheaf
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.reconciliation import queries, rules
from creator_tools.reconciliation.models import BillDay, BillFile, BillRow
from creator_tools.reconciliation.ports import BillRow as Row
from creator_tools.reconciliation.ports import DueDay, KeptBill


def open_days(uow: UnitOfWork, *, account_id: UUID, rail: str, only: date | None = None) -> int:
    """Open the days of a merchant account whose bills may be asked for; gives how many are new.

    Args:
        only: this day alone, whether or not its hour has come.
    """
    if only is not None:
        return _open(uow, account_id, [only])
    last = rules.last_ready_day(uow.now())
    newest = queries.newest_day(uow.session, account_id)
    first = newest + timedelta(days=1) if newest else queries.first_business(uow.session, rail)
    if first is None:
        return 0
    first = max(first, last - timedelta(days=rules.DAYS_MAX - 1))
    return _open(uow, account_id, [first + timedelta(n) for n in range((last - first).days + 1)])


def _open(uow: UnitOfWork, account_id: UUID, days: Sequence[date]) -> int:
    if not days:
        return 0
    made = uow.session.execute(
        insert(BillDay)
        .values(
            [
                {
                    "id": uow.ids.new(),
                    "account_id": account_id,
                    "day": day,
                    "state": "due",
                    "attempts_count": 0,
                    "next_at": uow.now(),
                    "created_at": uow.now(),
                }
                for day in days
            ]
        )
        .on_conflict_do_nothing(index_elements=["account_id", "day"])
        .returning(BillDay.id)
    )
    return len(made.all())


def claim(uow: UnitOfWork, bill_day_id: UUID, *, at_once: bool = False) -> DueDay | None:
    """Take the right to work on a day now; None when somebody else has it or it is not due."""
    day = uow.session.get(BillDay, bill_day_id, with_for_update={"skip_locked": True})
    is_due = day is not None and day.next_at is not None and day.next_at <= uow.now()
    if day is None or not (is_due or at_once):
        return None
    day.attempts_count += 1
    day.next_at = uow.now() + rules.AGAIN_AFTER
    return DueDay(day.id, day.account_id, day.day, day.attempts_count)


def note_failure(uow: UnitOfWork, bill_day_id: UUID, code: str) -> None:
    """The bills could not be used this time: again later, and a person is told when it is late."""
    day = queries.get_day(uow.session, bill_day_id)
    day.failure_code = code
    facts = {"day": str(day.day), "error_code": code, "attempts_count": day.attempts_count}
    if code != "not_ready" and day.attempts_count >= rules.TRIES_BEFORE_ALARM:
        uow.alarm("bill_unusable", str(day.id), **facts)
    if rules.is_late(day.day, uow.now()):
        uow.alarm("bill_late", str(day.id), **facts)


def ask_again(uow: UnitOfWork, bill_day_id: UUID) -> None:
    """Look at a day again at once; somebody wishes it."""
    day = queries.get_day(uow.session, bill_day_id)
    day.next_at = uow.now()
    uow.audit("bills.asked_again", "bill_day", day.id, day=str(day.day))


def keep_file(uow: UnitOfWork, bill_day_id: UUID, kept: KeptBill) -> UUID:
    """Note a kept bill; a day has one of each kind, and the first one stays."""
    uow.session.execute(
        insert(BillFile)
        .values(
            id=uow.ids.new(),
            bill_day_id=bill_day_id,
            kind=kept.kind,
            sha1=kept.sha1,
            sha256=kept.sha256,
            size_bytes=kept.size_bytes,
            rows_count=kept.rows_count,
            kept_at=uow.now(),
        )
        .on_conflict_do_nothing(index_elements=["bill_day_id", "kind"])
    )
    uow.audit("bills.kept", "bill_day", bill_day_id, kind=kept.kind, rows_count=kept.rows_count)
    return uow.session.scalars(
        select(BillFile.id).where(BillFile.bill_day_id == bill_day_id, BillFile.kind == kept.kind)
    ).one()


def add_rows(uow: UnitOfWork, bill_file_id: UUID, rows: Sequence[Row]) -> None:
    """Write the next rows of a file; they must come in order, and each once."""
    sheaf = Sheaf()
    for row in rows:
        sheaf.add(
            BillRow,
            {
                "bill_file_id": bill_file_id,
                "line": row.line,
                "kind": row.kind,
                "payment_ref": row.payment_ref,
                "trade_no": row.trade_no,
                "refund_ref": row.refund_ref,
                "refund_no": row.refund_no,
                "merchant": row.merchant,
                "amount_fen": row.amount_fen,
                "fee_millifen": row.fee_millifen,
                "happened_at": row.happened_at,
                "words": row.words.replace("\x00", ""),
            },
        )
    sheaf.send(uow.session)
