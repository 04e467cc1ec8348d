"""A shop that has sold, and a co-author who shares in it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine

from creator_tools.creators import queries as creators
from creator_tools.splits import queries, service
from creator_tools.splits.rules import Party, Tier
from tests import factories
from tests.integration.orders.conftest import engine, shop
from tests.integration.refunds.conftest import Counter

__all__ = ["engine", "shop"]


@dataclass
class Table(Counter):
    """Where creator and co-author sit: they agree, the fan buys, money goes back."""

    author_id: UUID

    def creator(self, session: Any) -> Any:
        """Whose column it is."""
        return creators.get(session, self.shop.creator_id)

    def opened(self, *, column: bool = True) -> UUID:
        """An agreement that the co-author has joined."""
        with self.shop.units("studio.act") as uow:
            agreement_id = service.open_agreement(
                uow,
                creator=self.creator(uow.session),
                column_id=self.shop.column_id if column else None,
            )
        with self.shop.units("splits.join") as uow:
            service.join(uow, agreement_id=agreement_id, person_id=self.author_id)
        return agreement_id

    def proposed(self, agreement_id: UUID, share_bp: int = 3000, **party: Any) -> UUID:
        """A version that gives the co-author a share."""
        with self.shop.units("studio.act") as uow:
            return service.propose(
                uow,
                agreement_id=agreement_id,
                creator=self.creator(uow.session),
                parties=[Party(self.author_id, **party)],
                tiers=[Tier({self.author_id: share_bp})],
            )

    def sign(self, version_id: UUID, *who: UUID) -> bool:
        """Both sign, or those named."""
        with self.shop.units.reading() as session:
            creator = self.creator(session)
            terms_hash = queries.get_version(session, version_id).terms_hash
        signed = False
        for person_id in who or (creator.person_id, self.author_id):
            with self.shop.units("splits.sign") as uow:
                signed = service.sign(
                    uow, version_id=version_id, person_id=person_id, terms_hash=terms_hash
                )
        return signed

    def agreed(self, share_bp: int = 3000, **party: Any) -> UUID:
        """An agreement in force."""
        agreement_id = self.opened()
        assert self.sign(self.proposed(agreement_id, share_bp, **party))
        self.later(seconds=1)
        return agreement_id

    def withdraw(self, version_id: UUID) -> None:
        """The creator takes a version back."""
        with self.shop.units("studio.act") as uow:
            service.withdraw(uow, version_id=version_id, creator=self.creator(uow.session))

    def end(self, agreement_id: UUID) -> None:
        """The creator ends the agreement."""
        with self.shop.units("studio.act") as uow:
            service.end(uow, agreement_id=agreement_id, creator=self.creator(uow.session))

    def divide(self) -> int:
        """What a payout or the sweep does."""
        with self.shop.units("splits.divide") as uow:
            return service.divide_due(uow, self.shop.creator_id)

    def stands(self) -> tuple[int, int]:
        """What is owed to the creator and to the co-author, in fen."""
        found = self.balances()
        return -found.get("creator_payable", 0), -found.get("party_payable", 0)


@pytest.fixture
def table(shop: Any, engine: Engine) -> Table:
    """The table, at which the co-author is known."""
    with shop.units("people.sign_in") as uow:
        author_id = factories.make_person(uow, shop.oa_id).person_id
    shop.clock.advance(timedelta(seconds=1))
    return Table(shop, engine, author_id)
