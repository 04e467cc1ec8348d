"""What must hold when everything has come to rest; each check gives sentences, none when well."""

from typing import Any

from sqlalchemy import text

from config.rails import RailPolicy
from creator_tools.insights import queries as insights
from tests.year.life import Life
from tests.year.universe import Universe

_TRIAL_BALANCE = text("""
SELECT (SELECT coalesce(sum(amount_fen), 0) FROM postings)::bigint AS all_fen,
       (SELECT count(*) FROM (SELECT entry_id FROM postings GROUP BY entry_id
                              HAVING sum(amount_fen) <> 0) AS odd) AS odd_entries
""")
_PAYMENTS = text("""
SELECT payment.rail, payment.trade_no, payment.payment_ref, payment.amount_fen,
       payment.disposition,
       (SELECT -sum(posting.amount_fen) FROM journal_entries AS entry
        JOIN postings AS posting ON posting.entry_id = entry.id
        JOIN ledger_accounts AS account ON account.id = posting.account_id
        WHERE entry.payment_id = payment.id AND entry.kind = 'payment'
          AND account.kind = 'fee')::bigint AS fee_fen
FROM payments AS payment
""")
_REFUNDS = text("""
SELECT refund_no, external_ref, rail, amount_fen, fee_fen, cause FROM refunds
WHERE state = 'succeeded'
""")
_UNMATCHED = text("""
SELECT bill.bill_file_id, bill.line, bill.kind, bill.words FROM bill_rows AS bill
JOIN bill_files AS file ON file.id = bill.bill_file_id AND file.kind = 'trade'
WHERE bill.entry_id IS NULL AND NOT EXISTS (
    SELECT 1 FROM differences AS found
    WHERE found.bill_file_id = bill.bill_file_id AND found.line = bill.line)
""")
_DAYS = text("""
SELECT count(*) AS days, count(certified_at) AS certified,
       count(*) FILTER (WHERE state = 'due') AS due,
       count(*) FILTER (WHERE state = 'matched' AND certified_at IS NULL AND NOT EXISTS (
           SELECT 1 FROM differences AS found
           WHERE found.bill_day_id = bill_days.id AND found.closed_at IS NULL)) AS without_cause
FROM bill_days
""")
_LISTED = text("""
SELECT bill.payment_ref FROM differences AS found
JOIN bill_rows AS bill ON bill.bill_file_id = found.bill_file_id AND bill.line = found.line
""")
_OPEN_FACTS = text("""
SELECT inbox.kind, progress.state, progress.error_code, count(*) AS count
FROM inbox_progress AS progress JOIN inbox ON inbox.id = progress.fact_id
WHERE progress.state <> 'done' GROUP BY 1, 2, 3
""")


def all_of(life: Life) -> list[str]:
    """Every check of the end."""
    universe = life._universe
    life.leaks.search_letters()
    return [
        *trial_balance(universe),
        *payment_differences(universe),
        *refund_differences(universe),
        *bill_faults(universe),
        *broken_invariants(universe),
        *life.leaks.found,
        *_readers(life),
    ]


def trial_balance(universe: Universe) -> list[str]:
    """All postings add up to nothing, and those of each entry do."""
    (row,) = _rows(universe, _TRIAL_BALANCE)
    found = []
    if row["all_fen"]:
        found.append(f"the trial balance is {row['all_fen']} fen")
    if row["odd_entries"]:
        found.append(f"{row['odd_entries']} entries do not balance")
    return found


def payment_differences(universe: Universe) -> list[str]:
    """The platform's payments and ours, one by one; what only it knows must stand on a list."""
    booked = universe.world.books.payments
    theirs = {_key(one.rail, one.trade_no, one.payment_ref): one for one in booked}
    ours = {
        _key(row["rail"], row["trade_no"], row["payment_ref"]): row
        for row in _rows(universe, _PAYMENTS)
    }
    listed = {row["payment_ref"] for row in _rows(universe, _LISTED)}
    found = [f"payment only here: {key}" for key in ours.keys() - theirs.keys()]
    found += [
        f"payment only there, on no list: {key}"
        for key in theirs.keys() - ours.keys()
        if theirs[key].payment_ref not in listed
    ]
    for key in theirs.keys() & ours.keys():
        there, here = theirs[key], ours[key]
        if there.amount_fen != here["amount_fen"]:
            found.append(f"amount of {key}: {there.amount_fen} there, {here['amount_fen']} here")
        if here["disposition"] == "settled" and there.fee_fen != here["fee_fen"]:
            found.append(f"fee of {key}: {there.fee_fen} there, {here['fee_fen']} here")
    return found


