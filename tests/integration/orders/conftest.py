"""A shop with one work for 9.90 yuan, and the means to state payments of it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine

from config.rails import RailPolicy
from creator_tools.catalogue import service as catalogue
from creator_tools.kernel.clock import ManualClock
from creator_tools.kernel.database import open_engine
from creator_tools.kernel.fen import Fen
from creator_tools.kernel.unit_of_work import UnitsOfWork
from creator_tools.orders import service as orders
from creator_tools.orders.ports import PaymentStatement
from tests import factories

PRICE_FEN = 990


@dataclass
class Shop:
    """One work on sale, its buyer, and the accounts between them."""

    units: UnitsOfWork
    clock: ManualClock
    fees: RailPolicy
    oa_id: UUID
    merchant_id: UUID
    person_id: UUID
    creator_id: UUID
    column_id: UUID
    work_id: UUID
    product_id: UUID

    def order(self) -> UUID:
        """A pending order of the work; returns its id."""
        with self.units("catalogue.quote") as uow:
            quote = catalogue.quote(
                uow,
                product_id=self.product_id,
                person_id=self.person_id,
                account_id=self.oa_id,
                surface="oa",
                device="android",
                policy=self.fees,
            )
        with self.units("orders.create") as uow:
            return orders.create(
                uow,
                quote_id=quote.id,
                person_id=self.person_id,
                account_id=self.oa_id,
                payee_account_id=self.merchant_id,
            ).id

    def stranger(self) -> "Shop":
        """The same shop, for a buyer who was never here."""
        with self.units("people.sign_in") as uow:
            return replace(self, person_id=factories.make_person(uow, self.oa_id).person_id)

    def statement(self, order_id: UUID, **changes: Any) -> PaymentStatement:
        """What the rail says when this order is paid, with deviations."""
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
        said.setdefault("fact_key", said["payment_ref"])
        return PaymentStatement(**said)

    def record(self, statement: PaymentStatement) -> orders.Recorded:
        """Record a statement in a unit of its own."""
        return self.units.run(
            "payments.record", lambda uow: orders.record_payment(uow, statement, fees=self.fees)
        )


@pytest.fixture
def engine(clean_database: str) -> Iterator[Engine]:
    opened = open_engine(clean_database, application_name="tests")
    yield opened
    opened.dispose()


@pytest.fixture
def shop(engine: Engine) -> Shop:
    clock = ManualClock(factories.START)
    units = factories.units_over(engine, clock)
    with units("accounts.seed") as uow:
        oa_id = factories.make_account(uow, "oa")
        merchant_id = factories.make_account(uow, "merchant")
        person_id = factories.make_person(uow, oa_id).person_id
        column = factories.make_column(uow)
        work = factories.make_published_work(uow, column)
        product = catalogue.set_price(
            uow,
            creator_id=column.creator_id,
            kind="work",
            column_id=column.id,
            work_id=work.id,
            price_fen=PRICE_FEN,
        )
    return Shop(
        units,
        clock,
        RailPolicy.load(),
        oa_id,
        merchant_id,
        person_id,
        column.creator_id,
        column.id,
        work.id,
        product.id,
    )
