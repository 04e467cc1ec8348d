"""A payment opens a door once, and no coin is lost."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text

from creator_tools.access import queries as access
from creator_tools.catalogue import service as catalogue
from creator_tools.kernel.fen import Fen
from creator_tools.orders import service as orders
from creator_tools.orders.errors import AlreadyOwned
from creator_tools.orders.rules import Disposition
from tests import factories
from tests.integration.orders.conftest import PRICE_FEN, Shop


def balances(shop: Shop) -> dict[str, int]:
    """The sum of postings per kind of account."""
    with shop.units.reading() as session:
        rows = session.execute(
            text(
                "SELECT a.kind, sum(p.amount_fen) AS fen FROM postings p "
                "JOIN ledger_accounts a ON a.id = p.account_id GROUP BY a.kind"
            )
        )
        return {row.kind: int(row.fen) for row in rows}


def count(shop: Shop, table: str) -> int:
    with shop.units.reading() as session:
        return int(session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def may_read(shop: Shop) -> bool:
    with shop.units.reading() as session:
        return access.has_access(
            session,
            person_id=shop.person_id,
            object_type="work",
            object_id=shop.work_id,
            now=shop.clock.now(),
        )


def state_of(shop: Shop, order_id: object) -> str:
    with shop.units.reading() as session:
        return str(
            session.execute(
                text("SELECT state FROM orders WHERE id = :id"), {"id": order_id}
            ).scalar_one()
        )


def test_nine_yuan_ninety_is_divided_to_the_fen_and_opens_the_work(shop: Shop) -> None:
    order_id = shop.order()
    assert not may_read(shop)
    recorded = shop.record(shop.statement(order_id))
    assert (recorded.disposition, recorded.is_new) == (Disposition.SETTLED, True)
    assert balances(shop) == {
        "receivable": 990,
        "fee": -6,
        "platform_share": -98,
        "creator_payable": -886,
    }
    assert may_read(shop)
    assert state_of(shop, order_id) == "paid"


def test_the_same_payment_again_changes_nothing(shop: Shop) -> None:
    statement = shop.statement(shop.order())
    shop.record(statement)
    before = (balances(shop), count(shop, "audit_events"), count(shop, "effects"))
    again = shop.record(statement)
    assert (again.disposition, again.is_new) == (Disposition.SETTLED, False)
    assert (balances(shop), count(shop, "audit_events"), count(shop, "effects")) == before


def test_a_payment_that_a_query_saw_first_is_not_booked_by_its_notification(shop: Shop) -> None:
    order_id = shop.order()
    shop.record(shop.statement(order_id, seen_by="query"))
    shop.record(shop.statement(order_id, seen_by="notification"))
    assert count(shop, "journal_entries") == 1


@pytest.mark.parametrize(
    ("changes", "disposition"),
    [
        ({"amount_fen": Fen(PRICE_FEN - 1)}, Disposition.WRONG_AMOUNT),
        ({"amount_fen": Fen(PRICE_FEN * 100)}, Disposition.WRONG_AMOUNT),
        ({"currency": "USD"}, Disposition.WRONG_CURRENCY),
        ({"trade_no": "0" * 32}, Disposition.UNKNOWN_ORDER),
    ],
)
def test_money_that_does_not_fit_waits_in_suspense_with_an_alarm(
    shop: Shop, changes: dict[str, object], disposition: Disposition
) -> None:
    order_id = shop.order()
    recorded = shop.record(shop.statement(order_id, **changes))
    assert recorded.disposition is disposition
    assert not may_read(shop)
    assert state_of(shop, order_id) == "pending"
    amount_fen = changes.get("amount_fen", PRICE_FEN)
    assert balances(shop) == {"receivable": amount_fen, "suspense": -int(str(amount_fen))}
    assert count(shop, "alarms") == 1


def test_a_payment_through_another_account_opens_nothing(shop: Shop) -> None:
    order_id = shop.order()
    recorded = shop.record(shop.statement(order_id, account_id=shop.merchant_id))
    assert recorded.disposition is Disposition.WRONG_ACCOUNT
    assert not may_read(shop)


def test_a_late_payment_of_a_closed_order_revives_it(shop: Shop) -> None:
    order_id = shop.order()
    with shop.units("orders.close") as uow:
        assert orders.close(uow, order_id, cause="expired")
    assert state_of(shop, order_id) == "closed"
    shop.clock.advance(timedelta(hours=3))
    recorded = shop.record(shop.statement(order_id))
    assert recorded.disposition is Disposition.SETTLED
    assert state_of(shop, order_id) == "paid"
    assert may_read(shop)


def test_a_second_payment_of_a_paid_order_goes_to_suspense(shop: Shop) -> None:
    order_id = shop.order()
    shop.record(shop.statement(order_id))
    second = shop.record(shop.statement(order_id, payment_ref="4200" + "9" * 24))
    assert second.disposition is Disposition.SECOND_PAYMENT
    assert balances(shop)["suspense"] == -PRICE_FEN
    assert balances(shop)["creator_payable"] == -886
    assert count(shop, "alarms") == 1


def test_a_second_payment_of_one_number_goes_to_suspense_and_is_kept_once(shop: Shop) -> None:
    order_id = shop.order()
    said = {"fact_key": order_id.hex, "seen_by": "delivery"}
    first = shop.statement(order_id, payment_ref="4200000001", **said)
    second = shop.statement(order_id, payment_ref="4200000002", **said)
    unnamed = shop.statement(order_id, payment_ref=order_id.hex, **said)
    assert shop.record(first).disposition is Disposition.SETTLED
    assert shop.record(second).disposition is Disposition.SECOND_PAYMENT
    again = [shop.record(one) for one in (first, second, unnamed)]
    assert [one.is_new for one in again] == [False, False, False]
    assert [one.disposition for one in again] == ["settled", "second_payment", "settled"]


def test_a_right_payment_opens_after_another_one_was_set_aside(shop: Shop) -> None:
    order_id = shop.order()
    said = {"fact_key": order_id.hex, "seen_by": "delivery"}
    wrong = shop.statement(order_id, payment_ref="4200000001", amount_fen=Fen(1), **said)
    right = shop.statement(order_id, payment_ref="4200000002", **said)
    assert shop.record(wrong).disposition is Disposition.WRONG_AMOUNT
    assert shop.record(right).disposition is Disposition.SETTLED
    assert not shop.record(right).is_new


def test_a_second_recorder_waits_for_the_first_and_books_nothing_more(shop: Shop) -> None:
    statement = shop.statement(shop.order())
    with ThreadPoolExecutor(max_workers=1) as pool:
        with shop.units("payments.record") as first:
            orders.record_payment(first, statement, fees=shop.fees)
            second = pool.submit(shop.record, statement)
            with pytest.raises(TimeoutError):
                second.result(timeout=0.3)
        assert second.result(timeout=60).is_new is False
    assert count(shop, "journal_entries") == 1
    assert count(shop, "entitlement_sources") == 1


def test_what_is_owned_for_ever_is_not_sold_twice(shop: Shop) -> None:
    shop.record(shop.statement(shop.order()))
    with pytest.raises(AlreadyOwned):
        shop.order()


def test_the_rail_of_the_fact_is_booked_with_its_own_fee(shop: Shop) -> None:
    order_id = shop.order()
    shop.record(shop.statement(order_id, rail="xpay_ios"))
    assert balances(shop) == {
        "receivable": 990,
        "fee": -119,
        "platform_share": -87,
        "creator_payable": -784,
    }


def test_goods_that_the_order_does_not_name_open_nothing(shop: Shop) -> None:
    order_id = shop.order()
    for number, changes in enumerate(({"goods_id": "price_1_fen"}, {"quantity": 2})):
        said = shop.statement(order_id, payment_ref=f"42{number:026d}", **changes)
        assert shop.record(said).disposition is Disposition.WRONG_GOODS
    assert not may_read(shop)
    assert balances(shop) == {"receivable": 2 * PRICE_FEN, "suspense": -2 * PRICE_FEN}
    assert count(shop, "alarms") == 2


def test_the_good_of_the_price_opens(shop: Shop) -> None:
    with shop.units("catalogue.tiers") as uow:
        catalogue.want_tier(uow, account_id=shop.oa_id, price_fen=PRICE_FEN)
    said = shop.statement(shop.order(), goods_id=f"price_{PRICE_FEN}_fen")
    assert shop.record(said).disposition is Disposition.SETTLED


def test_money_of_another_payer_opens_nothing(shop: Shop) -> None:
    with shop.units("people.sign_in") as uow:
        factories.make_person(uow, shop.oa_id, subject="somebody-else")
    order_id = shop.order()
    for payer in ("somebody-else", "nobody-we-know"):
        said = shop.statement(order_id, payer_subject=payer, payment_ref=f"42-{payer}")
        assert shop.record(said).disposition is Disposition.WRONG_PAYER
    assert not may_read(shop)


def test_a_buyer_who_became_one_with_an_older_self_is_still_the_payer(shop: Shop) -> None:
    with shop.units("people.sign_in") as uow:
        mini_id = factories.make_account(uow, "mini")
        older = factories.make_person(uow, mini_id, union_subject="u-1").person_id
    shop.clock.advance(timedelta(seconds=1))
    with shop.units("people.sign_in") as uow:
        younger = factories.make_person(uow, shop.oa_id, subject="buyer").person_id
    shop.person_id = younger
    order_id = shop.order()
    with shop.units("people.sign_in") as uow:
        merged = factories.make_person(uow, shop.oa_id, subject="buyer", union_subject="u-1")
    assert merged.person_id == older
    said = shop.statement(order_id, payer_subject="buyer")
    assert shop.record(said).disposition is Disposition.SETTLED
    assert may_read(shop)


def test_a_number_that_was_set_aside_and_then_fits_is_not_passed_over(shop: Shop) -> None:
    order_id = shop.order()
    shop.record(shop.statement(order_id, account_id=shop.merchant_id))
    assert not shop.record(shop.statement(order_id)).is_new
    with shop.units.reading() as session:
        codes = set(session.scalars(text("SELECT code FROM alarms")))
    assert codes == {"payment_wrong_account", "payment_restated"}


def test_two_taps_are_one_order_and_a_changed_price_is_another(shop: Shop) -> None:
    with ThreadPoolExecutor(max_workers=4) as pool:
        placed = {one.result() for one in [pool.submit(shop.order) for _ in range(4)]}
    assert len(placed) == 1
    assert shop.stranger().order() not in placed
    with shop.units("studio.act") as uow:
        catalogue.set_price(
            uow,
            creator_id=shop.creator_id,
            kind="work",
            column_id=shop.column_id,
            work_id=shop.work_id,
            price_fen=PRICE_FEN + 100,
        )
    assert shop.order() not in placed


def test_two_orders_of_one_thing_both_paid_are_told_to_a_person(shop: Shop) -> None:
    first = shop.order()
    shop.clock.advance(timedelta(minutes=29))
    second = shop.order()
    assert second != first
    shop.record(shop.statement(first))
    assert count(shop, "alarms") == 0
    shop.record(shop.statement(second))
    with shop.units.reading() as session:
        assert session.scalars(text("SELECT code FROM alarms")).all() == ["paid_again"]


def test_first_payments_of_two_buyers_at_once_do_not_knot(shop: Shop) -> None:
    """Both make the pots of the ledger, and the second waits for the first, not both."""
    other = shop.stranger()
    mine, theirs = shop.statement(shop.order()), other.statement(other.order())
    with ThreadPoolExecutor(max_workers=1) as pool:
        with shop.units("payments.record") as first:
            orders.record_payment(first, mine, fees=shop.fees)
            second = pool.submit(other.record, theirs)
            with pytest.raises(TimeoutError):
                second.result(timeout=0.3)
        assert second.result(timeout=60).disposition is Disposition.SETTLED
    assert balances(shop)["receivable"] == 2 * PRICE_FEN
