"""A shop that has sold, and the means to give back: ask, decide, and hear what a rail says."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from creator_tools.access import queries as access
from creator_tools.insights.queries.verification import verify
from creator_tools.kernel.fen import Fen
from creator_tools.kernel.unit_of_work import Actor
from creator_tools.refunds import queries, service
from creator_tools.refunds.models import Refund
from creator_tools.refunds.ports import RailSays, RefundStatement
from tests.integration.orders.conftest import Shop, engine, shop

__all__ = ["engine", "shop"]

OPERATOR = Actor("operator", UUID(int=7))
COLLEAGUE = Actor("operator", UUID(int=8))


@dataclass
class Counter:
    """The shop's counter for refunds."""

    shop: Shop
    engine: Engine

    def bought(self) -> UUID:
        """A paid order of the work; returns its id."""
        order_id = self.shop.order()
        self.shop.record(self.shop.statement(order_id))
        return order_id

    def ask(self, order_id: UUID, **asked: Any) -> Refund:
        """The fan asks, or an operator on the fan's behalf."""
        by_fan = asked.setdefault("by_fan", True)
        actor = asked.pop("actor", Actor("person", self.shop.person_id) if by_fan else OPERATOR)
        asked.setdefault("reason_code", "changed_mind")
        return self.shop.units.run(
            "refunds.ask", lambda uow: service.ask(uow, order_id=order_id, **asked), actor
        )

    def approve(self, refund_id: UUID, *, actor: Actor = OPERATOR, **decided: Any) -> Refund:
        """An operator says yes."""
        decided.setdefault("roles", ("owner",))
        return self.shop.units.run(
            "refunds.decide",
            lambda uow: service.approve(uow, refund_id=refund_id, **decided),
            actor,
        )

    def told(self, refund_id: UUID, says: RailSays, **changes: Any) -> RefundStatement:
        """What the rail says of a refund, with deviations."""
        refund = self.get(refund_id)
        with self.shop.units.reading() as session:
            facts = queries.facts_of(session, refund_id)
        said: dict[str, Any] = {
            "account_id": refund.account_id,
            "rail": refund.rail,
            "refund_no": refund.refund_no,
            "refund_ref": f"5030{refund.id.int % 10**20}",
            "trade_no": facts.trade_no,
            "payment_ref": facts.payment_ref,
            "amount_fen": Fen(refund.amount_fen),
            "says": says,
            "at": self.shop.clock.now() if says == "succeeded" else None,
            "seen_by": "notification",
        }
        return RefundStatement(**(said | changes))

    def hear(self, statement: RefundStatement) -> UUID | None:
        """Record what the rail says, in a unit of its own."""
        return self.shop.units.run(
            "refunds.record", lambda uow: service.record_outcome(uow, statement)
        )

    def get(self, refund_id: UUID) -> Refund:
        """The refund as it stands."""
        with self.shop.units.reading() as session:
            return queries.get(session, refund_id)

    def later(self, **span: float) -> None:
        """Let time pass."""
        self.shop.clock.advance(timedelta(**span))

    def rows(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        """What the database answers."""
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(statement), values)]

    def balances(self) -> dict[str, int]:
        """What stands on every kind of account, in fen."""
        return dict(
            self.rows(  # type: ignore[arg-type]
                "SELECT account.kind, sum(posting.amount_fen)::bigint FROM postings AS posting "
                "JOIN ledger_accounts AS account ON account.id = posting.account_id GROUP BY 1"
            )
        )

    def alarms(self) -> list[str]:
        """The codes of all alarms, in order of their names."""
        return sorted(code for (code,) in self.rows("SELECT code FROM alarms"))

    def may_read(self) -> bool:
        """Whether the buyer opens the work."""
        shop = self.shop
        with shop.units.reading() as session:
            opened = access.open_work(
                session, work_id=shop.work_id, person_id=shop.person_id, now=shop.clock.now()
            )
        return opened is not None and opened.unlocked

    def broken(self) -> list[str]:
        """The invariants that do not hold; works nobody checked and calls nobody makes aside."""
        with self.shop.units.reading() as session:
            found = verify(session, self.shop.clock.now(), ())
        aside = ("works.", "effects.not_stuck")
        return [one.id for one in found if one.violations and not one.id.startswith(aside)]


@pytest.fixture
def counter(shop: Shop, engine: Engine) -> Counter:
    """The counter."""
    return Counter(shop, engine)


@pytest.fixture
def beside() -> Iterator[Callable[[Callable[[], Any]], Any]]:
    """Runs something in a thread of its own; gives its future."""
    with ThreadPoolExecutor(max_workers=4) as pool:
        yield pool.submit
