"""What the clock does to fan groups: lapsed seats, the queue, and warnings before a way in ends."""

from collections.abc import Iterable
from functools import partial
from uuid import UUID

from creator_tools.fan_groups import queries, service
from creator_tools.fan_groups.queries import DueWarning
from creator_tools.fan_groups.rules import GroupTerms
from creator_tools.kernel.unit_of_work import UnitOfWork, UnitsOfWork
from creator_tools.messaging import rules as words

# More than this many ways or groups are left to the next second.
ROUNDS_MAX = 20


class GroupUpkeep:
    """Moves groups on as time passes; doing it twice, or in two processes, changes nothing."""

    def __init__(self, units: UnitsOfWork, terms: GroupTerms) -> None:
        self._units = units
        self._terms = terms

    def step(self) -> int:
        """Do what is due; returns how many seats, waits and warnings were touched."""
        return self.release() + self.promote() + self.warn()

    def release(self) -> int:
        """Let others have the places of people who never said that they are in."""
        total = 0
        for _ in range(ROUNDS_MAX):
            gone = self._units.run("fan_groups.upkeep", service.release_lapsed)
            total += gone
            if gone == 0:
                break
        return total

    def promote(self) -> int:
        """Give free places to whoever waits longest, and promise to tell them."""
        with self._units.reading() as session:
            due = queries.list_with_queue(session, self._units.clock.now())
        return sum(self._promote(group_id) for group_id in due[:ROUNDS_MAX])

    def _promote(self, group_id: UUID) -> int:
        def move_up(uow: UnitOfWork) -> int:
            given = service.promote(uow, fan_group_id=group_id, terms=self._terms)
            for seat in given:
                uow.promise(
                    "customer_message.seat",
                    f"seat:{seat.id}",
                    object_type="seat",
                    object_id=seat.id,
                )
            return len(given)

        return self._units.run("fan_groups.upkeep", move_up)

    def warn(self) -> int:
        """Tell each keeper once what is about to end, all of it in one message."""
        with self._units.reading() as session:
            due = queries.list_due_warnings(session, self._units.clock.now())
        keepers = dict.fromkeys(one.keeper_person_id for one in due)
        for keeper_id in keepers:
            own = [one for one in due if one.keeper_person_id == keeper_id]
            self._units.run("upkeep.remind", partial(_warn, due=own))
        return len(due)


def _warn(uow: UnitOfWork, due: Iterable[DueWarning]) -> None:
    noted = [one for one in due if service.note_warning(uow, one)]
    if not noted:
        return
    for one in noted:
        code = "join_way_expiring" if one.ends_soon_at is not None else "join_way_nearly_full"
        uow.alarm(code, str(one.join_way_id), fan_group_id=str(one.fan_group_id))
    uow.promise(
        "customer_message.text",
        f"join_way_dying:{noted[0].join_way_id}:{uow.now().isoformat()}",
        object_type="person",
        object_id=noted[0].keeper_person_id,
        payload={
            "person_id": str(noted[0].keeper_person_id),
            "words": words.dying_words(noted),
            "notice": words.KEEPING,
        },
    )
