"""Who decides about one creator's divisions goes in turn."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select

from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.splits import queries


def take_turn(uow: UnitOfWork, creator_id: UUID) -> None:
    """Wait until nobody else signs, ends or divides what is this creator's."""
    key = func.hashtextextended(f"splits:{creator_id}", 0)
    uow.session.execute(select(func.pg_advisory_xact_lock(key)))


def from_now(uow: UnitOfWork, creator_id: UUID) -> datetime:
    """The moment from which something new holds: now, and after all that was divided already.

    While this unit waited for its turn a later payment may have been divided by what held then.
    """
    last = queries.last_divided_paid_at(uow.session, creator_id)
    return uow.now() if last is None else max(uow.now(), last + timedelta(microseconds=1))
