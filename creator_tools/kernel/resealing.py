"""Sealing anew, under the current key, what older keys have sealed.

Everything new is sealed with the current key, so an old one is needed for as long as old rows
name it. Here they are sealed anew in batches, each a commit of its own: whoever stops halfway
goes on with what is left.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, inspect, select, tuple_
from sqlalchemy.orm import Session

from creator_tools.kernel.database import Model
from creator_tools.kernel.sealing import SealBroken, Sealed
from creator_tools.kernel.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class SealedPlace:
    """One kind of sealed value, and where it lies.

    Attributes:
        name: what it is called in commands.
        model: its table.
        key_id, ciphertext: the names of its two columns; both are NULL where nothing is kept.
        purpose: what binds the bytes to this row.
    """

    name: str
    model: type[Model]
    key_id: str
    ciphertext: str
    purpose: Callable[[Any], str]


@dataclass(frozen=True)
class Batch:
    """What one unit has done. `last` is where the next one begins, None after the last row."""

    resealed_count: int
    broken_count: int
    last: tuple[Any, ...] | None


def reseal_batch(
    uow: UnitOfWork, place: SealedPlace, *, after: tuple[Any, ...] | None, limit: int
) -> Batch:
    """Seal at most `limit` rows anew that another key than the current one has sealed.

    A row that does not open, because its key is gone or its bytes were changed, stays as it is
    and is counted.
    """
    columns = inspect(place.model).primary_key
    key_id = getattr(place.model, place.key_id)
    old = (
        select(place.model)
        .where(key_id.is_not(None), key_id != uow.sealer.current_key_id)
        .order_by(*columns)
        .limit(limit)
        .with_for_update()
    )
    if after is not None:
        old = old.where(tuple_(*columns) > after)
    rows = list(uow.session.scalars(old))
    resealed_count = sum(_reseal(uow, place, row) for row in rows)
    last = inspect(rows[-1]).identity if len(rows) == limit else None
    return Batch(resealed_count, len(rows) - resealed_count, last)


def _reseal(uow: UnitOfWork, place: SealedPlace, row: Any) -> bool:
    purpose = place.purpose(row)
    kept = Sealed(getattr(row, place.key_id), getattr(row, place.ciphertext))
    try:
        plaintext = uow.sealer.open(kept, purpose=purpose)
    except SealBroken:
        return False
    sealed = uow.sealer.seal(plaintext, purpose=purpose)
    setattr(row, place.key_id, sealed.key_id)
    setattr(row, place.ciphertext, sealed.ciphertext)
    return True


def count_by_key(session: Session, place: SealedPlace) -> dict[str, int]:
    """How many rows hang on each key."""
    key_id = getattr(place.model, place.key_id)
    found = session.execute(
        select(key_id, func.count()).where(key_id.is_not(None)).group_by(key_id)
    )
    return {str(key): int(count) for key, count in found}
