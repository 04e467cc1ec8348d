"""Every invariant passes over healthy books and finds what a hand at the database did."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from creator_tools.insights import queries
from creator_tools.insights.queries import InvariantResult
from creator_tools.insights.queries.verification import INVARIANTS
from creator_tools.kernel.models import Heartbeat
from tests.integration.insights.books import RAILS, Books, Sale, Shop, random_sales
from tests.integration.insights.given_back import REFUND_TAMPERINGS, give_back
from tests.integration.insights.on_the_bill import BILL_TAMPERINGS, reconcile
from tests.integration.insights.paid_out import PAYOUT_TAMPERINGS, pay_out
from tests.integration.insights.shared_out import SPLIT_TAMPERINGS, share_out


@dataclass(frozen=True)
class Written:
    """What the healthy books hold, by name, for a tampering to aim at."""

    books: Books
    shop: Shop
    sale: Sale
    term: Sale
    stray_payment_id: UUID
    pending_order_id: UUID
    fact_id: UUID
    outgoing: dict[str, UUID]

    def aims(self) -> dict[str, object]:
        """The ids that the tampering SQL may name."""
        return {
            "order": self.sale.order_id,
            "payment": self.sale.payment_id,
            "entry": self.sale.entry_id,
            "work": self.shop.work_id,
            "column": self.shop.column_id,
            "creator": self.shop.creator_id,
            "term_order": self.term.order_id,
            "stray": self.stray_payment_id,
            "pending": self.pending_order_id,
            "fact": self.fact_id,
            **self.outgoing,
        }


@pytest.fixture
def written(books: Books) -> Written:
    shop, other = books.open_shop("mei"), books.open_shop("tao", share_bp=2500)
    fan = books.person()
    sale = books.sell(shop, person_id=fan)
    term = books.sell(shop, person_id=fan, rail="xpay_android", term=True)
    random_sales(books, [shop, other], seed=11, count=6)
    books.seat(shop, fan)
    books.request()
    books.effect(state="dead")
    books.effect(state="done", key="e:2")
    stray = books.pay_twice(sale)
    given_back = give_back(books, [books.sell(other) for _ in range(4)])
    paid_out = pay_out(books, shop)
    pending = books.place(shop)
    reconcile(books, sale.business_day)
    share_out(books, other)
    return Written(
        books, shop, sale, term, stray, pending, books.keep_fact(), given_back | paid_out
    )


def _verified(books: Books) -> list[InvariantResult]:
    with books.units.reading() as session:
        return queries.verify(session, books.units.clock.now(), RAILS.rates)


def test_healthy_books_break_nothing_and_every_count_says_what_was_looked_at(
    written: Written,
) -> None:
    results = _verified(written.books)
    assert [result.id for result in results if result.violations] == []
    examined = {result.id: result.rows_examined for result in results}
    assert examined["ledger.divided_by_rule"] == 14
    assert examined["ledger.fee_by_table"] == 14
    assert examined["orders.paid_has_entry"] == 14
    assert examined["payments.stray_is_suspended"] == 1
    assert examined["access.source_has_paid_order"] == 14
    unlooked = {result.id for result in results if result.rows_examined == 0}
    assert unlooked == {
        "works.machine_check_answers",
        "people.merged_is_flat",
        "inbox.not_waiting",
        "inbox.payload_is_kept",
        "inbox.dead_has_alarm",
        "alarms.resolved_says_how",
    }


def test_without_a_fee_table_the_fee_invariant_says_that_it_looked_at_nothing(
    written: Written,
) -> None:
    with written.books.units.reading() as session:
        results = queries.verify(session, written.books.units.clock.now())
    fee = next(result for result in results if result.id == "ledger.fee_by_table")
    assert (fee.rows_examined, fee.violations) == (0, ())


_PAYABLE = "(SELECT id FROM ledger_accounts WHERE code = 'creator_payable:' || '{creator}')"
_FEE = "(SELECT id FROM ledger_accounts WHERE code = 'fee:jsapi')"
_PLATFORM = "(SELECT id FROM ledger_accounts WHERE code = 'platform_share')"

# name: (the SQL of the hand, the invariant that must find it)
TAMPERINGS: dict[str, tuple[str, str]] = {
    "a posting grows": (
        "UPDATE postings SET amount_fen = amount_fen + 1 WHERE entry_id = '{entry}' AND line = 1",
        "ledger.balanced",
    ),
    "a posting is deleted": (
        "DELETE FROM postings WHERE entry_id = '{entry}' AND line = 2",
        "ledger.balanced",
    ),
    "all postings of an entry are deleted": (
        "DELETE FROM postings WHERE entry_id = '{entry}'",
        "ledger.two_lines",
    ),
    "a zero posting is slipped in": (
        (
            "ALTER TABLE postings DROP CONSTRAINT ck_postings_amount_not_zero; "
            f"INSERT INTO postings VALUES ('{{entry}}', 9, {_FEE}, 0)"
        ),
        "ledger.two_lines",
    ),
    "an entry is deleted and its postings stay": (
        "DELETE FROM journal_entries WHERE id = '{entry}'",
        "ledger.no_orphan",
    ),
    "an entry and its postings are deleted": (
        (
            "WITH gone AS (DELETE FROM postings WHERE entry_id = '{entry}') "
            "DELETE FROM journal_entries WHERE id = '{entry}'"
        ),
        "orders.paid_has_entry",
    ),
    "a payment is booked a second time": (
        (
            "WITH doubled AS (INSERT INTO journal_entries SELECT gen_random_uuid(), kind, "
            "source_key || ':again', order_id, payment_id, creator_id, column_id, rail, "
            "business_day, occurred_at, posted_at FROM journal_entries WHERE id = '{entry}' "
            "RETURNING id) INSERT INTO postings SELECT doubled.id, line, account_id, amount_fen "
            "FROM postings, doubled WHERE entry_id = '{entry}'"
        ),
        "ledger.once",
    ),
    "gross and creator grow together": (
        (
            "UPDATE postings SET amount_fen = amount_fen + CASE WHEN line = 1 THEN 10 ELSE -10 END "
            f"WHERE entry_id = '{{entry}}' AND (line = 1 OR account_id = {_PAYABLE})"
        ),
        "ledger.gross_is_payment",
    ),
    "the platform's share moves to the creator": (
        (
            "UPDATE postings SET amount_fen = amount_fen + "
            f"CASE WHEN account_id = {_PLATFORM} THEN 5 ELSE -5 END "
            f"WHERE entry_id = '{{entry}}' AND account_id IN ({_PLATFORM}, {_PAYABLE})"
        ),
        "ledger.divided_by_rule",
    ),
    "the fee is cut, and the rest divided by the rule": (
        (
            "UPDATE postings SET amount_fen = CASE line WHEN 2 THEN -1 WHEN 3 THEN -98 "
            "WHEN 4 THEN -891 ELSE amount_fen END WHERE entry_id = '{entry}'"
        ),
        "ledger.fee_by_table",
    ),
    "the creator's line goes to somebody else": (
        (
            "UPDATE postings SET account_id = (SELECT id FROM ledger_accounts "
            "WHERE kind = 'creator_payable' AND creator_id <> '{creator}' LIMIT 1) "
            f"WHERE entry_id = '{{entry}}' AND account_id = {_PAYABLE}"
        ),
        "ledger.accounts_fit",
    ),
    "a ledger account changes its kind": (
        "UPDATE ledger_accounts SET kind = 'creator_payable' WHERE code = 'platform_share'",
        "ledger.accounts_fit",
    ),
    "an entry moves to another creator": (
        (
            "UPDATE journal_entries SET creator_id = (SELECT id FROM creators "
            "WHERE id <> '{creator}') WHERE id = '{entry}'"
        ),
        "ledger.entry_matches_order",
    ),
    "an entry moves to another column": (
        (
            "UPDATE journal_entries SET column_id = (SELECT id FROM columns "
            "WHERE id <> '{column}') WHERE id = '{entry}'"
        ),
        "ledger.entry_matches_order",
    ),
    "an entry moves to another rail": (
        "UPDATE journal_entries SET rail = 'xpay_ios' WHERE id = '{entry}'",
        "ledger.entry_matches_order",
    ),
    "an entry moves to another day": (
        "UPDATE journal_entries SET business_day = business_day - 1 WHERE id = '{entry}'",
        "ledger.business_day",
    ),
    "an entry and its moment move to another day": (
        (
            "UPDATE journal_entries SET business_day = business_day - 1, "
            "occurred_at = occurred_at - interval '1 day' WHERE id = '{entry}'"
        ),
        "ledger.business_day",
    ),
    "a payment entry is declared suspense": (
        "UPDATE journal_entries SET kind = 'suspense' WHERE id = '{entry}'",
        "orders.paid_has_entry",
    ),
    "suspense is declared revenue": (
        "UPDATE journal_entries SET kind = 'payment' WHERE payment_id = '{stray}'",
        "ledger.has_cause",
    ),
    "an order's amount is changed": (
        "UPDATE orders SET amount_fen = 1 WHERE id = '{order}'",
        "payments.settled_agrees",
    ),
    "an order's amount is changed with quote, line, payment and all postings": (
        (
            "UPDATE quotes SET payable_fen = 1980 "
            "WHERE id = (SELECT quote_id FROM orders WHERE id = '{order}'); "
            "UPDATE orders SET amount_fen = 1980 WHERE id = '{order}'; "
            "UPDATE order_lines SET amount_fen = 1980 WHERE order_id = '{order}'; "
            "UPDATE payments SET amount_fen = 1980 WHERE id = '{payment}'; "
            "UPDATE postings SET amount_fen = (ARRAY[1980, -12, -196, -1772])[line] "
            "WHERE entry_id = '{entry}'"
        ),
        "orders.paid_is_told",
    ),
    "an order line's amount is changed": (
        "UPDATE order_lines SET amount_fen = 1 WHERE order_id = '{order}'",
        "orders.amount_is_quoted",
    ),
    "the frozen share is changed": (
        "UPDATE orders SET platform_share_bp = 0 WHERE id = '{order}'",
        "ledger.divided_by_rule",
    ),
    "an order is declared paid": (
        "UPDATE orders SET state = 'paid', paid_at = created_at WHERE id = '{pending}'",
        "orders.paid_has_payment",
    ),
    "a paid order is declared closed": (
        "UPDATE orders SET state = 'closed', closed_at = paid_at WHERE id = '{order}'",
        "orders.state_fits_times",
    ),
    "a paid order is declared pending": (
        "UPDATE orders SET state = 'pending', paid_at = NULL WHERE id = '{order}'",
        "payments.settled_is_paid",
    ),
    "a payment's amount is changed": (
        "UPDATE payments SET amount_fen = 1 WHERE id = '{payment}'",
        "payments.settled_agrees",
    ),
    "a payment's payee is changed": (
        (
            "UPDATE payments SET account_id = (SELECT id FROM platform_accounts "
            "WHERE kind = 'xpay') WHERE id = '{payment}'"
        ),
        "payments.settled_agrees",
    ),
    "a payment is deleted": (
        "DELETE FROM payments WHERE id = '{payment}'",
        "orders.paid_has_payment",
    ),
    "a stray payment is declared settled": (
        (
            "DROP INDEX uq_payments_settled_order; "
            "UPDATE payments SET disposition = 'settled' WHERE id = '{stray}'"
        ),
        "payments.once",
    ),
    "a stray payment's suspense is deleted": (
        (
            "WITH gone AS (DELETE FROM journal_entries WHERE payment_id = '{stray}' RETURNING id) "
            "DELETE FROM postings WHERE entry_id IN (SELECT id FROM gone)"
        ),
        "payments.stray_is_suspended",
    ),
    "the alarm of a stray payment is deleted": (
        "DELETE FROM alarms WHERE object_key = CAST('{stray}' AS text)",
        "payments.stray_has_alarm",
    ),
    "the audit of a payment is deleted": (
        "DELETE FROM audit_events WHERE object_id = '{order}' AND action = 'order.paid'",
        "orders.paid_is_told",
    ),
    "an entitlement is given by hand, naming an order that nobody paid": (
        (
            "WITH given AS (INSERT INTO entitlements SELECT gen_random_uuid(), creator_id, "
            "person_id, 'work', '{work}', created_at FROM orders WHERE id = '{pending}' "
            "RETURNING id) INSERT INTO entitlement_sources SELECT gen_random_uuid(), given.id, "
            "'order', '{pending}', now(), NULL, NULL, NULL, now() FROM given"
        ),
        "access.source_has_paid_order",
    ),
    "an entitlement moves to another person": (
        (
            "UPDATE entitlements SET person_id = (SELECT person_id FROM creators "
            "WHERE id = '{creator}') WHERE id = (SELECT entitlement_id FROM entitlement_sources "
            "WHERE source_id = '{order}')"
        ),
        "access.source_has_paid_order",
    ),
    "an entitlement moves to another object": (
        (
            "UPDATE entitlements SET object_id = "
            "(SELECT id FROM works WHERE id <> '{work}' LIMIT 1) "
            "WHERE id = (SELECT entitlement_id FROM entitlement_sources "
            "WHERE source_id = '{order}')"
        ),
        "access.paid_order_opens",
    ),
    "a source is deleted": (
        "DELETE FROM entitlement_sources WHERE source_id = '{order}'",
        "access.has_source",
    ),
    "the access of a paid order is ended": (
        (
            "UPDATE entitlement_sources SET ended_at = now(), ended_reason = 'x' "
            "WHERE source_id = '{order}'"
        ),
        "access.paid_order_opens",
    ),
    "a term is prolonged": (
        (
            "UPDATE entitlement_sources SET ends_at = ends_at + interval '1 year' "
            "WHERE source_id = '{term_order}'"
        ),
        "access.term_is_bought",
    ),
    "a term becomes for ever": (
        "UPDATE entitlement_sources SET ends_at = NULL WHERE source_id = '{term_order}'",
        "access.term_is_bought",
    ),
    "an entitlement carries another creator": (
        (
            "UPDATE entitlements SET creator_id = (SELECT id FROM creators "
            "WHERE id <> '{creator}') WHERE object_id = '{work}'"
        ),
        "access.object_is_the_creators",
    ),
    "the shown text is swapped under its check": (
        "UPDATE revisions SET content_sha256 = repeat('0', 64) WHERE work_id = '{work}'",
        "works.published_was_checked",
    ),
    "a word is changed under its check": (
        "UPDATE revisions SET body_html = body_html || '!' WHERE work_id = '{work}'",
        "works.revision_is_its_hash",
    ),
    "a check is deleted": (
        "DELETE FROM content_checks WHERE work_id = '{work}'",
        "works.published_was_checked",
    ),
    "a check turns risky": (
        "UPDATE content_checks SET verdict = 'risky' WHERE work_id = '{work}'",
        "works.nothing_risky_is_live",
    ),
    "a work is put into somebody else's column": (
        (
            "INSERT INTO column_works (id, creator_id, column_id, work_id, position, added_at) "
            "SELECT gen_random_uuid(), creator_id, (SELECT id FROM columns "
            "WHERE creator_id <> '{creator}' LIMIT 1), id, 1, now() FROM works "
            "WHERE creator_id = '{creator}' LIMIT 1"
        ),
        "works.stands_among_its_own",
    ),
    "the bytes of an attachment are given up": (
        "UPDATE media_objects SET dropped_at = now() WHERE creator_id = '{creator}'",
        "media.published_is_stored",
    ),
    "an attachment moves to another creator": (
        (
            "UPDATE attachments SET creator_id = (SELECT id FROM creators "
            "WHERE id <> '{creator}' LIMIT 1) WHERE creator_id = '{creator}'"
        ),
        "media.attachment_is_own",
    ),
    "a revision loses what it carried": (
        "DELETE FROM revision_attachments WHERE creator_id = '{creator}'",
        "media.revision_counts_what_it_carries",
    ),
    "a machine check never answers": (
        (
            "UPDATE content_checks SET verdict = 'pending', decided_at = NULL, "
            "requested_at = '2026-05-18' WHERE work_id = '{work}'"
        ),
        "works.machine_check_answers",
    ),
    "seats are counted wrong": (
        "UPDATE join_ways SET seats_count = 0",
        "fan_groups.seats_fit",
    ),
    "a seat moves to another group": (
        "UPDATE seats SET fan_group_id = gen_random_uuid()",
        "fan_groups.seat_is_in_its_group",
    ),
    "somebody who waits is given a seat by hand": (
        "UPDATE seat_waits SET person_id = (SELECT person_id FROM seats)",
        "fan_groups.seated_or_waiting",
    ),
    "a seat is overdue for days": (
        "UPDATE seats SET lapses_at = lapses_at - interval '9 days'",
        "fan_groups.seat_lapses",
    ),
    "people are merged in a circle": (
        "UPDATE people SET merged_into_id = id",
        "people.merged_is_flat",
    ),
    "the progress of a fact is deleted": (
        "DELETE FROM inbox_progress WHERE fact_id = '{fact}'",
        "inbox.once",
    ),
    "a fact waits for ever": (
        "UPDATE inbox_progress SET state = 'new', handled_at = NULL, next_at = '2026-05-19'",
        "inbox.not_waiting",
    ),
    "what an unhandled fact said is deleted": (
        "WITH gone AS (DELETE FROM inbox_payloads) UPDATE inbox_progress SET state = 'parked'",
        "inbox.payload_is_kept",
    ),
    "a fact is given up in silence": (
        "UPDATE inbox_progress SET state = 'dead'",
        "inbox.dead_has_alarm",
    ),
    "an effect is declared done": (
        "UPDATE effects SET state = 'done' WHERE state = 'due'",
        "effects.once",
    ),
    "an effect is never tried": (
        "UPDATE effects SET next_at = '2026-05-19' WHERE state = 'due'",
        "effects.not_stuck",
    ),
    "an effect is given up in silence": (
        "UPDATE effects SET state = 'dead' WHERE state = 'due'",
        "effects.dead_has_alarm",
    ),
    "an answer to a request is deleted": (
        "UPDATE idempotent_requests SET response = NULL, created_at = '2026-05-19'",
        "requests.are_answered",
    ),
    "an alarm is put away without a word": (
        "UPDATE alarms SET resolved_at = raised_at, resolution = ' '",
        "alarms.resolved_says_how",
    ),
    "an order is left open for days": (
        "UPDATE orders SET expires_at = '2026-05-18' WHERE id = '{pending}'",
        "orders.not_left_open",
    ),
}

GUARDS_DOWN: dict[str, tuple[str, str]] = {
    "a guard is switched off": (
        "ALTER TABLE postings DISABLE TRIGGER postings_are_facts",
        "guards.stand",
    ),
    "the guard of the balance is dropped": (
        "DROP TRIGGER postings_balance ON postings",
        "guards.stand",
    ),
    "the running role may change payments": (
        "GRANT UPDATE ON payments TO juanliu_app",
        "guards.role_is_bound",
    ),
}


@pytest.fixture
def tampered(written: Written, superuser_database_url: str) -> Iterator[Callable[[str], set[str]]]:
    """Run SQL as somebody whom no trigger, key or role stops; gives what verify then finds.

    Nothing is committed, so the next test has the schema and the books as they were.
    """
    engine = create_engine(superuser_database_url.replace("postgresql:", "postgresql+psycopg:", 1))

    def run(sql: str) -> set[str]:
        now = written.books.units.clock.now()
        with Session(engine) as session:
            session.connection().exec_driver_sql("SET LOCAL session_replication_role = replica")
            touched = session.connection().exec_driver_sql(sql.format(**written.aims()))
            assert touched.rowcount != 0, "the tampering hit nothing"
            results = queries.verify(session, now, RAILS.rates)
            session.rollback()
        return {result.id for result in results if result.violations}

    yield run
    engine.dispose()


ALL = (
    TAMPERINGS
    | REFUND_TAMPERINGS
    | PAYOUT_TAMPERINGS
    | BILL_TAMPERINGS
    | SPLIT_TAMPERINGS
    | GUARDS_DOWN
)


@pytest.mark.parametrize("name", list(ALL))
def test_a_hand_at_the_database_is_found(tampered: Callable[[str], set[str]], name: str) -> None:
    sql, invariant_id = ALL[name]
    assert invariant_id in tampered(sql)


def test_every_invariant_has_a_tampering_that_it_finds() -> None:
    aimed_at = {invariant_id for _, invariant_id in ALL.values()}
    assert aimed_at == {invariant.id for invariant in INVARIANTS}


def test_a_clock_that_was_moved_ahead_of_the_loops_makes_no_work_late(written: Written) -> None:
    units = written.books.units
    later = units.clock.now() + timedelta(days=30)
    with units("sweep.beat") as uow:
        uow.session.add(Heartbeat(name="sweep", at=units.clock.now()))
    with units.reading() as session:
        calm = queries.verify(session, later, RAILS.rates)
    with units("sweep.beat") as uow:
        uow.session.get_one(Heartbeat, "sweep").at = later
    with units.reading() as session:
        late = queries.verify(session, later, RAILS.rates)
    assert {result.id for result in calm if result.violations} == set()
    assert {result.id for result in late if result.violations} == {
        "orders.not_left_open",
        "effects.not_stuck",
        "fan_groups.seat_lapses",
    }
