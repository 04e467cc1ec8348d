"""A difference is closed with a reason in words; amounts are never changed so that they fit."""

from uuid import UUID

from creator_tools.kernel.text import clean_line
from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.reconciliation import queries
from creator_tools.reconciliation.errors import DifferenceClosed
from creator_tools.reconciliation.models import Difference
from creator_tools.reconciliation.service.matching import certify

WORDS_CHARS_MIN, WORDS_CHARS_MAX = 5, 500


def explain(uow: UnitOfWork, *, difference_id: UUID, words: str) -> Difference:
    """Close a difference with the reason a person found; the last one certifies its day.

    Raises:
        DifferenceNotFound, DifferenceClosed: as they say.
        TextRefused: a reason of fewer than five characters is none.
    """
    difference = queries.lock_difference(uow.session, difference_id)
    if difference.closed_at is not None:
        raise DifferenceClosed
    difference.words = clean_line(words, "words", WORDS_CHARS_MAX, WORDS_CHARS_MIN)
    difference.closed_at = uow.now()
    difference.closed_by, difference.closed_by_id = uow.actor.type, uow.actor.id
    uow.session.flush()
    uow.audit("bills.explained", "difference", difference.id, cause=difference.cause)
    certify(uow, queries.get_day(uow.session, difference.bill_day_id))
    return difference
