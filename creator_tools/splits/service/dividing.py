"""Giving each entry its companion: a payment is divided, a refund takes back what was divided.

What may never happen: an entry divided twice or by terms that were not in force, parts that do not
sum exactly, a party that keeps anything of a payment that went back whole.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.ledger import service as ledger
from creator_tools.ledger.queries import find_entries
from creator_tools.ledger.rules import split_lines
from creator_tools.splits import queries
from creator_tools.splits.models import SplitDivision
from creator_tools.splits.queries import BATCH, Due
from creator_tools.splits.rules import SoFar, Terms, allocate, give_back
from creator_tools.splits.service.turns import take_turn


def divide_due(
    uow: UnitOfWork, creator_id: UUID, *, since: datetime | None = None, limit: int | None = None
) -> int:
    """Give every entry of a creator its companion that has none; returns how many were due.

    Whoever pays out calls this first, so that nothing undivided is ever paid out.

    Args:
        since: only what was posted from then on; None is everything.
        limit: stop after about so many; None goes on until nothing is due.
    """
    first_at = queries.first_in_force_at(uow.session, creator_id)
    if first_at is None:
        return 0
    take_turn(uow, creator_id)
    since = first_at if since is None else max(first_at, since)
    sums: dict[UUID, SoFar] = {}
    done_count = 0
    while due := queries.list_due(uow.session, creator_id, since=since, limit=BATCH):
        for one in due:
            _divide(uow, one, sums)
        done_count += len(due)
        if limit is not None and done_count >= limit:
            break
    return done_count


def _divide(uow: UnitOfWork, due: Due, sums: dict[UUID, SoFar]) -> None:
    first = _first_of(uow, due)
    version_id = due.version_id if first is None else first.version_id
    terms = Terms.of(queries.get_version(uow.session, version_id).terms)
    if terms.agreement_id not in sums:
        sums[terms.agreement_id] = queries.so_far(uow.session, terms.agreement_id)
    own_fen = queries.own_part_of(uow.session, due.entry_id)
    if due.kind == "payment":
        parts: Mapping[UUID, int] = allocate(terms, sums[terms.agreement_id], own_fen)
    elif due.kind == "refund":
        parts = _taken_back(uow, due, -own_fen)
    else:
        parts = _restored(uow, due)
    _post(uow, due, version_id, parts)
    sums[terms.agreement_id] = sums[terms.agreement_id].plus(own_fen, parts)


def _first_of(uow: UnitOfWork, due: Due) -> SplitDivision | None:
    """How the payment was divided: what comes after it goes by the same terms."""
    if due.kind == "payment":
        return None
    paid_id = find_entries(uow.session, [f"payment:{due.payment_id}"])[0]
    return queries.division_of(uow.session, paid_id)


def _taken_back(uow: UnitOfWork, due: Due, back_fen: int) -> dict[UUID, int]:
    held = queries.held_of(uow.session, due.payment_id)
    left_fen = queries.divided_of(uow.session, due.payment_id)
    given = give_back(held, left_fen - sum(held.values()), back_fen)
    return {person_id: -part_fen for person_id, part_fen in given.items()}


def _restored(uow: UnitOfWork, due: Due) -> dict[UUID, int]:
    """What the refund that did not come true had taken, to the fen."""
    refund_key = due.source_key.replace("refund_failed:", "refund:", 1)
    refund_id = find_entries(uow.session, [refund_key])[0]
    taken = queries.parts_of(uow.session, refund_id)
    return {person_id: -part_fen for person_id, part_fen in taken.items()}


def _post(uow: UnitOfWork, due: Due, version_id: UUID, parts: Mapping[UUID, int]) -> None:
    split_entry_id = None
    if any(parts.values()):
        cause = ledger.Cause(
            kind="split",
            source_key=f"split:{due.entry_id}",
            rail=due.rail,
            occurred_at=due.occurred_at,
            order_id=due.order_id,
            payment_id=due.payment_id,
            creator_id=due.creator_id,
            column_id=due.column_id,
        )
        split_entry_id = ledger.post(uow, cause, split_lines(parts, creator_id=due.creator_id))
    uow.session.add(
        SplitDivision(
            entry_id=due.entry_id,
            version_id=version_id,
            payment_id=due.payment_id,
            split_entry_id=split_entry_id,
            divided_at=uow.now(),
        )
    )
    uow.session.flush()
