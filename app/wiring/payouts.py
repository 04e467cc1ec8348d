"""Payouts on their way: the promise to send one, the question what became of it, the notification.

A payout keeps its number for ever. Before a number is sent a second time the rail is asked about
it, and a refusal counts only when the rail has no trace of the number: a second transfer is made
only after the first has surely failed.
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
from creator_tools.payouts import queries, service
from creator_tools.payouts.ports import Answered, PayoutFacts, TransferStatement
from creator_tools.payouts.rules import Limits
from creator_tools.payouts.service import Payer
from wechat_handlers.outbound.jsapi_transfers import JsapiTransfers
from wechat_handlers.statements.transfer import TransferTold

# Five seconds, then ever slower up to ten minutes, for a week; then a person.
SURELY = EffectPolicy(1400, 5, 600, OnUnknown.SEND_AGAIN, alarms_when_refused=True)
_PLATFORM = Actor("platform")
_OUTCOMES = {
    "not_now": Outcome.NOT_DONE,
    "no_funds": Outcome.NOT_DONE,
    "unknown": Outcome.UNKNOWN,
    "absent": Outcome.UNKNOWN,
}


class Payouts:
    """Sends payouts and takes in what the rail says of them."""

    def __init__(
        self,
        *,
        units: UnitsOfWork,
        accounts: AccountBook,
        wechat: WeChat,
        hints: Hints,
        limits: Limits,
    ) -> None:
        self._units = units
        self._accounts = accounts
        self._wechat = wechat
        self._hints = hints
        self._limits = limits

    @property
    def payer(self) -> Payer:
        """Who pays here, and within which limits."""
        merchant = self._accounts.payee_for("jsapi")
        return Payer(merchant.id, self._accounts.first("oa").id, self._limits)

    def named(self, account_id: UUID, surface_id: UUID) -> tuple[str, str]:
        """What the platform calls a merchant account and an Official Account of ours."""
        merchant, surface = self._accounts.get(account_id), self._accounts.get(surface_id)
        return merchant.external_id, surface.external_id

    def kinds(self) -> dict[str, EffectKind]:
        """The promises that a payout makes."""
        return {
            "payout.send": EffectKind(self._send, SURELY),
            "payout.cancel": EffectKind(self._cancel, SURELY),
        }

    def _send(self, claimed: ClaimedEffect) -> Result:
        facts = self._facts(object_of(claimed))
        if facts.is_over:
            return DONE
        if claimed.attempts_count > 1 or claimed.may_have_happened:
            asked = self._rail(facts).query(facts)
            # What waits for its receiver without a package is asked for again: only the answer
            # to the request holds one, and the number makes it the same transfer.
            if asked.how != "absent" and not _lacks_package(asked):
                return self._ended(facts, asked)
        answered = self._rail(facts).transfer(facts)
        if answered.how == "refused":
            return self._refused(facts, answered)
        return self._ended(facts, answered)

    def _cancel(self, claimed: ClaimedEffect) -> Result:
        facts = self._facts(object_of(claimed))
        answered = self._rail(facts).cancel(facts)
        if answered.how == "refused":
            answered = self._rail(facts).query(facts)
        return self._ended(facts, answered)

    def _facts(self, payout_id: UUID) -> PayoutFacts:
        with self._units.reading() as session:
            return queries.facts_of(session, payout_id)

    def _rail(self, facts: PayoutFacts) -> JsapiTransfers:
        return self._wechat.rails.jsapi_transfers(facts.account_id)

    def _ended(self, facts: PayoutFacts, answered: Answered) -> Result:
        if answered.statement is not None:
            self._record(answered.statement)
            return DONE
        if answered.how == "no_funds":
            self._units.run(
                "payouts.record", lambda uow: service.note_short_of_funds(uow, facts.id), _PLATFORM
            )
        return Result(_OUTCOMES[answered.how], error_code=answered.code)

    def _refused(self, facts: PayoutFacts, refused: Answered) -> Result:
        """Believe a refusal only when the number left no trace: it may be of another try."""
        asked = self._rail(facts).query(facts)
        if asked.how != "absent":
            return self._ended(facts, asked)
        self._units.run(
            "payouts.record",
            lambda uow: service.record_absence(uow, payout_id=facts.id, code=refused.code),
            _PLATFORM,
        )
        return Result(Outcome.DONE, error_code=refused.code)

    def _record(self, statement: TransferStatement) -> None:
        self._units.run(
            "payouts.record", lambda uow: service.record_outcome(uow, statement), _PLATFORM
        )
        self._hints.nudge("effects")

    def handle(self, uow: UnitOfWork, fact: ClaimedFact) -> None:
        """Act on a kept notification of a transfer, in the unit that marks it handled.

        Raises:
            WireRefused: the kept text is not what it was when it was kept.
        """
        rail = self._wechat.rails.jsapi_transfers(fact.account_id)
        told = TransferTold.from_resource(json.loads(fact.payload), mchid=rail.mchid)
        service.record_outcome(uow, rail.statement(told))
        inbox.mark_done(uow, fact.id)

    def step(self) -> int:
        """Ask about payouts whose time has come; returns how many were asked about."""
        with self._units.reading() as session:
            due = queries.list_query_due(session, self._units.clock.now())
        for payout_id in due:
            self.ask(payout_id)
        return len(due)

    def ask(self, payout_id: UUID) -> None:
        """Ask the rail about one due payout, and record what it says."""
        if not self._units.run(
            "payouts.claim_query", lambda uow: service.claim_query(uow, payout_id)
        ):
            return
        facts = self._facts(payout_id)
        asked = self._rail(facts).query(facts)
        if asked.statement is not None:
            self._record(asked.statement)


def _lacks_package(asked: Answered) -> bool:
    told = asked.statement
    return told is not None and told.says == "waiting" and told.package is None
