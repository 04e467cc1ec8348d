"""Checks the whole database against its invariants, without trusting any guard.

The guards (constraints, triggers, roles) refuse what is wrong as it is written; this finds what
got past them: a hand at psql, a restored file, a bug in a guard.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from creator_tools.insights.ports import FeeRate
from creator_tools.insights.queries.access_invariants import ACCESS_INVARIANTS
from creator_tools.insights.queries.bill_invariants import BILL_INVARIANTS
from creator_tools.insights.queries.invariant import Invariant
from creator_tools.insights.queries.ledger_invariants import LEDGER_INVARIANTS
from creator_tools.insights.queries.operation_invariants import OPERATION_INVARIANTS
from creator_tools.insights.queries.order_invariants import ORDER_INVARIANTS
from creator_tools.insights.queries.payout_invariants import PAYOUT_INVARIANTS
from creator_tools.insights.queries.refund_invariants import REFUND_INVARIANTS
from creator_tools.insights.queries.split_invariants import SPLIT_INVARIANTS
from creator_tools.kernel.models import Heartbeat

INVARIANTS: tuple[Invariant, ...] = (
    *LEDGER_INVARIANTS,
    *ORDER_INVARIANTS,
    *REFUND_INVARIANTS,
    *PAYOUT_INVARIANTS,
    *SPLIT_INVARIANTS,
    *ACCESS_INVARIANTS,
    *BILL_INVARIANTS,
    *OPERATION_INVARIANTS,
)
VIOLATIONS_MAX = 100


@dataclass(frozen=True)
class InvariantResult:
    """How one invariant stands: how many rows it spoke of, and the first 100 that break it."""

    id: str
    sentence: str
    sentence_en: str
    rows_examined: int
    violations: tuple[dict[str, Any], ...]
    took_s: float


def verify(session: Session, now: datetime, rates: Sequence[FeeRate] = ()) -> list[InvariantResult]:
    """Check every invariant; the result has one row for each, broken or not.

    Args:
        session: should read one snapshot (REPEATABLE READ) where others write meanwhile.
        now: what "too long ago" is measured from, unless the loops beat last before that: a
            clock that was just moved forward is no reason to call the waiting work late.
        rates: the dated fee table; without it the fee invariant examines no row.
    """
    last_beat = session.scalar(select(func.max(Heartbeat.at)))
    parameters = {
        "quiet_at": now if last_beat is None else min(now, last_beat),
        "fee_rails": [rate.rail for rate in rates],
        "fee_since": [rate.since for rate in rates],
        "fee_bp": [rate.rate_bp for rate in rates],
    }
    return [_result(session, invariant, parameters) for invariant in INVARIANTS]


def _result(session: Session, invariant: Invariant, parameters: dict[str, Any]) -> InvariantResult:
    began = time.perf_counter()
    examined = session.execute(*_bound(invariant.examined, parameters)).scalar_one()
    broken = session.execute(*_bound(invariant.broken, parameters)).mappings()
    return InvariantResult(
        invariant.id,
        invariant.sentence,
        invariant.sentence_en,
        examined,
        tuple(dict(row) for row in broken.fetchmany(VIOLATIONS_MAX)),
        time.perf_counter() - began,
    )


def _bound(sql: str, parameters: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    statement = text(sql)
    return statement, {name: parameters[name] for name in statement.compile().params}
