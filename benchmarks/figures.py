"""The figures: each operation beside the least that could be done, in turns, in one process.

Every round runs every operation once around, so that a busy machine is busy for all of them.
Claims are ratios of medians of one run; microseconds are printed for orientation only.
"""

import json
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import Connection, Engine, event, text
from werkzeug.test import run_wsgi_app

from app.wiring.payments import PAID_EVENT, PAYMENT_SOURCE
from benchmarks.ground import Ground, PendingOrder, laid
from benchmarks.payments import sell_first
from benchmarks.pushes import chat_request, environ_of, keys_of, payment_request, payment_resource
from creator_tools.access import queries as access
from creator_tools.insights import queries as insights
from creator_tools.kernel import inbox
from creator_tools.kernel.at_once import AtOnce
from creator_tools.kernel.business_day import business_day_of
from creator_tools.kernel.unit_of_work import UnitOfWork

ROUNDS = 6
PER_ROUND = 10
TIMES = ROUNDS * PER_ROUND + 1
# The first opens the ledger's pots; half of the others are paid by notifications, half by what was
# kept already.
ORDERS = 1 + 2 * TIMES
ROUND_TRIP, BARE_VIEW = "select_1", "bare_flask_view"


@dataclass
class Operation:
    """One thing that is measured: `act` does it for the n-th time."""

    name: str
    act: Callable[[int], None]
    beside: str
    took_us: list[float] = field(default_factory=list)
    cpu_us: list[float] = field(default_factory=list)
    statements: int = 0
    commits: int = 0


def section() -> dict[str, Any]:
    """What one run of all operations gave; PostgreSQL without fsync."""
    with laid(ORDERS) as ground:
        sell_first(ground)
        return {"fsync": False, "figures": measured(ground)}


def measured(ground: Ground) -> list[dict[str, Any]]:
    """Every figure, as `{name, beside, ratio, cpu_ratio, median_us, statements, commits}`."""
    with ground.wiring.engine.connect() as connection:
        operations = _operations(ground, connection)
        for one in operations:
            with _counted(ground.wiring.engine, ground.wiring.batch_engine) as seen:
                one.act(0)
            one.statements, one.commits = seen["statements"], seen["commits"]
        for turn in range(ROUNDS):
            for one in operations:
                for at in range(turn * PER_ROUND, (turn + 1) * PER_ROUND):
                    _timed(one, at + 1)
    by_name = {one.name: one for one in operations}
    return [_figure(one, by_name[one.beside]) for one in operations]


def _operations(ground: Ground, connection: Connection) -> list[Operation]:
    return [
        Operation(ROUND_TRIP, lambda _: _round_trip(connection), ROUND_TRIP),
        *_answers(ground),
        *_rows(ground),
    ]


def _answers(ground: Ground) -> list[Operation]:
    """Whole requests, beside a view that does nothing."""
    kept, ours, bare = ground.house.secrets, ground.application, _bare_application()
    now = int(ground.wiring.clock.now().timestamp())
    chats = [
        environ_of(
            *chat_request(keys_of(kept), number=n, at=now, text="帮助"), content_type="text/xml"
        )
        for n in range(TIMES)
    ]
    notices = [
        environ_of(
            "/wechat-pay/notifications/payment", body, headers, content_type="application/json"
        )
        for headers, body in (
            payment_request(kept, order, number=n, at=now)
            for n, order in enumerate(ground.orders[1 : TIMES + 1], 1)
        )
    ]
    page = f"/h5/works/{ground.work_id}"
    return [
        Operation(BARE_VIEW, lambda n: _answered(bare, chats[n], 200), BARE_VIEW),
        Operation("callback_answer", lambda n: _answered(ours, chats[n], 200), BARE_VIEW),
        Operation("callback_retry", lambda _: _answered(ours, chats[0], 200), BARE_VIEW),
        Operation("payment_notification", lambda n: _answered(ours, notices[n], 204), BARE_VIEW),
        Operation("paywalled_page", lambda _: _answered(ours, _got(page), 200), BARE_VIEW),
    ]


