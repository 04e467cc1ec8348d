"""In a batch a payment means what it means alone, and nobody waits for anybody."""

import json
import threading
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from creator_tools.access import queries as access
from creator_tools.access import service as granting
from creator_tools.catalogue import service as catalogue
from creator_tools.insights import queries as insights
from creator_tools.kernel.database import open_engine
from creator_tools.kernel.fen import Fen
from creator_tools.kernel.rng import seeded_rng
from creator_tools.kernel.sheaf import Sheaf, SheafBroken
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.ledger.service import KnownPots
from creator_tools.orders import service as orders
from creator_tools.orders.models import Order
from creator_tools.orders.ports import PaymentStatement
from tests import factories
from tests.integration.orders.conftest import Shop
from tests.integration.orders.test_recording import balances, count
from tests.integration.orders.test_statement_counts import counted

BATCH = 20
# One batch costs this much however many payments are in it; COMMIT not counted.
SETTLE_MAX = 4


def settle(shop: Shop, statements: Sequence[PaymentStatement]) -> list[orders.Recorded | None]:
    """Settle a batch in a unit of its own."""
    with shop.units("inbox.settle_many") as uow:
        sheaf = Sheaf()
        recorded = orders.settle_ordinary(
            uow, statements, fees=shop.fees, pots=KnownPots(), sheaf=sheaf
        )
        sheaf.send(uow.session)
    return recorded


def settle_all(shop: Shop, statements: Sequence[PaymentStatement]) -> None:
    """Settle a batch, and what is left of it one by one, as the sweep does."""
    try:
        recorded = settle(shop, statements)
    except (IntegrityError, SheafBroken):
        recorded = [None] * len(statements)
    for statement, one in zip(statements, recorded, strict=True):
        if one is None:
            shop.record(statement)


def buyers(shop: Shop, how_many: int) -> list[Shop]:
    """The same shop, seen by so many new people."""
    seen = []
    for _ in range(how_many):
        with shop.units("people.sign_in") as uow:
            person_id = factories.make_person(uow, shop.oa_id).person_id
        seen.append(replace(shop, person_id=person_id))
    return seen


def another_order(shop: Shop, standing: UUID) -> UUID:
    """A second order of the same thing, as it is given when the first will lapse too soon."""
    with shop.units("orders.create") as uow:
        order = uow.session.get_one(Order, standing)
        order.expires_at = shop.clock.now() + timedelta(minutes=1)
    return shop.order()


def broken(shop: Shop) -> list[str]:
    """The invariants that do not hold."""
    with shop.units.reading() as session:
        results = insights.verify(session, shop.clock.now())
    # The factory writes works as rows, past the check that they would have had.
    return [one.id for one in results if one.violations and not one.id.startswith("works.")]


@pytest.fixture
def open_shop(shop: Shop) -> Shop:
    """A shop that has sold before, so that the pots of its ledger exist."""
    (first,) = buyers(shop, 1)
    first.record(first.statement(first.order()))
    return shop


# --- what it costs --------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 5, BATCH])
def test_a_batch_costs_as_many_statements_as_one_payment(
    open_shop: Shop, engine: Engine, size: int
) -> None:
    said = [one.statement(one.order()) for one in buyers(open_shop, size)]
    with counted(engine) as sent:
        recorded = settle(open_shop, said)
    assert all(recorded)
    assert len(sent) <= SETTLE_MAX, "\n".join(sent)
    assert count(open_shop, "payments") == size + 1
    assert not broken(open_shop)


# --- what it means --------------------------------------------------------------------------

KINDS = (
    *("good", "good", "good", "again", "wrong_amount", "wrong_currency", "second", "same_key"),
    *("foreign_merchant", "other_payer", "unknown_order", "other_rail", "restated", "two_of_it"),
)
ORDERS = 5
Step = tuple[str, int]


