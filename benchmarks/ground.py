"""What the figures are taken on: services of their own, one shop, many orders that wait.

PostgreSQL runs without fsync where the ratios speak of our work and not of this machine's disk, and
as in production where a commit is what is measured.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from flask import Flask

from app.http.assembly import build_application
from app.launcher.cluster import RUNNER, Cluster
from app.wiring.container import Wiring
from creator_tools.catalogue import service as catalogue
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.orders import service as orders
from tests import factories
from tests.installation import Installation
from tests.services import TEMPLATE, Services

PRICE_FEN = 990
DATABASE = "juanliu_figures"
_PARAGRAPH = "<p>" + "天刚亮的时候街上没有人，光从楼与楼之间漏下来。" * 4 + "</p>"


@dataclass(frozen=True)
class PendingOrder:
    """An order that waits for its payment, and who will pay it."""

    order_id: UUID
    subject: str

    @property
    def trade_no(self) -> str:
        """The order's number at the rail."""
        return self.order_id.hex


@dataclass(frozen=True)
class Ground:
    """An installation without processes: wiring and application live in this one."""

    house: Installation
    wiring: Wiring
    application: Flask
    work_id: UUID
    orders: list[PendingOrder]
    cluster: Cluster


class ServicesMissing(Exception):
    """PostgreSQL or Valkey did not start; the text says why."""


@contextmanager
def laid(orders_count: int, *, durable: bool = False) -> Iterator[Ground]:
    """Services, schema, one published work for 9.90 yuan and `orders_count` pending orders."""
    services = Services(durable=durable)
    folder = Path(tempfile.mkdtemp(prefix="juanliu-figures-"))
    services.start()
    try:
        if services.addresses.fault:
            raise ServicesMissing(services.addresses.fault)
        services.addresses.cluster.create_database(DATABASE, TEMPLATE)
        house = Installation(
            folder,
            services.addresses.cluster.url(RUNNER, DATABASE),
            services.addresses.valkey_url(0),
        )
        wiring = house.wiring()
        try:
            work_id, waiting = wiring.units.run(
                "orders.create", lambda uow: _shop(uow, wiring, orders_count)
            )
            yield Ground(
                house,
                wiring,
                build_application(wiring),
                work_id,
                waiting,
                services.addresses.cluster,
            )
        finally:
            wiring.close()
    finally:
        services.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _shop(uow: UnitOfWork, wiring: Wiring, orders_count: int) -> tuple[UUID, list[PendingOrder]]:
    creator = factories.make_creator(
        uow, person_id=factories.make_person(uow, wiring.accounts.first("oa").id).person_id
    )
    column = factories.make_column(uow, creator_id=creator.id)
    work = factories.make_published_work(
        uow, column, preview_html=_PARAGRAPH, body_html=_PARAGRAPH * 12
    )
    product = catalogue.set_price(
        uow,
        creator_id=column.creator_id,
        kind="work",
        column_id=column.id,
        work_id=work.id,
        price_fen=PRICE_FEN,
    )
    waiting = [_order(uow, wiring, product.id, number) for number in range(orders_count)]
    return work.id, waiting


def _order(uow: UnitOfWork, wiring: Wiring, product_id: UUID, number: int) -> PendingOrder:
    oa_id = wiring.accounts.first("oa").id
    subject = f"o-figures-{number:05d}"
    person_id = factories.make_person(uow, oa_id, subject=subject).person_id
    quote = catalogue.quote(
        uow,
        product_id=product_id,
        person_id=person_id,
        account_id=oa_id,
        surface="oa",
        device="android",
        policy=wiring.rails,
    )
    order = orders.create(
        uow,
        quote_id=quote.id,
        person_id=person_id,
        account_id=oa_id,
        payee_account_id=wiring.accounts.first("merchant").id,
    )
    return PendingOrder(order.id, subject)
