"""What rails tell us, and what we ask them: every way ends in `orders.record_payment`.

Notifications that arrive at the same time share one commit: it keeps all of them and settles
those that are ordinary (see `orders.settle_ordinary`). What is not, or a group that failed, is
kept and answered first, handled second. A delivery of virtual payment is recorded before it is
answered, because the answer tells the platform that the buyer has the goods. A query is asked
outside any unit and its answer recorded like a notification.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from app.wiring.accounts import AccountBook, pay_keys
from app.wiring.grouping import Groups
from app.wiring.hints import Hints
from app.wiring.wechat import WeChat
from config.rails import RailPolicy
from creator_tools.kernel import inbox
from creator_tools.kernel.accounts import Account
from creator_tools.kernel.business_day import business_day_of
from creator_tools.kernel.inbox import ClaimedFact, Told
from creator_tools.kernel.sheaf import Sheaf
from creator_tools.kernel.unit_of_work import Actor, UnitOfWork, UnitsOfWork
from creator_tools.ledger.service import KnownPots
from creator_tools.orders import queries as orders_queries
from creator_tools.orders import service as orders
from creator_tools.orders.ports import OrderFacts, PaymentStatement, Queried
from creator_tools.orders.rules import Disposition
from creator_tools.people import queries as people
from wechat_handlers.statements.payment import PaymentSucceeded
from wechat_handlers.statements.refund import RefundFinished
from wechat_handlers.statements.transfer import TransferTold
from wechat_handlers.statements.xpay import XpayDelivery
from wechat_handlers.wire.errors import WireRefused
from wechat_handlers.wire.pay_gate import PayNotification, open_notification

PAYMENT_SOURCE = "payment"
PAID_EVENT = "TRANSACTION.SUCCESS"
TRANSFERRED_EVENT = "MCHTRANSFER.BILL.FINISHED"
PAID_STATES = frozenset({"SUCCESS", "REFUND"})
_PLATFORM = Actor("platform")
# These are found out behind the signature, so they are no stranger's: a key or a merchant of
# ours does not fit, and every payment would be refused until somebody looks.
_SIGNED_AND_REFUSED = frozenset({"undecryptable", "wrong_recipient"})
# What one notification is about, most telling first; the notification's own id is no key.
_KEY_FIELDS = ("refund_id", "transaction_id", "out_bill_no", "out_trade_no")

# A group is worth more the more share it, and may be done over one by one.
GROUP_MAX = 20
# The platform waits five seconds.
GROUP_PATIENCE_S = 4.0


@dataclass(frozen=True)
class _Notice:
    """A verified notification of a payment: the fact to keep, and what it states."""

    told: Told
    statement: PaymentStatement


class Payments:
    """Takes in what rails say."""

    def __init__(
        self,
        *,
        units: UnitsOfWork,
        accounts: AccountBook,
        wechat: WeChat,
        rails: RailPolicy,
        hints: Hints,
    ) -> None:
        self._units = units
        self._accounts = accounts
        self._wechat = wechat
        self._rails = rails
        self._hints = hints
        self._pots = KnownPots()
        self._groups: Groups[_Notice, bool] = Groups(self._take_in_group, size_max=GROUP_MAX)

    def take_in(self, kind: str, headers: Iterable[tuple[str, str]], body: bytes) -> None:
        """Verify one notification of WeChat Pay and keep it; an ordinary payment is settled too.

        Args:
            kind: the door it came through; a notification of another kind is refused there.

        Raises:
            WireRefused: forged, stale, replayed elsewhere, foreign or malformed; nothing is kept.
        """
        merchant = self._accounts.first("merchant")
        notification = self._opened(kind, merchant, headers, body)
        if _door_of(notification) != kind:
            raise WireRefused("malformed", "this kind of notification has another door")
        try:
            told = Told(
                account_id=merchant.id,
                source=PAYMENT_SOURCE,
                source_key=_source_key(notification),
                kind=notification.event_type,
                payload=json.dumps(notification.resource, ensure_ascii=False),
            )
            paid = _paid(notification) if kind == "payment" else None
            if kind == "refund":
                RefundFinished.from_resource(notification.resource)
            if notification.event_type == TRANSFERRED_EVENT:
                TransferTold.from_resource(notification.resource, mchid=merchant.external_id)
        except WireRefused as refused:
            self._tell_refused(kind, refused)
            raise
        if paid is None or not self._is_taken_in(_Notice(told, self._statement(paid))):
            self._keep_alone(told)

    def _is_taken_in(self, notice: _Notice) -> bool:
        return bool(self._groups.join(notice, patience_s=GROUP_PATIENCE_S))

    def _keep_alone(self, told: Told) -> None:
        self._units.run("inbox.keep", lambda uow: _keep(uow, told), _PLATFORM)
        self._hints.nudge("inbox")

    def _take_in_group(self, group: Sequence[_Notice]) -> Sequence[bool]:
        """Keep these notifications and settle what is ordinary among them, in one commit."""
        # The same fact twice in one group is one fact, told to two who wait.
        notices = list({one.told.source_key: one for one in group}.values())
        with self._units.of_many("payments.take_in", _PLATFORM) as uow:
            sheaf = Sheaf()
            kept = inbox.keep_new(uow, [one.told for one in notices])
            new = [
                (fact_id, one)
                for fact_id, one in zip(kept, notices, strict=True)
                if fact_id is not None
            ]
            recorded = self._settle(uow, [one.statement for _, one in new], sheaf)
            for (fact_id, one), settled in zip(new, recorded, strict=True):
                inbox.put_progress(sheaf, uow, fact_id, one.told, is_done=settled is not None)
            sheaf.send(uow.session)
        self._nudge(recorded)
        return [True] * len(group)

    def settle_many(self, fact_ids: Sequence[UUID]) -> set[UUID]:
        """Settle what is ordinary among kept payments, in one commit; gives what is settled now.

        The rest stays as it is, to be handled one by one.
        """
        with self._units.of_many("inbox.settle_many") as uow:
            sheaf = Sheaf()
            claimed = inbox.claim_many(uow, fact_ids, source=PAYMENT_SOURCE, kind=PAID_EVENT)
            read = [(one.id, self._read(one)) for one in claimed]
            stated = [(fact_id, one) for fact_id, one in read if one is not None]
            recorded = self._settle(uow, [one for _, one in stated], sheaf)
            settled = {
                fact_id
                for (fact_id, _), one in zip(stated, recorded, strict=True)
                if one is not None
            }
            for fact_id in settled:
                inbox.put_done(sheaf, uow, fact_id)
            sheaf.send(uow.session)
        return settled

    def _settle(
        self, uow: UnitOfWork, statements: Sequence[PaymentStatement], sheaf: Sheaf
    ) -> list[orders.Recorded | None]:
        return orders.settle_ordinary(
            uow, statements, fees=self._rails, pots=self._pots, sheaf=sheaf
        )

    def _read(self, fact: ClaimedFact) -> PaymentStatement | None:
        try:
            return self._statement(PaymentSucceeded.from_resource(json.loads(fact.payload)))
        except (WireRefused, ValueError):
            return None  # handled alone, it says what is wrong with it

    def _nudge(self, recorded: Sequence[orders.Recorded | None]) -> None:
        if any(one is not None for one in recorded):
            self._hints.nudge("effects")
        if any(one is None for one in recorded):
            self._hints.nudge("inbox")

    def _opened(
        self, kind: str, merchant: Account, headers: Iterable[tuple[str, str]], body: bytes
    ) -> PayNotification:
        now_epoch_s = int(self._units.clock.now().timestamp())
        told = list(headers)
        try:
            try:
                return open_notification(pay_keys(merchant), told, body, now_epoch_s=now_epoch_s)
            except WireRefused as refused:
                # Another process may have fetched the key since we looked. Nobody is asked for it.
                fresh = self._accounts.fresh(merchant.id)
                if refused.code != "unknown_serial" or fresh.certificates == merchant.certificates:
                    raise
                return open_notification(pay_keys(fresh), told, body, now_epoch_s=now_epoch_s)
        except WireRefused as refused:
            if refused.code in _SIGNED_AND_REFUSED:
                self._tell_refused(kind, refused)
            raise

    def _tell_refused(self, kind: str, refused: WireRefused) -> None:
        """WeChat Pay said it and we cannot take it: a person must know, once a day."""
        day = business_day_of(self._units.clock.now())
        self._units.run(
            "inbox.park",
            lambda uow: uow.alarm(
                "money_refused", f"{kind}:{refused.code}:{day}", kind=kind, reason=refused.code
            ),
            _PLATFORM,
        )

    def handle(self, uow: UnitOfWork, fact: ClaimedFact) -> None:
        """Act on a kept notification, in the unit that marks it handled.

        Raises:
            WireRefused: the kept text is not what it was when it was kept.
        """
        if fact.kind != PAID_EVENT:
            # Splits are a later room; what they say is kept for it.
            inbox.park(uow, fact.id, f"no_handler:{fact.kind}")
            return
        paid = PaymentSucceeded.from_resource(json.loads(fact.payload))
        orders.record_payment(uow, self._statement(paid), fees=self._rails)
        inbox.mark_done(uow, fact.id)

    def _statement(self, paid: PaymentSucceeded) -> PaymentStatement:
        payer = self._accounts.by_external("oa", paid.appid)
        account_id = payer.id if payer else self._accounts.first("oa").id
        return self._wechat.rails.jsapi(account_id).statement(paid, seen_by="notification")

    def record_delivery(
        self, uow: UnitOfWork, fact_id: UUID, account_id: UUID, delivery: XpayDelivery
    ) -> None:
        """Record what a kept delivery push says, and how the push itself ended.

        In the other environment no money moves, so nothing is booked: the push is set aside.
        """
        rail = self._wechat.rails.xpay(account_id)
        if delivery.env != rail.env:
            inbox.park(uow, fact_id, "other_environment")
            return
        orders.record_payment(uow, rail.statement(delivery, seen_by="delivery"), fees=self._rails)
        inbox.mark_done(uow, fact_id)

    def ask(self, order_id: UUID, *, at_once: bool = False) -> str:
        """Ask the rail about one order and act on the answer; returns what it said.

        Args:
            at_once: whether it is due does not matter, since somebody waits for the answer.
        """
        claimed = self._units.run(
            "orders.claim_query",
            lambda uow: orders.claim_query(uow, order_id, at_once=at_once),
        )
        if not claimed:
            return "not_due"
        with self._units.reading() as session:
            facts = orders_queries.facts_of(session, order_id)
            subject = people.subject_of(session, facts.person_id, facts.account_id) or ""
        queried = self._wechat.gateway.query(facts, subject=subject)
        if queried.statement is not None:
            self._record_queried(order_id, queried)
            self._close_set_aside(facts, queried)
        elif self._is_over(facts, queried) and self._wechat.gateway.close(facts):
            self._units.run(
                "orders.close",
                lambda uow: orders.close(uow, order_id, cause=f"expired:{queried.state}"),
            )
        return queried.state

    def _record_queried(self, order_id: UUID, queried: Queried) -> None:
        statement = queried.statement
        assert statement is not None, "only a paid answer is recorded"

        def record(uow: UnitOfWork) -> None:
            recorded = orders.record_payment(uow, statement, fees=self._rails)
            # What opened nothing was not delivered, and nobody may say that it was.
            if recorded.disposition is Disposition.SETTLED and not queried.is_delivered:
                uow.promise(
                    "xpay.provide",
                    f"provide:{order_id}",
                    object_type="order",
                    object_id=order_id,
                )

        self._units.run("payments.record", record, _PLATFORM)
        self._hints.nudge("effects")

    def _close_set_aside(self, facts: OrderFacts, queried: Queried) -> None:
        """A number under which other money came can be paid no more: nobody need ask again."""
        if queried.state != "paid" or facts.expires_at > self._units.clock.now():
            return
        # One that the payment has settled is pending no more, and stays as it is.
        self._units.run(
            "orders.close",
            lambda uow: orders.close(uow, facts.id, cause="set_aside"),
        )

    def _is_over(self, facts: OrderFacts, queried: Queried) -> bool:
        if queried.state == "closed":
            return True
        return queried.state in {"open", "absent"} and facts.expires_at <= self._units.clock.now()


def _paid(notification: PayNotification) -> PaymentSucceeded:
    paid = PaymentSucceeded.from_resource(notification.resource)
    # A notification repeated for a day may tell of a payment that has gone back meanwhile.
    if paid.trade_state not in PAID_STATES:
        raise WireRefused("malformed", "a success whose state is none")
    return paid


def _door_of(notification: PayNotification) -> str | None:
    if notification.event_type.startswith("REFUND."):
        return "refund"
    if notification.event_type.startswith("MCHTRANSFER."):
        return "transfer"
    if notification.event_type != PAID_EVENT:
        return None
    return "profit-sharing" if notification.original_type == "profitsharing" else "payment"


def _keep(uow: UnitOfWork, told: Told) -> None:
    inbox.keep(
        uow,
        account_id=told.account_id,
        source=told.source,
        source_key=told.source_key,
        kind=told.kind,
        payload=told.payload,
    )


def _source_key(notification: PayNotification) -> str:
    for name in _KEY_FIELDS:
        value = notification.resource.get(name)
        if isinstance(value, str) and value:
            return f"{notification.event_type}:{name}:{value}"
    raise WireRefused("malformed", "a notification about nothing")
