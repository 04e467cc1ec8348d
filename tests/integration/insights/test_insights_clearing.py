"""Clearing accounts name what stays in them the longest, and nothing that has gone through."""

from datetime import timedelta

from creator_tools.insights.queries import ClearingAccount, clearing_accounts
from creator_tools.kernel.clock import ManualClock
from tests.integration.insights.books import Books
from tests.integration.insights.given_back import give_back
from tests.integration.insights.on_the_bill import reconcile
from tests.integration.insights.paid_out import pay_out


def _standing(books: Books) -> dict[str, ClearingAccount]:
    with books.units.reading() as session:
        found = clearing_accounts(session, books.units.clock.now())
    return {f"{one.kind}:{one.rail}": one for one in found}


def _wait(books: Books, time: timedelta) -> None:
    assert isinstance(books.units.clock, ManualClock)
    books.units.clock.advance(time)


def test_empty_books_have_no_clearing_accounts(books: Books) -> None:
    assert _standing(books) == {}


def test_the_oldest_payment_that_its_rail_still_owes_is_named(books: Books) -> None:
    shop = books.open_shop("mei")
    first = books.sell(shop)
    _wait(books, timedelta(minutes=5))
    books.sell(shop)
    other_rail = books.sell(shop, rail="xpay_ios")
    standing = _standing(books)
    assert set(standing) == {"receivable:jsapi", "receivable:xpay_ios"}
    owed = standing["receivable:jsapi"]
    assert (owed.open_count, owed.open_fen) == (2, 2 * 990)
    assert owed.oldest_id == str(first.payment_id)
    assert owed.oldest_since is not None
    assert owed.oldest_age == books.units.clock.now() - owed.oldest_since
    assert standing["receivable:xpay_ios"].oldest_id == str(other_rail.payment_id)


def test_money_in_suspense_stays_open_under_its_payment(books: Books) -> None:
    sale = books.sell(books.open_shop("mei"))
    stray_id = books.pay_twice(sale)
    held = _standing(books)["suspense:jsapi"]
    assert (held.open_count, held.oldest_id) == (1, str(stray_id))
    assert held.open_fen < 0


def test_what_is_on_its_way_back_is_open_under_its_refund_until_it_arrived(books: Books) -> None:
    shop = books.open_shop("mei")
    refunds = give_back(books, [books.sell(shop) for _ in range(4)])
    going = _standing(books)["refund_in_flight:jsapi"]
    assert going.open_count == 2
    assert going.oldest_id in {str(refunds["going"]), str(refunds["stuck"])}


def test_a_payment_that_went_back_whole_leaves_nothing_open_with_its_rail(books: Books) -> None:
    shop = books.open_shop("mei")
    sales = [books.sell(shop) for _ in range(4)]
    give_back(books, sales)
    assert _standing(books)["receivable:jsapi"].open_count == 3


def test_a_settled_account_returns_to_zero_and_is_listed_as_empty(books: Books) -> None:
    sale = books.sell(books.open_shop("mei"))
    reconcile(books, sale.business_day)
    settled = _standing(books)["receivable:jsapi"]
    assert (settled.open_count, settled.open_fen) == (0, 0)
    assert (settled.oldest_id, settled.oldest_since, settled.oldest_age) == (None, None, None)


def test_a_payout_that_its_receiver_has_not_taken_stays_open(books: Books) -> None:
    payouts = pay_out(books, books.open_shop("mei"))
    going = _standing(books)["payout_in_flight:jsapi"]
    assert (going.open_count, going.open_fen) == (1, -100)
    assert going.oldest_id == str(payouts["payout_waiting"])
