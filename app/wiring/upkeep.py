"""What is due once an hour: forgetting what is over.

Every process that sweeps keeps its own hour; doing it twice changes nothing.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from creator_tools.columns import service as columns
from creator_tools.creators import service as creators_service
from creator_tools.kernel import idempotency, inbox
from creator_tools.kernel.unit_of_work import UnitOfWork, UnitsOfWork
from creator_tools.media.rules import UPLOAD_LIFETIME
from creator_tools.operators import service as operators
from creator_tools.people import service as people
from creator_tools.studio import dialogs
from creator_tools.studio.deeds import desks
from creator_tools.works import service as works

_log = structlog.get_logger(__name__)
PERIOD = timedelta(hours=1)
# A card statement comes once a month and a dispute once a year: an order's answer outlives both.
ORDER_ANSWERS_KEPT = timedelta(days=400)
FORM_ANSWERS_KEPT = timedelta(days=2)
BATCH = 1000
BATCHES_MAX = 50

Prune = Callable[[UnitOfWork], int]


def _order_answers(uow: UnitOfWork) -> int:
    return idempotency.prune(uow, scope_prefix="orders:", kept=ORDER_ANSWERS_KEPT, limit=BATCH)


def _form_answers(uow: UnitOfWork) -> int:
    return idempotency.prune(uow, scope_prefix="studio:", kept=FORM_ANSWERS_KEPT, limit=BATCH)


def _unused_media(uow: UnitOfWork) -> int:
    return works.drop_unattached(uow, before=uow.now() - UPLOAD_LIFETIME, limit=BATCH)


_PRUNES: dict[str, Prune] = {
    "inbox payloads": lambda uow: inbox.prune_payloads(uow, limit=BATCH),
    "sign-in attempts": lambda uow: operators.prune_attempts(uow, limit=BATCH),
    "operator sessions": lambda uow: operators.prune_sessions(uow, limit=BATCH),
    "person sessions": lambda uow: people.prune_sessions(uow, limit=BATCH),
    "answers to orders": _order_answers,
    "answers to forms": _form_answers,
    "desk sessions": lambda uow: desks.prune(uow, limit=BATCH),
    "conversations": lambda uow: dialogs.prune(uow, limit=BATCH),
    "media that nothing shows": _unused_media,
    # After an upgrade, what was written before there was a search.
    "works not found yet": lambda uow: works.note_missing(uow, limit=BATCH),
    "columns not found yet": lambda uow: columns.note_missing(uow, limit=BATCH),
    "creators not found yet": lambda uow: creators_service.note_missing(uow, limit=BATCH),
}


class Upkeep:
    """Does once an hour what need not be done every second."""

    def __init__(self, units: UnitsOfWork) -> None:
        self._units = units
        self._done_at: datetime | None = None

    def step(self) -> int:
        """Do it when the hour is over; returns how many rows were touched."""
        now = self._units.clock.now()
        if self._done_at is not None and self._done_at <= now < self._done_at + PERIOD:
            return 0
        # Noted first: what fails is tried again in an hour, not every second.
        self._done_at = now
        return self.prune()

    def prune(self) -> int:
        """Forget what is over, in small units; one kind that fails does not keep the others."""
        return sum(self._emptied(what, prune) for what, prune in _PRUNES.items())

    def _emptied(self, what: str, prune: Prune) -> int:
        total = 0
        try:
            for _ in range(BATCHES_MAX):
                gone = self._units.run("upkeep.prune", prune)
                total += gone
                if gone < BATCH:
                    break
        except Exception:  # noqa: BLE001 - the next kind is not to blame
            _log.exception("upkeep.prune_failed", what=what)
        return total