def _rows(ground: Ground) -> list[Operation]:
    """Work on rows without a request, beside one round trip to the database."""
    wiring = ground.wiring
    person_id = _reader(ground)

    kept = kept_payments(ground, ground.orders[TIMES + 1 :])

    def record(number: int) -> None:
        wiring.sweep._handle(kept[number])  # noqa: SLF001 - one fact, as the sweep's loop does it

    def read(_number: int) -> None:
        with wiring.reading() as session:
            opened = access.open_work(
                session, work_id=ground.work_id, person_id=person_id, now=wiring.clock.now()
            )
        assert opened is not None, "the work is published"

    def revenue(_number: int) -> None:
        day = business_day_of(wiring.clock.now())
        with wiring.reading() as session:
            insights.revenue(session, first=day, last=day, by="rail")

    return [
        Operation("payment_recorded", record, ROUND_TRIP),
        Operation("paywalled_read", read, ROUND_TRIP),
        Operation("revenue_today", revenue, ROUND_TRIP),
    ]


def kept_payments(ground: Ground, orders: Sequence[PendingOrder]) -> list[UUID]:
    """Payments of these orders that were kept and not handled, as a crash leaves them."""
    wiring, at = ground.wiring, ground.wiring.clock.now()

    def keep(uow: UnitOfWork) -> list[UUID]:
        return [
            inbox.keep(
                uow,
                account_id=wiring.accounts.first("merchant").id,
                source=PAYMENT_SOURCE,
                source_key=f"{PAID_EVENT}:{order.trade_no}",
                kind=PAID_EVENT,
                payload=json.dumps(
                    payment_resource(ground.house.secrets, order, number=10**6 + n, at=at)
                ),
            ).id
            for n, order in enumerate(orders)
        ]

    return wiring.units.run("inbox.keep", keep)


def _reader(ground: Ground) -> Any:
    with ground.wiring.reading() as session:
        return session.execute(text("SELECT person_id FROM orders LIMIT 1")).scalar_one()


def _bare_application() -> Flask:
    bare = Flask("bare")

    @bare.post("/wechat/official-account")
    def success() -> str:
        return "success"

    return bare


def _round_trip(connection: Connection) -> None:
    connection.exec_driver_sql("SELECT 1").scalar_one()


def _got(path: str) -> dict[str, Any]:
    environ = environ_of(path, b"", content_type="text/plain")
    environ["REQUEST_METHOD"] = "GET"
    return environ


def _answered(application: Flask, environ: dict[str, Any], status: int) -> None:
    stream = environ["wsgi.input"]
    stream.seek(0)
    # The application writes into the environ; the next turn needs it as it was.
    body, said, _headers = run_wsgi_app(application, dict(environ), buffered=True)
    assert said.startswith(str(status)), f"{said}: {b''.join(body)[:300]!r}"


def _timed(one: Operation, number: int) -> None:
    cpu_began, began = time.process_time(), time.perf_counter()
    one.act(number)
    one.took_us.append((time.perf_counter() - began) * 1e6)
    one.cpu_us.append((time.process_time() - cpu_began) * 1e6)


def _figure(one: Operation, beside: Operation) -> dict[str, Any]:
    median_us, cpu_us = statistics.median(one.took_us), statistics.median(one.cpu_us)
    return {
        "name": one.name,
        "beside": one.beside,
        "ratio": round(median_us / statistics.median(beside.took_us), 2),
        "cpu_ratio": round(cpu_us / statistics.median(beside.cpu_us), 2),
        "median_us": round(median_us),
        "cpu_us": round(cpu_us),
        "statements": one.statements,
        "commits": one.commits,
        "times": len(one.took_us),
    }


@contextmanager
def _counted(*engines: Engine) -> Iterator[dict[str, int]]:
    """Statements and commits that pass through `engines`, or at once beside them, meanwhile."""
    seen = {"statements": 0, "commits": 0}
    run_at_once = AtOnce.run

    def on_statement(*_: object) -> None:
        seen["statements"] += 1

    def on_commit(*_: object) -> None:
        seen["commits"] += 1

    def counting(self: AtOnce, statement: str, values: Any) -> Any:
        on_statement()
        on_commit()
        return run_at_once(self, statement, values)

    for engine in engines:
        event.listen(engine, "before_cursor_execute", on_statement)
        event.listen(engine, "commit", on_commit)
    AtOnce.run = counting  # type: ignore[method-assign]  # counts, and does the same
    try:
        yield seen
    finally:
        AtOnce.run = run_at_once  # type: ignore[method-assign]
        for engine in engines:
            event.remove(engine, "before_cursor_execute", on_statement)
            event.remove(engine, "commit", on_commit)
