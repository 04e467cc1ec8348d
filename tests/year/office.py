"""What the operator does every day: decide what was asked for, give back what belongs to nobody."""

from collections import Counter
from collections.abc import Callable
from uuid import UUID

from sqlalchemy import text

from creator_tools.kernel.errors import DomainError
from creator_tools.kernel.unit_of_work import Actor, UnitOfWork
from creator_tools.refunds import service as refunds
from tests.year.universe import Universe

_ASKED = text("SELECT id, amount_fen FROM refunds WHERE state = 'requested' ORDER BY id")
_STRAY = text("""
SELECT payment.id FROM payments AS payment
WHERE payment.disposition <> 'settled' AND payment.rail <> 'xpay_ios'
  AND payment.paid_at > :since
  AND NOT EXISTS (SELECT 1 FROM refunds WHERE refunds.payment_id = payment.id)
ORDER BY payment.id
""")
_BEGINS, _DECIDES = Actor("operator", UUID(int=7)), Actor("operator", UUID(int=8))


class Office:
    """Two operators: one begins, the other decides."""

    def __init__(self, universe: Universe) -> None:
        self._universe = universe
        self.did: Counter[str] = Counter()

    def work(self) -> None:
        """A morning at the desk."""
        self._begin_strays()
        with self._universe.wiring.reading() as session:
            asked = [(row.id, row.amount_fen) for row in session.execute(_ASKED)]
        for refund_id, amount_fen in asked:
            self._decide(refund_id, amount_fen)

    def _begin_strays(self) -> None:
        wiring = self._universe.wiring
        since = wiring.clock.now().replace(microsecond=0)
        with wiring.reading() as session:
            found = list(session.execute(_STRAY, {"since": since.replace(year=since.year - 1)}))
        for (payment_id,) in found:
            self._try(
                "stray_begun",
                "refunds.ask",
                lambda uow, payment_id=payment_id: refunds.ask_for_stray(
                    uow, payment_id=payment_id, words="不属于任何订单"
                ),
                _BEGINS,
            )

    def _decide(self, refund_id: UUID, amount_fen: int) -> None:
        drawn = self._universe.chance.random()
        if drawn < 0.2:
            self._try(
                "declined",
                "refunds.decide",
                lambda uow: refunds.decline(uow, refund_id=refund_id, words="已经读完"),
                _DECIDES,
            )
            return
        part = max(1, amount_fen // 2) if drawn < 0.5 else None
        if not self._try(
            "approved_in_part" if part else "approved",
            "refunds.decide",
            lambda uow: refunds.approve(
                uow,
                refund_id=refund_id,
                roles=("owner",),
                amount_fen=part,
                keeps_access=drawn < 0.35,
            ),
            _DECIDES,
        ):
            self._try(
                "approved",
                "refunds.decide",
                lambda uow: refunds.approve(uow, refund_id=refund_id, roles=("owner",)),
                _DECIDES,
            )

    def _try(self, what: str, unit: str, act: Callable[[UnitOfWork], object], actor: Actor) -> bool:
        try:
            self._universe.wiring.units.run(unit, act, actor)
        except DomainError as refused:
            self.did[f"refused_{refused.code}"] += 1
            return False
        self.did[what] += 1
        return True
