"""What the services write is what the invariants ask for, in good days and in odd ones."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, update

from config.rails import RailPolicy
from creator_tools.catalogue import service as catalogue
from creator_tools.insights import queries
from creator_tools.kernel.clock import ManualClock
from creator_tools.kernel.fen import Fen
from creator_tools.kernel.models import Effect
from creator_tools.kernel.unit_of_work import UnitsOfWork
from creator_tools.operators import service as operators
from creator_tools.orders import service as orders
from creator_tools.orders.ports import PaymentStatement
from creator_tools.people import service as people
from creator_tools.works import service as works
from tests import factories

POLICY = RailPolicy.load()
PRICE_FEN = 990


@dataclass
class Channel:
    """A column and a work on sale, published through the services, and one fan."""

    units: UnitsOfWork
    clock: ManualClock
    oa_id: UUID
    mini_id: UUID
    merchant_id: UUID
    fan_id: UUID
    creator_id: UUID
    column_id: UUID
    work_id: UUID

    def price(self, kind: str, *, price_fen: int = PRICE_FEN, term_days: int | None = None) -> UUID:
        """Put the work or the column on sale."""
        with self.units("studio.act") as uow:
            return catalogue.set_price(
                uow,
                creator_id=self.creator_id,
                kind=kind,
                column_id=self.column_id,
                work_id=self.work_id if kind == "work" else None,
                term_days=term_days,
                price_fen=price_fen,
            ).id

    def order(self, product_id: UUID) -> UUID:
        """A pending order of the fan."""
        with self.units("catalogue.quote") as uow:
            quote = catalogue.quote(
                uow,
                product_id=product_id,
                person_id=self.fan_id,
                account_id=self.oa_id,
                surface="oa",
                device="android",
                policy=POLICY,
            )
        with self.units("orders.create") as uow:
            return orders.create(
                uow,
                quote_id=quote.id,
                person_id=self.fan_id,
                account_id=self.oa_id,
                payee_account_id=self.merchant_id,
            ).id

    def pay(self, order_id: UUID, **changes: Any) -> None:
        """The rail says that the order was paid, with deviations."""
        said: dict[str, Any] = {
            "account_id": self.oa_id,
            "payee_account_id": self.merchant_id,
            "rail": "jsapi",
            "trade_no": order_id.hex,
            "payment_ref": f"4200{order_id.int % 10**24:024d}",
            "amount_fen": Fen(PRICE_FEN),
            "currency": "CNY",
            "paid_at": self.clock.now(),
            "seen_by": "notification",
        } | changes
        statement = PaymentStatement(**said, fact_key=said["payment_ref"])
        self.units.run(
            "payments.record", lambda uow: orders.record_payment(uow, statement, fees=POLICY)
        )

    def broken(self) -> dict[str, tuple[dict[str, Any], ...]]:
        """The invariants that do not hold, with the rows that break them."""
        with self.units.reading() as session:
            results = queries.verify(session, self.clock.now(), POLICY.rates)
        return {result.id: result.violations for result in results if result.violations}


@pytest.fixture
def channel(clean_database: str, engine: Engine) -> Channel:
    clock = ManualClock(factories.START)
    units = factories.units_over(engine, clock)
    with units("accounts.seed") as uow:
        oa_id, mini_id = factories.make_account(uow, "oa"), factories.make_account(uow, "mini")
        merchant_id = factories.make_account(uow, "merchant")
        fan_id = factories.make_person(uow, oa_id, subject="o-fan").person_id
        column = factories.make_column(uow)
        work = works.save_draft(
            uow,
            creator_id=column.creator_id,
            column_id=column.id,
            title="第一课",
            markdown="试读的一段。\n\n---试读结束---\n\n付费的一段。",
        )
        check = works.submit(
            uow,
            work_id=work.id,
            creator_id=column.creator_id,
            text_check_subject_available=False,
        )
        operator_id, _ = operators.create(
            uow, login="mei", password="correct-horse-battery", roles=("editor",)
        )
        works.record_verdict(
            uow, check_id=check.id, verdict="pass", detail={}, operator_id=operator_id
        )
    return Channel(
        units,
        clock,
        oa_id,
        mini_id,
        merchant_id,
        fan_id,
        column.creator_id,
        column.id,
        work.id,
    )


def test_a_plain_sale_breaks_nothing(channel: Channel) -> None:
    channel.pay(channel.order(channel.price("work")))
    assert channel.broken() == {}
    with channel.units.reading() as session:
        day = channel.clock.now().date()
        (row,) = queries.revenue(session, first=day, last=day, by="rail")
    assert (row.orders, row.gross_fen, row.fee_fen, row.platform_fen, row.creator_fen) == (
        1,
        990,
        6,
        98,
        886,
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"amount_fen": Fen(1)},
        {"currency": "USD"},
        {"trade_no": "f" * 32},
        {"account_id": UUID(int=7)},
    ],
)
def test_money_that_fits_no_order_is_suspended_and_breaks_nothing(
    channel: Channel, changes: dict[str, Any]
) -> None:
    channel.pay(channel.order(channel.price("work")), **changes)
    assert channel.broken() == {}


def test_a_second_payment_and_a_repeated_one_break_nothing(channel: Channel) -> None:
    order_id = channel.order(channel.price("work"))
    channel.pay(order_id)
    channel.pay(order_id)
    channel.pay(order_id, payment_ref="42009")
    assert channel.broken() == {}


def test_a_late_payment_of_a_closed_order_breaks_nothing(channel: Channel) -> None:
    order_id = channel.order(channel.price("work"))
    with channel.units("orders.close") as uow:
        assert orders.close(uow, order_id, cause="expired")
    assert channel.broken() == {}
    channel.clock.advance(timedelta(hours=2))
    channel.pay(order_id)
    with channel.units("effects.settle") as uow:
        uow.session.execute(update(Effect).values(state="done", done_at=uow.now()))
    assert channel.broken() == {}


def test_a_term_bought_twice_breaks_nothing_even_after_its_end(channel: Channel) -> None:
    product_id = channel.price("column_term", term_days=30)
    channel.pay(channel.order(product_id))
    channel.clock.advance(timedelta(days=10))
    channel.pay(channel.order(product_id))
    channel.clock.advance(timedelta(days=90))
    with channel.units("effects.settle") as uow:
        uow.session.execute(update(Effect).values(state="done", done_at=uow.now()))
    assert channel.broken() == {}


def test_a_work_for_nothing_breaks_nothing(channel: Channel) -> None:
    channel.price("work", price_fen=0)
    assert channel.broken() == {}


def test_a_buyer_who_turns_out_to_be_somebody_else_breaks_nothing(channel: Channel) -> None:
    with channel.units("people.sign_in") as uow:
        people.recognise(uow, account_id=channel.mini_id, subject="m-fan", union_subject="u-fan")
    channel.pay(channel.order(channel.price("work")))
    with channel.units("people.sign_in") as uow:
        people.recognise(uow, account_id=channel.oa_id, subject="o-fan", union_subject="u-fan")
    assert channel.broken() == {}
