"""An author with a work on its way through its check."""

from dataclasses import dataclass
from uuid import UUID

import pytest
from sqlalchemy import select

from creator_tools.kernel.models import Effect
from creator_tools.kernel.unit_of_work import UnitsOfWork
from creator_tools.people import service as people
from creator_tools.works import service as works
from migrations import tables  # noqa: F401 - a row is written only when every table is known
from tests.factories import make_account, make_column, make_creator, make_person


@dataclass
class Author:
    """An author whose mini-program identity a machine may be asked about."""

    units: UnitsOfWork
    mini_id: UUID
    person_id: UUID
    creator_id: UUID
    column_id: UUID

    def submitted(self, title: str = "清晨的街道") -> tuple[UUID, UUID]:
        """A new work that was submitted; gives (work id, check id)."""
        with self.units("studio.act") as uow:
            work = works.save_draft(
                uow,
                creator_id=self.creator_id,
                column_id=self.column_id,
                title=title,
                markdown="第一句。第二句。",
            )
        return work.id, self.submit(work.id)

    def submit(self, work_id: UUID) -> UUID:
        """Submit what was written last; gives the id of its check."""
        with self.units("studio.act") as uow:
            return works.submit(
                uow,
                work_id=work_id,
                creator_id=self.creator_id,
                text_check_subject_available=True,
            ).id

    def revise(self, work_id: UUID, title: str) -> None:
        """Write the next revision."""
        with self.units("studio.act") as uow:
            works.revise(uow, work_id=work_id, creator_id=self.creator_id, title=title)

    def told(self) -> list[str]:
        """What was promised to be said to this author, in order."""
        with self.units.reading() as session:
            promised = session.scalars(
                select(Effect.payload)
                .where(Effect.kind == "customer_message.text")
                .order_by(Effect.id)
            )
            return [
                payload["words"]
                for payload in promised
                if payload["person_id"] == str(self.person_id)
            ]


@pytest.fixture
def author(units: UnitsOfWork) -> Author:
    """The author."""
    with units("people.sign_in") as uow:
        mini_id = make_account(uow, "mini")
        seen = make_person(uow, mini_id)
        people.note_message(uow, identity_id=seen.identity_id, at=uow.now())
        creator = make_creator(uow, person_id=seen.person_id)
        column = make_column(uow, creator_id=creator.id)
    return Author(units, mini_id, seen.person_id, creator.id, column.id)
