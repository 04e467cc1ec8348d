"""Genuine money that cannot be taken in is told to a person; a stranger's tells nobody."""

from typing import Any

import pytest
from sqlalchemy import text

from app.wiring import payments as wired
from creator_tools.kernel import idempotency, inbox
from creator_tools.kernel.unit_of_work import UnitsOfWork
from tests.integration.http.conftest import House, house, wechat  # noqa: F401 - fixtures
from tests.unit.wechat_handlers import merchant

OTHER_KEY = "x" * 32


@pytest.fixture(autouse=True)
def _keys_of_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wired, "pay_keys", lambda _account: merchant.pay_keys())


def notify(house: House, body: bytes, **signing: Any) -> int:  # noqa: F811
    now = str(int(house.wiring.clock.now().timestamp()))
    headers = merchant.signed_headers(body, timestamp=now, **signing)
    path = "/wechat-pay/notifications/payment"
    return house.client().post(path, data=body, headers=dict(headers)).status_code


def alarms(house: House) -> list[str]:  # noqa: F811
    with house.wiring.reading() as session:
        return list(session.scalars(text("SELECT code FROM alarms ORDER BY code")))


@pytest.mark.parametrize(
    "body",
    [
        merchant.notification(apiv3_key=OTHER_KEY),
        merchant.notification(merchant.TRANSACTION | {"mchid": "1900000000"}),
        merchant.notification(merchant.TRANSACTION | {"amount": {"total": "990"}}),
        merchant.notification({"mchid": merchant.MCHID}),
    ],
    ids=["another APIv3 key", "another merchant", "no amount", "about nothing"],
)
def test_what_wechat_signed_and_we_refuse_is_told_once(house: House, body: bytes) -> None:  # noqa: F811
    assert {notify(house, body), notify(house, body)} == {401}
    assert alarms(house) == ["money_refused"]


def test_what_a_stranger_signed_is_told_to_nobody(house: House) -> None:  # noqa: F811
    body = merchant.notification(apiv3_key=OTHER_KEY)
    assert notify(house, body, key="stranger") == 401
    assert alarms(house) == []


def test_the_first_answer_of_a_key_stands(units: UnitsOfWork) -> None:
    key = {"scope": "orders:x", "key": "k-12345678"}
    with units("orders.create") as uow:
        assert idempotency.begin(uow, **key, body={}) is None
    given = []
    for number in (1, 2):
        with units("orders.prepaid") as uow:
            given.append(idempotency.finish(uow, **key, response={"answer": number}))
    assert given == [{"answer": 1}, {"answer": 1}]


def test_a_fact_that_is_set_aside_raises_an_alarm_and_can_run_again(house: House) -> None:  # noqa: F811
    account_id = house.wiring.accounts.first("merchant").id
    with house.wiring.units("inbox.keep") as uow:
        kept = inbox.keep(
            uow,
            account_id=account_id,
            source="payment",
            source_key="authorization:1",
            kind="MCHTRANSFER.AUTHORIZATION.CONFIRMED",
            payload="{}",
        )
    house.wiring.sweep.step("inbox")
    assert alarms(house) == ["inbox_fact_parked"]
    with house.wiring.units("operators.act") as uow:
        assert inbox.replay(uow, kept.id)
        assert inbox.claim(uow, kept.id) is not None
