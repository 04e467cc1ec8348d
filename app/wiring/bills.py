"""Bills: fetched when their hour has come, imported and matched a stretch at a time.

Every stretch is a unit of its own and can be done again, so a plug that is pulled in the middle
costs one stretch. The network is asked between units, never in one.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from itertools import islice
from uuid import UUID

import structlog

from app.wiring.accounts import AccountBook
from app.wiring.blobs import MediaBlobs
from app.wiring.wechat import WeChat
from creator_tools.kernel.unit_of_work import Actor, UnitsOfWork
from creator_tools.reconciliation import queries, service
from creator_tools.reconciliation.errors import BillNotReady, BillRefused
from creator_tools.reconciliation.ports import BillKind, BillRow, DueDay, KeptBill
from creator_tools.reconciliation.service.matching import RAIL, Merchant
from wechat_handlers.outbound.jsapi_bills import JsapiBills

_log = structlog.get_logger(__name__)
_KINDS: tuple[BillKind, ...] = ("trade", "flow")
STRETCH = 1_000
TRIES_BEFORE_BELIEVED = 3
_OPENS_EVERY = timedelta(minutes=1)
_SWEEP = Actor("sweep")
# Called with what is being done, how many rows are done, and how many there are.
Progress = Callable[[str, int, int], None]


def _silent(_doing: str, _done: int, _all: int) -> None:
    return None


class Bills:
    """Reconciles the days of our merchant account."""

    def __init__(
        self, *, units: UnitsOfWork, accounts: AccountBook, wechat: WeChat, store: MediaBlobs
    ) -> None:
        self._units = units
        self._accounts = accounts
        self._wechat = wechat
        self._store = store
        self._opened_at: datetime | None = None

    def step(self) -> int:
        """Open the days that are ready and work on what is due; gives how many were worked on."""
        self._open()
        with self._units.reading() as session:
            due = queries.list_due(session, self._units.clock.now())
        for one in due:
            self._work_on(one.id)
        return len(due)

    def _open(self) -> None:
        """Open new days; looked at once a minute, since a day begins once a day."""
        now = self._units.clock.now()
        if self._opened_at is not None and timedelta() <= now - self._opened_at < _OPENS_EVERY:
            return
        merchant_id = self._merchant().account_id
        self._units.run(
            "bills.open", lambda uow: service.open_days(uow, account_id=merchant_id, rail=RAIL)
        )
        self._opened_at = now

    def reconcile(self, day: date, progress: Progress = _silent) -> UUID:
        """Reconcile one day now, whether or not it is due; gives its id."""
        merchant_id = self._merchant().account_id
        self._units.run(
            "bills.open",
            lambda uow: service.open_days(uow, account_id=merchant_id, rail=RAIL, only=day),
        )
        with self._units.reading() as session:
            found = queries.find_day(session, merchant_id, day)
        if found is None:
            raise AssertionError("the day was just opened")
        self._work_on(found.id, at_once=True, progress=progress)
        return found.id

    def _work_on(
        self, bill_day_id: UUID, *, at_once: bool = False, progress: Progress = _silent
    ) -> None:
        claimed = self._units.run(
            "bills.claim", lambda uow: service.claim(uow, bill_day_id, at_once=at_once)
        )
        if claimed is None:
            return
        try:
            self._match(claimed, progress)
        except BillNotReady:
            self._note(claimed, "not_ready")
        except BillRefused as refused:
            _log.warning("bills.refused", day=str(claimed.day), error_code=refused.code)
            self._note(claimed, refused.code)

    def _match(self, claimed: DueDay, progress: Progress) -> None:
        merchant = self._merchant()
        source = self._source()
        kept = {kind: self._kept(claimed, kind, source) for kind in _KINDS}
        for kind in _KINDS:
            self._import(*kept[kind], source, progress)
        file_id, trade = kept["trade"]
        after: int | None = 0
        while after is not None:
            progress("match", max(0, after - 1), trade.rows_count)
            after = self._match_stretch(claimed.id, file_id, merchant, after)
        progress("match", trade.rows_count, trade.rows_count)
        self._units.run(
            "bills.finish", lambda uow: service.finish(uow, claimed.id, merchant), _SWEEP
        )

    def _match_stretch(
        self, bill_day_id: UUID, file_id: UUID, merchant: Merchant, after: int
    ) -> int | None:
        return self._units.run(
            "bills.match",
            lambda uow: service.match_rows(
                uow,
                bill_day_id=bill_day_id,
                bill_file_id=file_id,
                merchant=merchant,
                after=after,
                count=STRETCH,
            ),
            _SWEEP,
        )

    def _kept(self, claimed: DueDay, kind: BillKind, source: JsapiBills) -> tuple[UUID, KeptBill]:
        with self._units.reading() as session:
            known = queries.kept_bills(session, claimed.id).get(kind)
        if known is not None:
            return known
        fetched = source.fetch(claimed.day, kind)
        if not fetched.sha256 and claimed.attempts_count < TRIES_BEFORE_BELIEVED:
            self._doubt_emptiness(claimed)
        file_id = self._units.run(
            "bills.keep", lambda uow: service.keep_file(uow, claimed.id, fetched), _SWEEP
        )
        return file_id, fetched

    def _doubt_emptiness(self, claimed: DueDay) -> None:
        """No bill for a day on which we booked something is believed only when said repeatedly."""
        with self._units.reading() as session:
            if queries.has_business(session, claimed.day, self._merchant().receivable):
                raise BillRefused("no_statement")

    def _import(
        self, file_id: UUID, kept: KeptBill, source: JsapiBills, progress: Progress
    ) -> None:
        """Write what is not in yet; the rows of a file always come in the same order."""
        with self._units.reading() as session:
            done, last = queries.count_rows(session, file_id)
        if done >= kept.rows_count:
            return
        rows = (row for row in source.rows(kept) if row.line > last)
        for stretch in _stretches(rows):
            self._import_stretch(file_id, stretch)
            done += len(stretch)
            progress(f"import {kept.kind}", done, kept.rows_count)

    def _import_stretch(self, file_id: UUID, stretch: list[BillRow]) -> None:
        self._units.run("bills.import", lambda uow: service.add_rows(uow, file_id, stretch))

    def _note(self, claimed: DueDay, code: str) -> None:
        self._units.run("bills.note", lambda uow: service.note_failure(uow, claimed.id, code))

    def _merchant(self) -> Merchant:
        merchant = self._accounts.payee_for(RAIL)
        surfaces = [self._accounts.first("oa").id]
        return Merchant(merchant.id, merchant.external_id, (*surfaces, merchant.id))

    def _source(self) -> JsapiBills:
        return self._wechat.rails.jsapi_bills(
            self._merchant().account_id, keep=self._keep, open_kept=self._open_kept
        )

    def _keep(self, sha256: str, chunks: Iterator[bytes]) -> None:
        self._store.write(_name_of(sha256), chunks)

    def _open_kept(self, sha256: str, size_bytes: int) -> Iterator[bytes]:
        return self._store.stream(_name_of(sha256), 0, size_bytes)


def _name_of(sha256: str) -> str:
    return f"bills/{sha256[:2]}/{sha256}"


def _stretches(rows: Iterator[BillRow]) -> Iterator[list[BillRow]]:
    while stretch := list(islice(rows, STRETCH)):
        yield stretch
