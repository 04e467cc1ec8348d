"""Statements are counted, so that a hot path cannot grow unseen."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, event

from creator_tools.access import queries as access
from creator_tools.kernel import inbox
from tests import factories
from tests.integration.orders.conftest import Shop

# What one payment costs today, savepoints and COMMIT not counted. Lower it when it falls.
RECORD_PAYMENT_MAX = 18
KEEP_FACT_MAX = 3


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """The statements that are sent while this is open."""
    sent: list[str] = []

    def note(*arguments: object) -> None:
        sent.append(str(arguments[2]))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_a_paywalled_read_is_one_query(shop: Shop, engine: Engine) -> None:
    with counted(engine) as sent, shop.units.reading() as session:
        opened = access.open_work(
            session, work_id=shop.work_id, person_id=shop.person_id, now=shop.clock.now()
        )
    assert opened is not None
    assert opened.html is None
    assert len(sent) == 1


def test_recording_a_payment_stays_within_its_budget(shop: Shop, engine: Engine) -> None:
    # Another person buys first: the pots of the ledger exist afterwards, as they do in real life.
    shop.record(shop.statement(shop.order()))
    with shop.units("people.sign_in") as uow:
        shop.person_id = factories.make_person(uow, shop.oa_id).person_id
    statement = shop.statement(shop.order())
    with counted(engine) as sent:
        shop.record(statement)
    assert len(sent) <= RECORD_PAYMENT_MAX, "\n".join(sent)


def test_keeping_a_fact_stays_within_its_budget(shop: Shop, engine: Engine) -> None:
    with counted(engine) as sent, shop.units("inbox.keep") as uow:
        inbox.keep(
            uow,
            account_id=shop.merchant_id,
            source="payment",
            source_key="k",
            kind="t",
            payload="{}",
        )
    assert len(sent) <= KEEP_FACT_MAX