@dataclass
class Twin:
    """One side of the comparison: its own buyers and orders, named by their numbers."""

    shop: Shop
    term_id: UUID
    names: dict[str, str] = field(default_factory=dict)
    orders: list[UUID] = field(default_factory=list)

    def open_orders(self, closed: set[int]) -> None:
        """Orders of a work for ever and of a column for a time, two people in turns."""
        two = buyers(self.shop, 2)
        for number in range(ORDERS):
            buyer = two[number % 2]
            if number >= 2:
                buyer = replace(buyer, product_id=self.term_id)
            self.names |= {str(one.person_id): f"person {place}" for place, one in enumerate(two)}
            if number == ORDERS - 1:  # what this buyer ordered two turns ago, once more
                self.orders.append(another_order(buyer, self.orders[number - 2]))
            else:
                self.orders.append(buyer.order())
            self.names[str(self.orders[-1])] = self.names[self.orders[-1].hex] = f"order {number}"
            self.names[str(buyer.statement(self.orders[-1]).payment_ref)] = f"ref {number}"
            if number in closed:
                with self.shop.units("orders.close") as uow:
                    orders.close(uow, self.orders[-1], cause="expired")

    def said(self, step: Step) -> PaymentStatement:
        """What a rail says in one step."""
        kind, number = step
        order_id, amount_fen = self.orders[number], 990 if number < 2 else 2900
        changes: dict[str, Any] = {
            "wrong_amount": {"amount_fen": Fen(amount_fen - 1)},
            "wrong_currency": {"currency": "USD"},
            "second": {"payment_ref": f"second-{order_id}"},
            "same_key": {"fact_key": order_id.hex},
            "foreign_merchant": {"account_id": self.shop.merchant_id},
            "other_payer": {"payer_subject": "nobody-we-know"},
            "unknown_order": {"trade_no": f"unknown-{order_id}", "payment_ref": f"u-{order_id}"},
            "other_rail": {"rail": "xpay_android", "payment_ref": f"x-{order_id}"},
            "restated": {"amount_fen": Fen(1)},
            "two_of_it": {"quantity": 2, "payment_ref": f"q-{order_id}"},
        }.get(kind, {})
        return self.shop.statement(order_id, **({"amount_fen": Fen(amount_fen)} | changes))

    def meaning(self) -> dict[str, Counter[str]]:
        """Every row that these orders caused, with names instead of ids."""
        found = {name: self._rows(query) for name, query in MEANING.items()}
        return {name: Counter(rows) for name, rows in found.items()}

    def _rows(self, query: str) -> list[str]:
        values = {"orders": self.orders, "people": self._people(), "hexes": self._hexes()}
        with self.shop.units.reading() as session:
            rows = session.execute(text(query), values).all()
        spelt = [json.dumps([str(cell) for cell in row], ensure_ascii=False) for row in rows]
        for one, name in self.names.items():
            spelt = [line.replace(one, name) for line in spelt]
        return spelt

    def _people(self) -> list[UUID]:
        return [UUID(one) for one, name in self.names.items() if name.startswith("person")]

    def _hexes(self) -> list[str]:
        return [f"%{one.hex}" for one in self.orders] + [f"%{one}" for one in self.orders]


_PAID = """(SELECT id FROM payments WHERE trade_no LIKE ANY(:hexes))"""
# Written against rows, not through the services: what a service got wrong must show here.
MEANING = {
    "orders": "SELECT id, state, rail, paid_at, closed_at, next_query_at FROM orders "
    "WHERE id = ANY(:orders)",
    "payments": "SELECT trade_no, fact_key, rail, payment_ref, order_id, amount_fen, currency, "
    "disposition, seen_by, facts, paid_at, seen_at FROM payments WHERE trade_no LIKE ANY(:hexes)",
    "postings": "SELECT p.fact_key, e.kind, e.rail, e.business_day, e.occurred_at, e.posted_at, "
    "e.order_id, e.source_key = 'payment:' || p.id, e.creator_id IS NULL, e.column_id IS NULL, "
    "s.line, a.kind, a.rail, s.amount_fen FROM journal_entries e "
    "JOIN payments p ON p.id = e.payment_id JOIN postings s ON s.entry_id = e.id "
    f"JOIN ledger_accounts a ON a.id = s.account_id WHERE p.id IN {_PAID}",
    "rights": "SELECT e.person_id, e.object_type, e.created_at, s.kind, s.source_id, s.starts_at, "
    "s.ends_at, s.ended_at, s.created_at FROM entitlements e JOIN entitlement_sources s "
    "ON s.entitlement_id = e.id WHERE e.person_id = ANY(:people)",
    "audit": "SELECT action, object_type, actor_type, request_id, facts - 'payment_id', at, "
    "CASE WHEN object_type = 'order' THEN object_id END FROM audit_events "
    "WHERE object_id = ANY(:orders) OR facts->>'source_id' = ANY(SELECT x::text FROM "
    "unnest(CAST(:orders AS uuid[])) x) "
    f"OR facts->>'payment_id' IN (SELECT x.id::text FROM {_PAID} x)",
    "effects": "SELECT kind, idempotency_key, object_type, object_id, payload, state, "
    "attempts_count, next_at, created_at FROM effects WHERE object_id = ANY(:orders)",
    "alarms": "SELECT code, facts - 'order_id', raised_at, resolved_at FROM alarms "
    f"WHERE object_key IN (SELECT x.id::text FROM {_PAID} x) "
    "OR object_key = ANY(SELECT x::text FROM unnest(CAST(:orders AS uuid[])) x)",
}


