"""A rail is asked in time, whoever watches, and also after an order closed."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from creator_tools.orders import queries
from creator_tools.orders import service as orders
from tests.integration.orders.conftest import Shop

XPAY = ("xpay_android", "xpay_ios")


def claim(shop: Shop, order_id: UUID) -> bool:
    return shop.units.run("orders.claim_query", lambda uow: orders.claim_query(uow, order_id))


def next_query_s(shop: Shop, order_id: UUID) -> float | None:
    with shop.units.reading() as session:
        due = session.execute(
            text("SELECT next_query_at FROM orders WHERE id = :id"), {"id": order_id}
        ).scalar_one()
    return None if due is None else float((due - shop.clock.now()).total_seconds())


def test_a_client_that_polls_does_not_use_up_the_questions(shop: Shop) -> None:
    order_id = shop.order()
    for _ in range(20):
        shop.units.run("orders.claim_query", lambda uow: orders.hasten_query(uow, order_id))
        shop.clock.advance(timedelta(seconds=2))
        claim(shop, order_id)
    due_s = next_query_s(shop, order_id)
    assert due_s is not None
    assert due_s <= 20


def test_nobody_asks_twice_within_two_seconds(shop: Shop) -> None:
    order_id = shop.order()
    shop.clock.advance(timedelta(seconds=5))
    assert claim(shop, order_id)
    shop.units.run("orders.claim_query", lambda uow: orders.hasten_query(uow, order_id))
    assert not claim(shop, order_id)
    shop.clock.advance(timedelta(seconds=1))
    assert not claim(shop, order_id)


@pytest.mark.parametrize("rail", ["xpay_android", "jsapi"])
def test_a_closed_order_is_asked_about_where_its_number_only_lapses(shop: Shop, rail: str) -> None:
    order_id = shop.order()
    with shop.units("orders.close") as uow:
        order = queries.lock(uow.session, order_id)
        order.rail = rail
        assert orders.close(uow, order_id, cause="expired")
    shop.clock.advance(timedelta(minutes=11))
    with shop.units.reading() as session:
        due = queries.list_query_due(session, shop.clock.now(), rails=(*XPAY, "jsapi"))
    assert due == ([order_id] if rail in XPAY else [])
    assert claim(shop, order_id) is (rail in XPAY)
    assert (next_query_s(shop, order_id) is None) is (rail == "jsapi")
