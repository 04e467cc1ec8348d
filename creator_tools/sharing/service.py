"""Counting who was brought by whom."""

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from creator_tools.kernel.unit_of_work import UnitOfWork
from creator_tools.people.queries import survivor_of
from creator_tools.sharing.models import ShareVisit
from creator_tools.sharing.rules import Invitation


def note_visit(
    uow: UnitOfWork,
    invitation: Invitation,
    *,
    visitor_id: UUID,
    creator_id: UUID,
    object_type: str,
    object_id: UUID,
) -> bool:
    """Keep that a person came by another's link; the same again, or one's own, counts nothing.

    Returns:
        Whether it was counted now.
    """
    inviter_id = survivor_of(uow.session, invitation.inviter_id)
    visitor = survivor_of(uow.session, visitor_id)
    if inviter_id is None or visitor is None or inviter_id == visitor:
        return False
    kept = uow.session.scalar(
        insert(ShareVisit)
        .values(
            id=uow.ids.new(),
            creator_id=creator_id,
            object_type=object_type,
            object_id=object_id,
            inviter_id=inviter_id,
            visitor_id=visitor,
            campaign=invitation.campaign,
            visited_at=uow.now(),
        )
        .on_conflict_do_nothing()
        .returning(ShareVisit.id)
    )
    return kept is not None
