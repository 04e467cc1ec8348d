"""What `app.cli verify` costs over 50,000 paid orders: all invariants, one by one, in one snapshot.

Not a ratio: the aim is a time (3 s), so the load of the machine stands beside it, and a bare count
of the postings says how fast the database was. Rows are copied from a sale that was really made;
some traces of it are not (a check, a hash, a told buyer), and `broken` rightly names those.
"""

import time
from typing import Any

from sqlalchemy import text

from app.wiring.container import Wiring
from benchmarks.ground import DATABASE, laid
from benchmarks.machine import load_1m
from benchmarks.mass import lay_history, tidy
from benchmarks.payments import sell_first
from config.rails import RailPolicy
from creator_tools.insights import queries

ORDERS, WORKS = 50_000, 1_000
ROUNDS = 3
SLOWEST = 6


def measured() -> dict[str, Any]:
    """The figures of one run; the least of some rounds, since others use the machine too."""
    before = load_1m()
    with laid(1) as ground:
        sell_first(ground)
        lay_history(ground, DATABASE, orders=ORDERS, works=WORKS)
        tidy(ground)
        rounds = [_round(ground.wiring) for _ in range(ROUNDS)]
    best = min(rounds, key=lambda one: float(one["all_s"]))
    return {
        "load_1m": [before, load_1m()],
        "orders": ORDERS,
        "all_s": best["all_s"],
        "rounds_s": [one["all_s"] for one in rounds],
        "count_of_postings_s": best["count_s"],
        "invariants": best["invariants"],
        "rows_examined": best["rows"],
        "broken": best["broken"],
        "slowest_ms": best["slowest_ms"],
    }


def _round(wiring: Wiring) -> dict[str, Any]:
    now, rates = wiring.clock.now(), RailPolicy.load().rates
    with wiring.units.reading() as session:
        began = time.perf_counter()
        session.execute(text("SELECT count(*), sum(amount_fen) FROM postings")).one()
        counted = time.perf_counter()
        results = queries.verify(session, now, rates)
        ended = time.perf_counter()
    return {
        "all_s": round(ended - counted, 2),
        "count_s": round(counted - began, 3),
        "invariants": len(results),
        "rows": sum(one.rows_examined for one in results),
        "broken": {one.id: str(one.violations[:1]) for one in results if one.violations},
        "slowest_ms": {
            one.id: round(one.took_s * 1000)
            for one in sorted(results, key=lambda one: -one.took_s)[:SLOWEST]
        },
    }
