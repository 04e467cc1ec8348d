"""The loop that makes everything certain, with or without a broker.

Each step looks for rows that are due and calls the same functions that a hint would have called.
A step that fails is logged and counted; the loop goes on, because the next row is not to blame.
Steps that have nothing to do with each other run side by side (see `lanes`).
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import structlog
from prometheus_client import Counter

from app.wiring.callbacks import Callbacks
from app.wiring.effects import EffectRunner
from app.wiring.lanes import Lanes
from app.wiring.payments import GROUP_MAX, PAYMENT_SOURCE, TRANSFERRED_EVENT, Payments
from app.wiring.payouts import Payouts
from app.wiring.pushes import MESSAGE_SOURCE, XPAY_SOURCE
from app.wiring.refunds import REFUND_EVENTS, Refunds
from app.wiring.upkeep import Upkeep
from creator_tools.catalogue import service as catalogue
from creator_tools.kernel import heartbeats, inbox
from creator_tools.kernel.errors import DomainError
from creator_tools.kernel.unit_of_work import UnitOfWork, UnitsOfWork
from creator_tools.orders import queries as orders
from creator_tools.works import service as works

_log = structlog.get_logger(__name__)
STEPS_FAILED = Counter("juanliu_sweep_steps_failed_total", "Steps that raised", ["step"])
PERIOD_S = 1.0
STOP_PATIENCE_S = 12.0
# What somebody in the chat is waiting for.
MESSAGES = (
    "customer_message.paid",
    "customer_message.payout",
    "customer_message.refund",
    "customer_message.seat",
    "customer_message.text",
)
# In a lane of their own: a merchant short of money must not hold up anything else.
REFUNDS = ("refund.send", "payout.send", "payout.cancel")
LANES = (
    ("inbox",),
    ("effects.messages",),
    ("effects.messages",),
    ("effects.others",),
    ("orders.jsapi",),
    ("orders.xpay",),
    ("effects.refunds", "refunds", "payouts"),
    ("works", "groups", "upkeep"),
    ("tiers", "certificates"),
    ("media",),
    ("bills",),
    ("splits",),
)
HEARTBEAT = "sweep"


@dataclass(frozen=True)
class MoneyOut:
    """What follows money that leaves: back to fans, on to its earners."""

    refunds: Refunds
    payouts: Payouts


class Sweep:
    """Steps through everything that may be due."""

    def __init__(
        self,
        *,
        units: UnitsOfWork,
        payments: Payments,
        money_out: MoneyOut,
        callbacks: Callbacks,
        effects: EffectRunner,
        chores: Mapping[str, Callable[[], int]],
    ) -> None:
        """Bind the loop to its parts.

        Args:
            chores: steps that need nothing of the others, by name; each is named in `LANES`.
        """
        self._units = units
        self._payments = payments
        self._refunds = money_out.refunds
        self._payouts = money_out.payouts
        self._callbacks = callbacks
        self._effects = effects
        self._upkeep = Upkeep(units)
        self._steps: dict[str, Callable[[], int]] = {
            "inbox": self.inbox,
            "effects.messages": lambda: self._effects.run_due(kinds=MESSAGES),
            "effects.refunds": lambda: self._effects.run_due(kinds=REFUNDS),
            "effects.others": lambda: self._effects.run_due(other_than=(*MESSAGES, *REFUNDS)),
            "orders.jsapi": lambda: self._ask(("jsapi",)),
            "refunds": self._refunds.step,
            "payouts": self._payouts.step,
            "orders.xpay": lambda: self._ask(("xpay_android", "xpay_ios")),
            "works": self.works,
            "upkeep": self._upkeep.step,
            **chores,
        }

    def step(self, topic: str | None = None) -> int:
        """Do what is due, of one topic or of all; returns how many rows were touched.

        Args:
            topic: "orders.jsapi", or "orders" for all of its kind.
        """
        total = 0
        for name, act in self._steps.items():
            if topic is not None and topic not in {name, name.partition(".")[0]}:
                continue
            try:
                total += act()
            except Exception:  # noqa: BLE001 - the next step is not to blame
                STEPS_FAILED.labels(step=name).inc()
                _log.exception("sweep.step_failed", step=name)
        return total

    def run(self, stop: threading.Event) -> None:
        """Step once a second, in every lane, until told to stop."""
        lanes = Lanes(LANES, step=self.step, clock=self._units.clock)
        lanes.start(stop, PERIOD_S)
        while not stop.is_set():
            if lanes.are_moving():
                self._beat()
            stop.wait(PERIOD_S)
        lanes.join(STOP_PATIENCE_S)

    def inbox(self) -> int:
        """Handle kept facts."""
        with self._units.reading() as session:
            due = inbox.list_due(session, self._units.clock.now())
        for start in range(0, len(due), GROUP_MAX):
            group = due[start : start + GROUP_MAX]
            settled = self._settle_together(group)
            for fact_id in group:
                if fact_id not in settled:
                    self._handle(fact_id)
        return len(due)

    def _settle_together(self, fact_ids: Sequence[UUID]) -> set[UUID]:
        """Settle the ordinary payments among these; gives those that are handled now."""
        try:
            return self._payments.settle_many(fact_ids)
        except Exception:  # noqa: BLE001 - whose fault it was fails alone, and is told of there
            _log.exception("inbox.group_failed", size=len(fact_ids))
            return set()

    def _handle(self, fact_id: UUID) -> None:
        try:
            self._units.run("inbox.handle", lambda uow: self._dispatch(uow, fact_id))
        except Exception as error:  # noqa: BLE001 - a poisoned fact must not stop the others
            code = error.code if isinstance(error, DomainError) else type(error).__name__
            _log.exception("inbox.fact_failed", fact_id=str(fact_id), error_code=code)
            self._units.run("inbox.park", lambda uow: inbox.note_failure(uow, fact_id, code))

    def _dispatch(self, uow: UnitOfWork, fact_id: UUID) -> None:
        fact = inbox.claim(uow, fact_id)
        if fact is None:
            return
        if fact.source == PAYMENT_SOURCE and fact.kind in REFUND_EVENTS:
            self._refunds.handle(uow, fact)
        elif fact.source == PAYMENT_SOURCE and fact.kind == TRANSFERRED_EVENT:
            self._payouts.handle(uow, fact)
        elif fact.source == PAYMENT_SOURCE:
            self._payments.handle(uow, fact)
        elif fact.source == MESSAGE_SOURCE:
            self._callbacks.handle_later(uow, fact)
        elif fact.source == XPAY_SOURCE:
            self._callbacks.record_kept_delivery(uow, fact)
        else:
            inbox.park(uow, fact.id, f"no_handler:{fact.source}")

    def _ask(self, rails: tuple[str, ...]) -> int:
        """Ask these rails about orders whose time has come."""
        with self._units.reading() as session:
            due = orders.list_query_due(session, self._units.clock.now(), rails=rails)
        for order_id in due:
            try:
                self._payments.ask(order_id)
            except Exception:  # noqa: BLE001 - one odd order must not stop the others
                STEPS_FAILED.labels(step="orders").inc()
                _log.exception("sweep.order_failed", order_id=str(order_id))
        return len(due)

    def works(self) -> int:
        """Publish works whose hour has come; their products are called as they are."""

        def publish(uow: UnitOfWork) -> int:
            published = works.publish_due(uow)
            for work_id in published:
                catalogue.follow_work_title(uow, work_id=work_id)
            return len(published)

        return self._units.run("works.publish_due", publish)

    def _beat(self) -> None:
        try:
            self._units.run("sweep.beat", lambda uow: heartbeats.beat(uow, HEARTBEAT))
        except Exception:  # noqa: BLE001 - without a database there is nothing to beat with
            _log.exception("sweep.no_heartbeat")