def twin_of(shop: Shop) -> Twin:
    """A shop of its own: another creator with the same goods at the same prices."""
    with shop.units("studio.act") as uow:
        column = factories.make_column(uow, title="清晨")
        work = factories.make_published_work(uow, column)
        sold = {"creator_id": column.creator_id, "column_id": column.id}
        alone = catalogue.set_price(uow, **sold, kind="work", work_id=work.id, price_fen=990)
        term = catalogue.set_price(uow, **sold, kind="column_term", term_days=30, price_fen=2900)
    mine = replace(shop, creator_id=column.creator_id, column_id=column.id, work_id=work.id)
    return Twin(replace(mine, product_id=alone.id), term.id)


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    # Shrinking runs every example again over the database; a mix of twelve can be read.
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(KINDS), st.integers(0, ORDERS - 1)), min_size=1, max_size=12
    ),
    closed=st.sets(st.integers(0, ORDERS - 1), max_size=2),
    sold_before=st.booleans(),
    cut=st.integers(1, 12),
)
def test_a_batch_means_what_its_payments_mean_one_by_one(
    shop: Shop, steps: list[Step], closed: set[int], sold_before: bool, cut: int
) -> None:
    together, alone = twin_of(shop), twin_of(shop)
    for twin in (together, alone):
        if sold_before:
            (somebody,) = buyers(twin.shop, 1)
            somebody.record(somebody.statement(somebody.order()))
        twin.open_orders(closed)
    for start in range(0, len(steps), cut):
        settle_all(together.shop, [together.said(one) for one in steps[start : start + cut]])
    for one in steps:
        alone.shop.record(alone.said(one))
    assert together.meaning() == alone.meaning()
    assert not broken(shop)


def test_the_comparison_sees_what_it_compares(open_shop: Shop) -> None:
    one, other = twin_of(open_shop), twin_of(open_shop)
    for twin in (one, other):
        twin.open_orders(set())
        twin.shop.record(twin.said(("good", 0)))
    assert one.meaning() == other.meaning()
    assert {name: sum(rows.values()) for name, rows in one.meaning().items()} == {
        "orders": ORDERS, "payments": 1, "postings": 4, "rights": 1, "audit": 7, "effects": 1,
        "alarms": 0,
    }  # fmt: skip
    one.shop.record(one.said(("good", 2)))
    assert one.meaning() != other.meaning()


# --- at the same time -----------------------------------------------------------------------


def test_fifty_at_once_are_one(open_shop: Shop) -> None:
    (buyer,) = buyers(open_shop, 1)
    said = buyer.statement(buyer.order())
    before = count(open_shop, "payments"), count(open_shop, "journal_entries")
    gate = threading.Barrier(10)

    def come(_number: int) -> None:
        gate.wait()
        for _ in range(5):
            settle_all(buyer, [said])

    with ThreadPoolExecutor(max_workers=10) as pool:
        list(pool.map(come, range(10)))
    assert count(open_shop, "payments") == before[0] + 1
    assert count(open_shop, "journal_entries") == before[1] + 1
    assert count(open_shop, "entitlement_sources") == before[1] + 1
    assert not broken(open_shop)


