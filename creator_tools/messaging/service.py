"""Switching notices off and on again."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.messaging.models import MutedNotice
from creator_tools.messaging.rules import NOTICES
from creator_tools.people.queries import family_of, survivor_of


def choose_notices(
    uow: UnitOfWork, *, person_id: UUID, offered: Collection[str], wanted: Collection[str]
) -> None:
    """Of the notices that were `offered`, switch on those `wanted` and off all others.

    What was not offered stays as it is. The same again changes nothing.

    Raises:
        ValueError: no notice is called so, or something was wanted that was not offered.
    """
    if not set(wanted) <= set(offered) <= set(NOTICES):
        raise ValueError(f"no such notices: {sorted({*offered, *wanted})}")
    heard = uow.session.scalars(
        delete(MutedNotice)
        .where(MutedNotice.person_id.in_(family_of(person_id)), MutedNotice.kind.in_(wanted))
        .returning(MutedNotice.kind)
    ).all()
    muted = [kind for kind in sorted(set(offered) - set(wanted)) if _mute(uow, person_id, kind)]
    if heard or muted:
        uow.audit(
            "notices.chosen", "person", person_id, muted=muted, heard_again=sorted(set(heard))
        )


def _mute(uow: UnitOfWork, person_id: UUID, kind: str) -> bool:
    kept = uow.session.scalar(
        insert(MutedNotice)
        .values(
            id=uow.ids.new(),
            person_id=survivor_of(uow.session, person_id) or person_id,
            kind=kind,
            muted_at=uow.now(),
        )
        .on_conflict_do_nothing()
        .returning(MutedNotice.id)
    )
    return kept is not None
