"""One slow or broken row keeps no other waiting, and loses nobody's message."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

import pytest
from sqlalchemy import select

from app.wiring.effects import CERTAIN, DONE, TELL, EffectKind, EffectRunner, Result
from app.wiring.lanes import ROUND_MAX, Lanes
from app.wiring.sweep import MoneyOut, Sweep
from creator_tools.kernel.clock import ManualClock
from creator_tools.kernel.effects import ClaimedEffect, Outcome
from creator_tools.kernel.models import Alarm, Effect
from creator_tools.kernel.unit_of_work import UnitsOfWork
from creator_tools.orders.models import Order
from migrations import tables  # noqa: F401 - a row is written only when every table is known
from tests.integration.orders.conftest import Shop, engine, shop  # noqa: F401 - fixtures

PATIENCE_S = 5.0


def promise(units: UnitsOfWork, kind: str, count: int = 1) -> None:
    with units("studio.act") as uow:
        for number in range(count):
            uow.promise(kind, f"{kind}:{number}", object_type="person", object_id=None)


def states(units: UnitsOfWork) -> list[str]:
    with units.reading() as session:
        return list(session.scalars(select(Effect.state).order_by(Effect.id)))


def test_messages_behind_slow_ones_are_sent_and_not_given_up(
    units: UnitsOfWork, clock: ManualClock
) -> None:
    promise(units, "customer_message.text", count=10)
    sent: list[str] = []

    def send_slowly(claimed: ClaimedEffect) -> Result:
        sent.append(claimed.idempotency_key)
        clock.advance(timedelta(seconds=9))
        # Another worker looks for work at the same time.
        if len(sent) == 8:
            other.run_due(limit=1)
        return DONE

    def send_at_once(claimed: ClaimedEffect) -> Result:
        sent.append(claimed.idempotency_key)
        return DONE

    runner = EffectRunner(units, {"customer_message.text": EffectKind(send_slowly, TELL)})
    other = EffectRunner(units, {"customer_message.text": EffectKind(send_at_once, TELL)})
    while runner.run_due():
        pass
    assert sorted(sent) == sorted({f"customer_message.text:{number}" for number in range(10)})
    assert states(units) == ["done"] * 10


def test_a_promise_that_must_be_kept_and_is_refused_is_told_to_a_person(units: UnitsOfWork) -> None:
    promise(units, "xpay.provide")
    promise(units, "customer_message.text")

    def refuse(_claimed: ClaimedEffect) -> Result:
        return Result(Outcome.REFUSED, error_code="wechat_268490003")

    EffectRunner(
        units,
        {
            "xpay.provide": EffectKind(refuse, CERTAIN),
            "customer_message.text": EffectKind(refuse, TELL),
        },
    ).run_due()
    assert states(units) == ["failed", "failed"]
    with units.reading() as session:
        alarms = session.scalars(select(Alarm.object_key)).all()
    assert alarms == ["xpay.provide:xpay.provide:0"]


def test_a_kind_of_the_next_release_waits_for_it(units: UnitsOfWork, clock: ManualClock) -> None:
    promise(units, "kind.of_tomorrow")
    assert EffectRunner(units, {}).run_due() == 1
    clock.advance(timedelta(minutes=11))
    newer = EffectRunner(units, {"kind.of_tomorrow": EffectKind(lambda _: DONE, CERTAIN)})
    assert newer.run_due() == 1
    assert states(units) == ["done"]


class _Payments:
    """Asks rails; one of them is odd."""

    def __init__(self, odd: UUID) -> None:
        self.odd = odd
        self.asked: list[UUID] = []

    def ask(self, order_id: UUID) -> str:
        self.asked.append(order_id)
        if order_id == self.odd:
            raise TypeError("an answer that nobody foresaw")
        return "open"


def _sweep(units: UnitsOfWork, **parts: Any) -> Sweep:
    known: dict[str, Any] = {
        "payments": None,
        "money_out": MoneyOut(_Nothing(), _Nothing()),  # type: ignore[arg-type]
        "callbacks": None,
        "effects": EffectRunner(units, {}),
        "chores": {},
    } | parts
    return Sweep(units=units, **known)


class _Nothing:
    def step(self) -> int:
        return 0


def test_an_odd_order_does_not_stop_the_others(shop: Shop) -> None:  # noqa: F811 - a fixture
    placed = [shop.order(), shop.stranger().order(), shop.stranger().order()]
    payments = _Payments(placed[0])
    shop.clock.advance(timedelta(seconds=6))
    _sweep(shop.units, payments=payments).step("orders")
    assert sorted(payments.asked) == sorted(placed)


def test_each_rail_is_asked_in_a_lane_of_its_own(shop: Shop) -> None:  # noqa: F811 - a fixture
    jsapi, virtual = shop.order(), shop.stranger().order()
    with shop.units("orders.prepaid") as uow:
        uow.session.get_one(Order, virtual).rail = "xpay_ios"
    payments = _Payments(UUID(int=0))
    shop.clock.advance(timedelta(seconds=6))
    sweep = _sweep(shop.units, payments=payments)
    sweep.step("orders.xpay")
    assert payments.asked == [virtual]
    sweep.step("orders.jsapi")
    assert payments.asked == [virtual, jsapi]


@pytest.fixture
def stop() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def test_a_slow_lane_keeps_no_other_waiting(clock: ManualClock, stop: threading.Event) -> None:
    stuck, gone_round = threading.Event(), threading.Event()
    steps: dict[str, Callable[[], object]] = {
        "slow": lambda: stuck.wait(PATIENCE_S),
        "quick": gone_round.set,
    }
    lanes = Lanes(
        [("slow",), ("quick",)], step=lambda topic: int(bool(steps[topic]())), clock=clock
    )
    lanes.start(stop, 0.01)
    assert gone_round.wait(PATIENCE_S)
    assert lanes.are_moving()
    clock.advance(ROUND_MAX + timedelta(seconds=1))
    assert not lanes.are_moving()
    stuck.set()
    stop.set()
    lanes.join(PATIENCE_S)


def test_a_payment_is_handled_while_a_message_hangs(
    units: UnitsOfWork, stop: threading.Event
) -> None:
    promise(units, "customer_message.text", count=4)
    promise(units, "xpay.provide")
    hanging, provided = threading.Event(), threading.Event()

    def hang(_claimed: ClaimedEffect) -> Result:
        hanging.wait(PATIENCE_S)
        return DONE

    def provide(_claimed: ClaimedEffect) -> Result:
        provided.set()
        return DONE

    kinds = {
        "customer_message.text": EffectKind(hang, TELL),
        "xpay.provide": EffectKind(provide, CERTAIN),
    }
    sweep = _sweep(units, effects=EffectRunner(units, kinds), payments=cast("Any", None))
    loop = threading.Thread(target=sweep.run, args=(stop,), daemon=True)
    loop.start()
    assert provided.wait(PATIENCE_S / 2)
    hanging.set()
    stop.set()
    loop.join(PATIENCE_S * 2)
    assert not loop.is_alive()
