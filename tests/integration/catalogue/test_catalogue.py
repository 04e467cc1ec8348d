"""Prices, frozen quotes with reasons, and price tiers that are published ahead."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from config.rails import RailPolicy
from creator_tools.catalogue import queries, service
from creator_tools.catalogue.errors import (
    PriceRefused,
    ProductNotFound,
    QuoteNotFound,
    TermRefused,
    TierNotFound,
)
from creator_tools.catalogue.models import PriceTier, Product, Quote
from creator_tools.columns import service as columns
from creator_tools.columns.models import Column
from creator_tools.creators import service as creators
from creator_tools.kernel.clock import ManualClock
from creator_tools.kernel.unit_of_work import UnitOfWork, UnitsOfWork
from creator_tools.works import queries as works
from creator_tools.works import service as works_service
from creator_tools.works.errors import WorkNotFound
from creator_tools.works.models import Work
from tests.factories import (
    START,
    make_account,
    make_column,
    make_person,
    make_published_work,
)

POLICY = RailPolicy.load()


def priced_work(uow: UnitOfWork, price_fen: int = 990) -> tuple[Work, Product]:
    column = make_column(uow)
    work = make_published_work(uow, column)
    return work, price(uow, column, "work", price_fen, work_id=work.id)


def price(
    uow: UnitOfWork,
    column: Column,
    kind: str,
    price_fen: int,
    *,
    work_id: UUID | None = None,
    term_days: int | None = None,
) -> Product:
    return service.set_price(
        uow,
        creator_id=column.creator_id,
        kind=kind,
        column_id=column.id,
        work_id=work_id,
        term_days=term_days,
        price_fen=price_fen,
    )


def quoted(
    uow: UnitOfWork, product: Product, surface: str, device: str, account_id: UUID | None = None
) -> Quote:
    account = account_id or make_account(uow, surface)
    return service.quote(
        uow,
        product_id=product.id,
        person_id=make_person(uow).person_id,
        account_id=account,
        surface=surface,
        device=device,
        policy=POLICY,
    )


def codes(quote: Quote) -> list[str]:
    return [reason["code"] for reason in quote.reasons]


def test_a_quote_freezes_price_and_rail_for_fifteen_minutes(units: UnitsOfWork) -> None:
    with units("catalogue.quote") as uow:
        _, product = priced_work(uow)
        quote = quoted(uow, product, "oa", "android")
        service.set_price(
            uow,
            creator_id=product.creator_id,
            kind="work",
            column_id=product.column_id,
            work_id=product.work_id,
            price_fen=1990,
        )
        assert (quote.rail, quote.payable_fen, quote.may_show_price) == ("jsapi", 990, True)
        assert quote.expires_at == START + timedelta(minutes=15)
        assert quote.reasons == [
            {"code": "official_account_pages", "sentence": "可以用微信支付购买。"}
        ]


def test_pricing_again_keeps_the_product(units: UnitsOfWork) -> None:
    with units("studio.act") as uow:
        column = make_column(uow)
        first = price(uow, column, "column_term", 1990, term_days=30)
        again = price(uow, column, "column_term", 2990, term_days=30)
        other = price(uow, column, "column_term", 9990, term_days=365)
        assert (first.id, again.price_fen) == (again.id, 2990)
        assert other.id != first.id
        assert uow.session.scalar(select(func.count()).select_from(Product)) == 2


def test_an_iphone_in_the_official_account_sees_no_price_and_buys_nothing(
    units: UnitsOfWork,
) -> None:
    with units("catalogue.quote") as uow:
        _, product = priced_work(uow)
        quote = quoted(uow, product, "oa", "ios")
        assert (quote.rail, quote.may_show_price) == (None, False)
        assert codes(quote) == ["ios_official_account_pages"]


def test_the_mini_program_sells_only_with_a_live_tier(units: UnitsOfWork) -> None:
    with units("catalogue.quote") as uow:
        mini = make_account(uow, "mini")
        _, product = priced_work(uow)
        early = quoted(uow, product, "mini", "android", mini)
        assert (early.rail, codes(early)) == (None, ["tier_not_live"])
        tier = queries.list_tiers_due(uow.session, uow.now())[0]
        assert (tier.account_id, tier.price_fen, tier.goods_id) == (mini, 990, "price_990_fen")
        service.note_tier_state(uow, tier_id=tier.id, state="live")
        assert quoted(uow, product, "mini", "android", mini).rail == "xpay_android"
        assert quoted(uow, product, "mini", "ios", mini).rail == "xpay_ios"
        assert queries.list_tiers_due(uow.session, uow.now()) == []


def test_an_iphone_pays_no_less_than_one_yuan_in_the_mini_program(units: UnitsOfWork) -> None:
    with units("catalogue.quote") as uow:
        mini = make_account(uow, "mini")
        _, cheap = priced_work(uow, 99)
        _, enough = priced_work(uow, 100)
        for tier in queries.list_tiers_due(uow.session, uow.now()):
            service.note_tier_state(uow, tier_id=tier.id, state="live")
        assert codes(quoted(uow, cheap, "mini", "ios", mini)) == ["below_rail_floor"]
        assert quoted(uow, cheap, "mini", "android", mini).rail == "xpay_android"
        assert quoted(uow, enough, "mini", "ios", mini).rail == "xpay_ios"


def test_a_device_nobody_heard_of_counts_as_unknown(units: UnitsOfWork) -> None:
    with units("catalogue.quote") as uow:
        _, product = priced_work(uow)
        quote = quoted(uow, product, "mini", "toaster' OR 1=1")
        assert (quote.device, quote.rail, codes(quote)) == ("unknown", None, ["device_unknown"])


def test_a_price_of_nothing_makes_a_work_free_and_a_price_locks_it_again(
    units: UnitsOfWork,
) -> None:
    with units("studio.act") as uow:
        work, product = priced_work(uow, 0)
        assert works.get(uow.session, work.id).is_free is True
        assert quoted(uow, product, "oa", "ios").rail == "free"
        column = uow.session.get_one(Column, work.column_id)
        assert price(uow, column, "work", 990, work_id=work.id).id == product.id
        assert works.get(uow.session, work.id).is_free is False


@pytest.mark.parametrize("price_fen", [-1, 5_000_001, 10**15])
def test_a_price_outside_of_what_can_be_paid_is_refused(units: UnitsOfWork, price_fen: int) -> None:
    with units("studio.act") as uow:
        with pytest.raises(PriceRefused):
            priced_work(uow, price_fen)
        assert uow.session.scalar(select(func.count()).select_from(Product)) == 0


def test_a_column_is_never_free_and_its_terms_are_known(units: UnitsOfWork) -> None:
    with units("studio.act") as uow:
        column = make_column(uow)
        with pytest.raises(PriceRefused):
            price(uow, column, "column_forever", 0)
        for kind, days in (("column_term", 31), ("column_term", None), ("column_forever", 30)):
            with pytest.raises(TermRefused):
                price(uow, column, kind, 990, term_days=days)


def test_nobody_prices_what_is_not_theirs(units: UnitsOfWork) -> None:
    with units("studio.act") as uow:
        mine = make_column(uow)
        work, product = priced_work(uow)
        with pytest.raises(WorkNotFound):
            price(uow, mine, "work", 1, work_id=work.id)
        with pytest.raises(ProductNotFound):
            service.take_off_sale(uow, creator_id=mine.creator_id, product_id=product.id)


def test_what_cannot_be_sold_now_says_why(units: UnitsOfWork) -> None:
    with units("studio.act") as uow:
        work, product = priced_work(uow)
        creator_id = work.creator_id
        whole = price(uow, uow.session.get_one(Column, work.column_id), "column_forever", 9900)
        columns.set_state(uow, column_id=work.column_id, creator_id=creator_id, state="paused")
        assert codes(quoted(uow, whole, "oa", "android")) == ["column_not_open"]
        creators.set_state(uow, creator_id=creator_id, state="paused")
        assert codes(quoted(uow, product, "oa", "android")) == ["creator_paused"]
        creators.set_state(uow, creator_id=creator_id, state="active")
        works_service.withdraw(uow, work_id=work.id, creator_id=creator_id)
        withdrawn = quoted(uow, product, "oa", "android")
        assert (withdrawn.rail, codes(withdrawn)) == (None, ["work_not_published"])
        service.take_off_sale(uow, creator_id=creator_id, product_id=product.id)
        assert codes(quoted(uow, product, "oa", "android")) == ["not_on_sale"]


def test_a_quote_belongs_to_one_person(units: UnitsOfWork) -> None:
    with units("catalogue.quote") as uow:
        _, product = priced_work(uow)
        quote = quoted(uow, product, "oa", "android")
        assert queries.get_quote(uow.session, quote.id, quote.person_id) == quote
        with pytest.raises(QuoteNotFound):
            queries.get_quote(uow.session, quote.id, make_person(uow).person_id)


def test_all_that_opens_a_work_is_listed_its_own_product_first(units: UnitsOfWork) -> None:
    with units("studio.act") as uow:
        work, own = priced_work(uow)
        column = uow.session.get_one(Column, work.column_id)
        month = price(uow, column, "column_term", 1990, term_days=30)
        year = price(uow, column, "column_term", 9990, term_days=365)
        ever = price(uow, column, "column_forever", 19900)
        listed = queries.list_of_work(uow.session, work.id, column.id)
        assert listed == [own, ever, year, month]
        assert queries.list_of_column(uow.session, column.id) == [ever, year, month]


def test_a_tier_that_failed_is_tried_again_later_and_a_live_one_stays_live(
    units: UnitsOfWork, clock: ManualClock
) -> None:
    with units("catalogue.tiers") as uow:
        account = make_account(uow, "mini")
        service.want_tier(uow, account_id=account, price_fen=990)
        service.want_tier(uow, account_id=account, price_fen=990)
        tier = uow.session.scalars(select(PriceTier)).one()
        service.note_tier_state(uow, tier_id=tier.id, state="failed")
        assert queries.list_tiers_due(uow.session, uow.now()) == []
    clock.advance(timedelta(minutes=10))
    with units("catalogue.tiers") as uow:
        assert [due.id for due in queries.list_tiers_due(uow.session, uow.now())] == [tier.id]
        service.note_tier_state(uow, tier_id=tier.id, state="live")
        service.note_tier_state(uow, tier_id=tier.id, state="failed")
        assert queries.find_live_tier(uow.session, account, 990) is not None
        with pytest.raises(TierNotFound):
            service.note_tier_state(uow, tier_id=account, state="live")


def test_the_dated_table_of_the_settings_fits_the_port() -> None:
    decision = POLICY.decide("oa", "android", "virtual", date(2026, 5, 20))
    assert (decision.rail, POLICY.least_fen("xpay_ios", date(2026, 5, 20))) == ("jsapi", 100)
