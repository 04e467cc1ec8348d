"""What a day's bill of 100,000 payments costs: read, matched, settled; seconds and memory.

The files are written into the store as a fetch would leave them; everything after that is the
code of every morning. The flow bill has two rows for each payment. Aims: 60 s and 300 MB.
"""

import hashlib
import resource
import time
from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import text

from app.wiring.container import Wiring
from benchmarks.ground import DATABASE, PRICE_FEN, laid
from benchmarks.machine import load_1m
from benchmarks.mass import lay_history, tidy
from benchmarks.payments import sell_first
from creator_tools.kernel.business_day import business_day_of
from creator_tools.reconciliation import queries, service
from creator_tools.reconciliation.ports import BillKind, KeptBill

PAYMENTS = 100_000
FEE_FEN = 6
_TRADE = (
    "交易时间,商户号,微信订单号,商户订单号,交易状态,应结订单金额,微信退款单号,商户退款单号,退款金额,"
    "商品名称,手续费"
)
_TRADE_TOTALS = (
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
)
_FLOW = "记账时间,微信支付业务单号,资金流水单号,业务名称,收支类型,收支金额(元),业务凭证号"
_FLOW_TOTALS = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额"


def measured() -> dict[str, Any]:
    """The figures of one run."""
    before = load_1m()
    with laid(1) as ground:
        sell_first(ground)
        lay_history(ground, DATABASE, orders=PAYMENTS - 1, works=1)
        tidy(ground)
        wiring = ground.wiring
        day = business_day_of(wiring.clock.now())
        _keep(wiring, day)
        resident_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        told: list[tuple[str, float]] = []
        began = time.perf_counter()
        bill_day_id = wiring.bills.reconcile(
            day, lambda doing, _done, _all: told.append((doing, time.perf_counter()))
        )
        took_s = time.perf_counter() - began
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        with wiring.reading() as session:
            sums = queries.sums_of(session, bill_day_id)
            found = queries.get_day(session, bill_day_id)
    return {
        "load_1m": [before, load_1m()],
        "took_s": round(took_s, 1),
        "peak_mb": round(peak_mb),
        "before_mb": round(resident_mb),
        "rows": sums.rows_count,
        "matched": sums.matched_count,
        "open_differences": sums.open_count,
        "certified": found.certified_at is not None,
        "progress_was_told": len(told),
        "ended_after_s": {doing: round(at - began, 1) for doing, at in told},
    }


def _keep(wiring: Wiring, day: date) -> None:
    """Both files of the day, as a fetch leaves them."""
    merchant = wiring.accounts.payee_for("jsapi")
    with wiring.units("bills.open") as uow:
        service.open_days(uow, account_id=merchant.id, rail="jsapi", only=day)
        found = queries.find_day(uow.session, merchant.id, day)
        assert found is not None, "it was just opened"
        paid = uow.session.execute(text("SELECT fact_key, trade_no FROM payments")).all()
        at = f"{day} 12:00:00"
        trade = [
            f"`{at},`{merchant.external_id},`{ref},`{number},`SUCCESS,`{_yuan(PRICE_FEN)},`0,`0,"
            f"`0.00,`作品,`{_yuan(FEE_FEN)}000"
            for ref, number in paid
        ]
        flow = [
            row
            for ref, number in paid
            for row in (
                f"`{at},`{ref},`1,`交易,`收入,`{_yuan(PRICE_FEN)},`{number}",
                f"`{at},`{ref},`2,`扣除交易手续费,`支出,`{_yuan(FEE_FEN)},`{number}",
            )
        ]
        count = len(paid)
        come, fee = _yuan(PRICE_FEN * count), _yuan(FEE_FEN * count)
        told = f"`{count}.0,`{come},`0.00,`0.00,`{fee},`{come},`0.00"
        moved = f"`{2 * count}.0,`{count}.0,`{come},`{count}.0,`{fee}"
        for kind, lines in (
            ("trade", [_TRADE, *trade, _TRADE_TOTALS, told]),
            ("flow", [_FLOW, *flow, _FLOW_TOTALS, moved]),
        ):
            kept = _stored(wiring, "trade" if kind == "trade" else "flow", lines)
            service.keep_file(uow, found.id, kept)


def _stored(wiring: Wiring, kind: BillKind, lines: list[str]) -> KeptBill:
    file = ("\ufeff" + "".join(f"{line}\r\n" for line in lines)).encode()
    sha256 = hashlib.sha256(file).hexdigest()

    def chunks() -> Iterator[bytes]:
        yield file

    wiring.media_bytes.write(f"bills/{sha256[:2]}/{sha256}", chunks())
    return KeptBill(kind, "", sha256, len(file), len(lines) - 3)


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"