def _key(rail: str, trade_no: str, payment_ref: str) -> str:
    # Of an Apple payment the push tells no number of the platform's, so ours stands for it.
    return trade_no if rail == "xpay_ios" else payment_ref


def refund_differences(universe: Universe) -> list[str]:
    """The platform's refunds and ours, one by one."""
    theirs = {one.refund_ref: one for one in universe.world.books.refunds}
    ours = {row["external_ref"]: row for row in _rows(universe, _REFUNDS)}
    found = [f"refund only there: {key}" for key in theirs.keys() - ours.keys()]
    found += [f"refund only here: {key}" for key in ours.keys() - theirs.keys()]
    for key in theirs.keys() & ours.keys():
        there, here = theirs[key], ours[key]
        # The fee of money that opened nothing was never ours to book; the bill trues it up.
        names = ("amount_fen",) if here["cause"] == "stray" else ("amount_fen", "fee_fen")
        found += [
            f"{name} of refund {key}: {getattr(there, name)} there, {here[name]} here"
            for name in names
            if getattr(there, name) != here[name]
        ]
    return found


def bill_faults(universe: Universe) -> list[str]:
    """Every row is matched or listed, every day certified or with a cause."""
    found = [f"a row with no cause: {row}" for row in _rows(universe, _UNMATCHED)]
    (days,) = _rows(universe, _DAYS)
    if days["due"]:
        found.append(f"{days['due']} days of bills are still due")
    if days["without_cause"]:
        found.append(f"{days['without_cause']} days are neither certified nor explained")
    return found


def broken_invariants(universe: Universe) -> list[str]:
    """What `verify` says."""
    wiring = universe.wiring
    with wiring.reading() as session:
        results = insights.verify(session, wiring.clock.now(), RailPolicy.load().rates)
    return [f"{one.id}: {one.violations[:3]}" for one in results if one.violations]


def counts(life: Life) -> dict[str, Any]:
    """What was there to be checked, for the report."""
    universe = life._universe
    books = universe.world.books
    (days,) = _rows(universe, _DAYS)
    rows = {
        name: _rows(universe, text(f"SELECT count(*) AS n FROM {name}"))[0]["n"]
        for name in ("orders", "payments", "refunds", "journal_entries", "bill_rows", "differences")
    }
    return {
        **rows,
        "platform_payments": len(books.payments),
        "platform_refunds": len(books.refunds),
        "platform_fen": sum(one.amount_fen for one in books.payments),
        "bill_days": days["days"],
        "bill_days_certified": days["certified"],
        "outbound_calls": universe.network.calls_count,
        "outbound_faults": dict(sorted(universe.network.suffered.items())),
        "looks_for_leaks": life.leaks.looks_count,
        "read_by_buyers": life.leaks.read_count,
        "dispositions": _by(universe, "payments", "disposition"),
        "order_states": _by(universe, "orders", "state"),
        "refund_states": _by(universe, "refunds", "state"),
        "difference_causes": _by(universe, "differences", "cause"),
        "did": dict(sorted((life.deeds.did + life.office.did).items())),
        **universe.post.told(),
    }


def _by(universe: Universe, table: str, column: str) -> dict[str, int]:
    statement = text(f"SELECT {column} AS name, count(*) AS n FROM {table} GROUP BY 1 ORDER BY 1")
    return {row["name"]: row["n"] for row in _rows(universe, statement)}


def _readers(life: Life) -> list[str]:
    """Who bought for ever and asked for nothing back can read, or nothing could leak anyway."""
    works = {one.work_id: one for one in life.town.works}
    with life._universe.wiring.reading() as session:
        held = session.execute(
            text("SELECT object_id::text FROM entitlements WHERE object_type = 'work'")
        )
        open_works = {row[0] for row in held}
    for one in life.deeds.bought[-50:]:
        (work_id, *_) = one.ware.work_ids
        if work_id in open_works:
            life.leaks.read(next(iter(one.fan.tokens.values())), works[work_id])
    enough = life.leaks.read_count > 0 or not life.deeds.bought
    return [] if enough else ["not one of the last fifty buyers could read"]


def _rows(universe: Universe, statement: Any) -> list[dict[str, Any]]:
    with universe.wiring.reading() as session:
        return [dict(row) for row in session.execute(statement).mappings()]
