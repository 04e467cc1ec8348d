"""Refunds on their way: the promise to send one, the question what became of it, the notification.

A refund keeps its number for ever. Before a number is sent a second time the rail is asked about
it, and a refusal counts only when the rail has no trace of the number.
"""

import json
from uuid import UUID

from app.wiring.accounts import AccountBook
from app.wiring.effects import DONE, EffectKind, Result, object_of
from app.wiring.hints import Hints
from app.wiring.wechat import WeChat
from creator_tools.kernel import inbox
from creator_tools.kernel.effects import ClaimedEffect, EffectPolicy, OnUnknown, Outcome
from creator_tools.kernel.inbox import ClaimedFact
from creator_tools.kernel.unit_of_work import Actor, UnitOfWork, UnitsOfWork
from creator_tools.refunds import queries, service
from creator_tools.refunds.ports import Answered, RefundFacts, RefundStatement
from wechat_handlers.statements.refund import RefundFinished
from wechat_handlers.statements.xpay_refund import XpayRefundTold

REFUND_EVENTS = frozenset({"REFUND.SUCCESS", "REFUND.ABNORMAL", "REFUND.CLOSED"})
# Five seconds, then ever slower up to ten minutes, for a week; then a person.
SURELY = EffectPolicy(1400, 5, 600, OnUnknown.SEND_AGAIN, alarms_when_refused=True)
_PLATFORM = Actor("platform")
_OUTCOMES = {
    "not_now": Outcome.NOT_DONE,
    "no_funds": Outcome.NOT_DONE,
    "unknown": Outcome.UNKNOWN,
}


class Refunds:
    """Sends refunds and takes in what rails say of them."""

    def __init__(
        self, *, units: UnitsOfWork, accounts: AccountBook, wechat: WeChat, hints: Hints
    ) -> None:
        self._units = units
        self._accounts = accounts
        self._wechat = wechat
        self._hints = hints

    def kinds(self) -> dict[str, EffectKind]:
        """The promise that a decided refund makes."""
        return {"refund.send": EffectKind(self._send, SURELY)}

    def _send(self, claimed: ClaimedEffect) -> Result:
        with self._units.reading() as session:
            facts = queries.facts_of(session, object_of(claimed))
        if facts.is_over:
            return DONE
        if claimed.attempts_count > 1 or claimed.may_have_happened:
            asked = self._wechat.refunds.query(facts)
            if asked.how != "absent":
                return self._ended(facts, asked)
        answered = self._wechat.refunds.refund(facts)
        if answered.how == "refused":
            return self._refused(facts, answered)
        return self._ended(facts, answered)

    def _ended(self, facts: RefundFacts, answered: Answered) -> Result:
        if answered.statement is not None:
            self._record(answered.statement)
            return DONE
        if answered.how == "no_funds":
            self._units.run(
                "refunds.record", lambda uow: service.note_short_of_funds(uow, facts.id), _PLATFORM
            )
        return Result(_OUTCOMES[answered.how], error_code=answered.code)

    def _refused(self, facts: RefundFacts, refused: Answered) -> Result:
        """Believe a refusal only when the number left no trace: it may be of another try."""
        asked = self._wechat.refunds.query(facts)
        if asked.how != "absent":
            return self._ended(facts, asked)
        self._units.run(
            "refunds.record",
            lambda uow: service.record_absence(uow, refund_id=facts.id, code=refused.code),
            _PLATFORM,
        )
        return Result(Outcome.DONE, error_code=refused.code)

    def _record(self, statement: RefundStatement) -> None:
        self._units.run(
            "refunds.record", lambda uow: service.record_outcome(uow, statement), _PLATFORM
        )
        self._hints.nudge("effects")

    def handle(self, uow: UnitOfWork, fact: ClaimedFact) -> None:
        """Act on a kept notification of a refund, in the unit that marks it handled.

        Raises:
            WireRefused: the kept text is not what it was when it was kept.
        """
        told = RefundFinished.from_resource(json.loads(fact.payload))
        rail = self._wechat.rails.jsapi_refunds(fact.account_id)
        service.record_outcome(uow, rail.statement(told, seen_by="notification"))
        inbox.mark_done(uow, fact.id)

    def record_push(self, uow: UnitOfWork, fact_id: UUID, told: XpayRefundTold) -> None:
        """Record what a kept push of virtual payment says of a refund, ours or Apple's."""
        rail = self._wechat.rails.xpay_refunds(self._accounts.payee_for("xpay_android").id)
        service.record_outcome(uow, rail.statement(told, seen_by="push"))
        inbox.mark_done(uow, fact_id)

    def step(self) -> int:
        """Ask about refunds whose time has come; returns how many were asked about."""
        with self._units.reading() as session:
            due = queries.list_query_due(session, self._units.clock.now())
        for refund_id in due:
            self.ask(refund_id)
        return len(due)

    def ask(self, refund_id: UUID) -> None:
        """Ask the rail about one due refund, and record what it says."""
        if not self._units.run(
            "refunds.claim_query", lambda uow: service.claim_query(uow, refund_id)
        ):
            return
        with self._units.reading() as session:
            facts = queries.facts_of(session, refund_id)
        asked = self._wechat.refunds.query(facts)
        if asked.statement is not None:
            self._record(asked.statement)
