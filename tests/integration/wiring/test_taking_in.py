"""Notifications that come at once share a commit; what is odd among them fails or waits alone."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, event, text

from app.wiring import payments as wired
from creator_tools.catalogue import service as catalogue
from creator_tools.kernel import inbox
from creator_tools.kernel.unit_of_work import Actor
from creator_tools.orders import service as orders
from tests import factories
from tests.integration.http.conftest import House, house, wechat  # noqa: F401 - fixtures
from tests.unit.wechat_handlers import merchant

PRICE_FEN = 990
# Keeping, locking, rights, rows: for one notification as for twenty.
TAKE_IN_MAX = 4
Resource = dict[str, Any]


@pytest.fixture(autouse=True)
def _keys_of_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wired, "pay_keys", lambda _account: merchant.pay_keys())


class Sale:
    """One work on sale in the house, and notifications of its payments."""

    def __init__(self, house: House) -> None:  # noqa: F811
        self.house = house
        self.wiring = house.wiring
        self.oa = self.wiring.accounts.first("oa")
        self.merchant_id = self.wiring.accounts.first("merchant").id
        with self.wiring.units("studio.act") as uow:
            column = factories.make_column(uow)
            work = factories.make_published_work(uow, column)
            product = catalogue.set_price(
                uow,
                creator_id=column.creator_id,
                column_id=column.id,
                kind="work",
                work_id=work.id,
                price_fen=PRICE_FEN,
            )
        self.product_id = product.id

    def order(self) -> Resource:
        """A pending order of somebody new: the resource that tells of its payment."""
        with self.wiring.units("orders.create") as uow:
            subject = f"o-{uow.ids.new().hex}"
            person_id = factories.make_person(uow, self.oa.id, subject=subject).person_id
            quote = catalogue.quote(
                uow,
                product_id=self.product_id,
                person_id=person_id,
                account_id=self.oa.id,
                surface="oa",
                device="android",
                policy=self.wiring.rails,
            )
            order = orders.create(
                uow,
                quote_id=quote.id,
                person_id=person_id,
                account_id=self.oa.id,
                payee_account_id=self.merchant_id,
            )
        return merchant.TRANSACTION | {
            "appid": self.oa.external_id,
            "out_trade_no": order.trade_no,
            "transaction_id": f"4200{order.id.int % 10**24:024d}",
            "success_time": self.wiring.clock.now().isoformat(timespec="seconds"),
            "payer": {"openid": subject},
        }

    def take_in(self, resource: Resource, **odd: Any) -> None:
        """What the door does with the notification."""
        body = merchant.notification(resource, **odd)
        now = str(int(self.wiring.clock.now().timestamp()))
        headers = merchant.signed_headers(body, timestamp=now)
        self.wiring.payments.take_in("payment", headers, body)

    def at_once(self, resources: list[Resource]) -> list[Exception | None]:
        """Take all in at the same time, while a first one keeps the door busy."""
        gate = threading.Barrier(len(resources))

        def come(resource: Resource) -> Exception | None:
            gate.wait()
            try:
                self.take_in(resource)
            except Exception as fault:  # noqa: BLE001 - the test looks at it
                return fault
            return None

        with ThreadPoolExecutor(max_workers=len(resources)) as pool:
            return list(pool.map(come, resources))

    def rows(self, query: str, **values: Any) -> list[Any]:
        """What the database holds."""
        with self.wiring.reading() as session:
            return [tuple(row) for row in session.execute(text(query), values)]

    def states(self, resources: list[Resource]) -> list[str]:
        """The states of the orders that these tell of."""
        numbers = [one["out_trade_no"] for one in resources]
        query = "SELECT trade_no, state FROM orders WHERE trade_no = ANY(:numbers)"
        found = dict(self.rows(query, numbers=numbers))
        return [found[one] for one in numbers]

    def waiting(self) -> list[str]:
        """The states of what the inbox keeps, and how often each stands there."""
        return self.rows("SELECT state, count(*) FROM inbox_progress GROUP BY 1 ORDER BY 1")


@pytest.fixture
def sale(house: House) -> Sale:  # noqa: F811
    """A work that has been sold before."""
    opened = Sale(house)
    opened.take_in(opened.order())
    opened.wiring.sweep.inbox()
    assert opened.waiting() == [("done", 1)]
    return opened


def test_an_ordinary_payment_is_settled_before_it_is_answered(sale: Sale) -> None:
    told = sale.order()
    sale.take_in(told)
    assert sale.states([told]) == ["paid"]
    assert sale.waiting() == [("done", 2)]


def test_one_notification_costs_four_statements_and_one_commit(sale: Sale) -> None:
    sale.take_in(sale.order())  # the pots are looked up once in a process's life
    told, engine = sale.order(), sale.wiring.batch_engine
    sent: list[str] = []
    commits: list[Connection] = []
    event.listen(engine, "before_cursor_execute", lambda *given: sent.append(str(given[2])))
    event.listen(engine, "commit", commits.append)
    sale.take_in(told)
    assert len(sent) <= TAKE_IN_MAX, "\n".join(sent)
    assert len(commits) == 1


def test_twenty_at_once_are_settled_with_their_repeats(sale: Sale) -> None:
    told = [sale.order() for _ in range(10)]
    assert sale.at_once(told + told) == [None] * 20
    assert set(sale.states(told)) == {"paid"}
    assert sale.rows("SELECT count(*) FROM payments") == [(11,)]
    assert sale.rows("SELECT coalesce(sum(amount_fen), 0) FROM postings") == [(0,)]
    assert sale.waiting() == [("done", 11)]


def test_what_is_not_ordinary_is_kept_for_the_long_way(sale: Sale) -> None:
    fits, wrong = sale.order(), sale.order() | {"amount": {"total": 1, "currency": "CNY"}}
    assert sale.at_once([fits, wrong]) == [None, None]
    assert sale.states([fits, wrong]) == ["paid", "pending"]
    assert sale.waiting() == [("done", 2), ("new", 1)]
    sale.wiring.sweep.inbox()
    assert sale.waiting() == [("done", 3)]
    dispositions = sale.rows("SELECT disposition, count(*) FROM payments GROUP BY 1 ORDER BY 1")
    assert dispositions == [("settled", 2), ("wrong_amount", 1)]


def test_a_first_sale_of_a_creator_is_made_on_the_long_way(house: House) -> None:  # noqa: F811
    fresh = Sale(house)
    told = fresh.order()
    fresh.take_in(told)
    assert fresh.states([told]) == ["pending"]
    fresh.wiring.sweep.inbox()
    assert fresh.states([told]) == ["paid"]


def test_one_that_breaks_the_group_fails_alone_and_the_others_are_kept(
    sale: Sale, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = [sale.order() for _ in range(6)]
    poisoned = told[3]["transaction_id"]
    put_progress = inbox.put_progress

    def breaks(*given: Any, **more: Any) -> None:
        if poisoned in given[3].payload:
            raise RuntimeError("poisoned")
        put_progress(*given, **more)

    monkeypatch.setattr(inbox, "put_progress", breaks)
    assert sale.at_once(told) == [None] * 6
    assert sale.waiting()[0][0] == "done"
    sale.wiring.sweep.inbox()
    assert sale.states(told) == ["paid"] * 6
    assert sale.rows("SELECT count(*) FROM payments") == [(7,)]


def test_a_backlog_is_settled_together_and_what_is_odd_in_it_alone(sale: Sale) -> None:
    told = [sale.order() for _ in range(4)]
    keep(sale, [*told, told[0] | {"transaction_id": "second-of-0"}])
    broken_id = keep(sale, [{"mchid": merchant.MCHID, "transaction_id": "about-nothing"}])[0]
    reached: list[str] = []
    for engine in (sale.wiring.engine, sale.wiring.batch_engine):
        event.listen(engine, "commit", lambda _: reached.append("commit"))
    sale.wiring.sweep.inbox()
    assert sale.states(told) == ["paid"] * 4
    # Four together, the second payment alone, and the try and the note of the broken one.
    assert len(reached) == 3
    assert sale.rows(
        "SELECT state, error_code FROM inbox_progress WHERE fact_id = :id", id=broken_id
    ) == [("new", "WireRefused")]
    query = "SELECT disposition, count(*) FROM payments GROUP BY 1 ORDER BY 1"
    assert sale.rows(query) == [("second_payment", 1), ("settled", 5)]


def keep(sale: Sale, resources: list[Resource]) -> list[UUID]:
    """Facts that were kept and not handled, as after a crash of the old house."""
    with sale.wiring.units("inbox.keep", Actor("platform")) as uow:
        return [
            inbox.keep(
                uow,
                account_id=sale.merchant_id,
                source="payment",
                source_key=f"kept:{one['transaction_id']}",
                kind="TRANSACTION.SUCCESS",
                payload=json.dumps(one),
            ).id
            for one in resources
        ]
