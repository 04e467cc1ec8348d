"""A shop that has earned, and the means to pay out: ask, decide, and hear what the rail says."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from creator_tools.insights.queries.verification import verify
from creator_tools.kernel.fen import Fen
from creator_tools.kernel.unit_of_work import Actor
from creator_tools.ledger import service as ledger
from creator_tools.ledger.queries import division_of
from creator_tools.payouts import queries, service
from creator_tools.payouts.models import Payout
from creator_tools.payouts.ports import TransferSays, TransferStatement
from creator_tools.payouts.rules import Balance, Limits
from creator_tools.payouts.service import Payer
from creator_tools.people.models import Identity
from creator_tools.people.queries import subject_of
from creator_tools.reconciliation.rules import settlement_lines
from tests.integration.orders.conftest import Shop, engine, shop

__all__ = ["engine", "shop"]

OPERATOR = Actor("operator", UUID(int=7))
COLLEAGUE = Actor("operator", UUID(int=8))


@dataclass
class Till:
    """The shop's till for its creator."""

    shop: Shop
    engine: Engine
    creator_person_id: UUID
    limits: Limits

    def sell(self, *, settled: bool = True) -> UUID:
        """A paid order, its money settled by the rail; returns the order."""
        shop = self.shop.stranger()
        order_id = shop.order()
        shop.record(shop.statement(order_id))
        if settled:
            self.settle(order_id)
        return order_id

    def settle(self, order_id: UUID) -> None:
        """Book what a bill would: the rail has paid this order to us."""
        ((payment_id, entry_id),) = self.rows(
            "SELECT payment_id, id FROM journal_entries WHERE order_id = :id AND kind = 'payment'",
            id=order_id,
        )
        with self.shop.units("bills.match") as uow:
            paid = division_of(uow.session, payment_id)
            assert paid is not None
            lines = settlement_lines(
                rail="jsapi",
                account_id=self.shop.merchant_id,
                amount_fen=paid.gross_fen,
                fee_fen=paid.fee_fen,
                is_refund=False,
            )
            cause = ledger.Cause("settlement", f"settlement:{entry_id}", "jsapi", uow.now())
            ledger.post(uow, cause, lines)

    def ask(self, amount_fen: int, *, actor: Actor | None = None, **more: Any) -> Payout:
        """The creator asks, or an operator for them."""
        creator = Actor("person", self.creator_person_id)
        return self.shop.units.run(
            "payouts.ask",
            lambda uow: service.ask(
                uow,
                earner=service.earner_of(uow.session, self.shop.creator_id),
                payer=Payer(self.shop.merchant_id, self.shop.oa_id, self.limits),
                amount_fen=amount_fen,
                **more,
            ),
            actor or creator,
        )

    def approve(self, payout_id: UUID, *, actor: Actor = OPERATOR) -> Payout:
        """An operator says yes."""
        return self.shop.units.run(
            "payouts.decide", lambda uow: service.approve(uow, payout_id=payout_id), actor
        )

    def decline(self, payout_id: UUID, *, actor: Actor = OPERATOR) -> Payout:
        """An operator says no."""
        return self.shop.units.run(
            "payouts.decide",
            lambda uow: service.decline(uow, payout_id=payout_id, words="资料不全"),
            actor,
        )

    def told(self, payout_id: UUID, says: TransferSays, **changes: Any) -> TransferStatement:
        """What the rail says of a payout, with deviations."""
        payout = self.get(payout_id)
        with self.shop.units.reading() as session:
            subject = subject_of(session, payout.person_id, payout.surface_id)
        said: dict[str, Any] = {
            "account_id": payout.account_id,
            "bill_no": payout.bill_no,
            "transfer_ref": f"1330{payout.id.int % 10**20}",
            "says": says,
            "amount_fen": Fen(payout.amount_fen),
            "at": self.shop.clock.now(),
            "package": "package" if says == "waiting" else None,
            "subject": subject,
        }
        return TransferStatement(**(said | changes))

    def hear(self, statement: TransferStatement) -> UUID | None:
        """Record what the rail says, in a unit of its own."""
        return self.shop.units.run(
            "payouts.record", lambda uow: service.record_outcome(uow, statement)
        )

    def get(self, payout_id: UUID) -> Payout:
        """The payout as it stands."""
        with self.shop.units.reading() as session:
            return queries.get(session, payout_id)

    def balance(self) -> Balance:
        """What the creator has."""
        with self.shop.units.reading() as session:
            pot = service.earner_of(session, self.shop.creator_id).pot
            return queries.balance_of(session, pot.code, self.shop.clock.now())

    def later(self, **span: float) -> None:
        """Let time pass."""
        self.shop.clock.advance(timedelta(**span))

    def rows(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        """What the database answers."""
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(statement), values)]

    def posted(self) -> dict[str, int]:
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

    def broken(self) -> list[str]:
        """The payout invariants that do not hold."""
        with self.shop.units.reading() as session:
            found = verify(session, self.shop.clock.now(), ())
        return [
            one.id
            for one in found
            if one.violations and one.id.partition(".")[0] in {"payouts", "ledger", "journal"}
        ]


@pytest.fixture
def till(shop: Shop, engine: Engine) -> Till:
    """The till; the account that pays knows the creator."""
    with shop.units("people.sign_in") as uow:
        person_id = service.earner_of(uow.session, shop.creator_id).person_id
        if subject_of(uow.session, person_id, shop.oa_id) is None:
            uow.session.add(
                Identity(
                    id=uow.ids.new(),
                    person_id=person_id,
                    account_id=shop.oa_id,
                    subject="o-creator",
                    follows=True,
                    created_at=uow.now(),
                )
            )
    return Till(shop, engine, person_id, Limits())


@pytest.fixture
def beside() -> Iterator[Callable[[Callable[[], Any]], Any]]:
    """Runs something in a thread of its own; gives its future."""
    with ThreadPoolExecutor(max_workers=4) as pool:
        yield pool.submit