def test_batches_that_overlap_do_not_knot(open_shop: Shop, clean_database: str) -> None:
    """Eight threads, batches over the same orders in any order, each half of a person's rights."""
    said = []
    for buyer in buyers(open_shop, 12):
        first = buyer.order()
        said += [buyer.statement(first), buyer.statement(another_order(buyer, first))]
    wide = open_engine(clean_database, application_name="tests", pool_size=16)
    units = factories.units_over(wide, open_shop.clock, seeded_rng(8))
    shops = [replace(open_shop, units=units) for _ in range(8)]

    def settle_some(number: int) -> None:
        for turn in range(6):
            shift = (number * 5 + turn * 7) % len(said)
            mixed = said[shift:] + said[:shift]
            if number % 2:
                mixed.reverse()
            settle_all(shops[number], mixed[:BATCH])

    knots_before = _knots(open_shop)
    with ThreadPoolExecutor(max_workers=8) as pool:
        list(pool.map(settle_some, range(8)))
    wide.dispose()
    assert _knots(open_shop) == knots_before
    for statement in said:
        shops[0].units = open_shop.units
        settle_all(shops[0], [statement])
    assert count(open_shop, "payments") == len(said) + 1
    assert balances(open_shop)["receivable"] == 990 * (len(said) + 1)
    assert not broken(open_shop)


def _knots(shop: Shop) -> int:
    """Deadlocks that the database has had to cut."""
    with shop.units.reading() as session:
        session.execute(text("SELECT pg_stat_force_next_flush()"))
        query = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        return int(session.execute(text(query)).scalar_one())


def test_what_somebody_else_holds_is_left_to_the_long_way(open_shop: Shop) -> None:
    held, free = buyers(open_shop, 2)
    order_id, other_id = held.order(), free.order()
    with open_shop.units("orders.close") as uow:
        uow.session.get_one(Order, order_id, with_for_update=True)
        recorded = settle(open_shop, [held.statement(order_id), free.statement(other_id)])
    assert [one is not None for one in recorded] == [False, True]


def test_a_grant_waits_for_a_batch_and_stands_in_line_behind_it(open_shop: Shop) -> None:
    (buyer,) = buyers(open_shop, 1)
    order_id = buyer.order()
    now = open_shop.clock.now()

    def give(_number: int) -> granting.Granted:
        with open_shop.units("studio.act") as uow:
            return granting.grant(
                uow,
                person_id=buyer.person_id,
                creator_id=buyer.creator_id,
                object_type="work",
                object_id=buyer.work_id,
                source_kind="gift",
                source_id=order_id,
                starts_at=now,
                ends_at=now + timedelta(days=1),
            )

    with ThreadPoolExecutor(max_workers=1) as pool:
        with open_shop.units("inbox.settle_many") as uow:
            sheaf = Sheaf()
            orders.settle_ordinary(
                uow, [buyer.statement(order_id)], fees=open_shop.fees, pots=KnownPots(), sheaf=sheaf
            )
            sheaf.send(uow.session)
            second = pool.submit(give, 0)
            with pytest.raises(TimeoutError):
                second.result(timeout=0.3)
        assert second.result(timeout=5).was_owned


def test_a_right_given_meanwhile_refuses_the_whole_batch(open_shop: Shop) -> None:
    held, free = buyers(open_shop, 2)
    said = [held.statement(held.order()), free.statement(free.order())]

    def settle_too_late(uow: UnitOfWork) -> None:
        sheaf = Sheaf()
        orders.settle_ordinary(uow, said, fees=open_shop.fees, pots=KnownPots(), sheaf=sheaf)
        # What no lock can keep out: a row that was on its way before the right was claimed.
        values = {"id": uow.ids.new(), "creator": held.creator_id, "person": held.person_id}
        values |= {"work": held.work_id, "now": uow.now()}
        uow.session.execute(
            text(
                "INSERT INTO entitlements (id, creator_id, person_id, object_type, object_id, "
                "created_at) VALUES (:id, :creator, :person, 'work', :work, :now)"
            ),
            values,
        )
        sheaf.send(uow.session)

    with pytest.raises(IntegrityError):
        open_shop.units.run("inbox.settle_many", settle_too_late)
    assert count(open_shop, "payments") == 1
    settle_all(open_shop, said)
    assert count(open_shop, "payments") == 3


def test_a_line_of_rights_is_claimed_by_one_at_a_time(open_shop: Shop) -> None:
    right = (open_shop.person_id, "work", open_shop.work_id)
    with open_shop.units("studio.act") as first, open_shop.units("studio.act") as second:
        assert access.claim_first(first.session, [right]) == [True]
        assert access.claim_first(second.session, [right]) == [False]
